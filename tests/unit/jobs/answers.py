# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each task, with the answer to each line it types replaced: by a denial, by nothing, by other words, by a return code.

Run as a program, it prints what becomes of each: make answers
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.device.commands import commands
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice

from .cases import DISTURBED, Case, Run, do, prepared

ANSWERS = {
    "denied": "No permission to '{verb} {rest}'",
    "nothing": "",
    "other words": "This unit does something else now.",
    "code": "Command fail. Return code -9999",
}
# The device is as `prepared` makes it, or as different from that as it can be.
STATES = ("one", "another")
_ANOTHER = (
    "config system mail",
    "delete spare",
    'edit "relay"',
    'set server "smtp.example.net"',
    "set port 465",
    "set secure-option smtps",
    "end",
    "config system alert-event",
    'edit "disk full"',
    "config alert-destination",
    "edit 1",
    'set smtp-name "nobody"',
    "end",
    "end",
    "config system alertemail",
    "set authentication enable",
    "end",
    "config system dns",
    "set primary 192.0.2.53",
    "end",
    "config system global",
    "set enc-algorithm low",
    "end",
    "diagnose debug application fazmaild 3",
    "diagnose debug timestamp enable",
)


@dataclass(frozen=True)
class Trial:
    """A task on a device in one of two states that answers a line otherwise, each time or only the last time."""

    case: Case
    state: str
    line: str
    answer: str
    last: bool

    def __str__(self) -> str:
        return f"{self.case}: {self.line}: {self.answer}{', the last time' if self.last else ''}; {self.state} state"


@dataclass(frozen=True)
class Outcome:
    """What became of a trial: the run, and the device afterwards."""

    run: Run
    device: SimulatedDevice

    @property
    def told(self) -> str:
        """The outcome in a few words, as the table has it."""
        if self.run.error is not None:
            applied = self.run.error.details.get("applied")
            return f"failed: {self.run.error.cause}{f', applied {applied}' if applied else ''}"
        result = self.run.result
        words = [result["verdict"]["outcome"] if "verdict" in result else "changed" if result["changed"] else "ok"]
        if result["unread"]:
            words.append(f"unread: {', '.join(result['unread'])}")
        elif self.run.context.warnings:
            words.append("a warning")
        return "; ".join(words)


def device_in(case: Case, state: str) -> SimulatedDevice:
    """The device of a case in one of the two states."""
    device = prepared(case, () if state == "one" else _ANOTHER)
    if state == "another":
        device.hostname = "FAZ-DR"
        device.daemon.sent, device.daemon.discarded = 7, 5
    return device


@cache
def undisturbed(case: Case, state: str) -> Outcome:
    """The task on a device that answers as it should."""
    device = device_in(case, state)
    with TemporaryDirectory() as directory:
        return Outcome(do(case, device, Path(directory)), device)


def trials(case: Case) -> Iterator[Trial]:
    """Every line that a task types, with every answer."""
    for state in STATES:
        for line, count in Counter(undisturbed(case, state).run.typed).items():
            for answer in ANSWERS:
                if line != "exit":
                    yield Trial(case, state, line, answer, False)
                    if count > 1:
                        yield Trial(case, state, line, answer, True)


def tried(trial: Trial) -> Outcome:
    """Do a trial."""
    device = device_in(trial.case, trial.state)
    count = undisturbed(trial.case, trial.state).run.typed.count(trial.line)
    answers = dict(trial.case.answers)
    seen = 0
    verb, __, rest = trial.line.partition(" ")
    text = ANSWERS[trial.answer].format(verb=verb, rest=rest.replace(" ", "."))

    def heard(line: str) -> None:
        nonlocal seen
        seen += line == trial.line
        answers.clear()
        answers.update(trial.case.answers)
        if line == trial.line and (not trial.last or seen >= count):
            answers[" ".join(line.split())] = text

    with TemporaryDirectory() as directory:
        run = do(trial.case, device, Path(directory), screen=Screen(answers=answers), heard=heard)
    return Outcome(run, device)


def command_of(line: str) -> str:
    """The name of the command that a line is; a line of the configuration is its own."""
    return next((each.name for each in commands() if each.typed_as(line)), " ".join(line.split()[:2]))


def table() -> list[str]:
    """Module, command, answer and what becomes of it, as lines."""
    told: dict[tuple[str, str, str], set[str]] = {}
    for trial in (each for case in DISTURBED for each in trials(case)):
        outcome = tried(trial).told + (" (the last time)" if trial.last else "")
        told.setdefault((trial.case.module, command_of(trial.line), trial.answer), set()).add(outcome)
    rows = [("module", "command", "answer", "outcome")]
    rows += [(*key, " | ".join(sorted(outcomes))) for key, outcomes in told.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*(row[column].ljust(widths[column]) for column in range(3)), row[3]]) for row in rows]


def leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """The single values of nested data, with their places."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        yield f"{where}.length", len(value)
        for number, each in enumerate(value):
            yield from leaves(each, f"{where}[{number}]")
    else:
        yield where, value


if __name__ == "__main__":
    print("\n".join(table()))
