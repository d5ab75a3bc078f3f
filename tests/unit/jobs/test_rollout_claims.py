# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the result of a rollout says of the device is what the device has, or null."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import DebugError, Journal
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import rollout_end
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import run_document
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import LoginError

from .test_mail_rollout import MOVE, Fleet
from .test_rollout_alerts import EVENTS, FRESH, Alerting

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once

ANSWERS = {
    "denied": "No permission to 'config system.mail'",
    "silent": "",
}
CHANGE = ({**MOVE, "passwd": "a wrong secret"}, FRESH)


class Struck(Alerting):
    """From some line on the device does no line any more, and answers otherwise, or breaks the connection."""

    def strike(self, number: int, how: str) -> dict[str, Any]:
        left = number

        def heard(line: str) -> None:
            nonlocal left
            self.screen.answers.clear()
            if not line or line.startswith("get system status"):
                return
            left -= 1
            if left <= 0:
                if how == "cut":
                    raise OSError("connection reset")
                self.screen.answers[" ".join(line.split())] = ANSWERS[how]

        self.heard = heard
        return self.roll_out(*CHANGE, alert_events=EVENTS, debug=False)

    def agrees(self, result: dict[str, Any]) -> bool:
        """Return whether each part of the result is null or what the device has."""
        alerts = result.get("alert_events", {}).get("after")
        known = {**result, "alert_events": {"after": self.alerts_told() if alerts is None else alerts}}
        return "after" not in result or self.told({**known, "after": result["after"] or self.entries_told()})

    def entries_told(self) -> dict[str, dict[str, str]]:
        return {
            key: {name: "ENC" if name == "passwd" else value for name, value in entry.items()}
            for key, entry in self.table().items()
        }

    def alerts_told(self) -> dict[str, Any]:
        alerts = self.alerts()
        events: dict[str, dict[str, Any]] = {event: dict(entry) for event, entry in alerts.events.items()}
        for key, entry in alerts.destinations.items():
            event, number = key.split("/")
            events[event].setdefault("alert-destination", {})[number] = entry
        return events


@pytest.mark.parametrize("how", [*ANSWERS, "cut"])
def test_the_entries_in_a_result_are_those_of_the_device_whatever_line_goes_wrong(tmp_path: Path, how: str) -> None:
    whole = Struck(tmp_path / "whole")
    assert whole.strike(999, how)["state"] == "taken_back"
    states = set()
    for number in range(1, len(whole.typed) + 1, 2):
        fleet = Struck(tmp_path / str(number))
        result = fleet.strike(number, how)
        states.add(result["state"])
        assert fleet.agrees(result), (number, result["state"], result["reason"], result["after"])
        if result["state"] != "not_taken_back":
            assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before), (number, result["reason"])
            assert "diff" not in result
        elif fleet.restore_points:
            # Nothing is told of a device that was not read: neither that it changed, nor that it did not.
            assert result["after"] is not None or not _changes(result)
            fleet.heard = lambda line: None
            fleet.screen.answers.clear()
            assert fleet.roll_out(state="recovered")["state"] == "taken_back"
            assert (fleet.table(), fleet.alerts()) == (fleet.before, fleet.alerts_before), (number, result["reason"])
    assert {"not_reached" if how == "cut" else "refused", "not_taken_back"} <= states


def _changes(result: dict[str, Any]) -> list[Any]:
    document = run_document({"faz": result}, "rollout", {"user": "me", "controller": "here"}, {})
    return list(document["devices"][0]["changes"])


