# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows is what happens: its table, its inventory, its commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers
from ansible_collections.fortiops.mail.simulator.inventory import inventory
from ansible_collections.fortiops.mail.simulator.running import running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet
from ansible_collections.fortiops.mail.tests.backup import KEEPS_THE_RULES

from .conftest import fleet_data

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(start: str) -> list[str]:
    return [line for block in blocks("console") for line in block.splitlines() if line.startswith(start)]


def run(command: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        shell=True,
        capture_output=True,
        text=True,
        timeout=240,
        cwd=directory,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment},
    )


def processes_mentioning(word: str) -> list[str]:
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                text = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if word in text:
                found.append(text)
    return found


def test_make_demo_prints_the_table_of_the_readme_and_leaves_no_process(tmp_path: Path) -> None:
    assert "make demo" in commands("make")
    done = run(f"make demo VENV={shlex.quote(sys.prefix)} DEMO={shlex.quote(str(tmp_path / 'demo'))}", ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    table, explanation = blocks("text")
    assert table.strip() in done.stdout
    (command,) = re.findall(r"`\.venv/bin/(fazmail explain .*?)`", README)
    explained = run(command.replace("demo-output", str(tmp_path / "demo")), ROOT)
    assert explained.returncode == 0, explained.stderr
    # The number of a line depends on the commands before it.
    shown, printed = (re.sub(r"(?m)^ +\d+:", "  N:", text) for text in (explanation, explained.stdout))
    for part in shown.strip().split("\n\n"):
        assert part in printed
    assert len(list((tmp_path / "demo" / "captures").iterdir())) == 6
    assert processes_mentioning(str(tmp_path)) == []


@pytest.fixture
def fleet_and_inventory(tmp_path: Path) -> Any:
    """A device with an alert event, that is configured as the README's inventory says, and that inventory with the simulator's address."""
    (documented,) = (block for block in blocks("yaml") if "ansible_connection" in block)
    variables = yaml.safe_load(documented)["fortianalyzer"]["vars"]
    (entry,) = variables["mail_servers"]
    alerts = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": entry["id"]}}}
    data = fleet_data([{"name": "faz-hq", "alert_event": alerts}])
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


def test_the_playbooks_run_as_the_readme_says(fleet_and_inventory: Any, tmp_path: Path) -> None:
    lines = commands("ansible-playbook -i inventory.yml")
    assert [line.split()[3] for line in lines] == [
        "fortiops.mail.configure", "fortiops.mail.configure", "fortiops.mail.verify", "fortiops.mail.compliance",
        "fortiops.mail.gather", "fortiops.mail.rollout", "fortiops.mail.compliance", "fortiops.mail.troubleshoot",
    ]  # fmt: skip
    for line in lines:
        done = run(line, tmp_path, FORTIOPS_MAIL_STATE_DIR=str(tmp_path / "state"))
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    # One mail of verify, two of troubleshoot; rollout finds nothing to change.
    assert sum(server.count for server in fleet_and_inventory.mail_servers.values()) == 3
    assert (tmp_path / "captures" / "faz-hq-answer.json").is_file()
    (line,) = commands("fazmail report")
    done = run(line, tmp_path)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert {f"compliance.{kind}" for kind in ("json", "html", "xml", "csv")} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_compliance_fails_a_device_that_breaks_a_rule(fleet_and_inventory: Any, tmp_path: Path) -> None:
    done = run("ansible-playbook -i inventory.yml fortiops.mail.compliance", tmp_path)
    assert done.returncode != 0
    assert "FMAIL-001" in done.stdout


def test_backups_are_checked_with_the_policy_of_the_readme(tmp_path: Path) -> None:
    (policy,) = (block for block in blocks("yaml") if block.startswith("# policy.yml"))
    (tmp_path / "policy.yml").write_text(policy, encoding="utf-8")
    (tmp_path / "backups").mkdir()
    backup = KEEPS_THE_RULES.replace("mail.example.com", "relay1.acme.example").replace(
        "noc@example.com", "noc@acme.example"
    )
    git = "git -C backups -c user.name=a -c user.email=a@example.com"
    days = ("2026-11-23", "2026-11-24")
    for day, text in zip(days, (backup.replace("starttls", "none"), backup), strict=True):
        date = f"{day}T10:00:00+00:00"
        (tmp_path / "backups" / "faz-hq.cfg").write_text(text, encoding="utf-8")
        done = run(
            f"git -C backups init -q && git -C backups add . && {git} commit -qm backup",
            tmp_path,
            GIT_COMMITTER_DATE=date,
        )
        assert done.returncode == 0, done.stderr
    lines = commands("fazmail check")
    assert len(lines) == 2
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert "2 fixed" in done.stdout
    assert (tmp_path / "backups.html").is_file()
    (line,) = commands("fazmail gather")
    assert run(line, tmp_path).returncode == 0
    assert "relay1.acme.example" in (tmp_path / "host_vars" / "faz-hq.yml").read_text(encoding="utf-8")


def test_saved_logs_are_read_as_the_readme_says(tmp_path: Path) -> None:
    log = "FAZ # sendmail_loop:1143: total pending tasks: 0.\nsendmail_task:790: mail failed: 535 5.7.8 authentication failed\n"
    (tmp_path / "debug.log").write_text(log, encoding="utf-8")
    lines = commands("fazmail parse")
    assert len(lines) == 5
    (page,) = (line for line in lines if "-o debug.html" in line)
    lines.remove(page)
    assert run(page, tmp_path).returncode == 1
    assert "The mail server refused the user name or the password" in (tmp_path / "debug.html").read_text("utf-8")
    for line, status in [*((line, 1) for line in lines), *((line, 0) for line in commands("fazmail explain"))]:
        done = run(line, tmp_path)
        assert done.returncode == status, f"{line}\n{done.stdout}\n{done.stderr}"
        assert "auth_credentials_invalid" in done.stdout
    (line,) = commands("fazmail classify")
    assert '"cause": "auth_disabled_by_provider"' in run(line, tmp_path).stdout
    (line,) = commands("ansible-playbook fortiops.mail.parse_log")
    done = run(line, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "auth_credentials_invalid" in done.stdout


def test_every_module_role_and_plugin_of_the_readme_exists() -> None:
    for name in re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE):
        assert (ROOT / "plugins" / "modules" / f"{name}.py").is_file(), name
    listed = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    assert listed == {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}
    for kind in ("filter", "test"):
        for file in (ROOT / "plugins" / kind).glob("*.py"):
            assert f"`{file.stem}`" in README, file
    for role in (ROOT / "roles").iterdir():
        assert f"`{role.name}`" in README, role
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("line", commands("fazmail simulate"))
def test_the_simulator_starts_as_the_readme_says(line: str, tmp_path: Path) -> None:
    done = run(f"{line} --exec true", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_policy_file_is_one() -> None:
    (policy,) = (yaml.safe_load(block) for block in blocks("yaml") if "waivers:" in block)
    held_against = rules(policy["rules"])
    assert [waiver.rule for waiver in read_waivers(policy["waivers"], held_against)] == ["FMAIL-005"]


def test_a_capture_becomes_a_sample_as_contributors_are_told(tmp_path: Path) -> None:
    (command,) = re.findall(r"^fazmail .*$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    log = "2026-11-24 10:00:00 sendmail_task:1: set passwd hunter2hunter2\n"
    (tmp_path / "debug.log").write_text(log, encoding="utf-8")
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    written = [file.read_text(encoding="utf-8") for file in (tmp_path / "samples").rglob("*") if file.is_file()]
    assert len(written) == 2 and any("sendmail_task" in text for text in written)
    assert not any("hunter2" in text for text in written)
