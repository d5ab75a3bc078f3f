# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert events are part of a rollout: planned, written, proved and taken back with the mail servers that they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import AlertEvents

from ..in_process import log_in, session_on
from .test_mail_rollout import MOVE, PASSWORDS, Fleet, Killed, sent_mails

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once

SETUP = (
    "config system alert-event",
    'edit "disk full"',
    "set num-events 10",
    "config alert-destination",
    "edit 1",
    'set to "noc@example.com"',
    'set smtp-name "relay"',
    "next",
    "edit 2",
    "set type syslog",
    "end",
    "next",
    'edit "quiet"',
    "end",
)
FRESH = {"id": "fresh", "server": "new.example.com", "passwd": "the new secret"}
EVENTS = [
    {"event": "disk full", "num_events": "5", "destinations": [{"id": 1, "smtp_name": "fresh"}]},
    {"event": "night", "destinations": [{"id": 4, "to": "night@example.com", "smtp_name": "fresh"}]},
    {"event": "quiet", "severity_filter": "low"},
]


class Alerting(Fleet):
    """The device of the other tests, with two alert events."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        with session_on(self.state) as session:
            for line in SETUP:
                session.run(line)
        self.alerts_before = self.alerts()

    def alerts(self) -> AlertEvents:
        return log_in(self.state).alert_events()

    def told(self, result: dict[str, Any]) -> bool:
        """Return whether a result has the entries and alert events that the device has."""
        alerts = self.alerts()
        events: dict[str, dict[str, Any]] = {event: dict(entry) for event, entry in alerts.events.items()}
        for key, entry in alerts.destinations.items():
            event, number = key.split("/")
            events[event].setdefault("alert-destination", {})[number] = entry
        return super().told(result) and result["alert_events"]["after"] == events


@pytest.fixture
def fleet(tmp_path: Path) -> Alerting:
    return Alerting(tmp_path)


def test_an_event_may_name_an_entry_that_the_same_task_creates_also_in_check_mode(fleet: Alerting) -> None:
    planned = fleet.roll_out(FRESH, alert_events=EVENTS, check_mode=True)
    assert planned["state"] == "planned", planned["reason"]
    assert fleet.alerts() == fleet.alerts_before
    result = fleet.roll_out(FRESH, alert_events=EVENTS)
    assert (result["state"], sent_mails(fleet)) == ("proved", ["fresh"])
    for name in ("commands", "reasons", "before", "after", "alert_events"):
        assert result[name] == planned[name]
    assert fleet.alerts().events == {"disk full": {"num-events": "5"}, "quiet": {"severity-filter": "low"}, "night": {}}
    assert fleet.alerts().destinations == {
        "disk full/1": {"to": "noc@example.com", "smtp-name": "fresh"},
        "disk full/2": {"type": "syslog"},
        "night/4": {"to": "night@example.com", "smtp-name": "fresh"},
    }
    again = fleet.roll_out(FRESH, alert_events=EVENTS, update_password="on_create")
    assert (again["state"], again["commands"]) == ("unchanged", [])


def test_a_change_that_does_not_deliver_takes_the_events_back_as_well(fleet: Alerting) -> None:
    result = fleet.roll_out({**FRESH, "passwd": "wrong"}, alert_events=EVENTS)
    assert (result["state"], result["failed"]) == ("taken_back", True), result["reason"]
    assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before)
    assert fleet.told(result)
    assert result["alert_events"]["after"] == result["alert_events"]["before"]
    assert fleet.restore_points == []


@pytest.mark.parametrize(
    ("fault", "state", "follow"),
    [
        ("config system mail", "refused", "correct"),
        ('set server "new.example.com"', "refused", "correct"),
        ("set severity-filter low", "taken_back", "correct"),
        ("diagnose test connection mailserver", "taken_back", "run the task again"),
    ],
)
def test_a_result_tells_what_the_device_has_and_what_was_typed(
    fleet: Alerting, fault: str, state: str, follow: str
) -> None:
    fleet.screen.answers[fault] = "value parse error before 'low'"
    result = fleet.roll_out(FRESH, alert_events=EVENTS)
    assert result["state"] == state, result["reason"]
    assert fleet.told(result)
    assert result["after"] == result["before"]
    assert follow in result["next"]
    assert len(result["reasons"]) == len(result["commands"])
    assert result["commands"][-1].startswith(fault) or "diagnose" in fault


def test_the_server_that_a_changed_destination_names_is_tested_although_it_did_not_change(fleet: Alerting) -> None:
    moved = [{"event": "disk full", "destinations": [{"id": 1, "smtp_name": "other"}]}]
    result = fleet.roll_out(alert_events=moved)
    assert (result["state"], sent_mails(fleet)) == ("taken_back", ["other"])
    assert fleet.alerts() == fleet.alerts_before


def test_an_old_entry_goes_once_its_destinations_are_moved(fleet: Alerting) -> None:
    PASSWORDS["other.example.com"] = "another secret"
    try:
        other = {"id": "other", "server": "other.example.com", "passwd": "another secret"}
        kept = fleet.roll_out(FRESH, other, state="overridden")
        assert (kept["state"], kept["cause"]) == ("refused", "referenced")
        assert kept["not_seen"] == ["report outputs", "event handlers"]
        result = fleet.roll_out(FRESH, other, state="overridden", alert_events=EVENTS)
    finally:
        del PASSWORDS["other.example.com"]
    assert result["state"] == "proved", result["reason"]
    assert result["not_seen"] == kept["not_seen"]
    assert list(fleet.table()) == ["other", "fresh"]
    typed = [line for line in fleet.typed if line in ('edit "fresh"', 'set smtp-name "fresh"', 'delete "relay"')]
    assert typed == ['edit "fresh"', 'set smtp-name "fresh"', 'set smtp-name "fresh"', 'delete "relay"']


def test_an_event_that_names_no_entry_is_refused_before_the_first_line(fleet: Alerting) -> None:
    result = fleet.roll_out(MOVE, alert_events=EVENTS)
    assert result["state"] == "refused"
    assert "smtp_name 'fresh' is no entry" in result["reason"]
    assert not [line for line in fleet.typed if line.startswith("config")]


@pytest.mark.parametrize("password", ["the new secret", "a wrong secret"])
def test_a_controller_killed_at_any_line_is_made_good_by_one_more_run(tmp_path: Path, password: str) -> None:
    wanted: dict[str, Any] = {**FRESH, "passwd": password}
    whole = Alerting(tmp_path / "whole")
    whole.roll_out(wanted, alert_events=EVENTS, debug=False)
    for number in range(1, len(whole.typed) + 1):
        fleet = Alerting(tmp_path / str(number))
        left = number

        def kill(line: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        fleet.heard = kill
        with pytest.raises(Killed):
            fleet.roll_out(wanted, alert_events=EVENTS, debug=False)
        fleet.heard = lambda line: None
        result = fleet.roll_out(wanted, alert_events=EVENTS, debug=False)
        if password == "the new secret":
            assert result["state"] in ("proved", "unchanged"), (number, result["reason"])
            assert (fleet.table(), fleet.alerts()) == (whole.table(), whole.alerts())
        else:
            assert result["state"] == "taken_back", (number, result["reason"])
            assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before)
        assert list(fleet.directory.iterdir()) == [], number


def test_a_refused_line_of_an_event_takes_the_entries_back(fleet: Alerting) -> None:
    fleet.screen.answers["set severity-filter low"] = "value parse error before 'low'"
    result = fleet.roll_out(FRESH, alert_events=EVENTS)
    assert (result["state"], result["cause"]) == ("taken_back", "refused"), result["reason"]
    assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before)


@pytest.mark.parametrize(
    "alerts",
    [
        [],
        {"observed": {}},
        {"observed": {"events": {}, "destinations": {"disk full/one": {}}}, "events": [], "destinations": []},
        {"observed": {"events": {}, "destinations": {"1": {}}}, "events": [], "destinations": []},
        {"observed": {"events": {"a": {"nonsense": "x"}}, "destinations": {}}, "events": ["a"], "destinations": []},
        {"observed": {"events": {}, "destinations": {}}, "events": [], "destinations": ["disk full/"]},
    ],
)
def test_a_damaged_restore_point_is_named_and_changes_nothing(fleet: Alerting, alerts: Any) -> None:
    entry = {"device": "SERIAL", "entries": {}, "touched": [], "secrets": {}, "alerts": alerts}
    (fleet.directory / "restore-SERIAL.json").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    result = fleet.roll_out(FRESH, alert_events=EVENTS)
    assert (result["state"], "its alert events are none" in result["reason"]) == ("not_taken_back", True)
    assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before)


def test_a_destination_that_somebody_deleted_meanwhile_is_made_again_with_its_type(fleet: Alerting) -> None:
    def delete(line: str) -> None:
        if line.startswith("diagnose test connection") and "fresh" in line:
            inner = fleet.state.alert_event.inner["disk full"]["alert-destination"]
            if "1" in inner.entries:
                inner.delete("1")

    fleet.heard = delete
    result = fleet.roll_out({**FRESH, "passwd": "wrong"}, alert_events=EVENTS)
    assert result["state"] == "taken_back", result["reason"]
    assert fleet.alerts().events == fleet.alerts_before.events
    assert fleet.alerts().destinations == fleet.alerts_before.destinations
    assert "set type mail" in result["taken_back"]["commands"]
