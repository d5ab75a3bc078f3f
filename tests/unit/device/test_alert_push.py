# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pushes into the table inside a table: what is stored afterwards, also when something goes wrong in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import (
    plan_destinations,
    plan_destinations_deleted,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Plan, PlannedLine
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import PushError, push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import DeviceError

from ..in_process import log_in, simulated

NOC = {"event": "disk full", "id": 1, "to": "noc@example.com", "smtp_name": "relay"}
NIGHT = {"event": "cpu high", "id": 2, "to": "night@example.com", "smtp_name": "relay"}


def plan_of(device: Any, *desired: dict[str, Any]) -> Plan:
    return plan_destinations(desired, device.alert_events(), ["relay"], device.status().firmware)


def spoiled(plan: Plan, start: str, command: str) -> Plan:
    """The plan with the first line that starts so replaced, as if the device had another idea of it."""
    lines = list(plan.lines)
    position = next(number for number, line in enumerate(lines) if line.command.startswith(start))
    lines[position] = PlannedLine(command, "spoiled")
    return replace(plan, lines=tuple(lines))


@contextmanager
def another(state: Any) -> Iterator[Any]:
    yield log_in(state).session


def test_a_push_is_stored_read_back_and_complete() -> None:
    device = log_in(simulated())
    plan = plan_of(device, NOC, NIGHT)
    push(device.session, plan)
    assert device.alert_events().destinations == plan.after
    assert device.alert_events().events == {"disk full": {}, "cpu high": {}}
    assert device.session.context == ""
    assert not plan_of(device, NOC, NIGHT).changed


def test_a_deletion_leaves_the_event() -> None:
    device = log_in(simulated())
    push(device.session, plan_of(device, NOC, {**NOC, "id": 2}))
    push(device.session, plan_destinations_deleted([NOC], device.alert_events()))
    assert list(device.alert_events().destinations) == ["disk full/2"]
    push(device.session, plan_destinations_deleted([{**NOC, "id": 2}], device.alert_events()))
    assert device.alert_events().destinations == {}
    assert device.alert_events().events == {"disk full": {}}


@pytest.mark.parametrize("start", ["set type", "set smtp-name", "config alert-destination", "end"])
def test_a_refused_line_leaves_everything_as_it_was(start: str) -> None:
    device = log_in(simulated())
    with pytest.raises(PushError, match="nothing was saved") as failed:
        push(device.session, spoiled(plan_of(device, NOC), start, "set type pigeon"))
    assert (failed.value.applied, failed.value.cause) == ("no", "refused")
    assert device.session.context == ""
    assert device.alert_events().events == {}


def test_a_refused_line_in_the_second_event_keeps_the_first() -> None:
    device = log_in(simulated())
    with pytest.raises(PushError) as failed:
        push(device.session, spoiled(plan_of(device, NOC, NIGHT), "edit 2", "edit 0"))
    assert failed.value.applied == "partly"
    assert device.alert_events().events == {"disk full": {}}


@pytest.mark.parametrize("event", ["1", "alert-event", "x" * 63])
def test_an_event_whose_prompt_looks_like_another_shell_is_left_all_the_same(event: str) -> None:
    device = log_in(simulated())
    with pytest.raises(PushError) as failed:
        push(
            device.session,
            spoiled(plan_of(device, {**NOC, "event": event}), "set to", "set type pigeon"),
        )
    assert failed.value.applied == "no"
    assert device.session.context == ""
    assert device.alert_events().events == {}


def test_where_the_prompt_cannot_tell_shells_apart_the_session_is_closed_instead() -> None:
    state = simulated()
    device = log_in(state)
    plan = spoiled(plan_of(device, {**NOC, "event": "alert-destination"}), "set to", "set type pigeon")
    with pytest.raises(PushError, match="nothing was saved"):
        push(device.session, plan, reconnect=lambda: another(state))
    assert log_in(state).alert_events().events == {}


def test_a_name_the_prompt_cuts_off_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.fortiops.mail.simulator.cli.shells import EntryShell

    monkeypatch.setattr(EntryShell, "prompt", property(lambda self: f"({self.key[:5]}~)# "))
    device = log_in(simulated())
    with pytest.raises(PushError, match="nothing was saved"):
        push(device.session, spoiled(plan_of(device, NOC), "set to", "set type pigeon"))
    assert device.session.context == ""
    assert device.alert_events().events == {}


def test_a_device_that_knows_no_abort_loses_the_session_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.fortiops.mail.simulator.cli.shells import EntryShell
    from ansible_collections.fortiops.mail.simulator.device.texts import refuse

    known = EntryShell.run

    def run(shell: Any, words: list[str]) -> Any:
        if words == ["abort"]:
            raise refuse("unknown_action")
        return known(shell, words)

    monkeypatch.setattr(EntryShell, "run", run)
    state = simulated()
    device = log_in(state)
    plan = spoiled(plan_of(device, NOC), "set to", "set type pigeon")
    with pytest.raises(PushError, match=r"session was closed.*nothing was saved"):
        push(device.session, plan, reconnect=lambda: another(state))
    assert log_in(state).alert_events().events == {}


@pytest.mark.parametrize("cut", ["edit 1", "set smtp-name", "next", "end"])
def test_a_lost_connection_before_the_event_is_saved_keeps_nothing(cut: str) -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_of(device, NOC)
    device.session.transport.cut_before = cut
    with pytest.raises(PushError, match="nothing was saved") as failed:
        push(device.session, plan, reconnect=lambda: another(state))
    assert failed.value.applied == "no"
    push(log_in(state).session, plan)
    assert log_in(state).alert_events().destinations == plan.after


def test_what_somebody_else_did_meanwhile_is_named() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_of(device, NOC)
    colleague = log_in(state)
    push(colleague.session, plan_of(colleague, {**NOC, "to": "x@example.com"}))
    with pytest.raises(PushError, match="alert event 'disk full' destination 1: exists") as failed:
        push(device.session, plan)
    assert failed.value.cause == "conflict"


def test_half_a_table_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    state = simulated()
    device = log_in(state)
    push(device.session, plan_of(device, NOC))
    shown = state.alert_event.show
    monkeypatch.setattr(state.alert_event, "show", lambda entries: shown(entries)[:-2])
    with pytest.raises(
        DeviceError,
        match="show system alert-event: the table has no end; the last line that it showed is 'end'; expected a table that is closed by `end`",
    ):
        device.alert_events()