@pytest.mark.parametrize("value", ["https://login.example.com/token?tenant=1", "two\u2028lines"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_could_not_be_typed_again_is_refused_before_the_first_line(
    tmp_path: Path, value: str, check_mode: bool
) -> None:
    fleet = Fleet(tmp_path)
    # Somebody has set it in the web interface.
    fleet.state.mail.entries["relay"]["user"] = value
    fleet.before = fleet.table()
    result = fleet.roll_out({**MOVE, "user": "alerts"}, check_mode=check_mode)
    assert result["state"] == "refused"
    assert "could not be taken back" in result["reason"] and "'relay': user" in result["reason"]
    assert (fleet.table(), fleet.restore_points) == (fleet.before, [])
    assert not [line for line in fleet.typed if line.startswith("config")]
    # What the change leaves alone has not to be typed again.
    assert fleet.roll_out(MOVE, check_mode=check_mode)["state"] == ("planned" if check_mode else "proved")
    forced = fleet.roll_out({**MOVE, "user": "alerts"}, check_mode=check_mode, force=True)
    assert forced["state"] == ("planned" if check_mode else "proved")


def test_what_was_forced_and_cannot_be_typed_again_is_put_back_by_hand_and_the_next_run_goes_on(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    untypable = "https://login.example.com/token?tenant=1"
    fleet.state.mail.entries["relay"]["user"] = untypable
    fleet.before = fleet.table()
    result = fleet.roll_out({**MOVE, "user": "alerts", "passwd": "a wrong secret"}, force=True)
    assert result["state"] == "not_taken_back"
    assert "taking it back failed: " in result["reason"] and "'relay': user" in result["reason"]
    assert fleet.told(result) and len(fleet.restore_points) == 1

    fleet.state.mail.entries["relay"]["user"] = untypable
    assert fleet.roll_out(state="recovered")["state"] == "taken_back"
    assert (fleet.table(), fleet.restore_points) == (fleet.before, [])


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (JobError("the capture cannot be written"), "refused"),
        (DebugError("the journal cannot be written"), "refused"),
        (LoginError("wrong password"), "not_reached"),
    ],
)
def test_a_device_has_a_state_also_when_nothing_was_begun(error: FazmailError, state: str) -> None:
    ended = rollout_end.not_begun(error)
    assert (ended.details["state"], ended.cause, str(ended)) == (state, error.cause, f"{state}: {error}")


def test_a_task_that_debugs_the_device_at_the_same_time_takes_no_change_back(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.state.debug.fazmaild = 8
    with Journal(tmp_path, "SERIAL").locked() as held:
        assert held
        result = fleet.roll_out(MOVE)
    assert result["state"] == "proved", result["reason"]
    assert any("is debugging this device" in warning for warning in fleet.context.warnings)
    assert fleet.state.debug.fazmaild == 8
    assert not [line for line in fleet.typed if line.startswith("diagnose debug application fazmaild")]


def test_a_device_that_is_given_another_name_in_the_middle_is_followed(tmp_path: Path) -> None:
    whole = Fleet(tmp_path / "whole")
    whole.roll_out(MOVE)
    for number in range(1, len(whole.typed)):
        fleet = Fleet(tmp_path / str(number))
        fleet.heard = _renaming(fleet, number)
        result = fleet.roll_out(MOVE)
        assert result["state"] == "proved", (number, result["reason"])
        assert fleet.typed.count("get system status") == whole.typed.count("get system status")
        assert fleet.state.debug.fazmaild == 0


def _renaming(fleet: Fleet, number: int) -> Callable[[str], None]:
    def heard(line: str) -> None:
        if len(fleet.typed) == number:
            fleet.state.hostname = "FAZ-DR"

    return heard


@pytest.mark.parametrize(
    "line", ["diagnose debug info", "diagnose debug disable", "diagnose test application fazmaild 2"]
)
def test_a_session_that_is_lost_once_the_mail_was_accepted_takes_nothing_back(tmp_path: Path, line: str) -> None:
    fleet = Fleet(tmp_path)
    sent = False

    def heard(typed: str) -> None:
        nonlocal sent
        if sent and typed == line:
            fleet.heard = lambda other: None
            raise OSError("connection reset")
        sent = sent or typed.startswith("diagnose test connection")

    fleet.heard = heard
    result = fleet.roll_out(MOVE)
    assert result["state"] == "proved", result["reason"]
    assert fleet.table()["relay"]["server"] == "new.example.com"
    assert (fleet.state.debug.fazmaild, list(tmp_path.iterdir())) == (0, [])
