# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pushes against the simulator's engine: what is stored afterwards, also when something goes wrong in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import (
    Plan,
    PlannedLine,
    plan_deleted,
    plan_entries,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import PushError, leave, push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen
from ansible_collections.fortiops.mail.simulator.device.models import models

from ..in_process import log_in, session_on, simulated

RELAY = {"id": "relay", "server": "smtp.example.com", "port": 587, "secure_option": "starttls", "passwd": "a secret"}
OTHER = {"id": "other", "server": "other.example.com"}


def spoiled(plan: Plan, position: int, command: str) -> Plan:
    """The plan with one line replaced, as if the device had another idea of it."""
    lines = list(plan.lines)
    lines[position] = PlannedLine(command, "spoiled")
    return replace(plan, lines=tuple(lines))


def test_a_push_is_stored_and_read_back() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY, OTHER], device.mail_table(), device.status().firmware)
    push(device.session, plan)
    assert device.mail_table() == plan.after
    assert device.session.context == ""
    assert not plan_entries(system_mail(), [RELAY, OTHER], device.mail_table(), device.status().firmware).changed


def test_a_refused_line_aborts_the_entry_and_the_table_is_as_before() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    bad = spoiled(plan, 5, "set port 99999")
    with pytest.raises(PushError, match="set port 99999") as failed:
        push(device.session, bad)
    assert failed.value.applied == "no"
    assert "nothing was saved" in str(failed.value)
    assert "a secret" not in str(failed.value)
    assert failed.value.sent[-1] == "set port 99999"
    assert "set passwd <redacted>" in failed.value.sent
    assert device.mail_table() == {}
    assert device.session.context == ""


def test_a_refused_line_in_the_second_entry_says_that_the_first_was_saved() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [OTHER, RELAY], device.mail_table(), device.status().firmware)
    position = next(number for number, line in enumerate(plan.lines) if line.command == "set port 587")
    with pytest.raises(PushError) as failed:
        push(device.session, spoiled(plan, position, "set nonsense 1"))
    assert failed.value.applied == "partly"
    assert list(device.mail_table()) == ["other"]


def test_a_refusal_that_repeats_a_password_is_quoted_without_it() -> None:
    refusal = "value parse error before 'a secret'\nCommand fail. Return code -61"
    session = session_on(simulated(), screen=Screen(answers={"set passwd": refusal}))
    with pytest.raises(PushError, match="value parse error before '<redacted>'"):
        push(session, plan_entries(system_mail(), [RELAY], {}, models()["faz-7.4.2"].firmware))
    assert not [result for result in session.results if "a secret" in result.command + result.text]


def test_a_session_that_the_device_keeps_in_an_entry_is_closed_and_drops_it() -> None:
    state = simulated()
    session = session_on(state, screen=Screen(answers={"abort": "Not now.", "end": "Not now."}))
    opened = ["config system mail", 'edit "relay"']
    for line in (*opened, "set port 587"):
        session.run(line)
    with pytest.raises(SessionError, match="so the session was closed"):
        leave(session, opened)
    assert session.closed
    assert state.mail.entries == {}


def test_when_the_table_cannot_be_opened_nothing_else_is_typed() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    with pytest.raises(PushError) as failed:
        push(device.session, spoiled(plan, 0, "config system nothing"))
    assert failed.value.sent == ["config system nothing"]
    assert failed.value.applied == "no"


@pytest.mark.parametrize("cut", ["edit", "set secure", "set server", "next", "end"])
def test_a_lost_connection_in_mid_push_is_unknown_and_a_second_run_converges(cut: str) -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    device.session.transport.cut_before = cut
    with pytest.raises(PushError) as failed:
        push(device.session, plan)
    assert failed.value.applied == "unknown"
    assert "Run the task again" in str(failed.value)
    again = log_in(state)
    push(again.session, plan_entries(system_mail(), [RELAY], again.mail_table(), again.status().firmware))
    assert again.mail_table() == plan.after


def test_a_value_the_device_changed_is_a_failure_that_names_the_field() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    position = next(number for number, line in enumerate(plan.lines) if "set server" in line.command)
    with pytest.raises(PushError, match=r"entry 'relay': server is smtp instead of smtp.example.com"):
        push(device.session, spoiled(plan, position, 'set server "smtp"'))


def test_deletion_deletes_that_entry_only() -> None:
    state = simulated()
    device = log_in(state)
    push(device.session, plan_entries(system_mail(), [RELAY, OTHER], device.mail_table(), device.status().firmware))
    push(device.session, plan_deleted(system_mail(), [{"id": "relay"}], device.mail_table()))
    assert list(device.mail_table()) == ["other"]


