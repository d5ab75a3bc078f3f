# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example project does what its README says, with the simulated devices it brings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .processes import wait_for

# What a page shows is the same in each Python.
pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parents[2] / "examples"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_commands_of_the_example_work_in_their_order(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    project = tmp_path / "mail"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FORTIOPS_MAIL_STATE_DIR": str(tmp_path / "state"),
    }

    def run(command: str, directory: Path = project) -> str:
        done = subprocess.run(
            command,
            check=False,
            shell=True,
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    prepare, encrypt, simulate, work = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    run(f"set -e\n{prepare}", tmp_path)
    run(encrypt)
    vault = project / "inventory" / "group_vars" / "all" / "vault.yml"
    assert vault.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT")
    simulator = subprocess.Popen(simulate.split(), cwd=project, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for((project / "inventory" / "simulated.yml").exists, "the inventory is there")
        predict, apply, check = work.splitlines()
        assert "changed=1" in run(predict)
        assert "changed=1" in run(apply)
        assert not re.search(r"changed=[1-9]", run(apply))
        run(check)
    finally:
        simulator.terminate()
        simulator.wait(10)
    assert "ACME-001" in (project / "compliance.html").read_text(encoding="utf-8")
    devices = json.loads((project / "compliance.json").read_text(encoding="utf-8"))["devices"]
    assert [each["proof"]["outcome"] for each in devices] == ["accepted"] * 3
    assert 'device="fmg-core"' in (project / "fortiops_mail.prom").read_text(encoding="utf-8")


def test_the_schedule_runs_the_check() -> None:
    (schedule,) = re.findall(r"```crontab\n(.*?)\n```", README, re.DOTALL)
    *__, command = schedule.split(" && ")
    assert f"\n{command}\n```" in README


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (EXAMPLES / link).exists(), link
