# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks and roles with devices that let only a part of them be read: an answer for each, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from .conftest import ENTRY, MAIL_PASSWORD, play, task

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

RELAY = {"server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts"}
# What each device does not let the administrator do, or answers in other words.
DEVICES: dict[str, dict[str, Any]] = {
    "open": {},
    "no-status": {"denied": ["get system status"]},
    "no-table": {"denied": ["show system mail"]},
    "no-debug": {"denied": ["diagnose debug"]},
    "no-daemon": {"denied": ["diagnose test application"]},
    "other-words": {
        "answer": {"get system status": "Busy.", "diagnose debug info": "", "show system alert-event": "Busy."}
    },
}
TO = ["-e", "mail_from=faz@example.com mail_to=noc@example.com target=all"]


@pytest.fixture
def fleet(start: Any) -> RunningFleet:
    mail = {"relay": {**RELAY, "passwd": MAIL_PASSWORD}}
    return start(*({"name": name, "mail": mail, "faults": faults} for name, faults in DEVICES.items()))


def fine(run: Any) -> Any:
    assert "Traceback" not in run.output
    assert "Unexpected" not in run.output
    return run


def test_facts_are_null_with_the_devices_words(fleet: Any, playbook: Callable[..., Any]) -> None:
    run = fine(playbook(play(task("faz_facts")), fleet))
    assert run.status == 0, run.output
    unread = {name: set(run.of(name, "faz_facts")[0]["unread"]) for name in DEVICES}
    assert unread == {
        "open": set(),
        "no-status": {"hostname", "serial", "firmware", "ha", "device"},
        "no-table": {"mail"},
        "no-debug": {"debug"},
        "no-daemon": {"fazmaild.state", "fazmaild.counters"},
        "other-words": {"hostname", "serial", "firmware", "ha", "device", "debug", "alert_destinations"},
    }
    debug = run.of("no-debug", "faz_facts")[0]["ansible_facts"]["faz"]["debug"]
    assert debug == {"level": None, "on": None, "timestamps": None, "other_daemons": None}
    assert "No permission to 'diagnose debug.info'" in run.of("no-debug", "faz_facts")[0]["unread"]["debug"]


def test_a_mail_is_sent_with_less_evidence(fleet: Any, playbook: Callable[..., Any]) -> None:
    run = fine(playbook("fortiops.mail.verify", fleet, *TO, "-e", "mail_server=relay"))
    (batch,) = (row["result"]["results"] for row in run.results if row["task"].endswith("Send the test mails"))
    results = {name: batch[name]["results"][0] for name in DEVICES}
    assert {name: result["verdict"]["outcome"] for name, result in results.items()} == dict.fromkeys(
        DEVICES, "accepted"
    )
    assert results["no-debug"]["debug_ended"] == "off"
    assert "diagnose debug reset" not in fleet.devices["no-debug"].commands
    assert results["no-daemon"]["counters"] == {"before": None, "after": None}
    assert run.status == 0, run.output


def test_each_device_gets_an_answer(fleet: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    kept = {"probe": False, "mail_server": "relay", "capture_dir": str(tmp_path / "kept")}
    run = fine(playbook("fortiops.mail.troubleshoot", fleet, *TO, "-e", json.dumps(kept)))
    answers = {name: run.of(name, "Conclude")[0]["ansible_facts"]["troubleshoot_result"] for name in DEVICES}
    assert {name: answer["outcome"] for name, answer in answers.items()} == dict.fromkeys(DEVICES, "accepted")
    assert run.status == 0, run.output


def test_a_report_has_each_device_and_passes_nothing_unread(
    fleet: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    report = tmp_path / "compliance.json"
    run = fine(playbook("fortiops.mail.compliance", fleet, *TO, "-e", json.dumps({"reports": {"json": str(report)}})))
    assert run.status == 2
    rows = {device["name"]: device for device in json.loads(report.read_text())["devices"]}
    assert set(rows) == set(DEVICES)
    statuses = {row["status"] for row in rows["no-table"]["findings"] if row["rule"] in ("FMAIL-001", "FMAIL-002")}
    assert statuses == {"not_assessed"}


def test_what_cannot_be_read_is_not_changed(fleet: Any, playbook: Callable[..., Any]) -> None:
    run = fine(playbook(play(task("system_mail", config=[{**ENTRY, "port": 465}])), fleet))
    failed = {name for name in DEVICES if "cause" in run.of(name, "system_mail")[0]}
    assert failed == {"no-status", "no-table", "other-words"}
    for name in failed:
        result = run.of(name, "system_mail")[0]
        assert result["cause"] in ("command", "device")
        assert "No permission" in result["msg"] or "Busy." in result["msg"]
        assert fleet.devices[name].state.mail.entries["relay"]["port"] == "587"


@pytest.mark.parametrize("name", ["configure", "rollout"])
def test_a_change_reaches_the_devices_that_can_be_read(name: str, fleet: Any, playbook: Callable[..., Any]) -> None:
    second = {**{key.replace("-", "_"): value for key, value in RELAY.items()}, "id": "second", "passwd": MAIL_PASSWORD}
    given = {"mail_servers": [second], "batches": ["100%"]}
    run = fine(playbook(f"fortiops.mail.{name}", fleet, *TO, "-e", json.dumps(given)))
    changed = {each for each in DEVICES if "second" in fleet.devices[each].state.mail.entries}
    assert changed == {"open", "no-debug", "no-daemon"}
    assert run.status == 2, run.output
    if name == "rollout":
        states = {each: run.of(each, "Roll out the mail servers")[0]["state"] for each in DEVICES}
        assert states == {each: "proved" if each in changed else "refused" for each in DEVICES}