@contextmanager
def another(state: Any) -> Iterator[Any]:
    yield log_in(state).session


@pytest.mark.parametrize(
    ("cut", "applied"), [("edit", "no"), ("set secure", "no"), ("set server", "no"), ("next", "no"), ("end", "yes")]
)
def test_after_a_lost_connection_the_table_is_read_over_another_session(cut: str, applied: str) -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    device.session.transport.cut_before = cut
    if applied == "yes":
        pushed = push(device.session, plan, reconnect=lambda: another(state))
        assert "everything was saved" in pushed.remark
        return
    with pytest.raises(PushError, match="nothing was saved") as failed:
        push(device.session, plan, reconnect=lambda: another(state))
    assert (failed.value.applied, failed.value.cause) == ("no", "connection")


def test_a_lost_connection_between_two_entries_names_the_one_that_is_missing() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [OTHER, RELAY], device.mail_table(), device.status().firmware)
    device.session.transport.cut_before = 'edit "relay"'
    with pytest.raises(PushError, match="entry 'relay': does not exist") as failed:
        push(device.session, plan, reconnect=lambda: another(state))
    assert failed.value.applied == "partly"


def test_a_lost_rotation_of_a_password_cannot_be_known() -> None:
    state = simulated()
    device = log_in(state)
    push(device.session, plan_entries(system_mail(), [RELAY], {}, device.status().firmware))
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware, update_password="always")
    device.session.transport.cut_before = "end"
    with pytest.raises(PushError, match="password was saved cannot be read") as failed:
        push(device.session, plan, reconnect=lambda: another(state))
    assert failed.value.applied == "unknown"


def test_an_entry_somebody_else_changed_meanwhile_is_not_overwritten_unless_forced() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    colleague = log_in(state)
    push(colleague.session, plan_entries(system_mail(), [{**RELAY, "port": 2500}], {}, colleague.status().firmware))
    with pytest.raises(PushError, match="somebody else changed the table") as failed:
        push(device.session, plan)
    assert (failed.value.applied, failed.value.cause, failed.value.sent) == ("no", "conflict", [])
    assert colleague.mail_table()["relay"]["port"] == "2500"
    push(device.session, plan, force=True)
    assert colleague.mail_table()["relay"]["port"] == "587"


def test_what_others_do_to_other_entries_is_no_conflict() -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    colleague = log_in(state)
    push(colleague.session, plan_entries(system_mail(), [OTHER], {}, colleague.status().firmware))
    push(device.session, plan)
    assert set(device.mail_table()) == {"relay", "other"}


def test_a_password_the_device_never_shows_is_unverifiable_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    state = simulated()
    device = log_in(state)
    plan = plan_entries(system_mail(), [RELAY], device.mail_table(), device.status().firmware)
    shown = state.mail.show
    monkeypatch.setattr(state.mail, "show", lambda entries: [line for line in shown(entries) if "passwd" not in line])
    assert push(device.session, plan).unverifiable == [("relay", "passwd")]


def test_a_password_that_the_device_kept_behind_another_way_to_log_in_is_no_failure() -> None:
    device = log_in(simulated())

    def apply(entry: dict[str, Any], **options: Any) -> None:
        push(
            device.session,
            plan_entries(system_mail(), [entry], device.mail_table(), device.status().firmware, **options),
        )

    apply(RELAY)
    apply({"id": "relay", "auth_type": "certificate", "local_cert": "ours"})
    apply({"id": "relay", "auth_type": "psk"})
    assert device.mail_table()["relay"]["passwd"] == "ENC"
    apply({"id": "relay", "auth_type": "certificate"})
    apply({"id": "relay", "server": "smtp.example.com"}, state="replaced")
    assert device.mail_table() == {"relay": {"server": "smtp.example.com"}}


def test_a_password_that_stays_although_it_was_unset_is_named_in_words() -> None:
    device = log_in(simulated())
    push(device.session, plan_entries(system_mail(), [RELAY], {}, device.status().firmware))
    plan = plan_entries(
        system_mail(), [{"id": "relay", "passwd": "", "port": 588}], device.mail_table(), device.status().firmware
    )
    position = next(number for number, line in enumerate(plan.lines) if line.command == "unset passwd")
    with pytest.raises(PushError, match=r"entry 'relay': passwd is set instead of \(empty\)"):
        push(device.session, spoiled(plan, position, "set auth enable"))
