# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is mailed, through a playbook; and a mail server that alerts depend on is not deleted by accident."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.device.texts import refuse

from .conftest import play, task
from .sessions import closed_on_device
from .test_system_mail import writes

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

RELAY = {"relay": {"server": "mail.example.com", "port": 587}, "other": {"server": "other.example.com"}}
EVENT = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
DESTINATION = {"id": 1, "to": "noc@example.com", "smtp_name": "relay"}
NOC = {"event": "disk full", "destinations": [DESTINATION]}
MODULE = "system_alert_event_mail"


def destinations(device: Any) -> list[str]:
    """What the device shows of its alert events, without indentation."""
    return [line.strip() for line in device.state.alert_event.show(device.state.alert_event.entries)]


def predicted(module: str, name: str, **options: Any) -> dict[str, Any]:
    """A task in check mode; a failure does not end the play."""
    return {**task(module, name, **options), "check_mode": True, "diff": True, "ignore_errors": True}


def applied(module: str, name: str, **options: Any) -> dict[str, Any]:
    """A task that changes the device; a failure does not end the play."""
    return {**task(module, name, **options), "diff": True, "ignore_errors": True}


def test_merged_twice_and_check_mode_says_so_before(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": RELAY, "console_output": "more"})
    device = fleet.devices["faz"]
    config = [
        NOC,
        {"event": "cpu high", "num_events": "5", "destinations": [{**DESTINATION, "from": "faz@example.com"}]},
    ]
    run = playbook(
        play(
            predicted(MODULE, "first check", config=config),
            applied(MODULE, "first apply", config=config),
            predicted(MODULE, "second check", config=config),
            applied(MODULE, "second apply", config=config),
        ),
        fleet,
    )
    check, result, check_again, again = (
        run.of("faz", name)[0] for name in ("first c", "first a", "second c", "second a")
    )
    assert "ignored=0" in run.output, run.output
    assert (check["changed"], result["changed"]) == (True, True)
    for key in ("before", "after", "commands", "reasons", "diff", "warnings"):
        assert check[key] == result[key]
    assert result["before"] == {}
    assert result["after"]["disk full"] == {"alert-destination": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
    assert "alert event 'cpu high' does not exist and is created" in result["warnings"][1]
    assert {'set smtp-name "relay"', "set num-events 5"} <= set(destinations(device))
    assert (check_again["changed"], again["changed"], again["commands"]) == (False, False, [])
    assert "warnings" not in again

    # One login per task, and what was typed is what was planned, once.
    assert len({heard.session for heard in device.trace}) == 4
    assert writes(device.commands) == result["commands"]


def test_deleted_twice_and_in_check_mode(start: Any, playbook: Callable[..., Any]) -> None:
    events = {"disk full": {**EVENT["disk full"], "2": {"type": "syslog"}}}
    fleet = start({"name": "faz", "mail": RELAY, "alert_event": events})
    device = fleet.devices["faz"]
    options = {"config": [{"event": "disk full", "destinations": [{"id": 1}]}], "state": "deleted"}
    run = playbook(
        play(
            predicted(MODULE, "check", **options),
            applied(MODULE, "first", **options),
            applied(MODULE, "twice", **options),
        ),
        fleet,
    )
    assert [run.of("faz", name)[0]["changed"] for name in ("check", "first", "twice")] == [True, True, False]
    assert writes(device.commands).count("delete 1") == 1
    assert "edit 1" not in destinations(device)
    assert "edit 2" in destinations(device)
    assert not any("purge" in command for command in device.commands)


def test_a_server_that_does_not_exist_is_refused_before_anything_is_sent_unless_forced(
    start: Any, playbook: Callable[..., Any]
) -> None:
    fleet = start({"name": "faz", "mail": RELAY})
    device = fleet.devices["faz"]
    config = [{**NOC, "destinations": [{**DESTINATION, "smtp_name": "gone"}]}]
    run = playbook(play(predicted(MODULE, "check", config=config), applied(MODULE, "apply", config=config)), fleet)
    assert "ignored=2" in run.output
    for name in ("check", "apply"):
        result = run.of("faz", name)[0]
        assert (
            "alert event 'disk full' destination 1: smtp_name 'gone' is no entry of config system mail" in result["msg"]
        )
    assert writes(device.commands) == []
    run = playbook(play(task(MODULE, config=config, force=True)), fleet)
    assert run.status == 0, run.output
    assert 'set smtp-name "gone"' in destinations(device)


def test_info_says_who_is_mailed_and_what_dangles(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(
        {"name": "good", "mail": RELAY, "alert_event": EVENT},
        {
            "name": "bad",
            "mail": RELAY,
            "alert_event": {"disk full": {"7": {"to": "noc@example.com", "smtp-name": "gone"}}, "quiet": {}},
            "alertemail": {"smtpserver": "old.example.com", "smtppassword": "an old password"},
        },
    )
    run = playbook(play(task(f"{MODULE}_info")), fleet, "-vvv")
    assert run.status == 0, run.output
    good, bad = (run.of(name, f"{MODULE}_info")[0] for name in ("good", "bad"))
    assert (good["mailed"], good["dangling"]) == (True, [])
    assert [event["destinations"] for event in good["events"]] == [
        [{"id": 1, "type": "mail", "from": "", "to": "noc@example.com", "smtp_name": "relay"}]
    ]
    assert (good["approval_matrix"], good["not_seen"]) == ([], ["report outputs", "event handlers"])
    assert good["alertemail"]["smtpserver"] == ""
    assert good["alertemail"]["smtppassword_set"] is False
    assert bad["mailed"] is False
    assert [(each["event"], each["id"], each["smtp_name"]) for each in bad["dangling"]] == [("disk full", 7, "gone")]
    assert [event["event"] for event in bad["events"]] == ["disk full", "quiet"]
    assert (bad["alertemail"]["smtpserver"], bad["alertemail"]["smtppassword_set"]) == ("old.example.com", True)
    assert "an old password" not in run.output
    assert not any(writes(device.commands) for device in fleet.devices.values())


@pytest.mark.parametrize("state", ["deleted", "overridden"])
def test_row_20_a_mail_server_that_alerts_name_is_not_deleted_unless_forced(
    start: Any, playbook: Callable[..., Any], state: str
) -> None:
    fleet = start({"name": "faz", "mail": RELAY, "alert_event": {**EVENT, "cpu": {"4": {"smtp-name": "relay"}}}})
    device = fleet.devices["faz"]
    options = {"config": [{"id": "relay" if state == "deleted" else "other"}], "state": state}
    run = playbook(
        play(predicted("system_mail", "check", **options), applied("system_mail", "apply", **options)), fleet
    )
    assert "ignored=2" in run.output
    for name in ("check", "apply"):
        result = run.of("faz", name)[0]
        assert result["msg"].startswith(
            "entry 'relay' is used by alert event 'disk full' destination 1, alert event 'cpu' destination 4; nothing was sent"
        )
        assert (result["cause"], result["applied"], result["commands"]) == ("referenced", "no", [])
        assert result["references"] == {"relay": [{"event": "disk full", "id": 1}, {"event": "cpu", "id": 4}]}
    assert closed_on_device(fleet)
    assert writes(device.commands) == []
    run = playbook(play(task("system_mail", **options, force=True)), fleet)
    assert run.status == 0, run.output
    assert list(device.state.mail.entries) == ["other"]


def test_alert_events_are_read_only_where_something_would_be_deleted(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": RELAY, "alert_event": EVENT})
    device = fleet.devices["faz"]
    run = playbook(
        play(
            task("system_mail", config=[{"id": "relay", "port": 25}]),
            task("system_mail", config=[{"id": "absent"}], state="deleted"),
            task("system_mail", config=[{"id": "other"}], state="deleted"),
        ),
        fleet,
    )
    assert run.status == 0, run.output
    sessions = sorted({heard.session for heard in device.trace})
    reading = {heard.session for heard in device.trace if heard.command == "show system alert-event"}
    assert reading == {sessions[2]}


def test_a_mail_server_that_an_approval_matrix_names_is_not_deleted(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": RELAY, "approval_matrix": {"root": {"mail-server": "relay"}}})
    run = playbook(play(task("system_mail", config=[{"id": "relay"}], state="deleted")), fleet)
    result = run.of("faz", "system_mail")[0]
    assert result["msg"].startswith("entry 'relay' is used by approval matrix 'root'; nothing was sent")
    assert "Report outputs and event handlers" in result["msg"]
    assert result["references"] == {"relay": [{"adom": "root"}]}
    assert "relay" in fleet.devices["faz"].state.mail.entries


def test_what_cannot_be_read_is_not_deleted_unless_forced(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": RELAY})
    device = fleet.devices["faz"]

    def refused(entries: Any) -> list[str]:
        raise refuse("parse_error", word="alert-event")

    fleet.call(lambda: setattr(device.state.alert_event, "show", refused))
    options = {"config": [{"id": "relay"}], "state": "deleted"}
    run = playbook(
        play(applied("system_mail", "refused", **options), applied("system_mail", "forced", **options, force=True)),
        fleet,
    )
    result = run.of("faz", "refused")[0]
    assert result["msg"].startswith("whether other tables use 'relay' cannot be read (")
    assert (result["cause"], result["applied"]) == ("referenced", "no")
    assert run.of("faz", "forced")[0]["changed"] is True
    assert writes(device.commands).count('delete "relay"') == 1


def test_the_destination_can_be_moved_first(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": RELAY, "alert_event": EVENT})
    run = playbook(
        play(
            task(MODULE, config=[{"event": "disk full", "destinations": [{"id": 1, "smtp_name": "other"}]}]),
            task("system_mail", config=[{"id": "relay"}], state="deleted"),
        ),
        fleet,
    )
    assert run.status == 0, run.output
    assert list(fleet.devices["faz"].state.mail.entries) == ["other"]


def test_compliance_fails_devices_whose_alerts_reach_nobody(start: Any, playbook: Callable[..., Any]) -> None:
    relay = {"server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable"}
    sound = {"relay": {**relay, "user": "alerts", "passwd": "a relay password"}}
    lost = {"disk full": {**EVENT["disk full"], "2": {"to": "noc@example.com", "smtp-name": "gone"}}}
    fleet = start(
        {"name": "good", "mail": sound, "alert_event": EVENT},
        {"name": "nobody", "mail": sound, "alert_event": {"disk full": {"1": {"type": "syslog"}}}},
        {"name": "lost", "mail": sound, "alert_event": lost},
        {"name": "old", "mail": sound, "alert_event": EVENT, "alertemail": {"smtpserver": "old.example.com"}},
    )
    unproved = json.dumps({"rules": [{"id": "FMAIL-015", "severity": "low"}]})
    run = playbook("fortiops.mail.compliance", fleet, "-e", "fail_on=medium", "-e", unproved)
    assert run.status != 0
    messages = {name: run.of(name, "The device keeps the rules")[0]["msg"] for name in fleet.devices}
    assert "FMAIL" not in messages["good"]
    assert messages["nobody"].startswith("FMAIL-013 high: An alert event mails somebody")
    assert messages["lost"].startswith("FMAIL-012 high (alert event 'disk full' destination 2)")
    assert "smtp_name is gone" in messages["lost"]
    assert messages["old"].startswith("FMAIL-018 medium (alertemail)")
    assert not any(command.startswith("config") for device in fleet.devices.values() for command in device.commands)
