# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows is what happens to somebody who installs as it says and types what it shows, from top to bottom."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from ..pictures import description
from .readers import README, ROOT, SECTIONS, Visitor, device_and_inventory, texts

__all__ = ["device_and_inventory"]


def lines(section: str) -> list[str]:
    return [line for text in texts(section, "console") for line in text.splitlines()]


def picture(name: str) -> str:
    """Return the text that a picture of the README shows."""
    assert f"](docs/{name})" in README
    return description((ROOT / "docs" / name).read_bytes())


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    someone = Visitor(tmp_path_factory.mktemp("home"))
    install, as_module = texts("Install in one minute", "console")
    assert "ok       ansible-playbook" in someone.runs(f"set -e\n{install}", ROOT)
    assert "plugin_utils.command.main" in as_module  # test_artifacts.py
    someone.environment["PATH"] = f"{someone.home / 'fazmail' / 'bin'}:{os.environ['PATH']}"
    return someone


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


def test_a_saved_log_is_read(visitor: Visitor, tmp_path: Path) -> None:
    parse, explain, page, message = lines("From a saved log")
    assert "dns_name_not_found" in visitor.runs(parse, ROOT, status=1)
    assert picture("explain.png") == f"{explain}\n{visitor.runs(explain, ROOT, COLUMNS='100')}", "run `make picture`"
    page = page.replace("page.html", str(tmp_path / "page.html"))
    visitor.runs(page, ROOT, status=1)
    assert "Could not resolve host: mail.exampel.com" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "FAILED at auth: auth_disabled_by_provider" in visitor.runs(message, ROOT)


def test_simulated_devices_are_changed_and_monitored(visitor: Visitor, tmp_path: Path) -> None:
    simulate, *others = lines("On simulated devices")
    shown = visitor.runs(f"{simulate} --exec bash -ec {shlex.quote(chr(10).join(others))}", tmp_path)
    (table,) = texts("On simulated devices", "text")
    assert [line for line in table.splitlines() if line not in shown] == []
    assert "MAIL OK - FAZ-001: queue 0/5000, 1 sent, 0 failed" in shown


def test_devices_are_read_changed_and_checked(
    visitor: Visitor, device_and_inventory: RunningFleet, tmp_path: Path
) -> None:
    device = device_and_inventory.devices["faz-hq"]
    place = f"{device.address} --port {device.port}"
    commands = lines("On your devices")
    assert len(commands) == 6
    for line in commands:
        if line.startswith("fazmail"):
            here = line.replace("faz.example.com", place).replace("SHA256:...", device.fingerprint)
            printed = visitor.runs(here, tmp_path, FAZMAIL_PASSWORD="secret")
            assert "FortiAnalyzer 7.4.2" in printed or "FAZVM64" in printed
        else:
            visitor.runs(line, tmp_path)
    assert "faz-hq" in (tmp_path / "compliance.html").read_text(encoding="utf-8")
    # One mail of the rollout, two of troubleshoot.
    assert sum(server.count for server in device_and_inventory.mail_servers.values()) == 3


def test_evidence_of_a_device_is_kept(visitor: Visitor, device_and_inventory: RunningFleet, tmp_path: Path) -> None:
    visitor.runs("ansible-playbook -i inventory.yml fortiops.mail.configure", tmp_path)
    device = device_and_inventory.devices["faz-hq"]
    place = f"{device.address} --port {device.port} --user automation --fingerprint {device.fingerprint}"
    (line,) = lines("Safety and limits")
    visitor.runs(line.replace("faz.example.com", place), tmp_path, FAZMAIL_PASSWORD="secret")
    assert (tmp_path / "found" / "evidence.md").is_file()


def test_make_demo_prints_the_table_and_leaves_no_process(tmp_path: Path) -> None:
    demo = tmp_path / "demo"
    someone = Visitor(tmp_path)
    printed = someone.runs(f"make demo VENV={shlex.quote(sys.prefix)} DEMO={shlex.quote(str(demo))}", ROOT)
    typed, __, shown = picture("demo.png").partition("\n")
    assert typed == "make demo"
    # make may have installed something first.
    assert printed.endswith(shown), "run `make picture`"
    (command,) = re.findall(r"`\.venv/bin/(fazmail explain .*?)`", README)
    assert "FAILED at auth: auth_not_offered" in someone.runs(command.replace("demo-output", str(demo)), ROOT)
    assert len(list((demo / "captures").iterdir())) == 6
    assert processes_mentioning(str(tmp_path)) == []


def test_every_command_of_the_readme_is_run_here() -> None:
    run_here = {
        *("Install in one minute", "From a saved log", "On simulated devices", "On your devices", "Safety and limits"),
    }
    assert {name for name in SECTIONS if lines(name)} == run_here
