# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices of an inventory, each a job of its own, give the document of the single run once they are merged.

`make slices DEVICES=200` runs it with as many devices.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml
from ansible_collections.fortiops.mail.simulator.inventory import inventory

from .conftest import MAIL_PASSWORD

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

DEVICES = int(os.environ.get("DEVICES", "12"))
SLICES = 3
EVENT = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
RELAY = {"server": "mail.example.com", "port": 587, "auth": "enable", "user": "alerts", "passwd": MAIL_PASSWORD}
KINDS: tuple[dict[str, Any], ...] = (
    {"mail": {"relay": {**RELAY, "secure-option": "starttls"}}, "alert_event": EVENT},
    {"mail": {"relay": {**RELAY, "secure-option": "none"}}, "alert_event": EVENT},
    {"mail": {}},
    {"mail": {"relay": RELAY}, "faults": {"refuse": "show system mail"}},
    {"mail": {"relay": RELAY}, "vars": {"ansible_password": "wrong"}},
)
POLICY = {
    "waivers": [
        {"rule": "FMAIL-002", "device": "faz-00*", "reason": "A lab", "by": "J. Doe", "until": "2099-12-31"},
        {"rule": "FMAIL-016", "device": "faz-001", "reason": "A test", "by": "J. Doe", "until": "2099-12-31"},
        {"rule": "FMAIL-002", "device": "gone", "reason": "Sold", "by": "J. Doe", "until": "2099-12-31"},
    ]
}


@pytest.fixture
def job(tmp_path: Path, start: Callable[..., Any]) -> Callable[[str, str], Path]:
    """Run the compliance playbook on the hosts of a pattern, as a controller does; return the document."""
    fleet = start(*({"name": f"faz-{number:03d}", **KINDS[number % len(KINDS)]} for number in range(DEVICES)))
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(yaml.safe_dump(inventory(device.server for device in fleet.devices.values())), encoding="utf-8")

    def run(name: str, limit: str) -> Path:
        document = tmp_path / f"{name}.json"
        (tmp_path / name).mkdir()
        done = ansible_runner.run(
            private_data_dir=str(tmp_path / name),
            inventory=str(hosts),
            playbook="fortiops.mail.compliance",
            limit=limit,
            extravars={**POLICY, "reports": {"json": str(document)}},
            envvars={"ANSIBLE_FORKS": "20", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            quiet=True,
        )
        assert done.status == "failed", "devices that break rules fail"
        return document

    return run


def test_slices_merge_to_the_document_of_one_run(job: Callable[[str, str], Path], tmp_path: Path) -> None:
    slices = [
        job(
            f"slice-{number}",
            f"localhost,fortianalyzer[{number * DEVICES // SLICES}:{(number + 1) * DEVICES // SLICES - 1}]",
        )
        for number in range(SLICES)
    ]
    single = json.loads(job("single", "all").read_bytes())
    merged = tmp_path / "merged.json"
    done = subprocess.run(
        [Path(sys.executable).with_name("fazmail"), "report", *reversed(slices), "--json", merged],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3, done.stderr  # incomplete: some devices cannot be read
    together = json.loads(merged.read_bytes())
    assert len(together["devices"]) == DEVICES
    for document in (together, single):
        document.pop("created")
    assert json.dumps(together) == json.dumps(single)
