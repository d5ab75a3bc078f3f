# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a device answers to any line of a push: nothing is typed behind it, and the result agrees with what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import plan_destinations
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Plan, plan_deleted, plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import PushError, push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import DeviceError, read_entries, show
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.simulator.cli.engine import Engine, Screen
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice

from ..in_process import log_in, session_on, simulated

# What becomes of a device is the same in each Python.
pytestmark = pytest.mark.once

STORED = {"id": "old", "server": "old.example.com", "auth": "enable", "user": "me", "passwd": "an old secret"}
NEW = {
    "id": "relay",
    "server": "smtp.example.com",
    "port": 587,
    "auth": "enable",
    "user": "me",
    "passwd": "a new secret",
}
ANSWERS = {
    "denied": "No permission to 'config system.mail'",
    "silent": "",
    "other words": "This is the secondary unit.",
    "code": "no object was found for this\nCommand fail. Return code -9999",
    "repeats": "The value a new secret was not understood.",
}


def stored() -> SimulatedDevice:
    state = simulated()
    push(log_in(state).session, plan_entries(system_mail(), [STORED], {}, state.model.firmware))
    return state


def mail_plan(device: Any) -> Plan:
    changed = {"id": "old", "server": "new.example.com", "passwd": "a new secret"}
    return plan_entries(
        system_mail(), [NEW, changed], device.mail_table(), device.status().firmware, update_password="always"
    )


def alert_plan(device: Any) -> Plan:
    wanted = {"event": "disk full", "id": 1, "to": "noc@example.com", "smtp_name": "old"}
    return plan_destinations([wanted], device.alert_events(), ["old"], device.status().firmware)


def deletion(device: Any) -> Plan:
    return plan_deleted(system_mail(), [{"id": "old"}], device.mail_table())


PLANS = {"mail": mail_plan, "alerts": alert_plan, "deletion": deletion}
LINES = [
    (name, number) for name, plan in PLANS.items() for number in range(len(plan(log_in(stored())).lines))
]  # fmt: skip


def answering(state: SimulatedDevice, answers: dict[str, str]) -> Device:
    return Device(session_on(state, screen=Screen(answers=answers)))


@contextmanager
def another(state: SimulatedDevice) -> Iterator[Any]:
    yield log_in(state).session


def passwords(state: SimulatedDevice) -> dict[str, str]:
    return {key: entry.get("passwd", "") for key, entry in state.mail.entries.items()}


class Strike:
    """Replaces what the device prints for one line of a plan. `does`: it does what the line says all the same."""

    def __init__(self, plan: Plan, number: int, text: str, does: bool, patch: pytest.MonkeyPatch) -> None:
        self.line = plan.lines[number].command
        # Of several equal lines, such as `next`, only that one.
        self._left = [each.command for each in plan.lines[: number + 1]].count(self.line)
        self._text, self._does = text, does
        self.screen = Screen(answers={})
        printed = Engine._print

        def print_instead(engine: Engine, lines: Iterable[str]) -> None:
            struck = does and engine.screen is self.screen and self._left == 0
            self._left -= struck
            printed(engine, text.splitlines() if struck else lines)

        patch.setattr(Engine, "_print", print_instead)

    def heard(self, line: str) -> None:
        answers: Any = self.screen.answers
        answers.clear()
        self._left -= line == self.line
        if line == self.line and self._left == 0 and not self._does:
            answers[" ".join(line.split())] = self._text


@pytest.mark.parametrize("does", [False, True], ids=["without effect", "done all the same"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("name", "number"), LINES)
def test_an_answer_to_one_line(
    name: str, number: int, answer: str, does: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, text = stored(), ANSWERS[answer]
    plan = PLANS[name](log_in(state))
    before, had = read_entries(log_in(state).session, plan.table), passwords(state)
    strike = Strike(plan, number, text, does, monkeypatch)
    session = session_on(state, screen=strike.screen, heard=strike.heard)
    session.redactor = Redactor(["a new secret"])
    failure = None
    try:
        pushed = push(session, plan, reconnect=lambda: another(state))
    except PushError as error:
        failure = error
    now = read_entries(log_in(state).session, plan.table)
    if failure is None:
        # Only silence may pass for success, and then the device has what was planned.
        assert text == ""
        for key, name in pushed.unverifiable:
            del plan.after[key][name]
        assert now == plan.after
        return
    typed = [
        line for line in session.transport.lines if line.split(" ")[0] in ("config", "edit", "set", "next", "delete")
    ]
    if text:
        assert typed == [line.command for line in plan.lines[: number + 1] if line.command != "end"]
        assert "a new secret" not in str(failure)
        assert answer == "repeats" or text.splitlines()[0] in str(failure)
    untouched = now == before and had == passwords(state)
    fits = {"no": untouched, "yes": now == plan.after, "partly": not untouched and now != plan.after, "unknown": True}
    assert fits[failure.applied], failure


def test_a_line_that_leads_nowhere_ends_the_push() -> None:
    state = simulated()
    device = answering(state, {"config system mail": ""})
    plan = plan_entries(system_mail(), [NEW], {}, state.model.firmware)
    with pytest.raises(
        PushError, match=r"after 'config system mail' .* prompt 'FAZ-HQ #', expected \(mail\)"
    ) as failed:
        push(device.session, plan)
    assert (failed.value.applied, failed.value.cause, failed.value.sent) == ("no", "refused", ["config system mail"])


def test_a_dollar_is_no_refusal_and_a_hint_after_one() -> None:
    state = simulated()
    plan = plan_entries(system_mail(), [NEW], {}, state.model.firmware)
    device = Device(session_on(state, denied=["execute reboot"]))
    push(device.session, plan)
    assert device.mail_table() == plan.after

    denied = Device(session_on(simulated(), denied=["config"]))
    with pytest.raises(PushError, match=r"No permission to 'config system.mail' \(the prompt ends in \$") as failed:
        push(denied.session, plan)
    assert (failed.value.applied, failed.value.cause) == ("no", "privilege")


@pytest.mark.parametrize("answer", ["No permission to 'show system.mail'", "Some other words.", ""])
def test_a_table_that_cannot_be_read_is_quoted(answer: str) -> None:
    device = answering(stored(), {"show system mail": answer})
    with pytest.raises(DeviceError, match=f"show system mail: the device answered .*{answer or 'nothing'}"):
        device.mail_table()


def test_a_table_with_a_refusal_behind_it_was_not_read() -> None:
    shown = "config system mail\nend\nCommand fail. Return code -1"
    with pytest.raises(DeviceError, match="Return code -1"):
        answering(stored(), {"show system mail": shown}).mail_table()


def test_when_only_the_read_back_is_missing_what_was_saved_is_unknown() -> None:
    state = stored()
    answers: dict[str, str] = {}
    device = answering(state, answers)
    plan = mail_plan(device)

    def read(session: Any, table: Any) -> Any:
        block = show(session, table)
        answers["show"] = "No permission to 'show system.mail'"
        return block

    with pytest.raises(PushError, match=r"what was saved is unknown.*No permission to 'show system.mail'") as failed:
        push(device.session, plan, read=read)
    assert (failed.value.applied, failed.value.cause) == ("unknown", "read_back")
