# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who does what a page says, and the device of the README for them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.simulator.inventory import inventory
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet

from ..pages import blocks
from .conftest import fleet_data

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^###? ([^\n]+)\n(.*?)(?=^###? |\Z)", README, re.MULTILINE | re.DOTALL))


def texts(section: str, language: str) -> list[str]:
    """Return the fenced texts of a section of the README in a language."""
    return [block.text for block in blocks(SECTIONS[section]) if block.language == language]


class Visitor:
    """Somebody with a home of their own, in which the collection is installed as the README says."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            # Not what make passes on to a make in it.
            **{name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
            "HOME": str(home),
            # Where pip is told of its index.
            "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config")),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def runs(self, command: str, directory: Path, status: int = 0, **environment: str) -> str:
        """Run a command; return what it printed to its output."""
        done = subprocess.run(
            command, check=False, shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=300,
            cwd=directory, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def device_and_inventory(tmp_path: Path) -> Iterator[RunningFleet]:
    """A device with an alert event and the administrator of the README, and the README's inventory with the device's address."""
    (documented,) = texts("On your devices", "yaml")
    variables = yaml.safe_load(documented)["fortianalyzer"]["vars"]
    (entry,) = variables["mail_servers"]
    alerts = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": entry["id"]}}}
    data = fleet_data(
        [{"name": "faz-hq", "username": variables["ansible_user"], "password": "secret", "alert_event": alerts}]
    )
    data["hosts"]["smtp.example.com:587"] = data["hosts"]["mail.example.com:587"]
    for server in data["mail_servers"]:
        if server["users"]:
            server["users"] = {"alerts@example.com": "a relay password"}
    with running(read_fleet(data)) as fleet:
        hosts = inventory(device.server for device in fleet.devices.values())
        hosts["all"]["vars"] = {
            "mail_servers": variables["mail_servers"],
            "vault_relay_password": "a relay password",
            "ansible_connection": variables["ansible_connection"],
            "probe": False,  # the names are those of the simulator; nobody out there is asked for them
        }
        (tmp_path / "inventory.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
        yield fleet
