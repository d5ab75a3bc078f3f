# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cause, produced for real through the device's mail daemon, in every debug dialect; and again from the capture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects

from .conftest import ENTRY, play, task

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

# cause -> how the entry or the mail differs from one that works
CASES: dict[str, dict[str, Any]] = {
    "accepted": {},
    "auth_credentials_invalid": {"passwd": "not the password"},
    "auth_not_offered": {"server": "noauth.example.com"},
    "connect_refused": {"server": "closed.example.com"},
    "no_route": {"server": "unreachable.example.com"},
    "connect_timeout": {"server": "silent.example.com"},
    "starttls_unavailable": {"port": 25},
    "tls_version_mismatch": {"server": "old-tls.example.com"},
    "relay_denied": {"port": 25, "secure_option": "none", "auth": "disable", "to": "noc@elsewhere.example"},
    "recipient_invalid": {"to": "nobody@example.com"},
    "dns_name_not_found": {"server": "nonexistent.example.com"},
}
STAGES = {
    "accepted": "accepted",
    "auth_credentials_invalid": "auth",
    "connect_refused": "tcp",
    "no_route": "route",
    "connect_timeout": "tcp",
    "starttls_unavailable": "starttls",
    "tls_version_mismatch": "tls",
    "relay_denied": "rcpt_to",
    "recipient_invalid": "rcpt_to",
    "dns_name_not_found": "dns",
}


def test_each_cause_in_each_dialect_live_and_offline(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    devices = []
    for dialect in dialects():
        for cause in CASES:
            devices.append({"name": f"{dialect}-{cause.replace('_', '-')}", "dialect": dialect})
    fleet = start(*devices)
    entries = {f"{dialect}-{cause.replace('_', '-')}": case for dialect in dialects() for cause, case in CASES.items()}
    plays = play(
        {
            "name": "configure",
            "fortiops.mail.system_mail": {"config": ["{{ entry }}"]},
        },
        {
            "name": "test",
            "fortiops.mail.mail_test": {
                "id": "relay",
                "mail_from": "faz@example.com",
                "mail_to": "{{ to }}",
                "capture_dir": str(tmp_path / "captures"),
            },
        },
    )
    plays[0]["vars"] = {
        "cases": entries,
        "entry": "{{ working | combine(cases[inventory_hostname]) | dict2items | rejectattr('key', 'eq', 'to') | items2dict }}",
        "working": ENTRY,
        "to": "{{ cases[inventory_hostname].to | default('noc@example.com') }}",
    }
    run = playbook(plays, fleet)
    assert run.status == 0, run.output

    wrong = []
    for name, device in fleet.devices.items():
        cause = next(each for each in CASES if name.endswith("-" + each.replace("_", "-")))
        result = run.of(name, "test")[0]
        verdict = result["verdict"]
        if verdict["cause"] != cause or verdict["stage"] != STAGES.get(cause, verdict["stage"]):
            wrong.append((name, verdict["cause"], verdict["stage"], verdict["evidence"][-2:]))
            continue
        assert verdict["outcome"] == ("accepted" if cause == "accepted" else "failed")
        assert verdict["owner"] and verdict["explanation"] and verdict["remedy"]
        capture = Path(result["capture_file"])
        text = capture.read_text(encoding="utf-8")
        for evidence in verdict["evidence"]:
            if evidence["source"] != "fazmaild_statistics":
                assert evidence["text"] in text.splitlines()[evidence["line"] - 1]
        offline = analyse(text)
        assert offline["verdicts"] == [verdict], name
        assert offline["status"] == "complete", (name, offline["unmatched"])
        assert capture.stat().st_mode & 0o777 == 0o600
        assert device.state.debug.fazmaild == 0
    assert wrong == []


def test_nothing_is_sent_in_check_mode(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(play(task("mail_test", id="relay"), task("fazmaild_debug", seconds=1)), fleet, "--check")
    assert run.status == 0, run.output
    assert not any(command.startswith("diagnose") for command in fleet.devices["faz"].commands)


def test_an_entry_that_does_not_exist_is_a_configuration_error(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    verdict = playbook(play(task("mail_test", id="nowhere")), fleet).of("faz", "mail_test")[0]["verdict"]
    assert (verdict["outcome"], verdict["cause"]) == ("failed", "config_incomplete")


def test_a_paused_daemon_is_found_and_resumed(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(
        play(
            task("system_mail", config=[ENTRY]),
            task("fazmaild", "pause", state="paused"),
            task("fazmaild", "pause again", state="paused"),
            task("mail_test", "test while paused", id="relay", wait=3, quiet=2),
            task("fazmaild", "resume", state="running"),
            task("fazmaild", "look"),
        ),
        fleet,
    )
    assert run.status == 0, run.output
    assert run.of("faz", "pause")[0]["changed"] is True
    assert run.of("faz", "pause again")[0]["changed"] is False
    assert run.of("faz", "test while paused")[0]["verdict"]["outcome"] != "accepted"
    assert run.of("faz", "resume")[0]["status"]["state"] == "running"
    look = run.of("faz", "look")[0]
    assert look["changed"] is False
    assert {test["number"] for test in look["tests"]} == {1, 2, 90, 91, 99}
