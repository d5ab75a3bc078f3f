# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/fleet.md and docs/logs.md show is what happens, with the inventory of the README."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers
from ansible_collections.fortiops.mail.simulator.running import RunningFleet
from ansible_collections.fortiops.mail.tests.backup import KEEPS_THE_RULES

from ..pages import blocks
from .readers import ROOT, Visitor, device_and_inventory

# What a page shows is the same in each Python.
pytestmark = pytest.mark.once

__all__ = ["device_and_inventory"]

FLEET = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
LOGS = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")


def commands(page: str, start: str) -> list[str]:
    shown = (line for block in blocks(page) if block.language == "console" for line in block.text.splitlines())
    return [line for line in shown if line.startswith(start)]


def policy() -> str:
    (text,) = (block.text for block in blocks(FLEET) if block.text.startswith("# policy.yml"))
    return text


def test_the_playbooks_run(device_and_inventory: RunningFleet, tmp_path: Path) -> None:
    visitor = Visitor(tmp_path)
    lines = commands(FLEET, "ansible-playbook")
    assert [line.split()[3].rpartition(".")[2] for line in lines] == [
        "configure", "configure", "verify", "gather", "rollout", "compliance", "troubleshoot",
    ]  # fmt: skip
    for line in lines:
        visitor.runs(line, tmp_path)
    # One mail of verify, two of troubleshoot; rollout finds nothing to change.
    assert sum(server.count for server in device_and_inventory.mail_servers.values()) == 3
    assert (tmp_path / "captures" / "faz-hq-answer.json").is_file()
    (line,) = commands(FLEET, "fazmail report")
    visitor.runs(line, tmp_path)
    assert {f"compliance.{kind}" for kind in ("json", "html", "xml", "csv")} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_compliance_fails_a_device_that_breaks_a_rule(device_and_inventory: RunningFleet, tmp_path: Path) -> None:
    shown = Visitor(tmp_path).runs("ansible-playbook -i inventory.yml fortiops.mail.compliance", tmp_path, status=2)
    assert "FMAIL-001" in shown


def test_backups_are_checked_with_the_policy(tmp_path: Path) -> None:
    visitor = Visitor(tmp_path)
    (tmp_path / "policy.yml").write_text(policy(), encoding="utf-8")
    (tmp_path / "backups").mkdir()
    backup = KEEPS_THE_RULES.replace("mail.example.com", "relay1.acme.example").replace(
        "noc@example.com", "noc@acme.example"
    )
    git = "git -C backups -c user.name=a -c user.email=a@example.com"
    days = ("2026-11-23", "2026-11-24")
    for day, text in zip(days, (backup.replace("starttls", "none"), backup), strict=True):
        (tmp_path / "backups" / "faz-hq.cfg").write_text(text, encoding="utf-8")
        keep = f"git -C backups init -q && git -C backups add . && {git} commit -qm backup"
        visitor.runs(keep, tmp_path, GIT_COMMITTER_DATE=f"{day}T10:00:00+00:00")
    shown = [visitor.runs(line, tmp_path) for line in commands(FLEET, "fazmail check")]
    assert len(shown) == 2 and "2 fixed" in shown[1]
    assert (tmp_path / "backups.html").is_file()
    (line,) = commands(FLEET, "fazmail gather")
    visitor.runs(line, tmp_path)
    assert "relay1.acme.example" in (tmp_path / "host_vars" / "faz-hq.yml").read_text(encoding="utf-8")


def test_the_policy_file_is_one() -> None:
    read = yaml.safe_load(policy())
    assert [waiver.rule for waiver in read_waivers(read["waivers"], rules(read["rules"]))] == ["FMAIL-005"]


def test_every_module_role_and_plugin_exists_and_is_named() -> None:
    plugins = ROOT / "plugins"
    named = {line.split("`")[1] for line in FLEET.splitlines() if line.startswith("| `")}
    assert named == {file.stem for file in (plugins / "modules").glob("*.py")}
    others = [file.stem for kind in ("filter", "test") for file in (plugins / kind).glob("*.py")]
    others += [role.name for role in (ROOT / "roles").iterdir()]
    assert [name for name in others if f"`{name}`" not in FLEET] == []
    playbooks = {file.stem for file in (ROOT / "playbooks").glob("*.yml")} - {"demo", "parse_log"}
    assert [name for name in playbooks if f"`{name}`" not in FLEET and f"fortiops.mail.{name}" not in FLEET] == []


def test_saved_logs_are_read(tmp_path: Path) -> None:
    visitor = Visitor(tmp_path)
    log = "FAZ # sendmail_loop:1143: total pending tasks: 0.\nsendmail_task:790: mail failed: 535 5.7.8 authentication failed\n"
    (tmp_path / "debug.log").write_text(log, encoding="utf-8")
    lines = commands(LOGS, "fazmail parse")
    assert len(lines) == 5
    (page,) = (line for line in lines if "-o debug.html" in line)
    visitor.runs(page, tmp_path, status=1)
    assert "The mail server refused the user name or the password" in (tmp_path / "debug.html").read_text("utf-8")
    others = [(line, 1) for line in lines if line != page]
    others += [(line, 0) for start in ("fazmail explain", "ansible-playbook") for line in commands(LOGS, start)]
    assert len(others) == 6
    for line, status in others:
        assert "auth_credentials_invalid" in visitor.runs(line, tmp_path, status=status)
