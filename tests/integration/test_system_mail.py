# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration through a playbook: what a user sees, and what the device was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.device.models import models

from .conftest import ENTRY, MAIL_PASSWORD, play, task
from .sessions import closed_on_device

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

SERVER = {"server": "mail.example.com", "port": 587}


def writes(commands: list[str]) -> list[str]:
    return [command for command in commands if command.split(" ")[0] not in ("get", "show", "exit", "")]


def test_the_second_run_changes_nothing_and_check_mode_says_so_before(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    device = fleet.devices["faz"]
    configure = play(task("system_mail", config=[ENTRY]))

    predicted = playbook(configure, fleet, "--check", "--diff").of("faz", "system_mail")[0]
    assert writes(device.commands) == []

    applied = playbook(configure, fleet, "--diff")
    assert applied.status == 0, applied.output
    result = applied.of("faz", "system_mail")[0]
    assert result["changed"] is True
    for key in ("changed", "before", "after", "commands", "reasons", "passwords", "diff"):
        assert predicted[key] == result[key]
    assert device.state.mail.entries["relay"]

    again = playbook(configure, fleet, "--diff").of("faz", "system_mail")[0]
    assert again["changed"] is False
    assert again["commands"] == []
    assert again["passwords"] == {"relay": {"passwd": "unchanged_assumed"}}
    assert playbook(configure, fleet, "--check").of("faz", "system_mail")[0]["changed"] is False
    assert MAIL_PASSWORD not in applied.output


def test_null_counts_as_left_out(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {"server": "mail.example.com", "secure-option": "starttls"}}})
    entry = {"id": "relay", "secure_option": None, "server": None, "port": None, "relay": None, "auth": None}
    run = playbook(play(task("system_mail", config=[entry], state=None, force=None)), fleet)
    assert run.status == 0, run.output
    assert run.of("faz", "system_mail")[0]["changed"] is False


def test_a_password_that_is_a_part_of_other_values_is_masked_and_in_nobodys_way(
    start: Any, playbook: Callable[..., Any]
) -> None:
    fleet = start({"name": "faz", "username": "root", "password": "example"})
    configure = task(
        "system_mail", config=[{"id": "alerts", **SERVER, "user": "alerts@example.com", "passwd": "alerts"}]
    )
    run = playbook(play(configure, {**configure, "name": "again"}), fleet)
    assert run.status == 0, run.output
    result, again = run.of("faz", "system_mail")[0], run.of("faz", "again")[0]
    assert (result["changed"], again["changed"]) == (True, False)
    assert 'set server "mail.<redacted>.com"' in result["commands"]
    assert list(result["after"]) == list(result["passwords"]) == ["<redacted>"]
    entry = fleet.devices["faz"].state.mail.entries["alerts"]
    assert (entry["server"], entry["user"]) == ("mail.example.com", "alerts@example.com")
    # What was masked is not written back as a mask.
    written = task("system_mail", "written", config=[{"id": "alerts", "server": "mail.<redacted>.com"}])
    assert "server: the value is masked" in playbook(play(written), fleet).of("faz", "written")[0]["msg"]


def test_deleting_twice_and_in_check_mode(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": {"old relay": {"server": "x.example.com"}, "other": {}}})
    delete = task("system_mail", config=[{"id": "old relay"}], state="deleted")
    run = playbook(play({**delete, "check_mode": True}, delete, delete), fleet)
    assert [result["changed"] for result in run.of("faz", "system_mail")] == [True, True, False]
    # One task is one login.
    assert len({heard.session for heard in fleet.devices["faz"].trace}) == 3
    assert list(fleet.devices["faz"].state.mail.entries) == ["other"]
    assert not any("purge" in command for command in fleet.devices["faz"].commands)


def test_row_19_an_option_the_firmware_lacks_is_refused_before_anything_is_sent(
    start: Any, playbook: Callable[..., Any]
) -> None:
    fleet = start({"name": "faz", "model": "faz-7.4.2"})
    run = playbook(play(task("system_mail", config=[{**ENTRY, "ssl_protocol": "tlsv1.2"}])), fleet)
    assert run.status != 0
    assert "FortiAnalyzer 7.4.2 has no option ssl-protocol" in run.of("faz", "system_mail")[0]["msg"]
    assert writes(fleet.devices["faz"].commands) == []
    assert closed_on_device(fleet) and MAIL_PASSWORD not in run.output


def test_every_firmware_takes_an_entry_and_shows_it_again(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(*({"name": model, "model": model, "console_output": "more"} for model in models()))
    entry = {"id": 'night: "B" relay', "server": "mail.example.com", "user": "dom\\alerts", "port": 2500}
    run = playbook(play(task("system_mail", config=[entry]), task("system_mail_info", "read")), fleet)
    assert run.status == 0, run.output
    for model in models():
        found = run.of(model, "read")[0]["entries"]
        assert [{name: each[name] for name in entry} for each in found] == [entry]
        assert found[0]["auth_enabled"] is False
        assert ("ssl_protocol" in found[0]) is (model not in ("faz-7.0.11", "faz-7.4.2"))


def test_what_was_read_can_be_given_back_and_changes_nothing(start: Any, playbook: Callable[..., Any]) -> None:
    alerts = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
    stored = {"relay": {**SERVER, "port": "587", "passwd": MAIL_PASSWORD, "auth": "enable"}, "plain": {}}
    fleet = start({"name": "faz", "mail": stored, "alert_event": alerts})
    run = playbook(
        play(
            {**task("system_mail_info"), "register": "servers"},
            {**task("system_alert_event_mail_info"), "register": "alerts"},
            task("system_mail", "write", config="{{ servers.entries }}"),
            task("system_alert_event_mail", "alert", config="{{ alerts.events }}"),
        ),
        fleet,
    )
    assert run.status == 0, run.output
    written = run.of("faz", "write")[0]
    assert (written["changed"], written["commands"]) == (False, [])
    assert written["warnings"] == ["config: auth_enabled can only be read, and had no effect"]
    assert run.of("faz", "alert")[0]["changed"] is False
