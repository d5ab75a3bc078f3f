# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read lines as TextFSM does, with all that a template can carry from one line to the next."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import textfsm

from ..regex.limit import TooSlow
from .candidates import Candidates
from .result import Parsed, Row


def states_of(compiled: textfsm.TextFSM) -> dict[str, Candidates]:
    """Return the rules of each state of a template."""
    return {name: Candidates(rules) for name, rules in compiled.states.items()}


class Machine(textfsm.TextFSM):  # type: ignore[misc]
    """The values, the state and the unfinished record of one text. What to do with them is TextFSM's own code.

    `first` is the index of the line that began the record, -1 when none did, `current` that of the line being read.
    """

    def __init__(self, compiled: textfsm.TextFSM, candidates: Mapping[str, Candidates]) -> None:
        self.states = compiled.states
        self.values = [_fresh(value, self) for value in compiled.values]
        self._candidates = candidates
        self._by_name = {value.name: value for value in self.values}
        self.first, self.current = -1, -1
        self._row_lines: list[int] = []
        self._result: list[list[Any]] = []
        self._cur_state_name = "Start"
        self.Reset()

    @property
    def ended(self) -> bool:
        return self._cur_state_name in ("End", "EOF")

    @property
    def recorded(self) -> int:
        """How many rows have not been taken."""
        return len(self._result)

    def read(self, line: str) -> int:
        """Read a line and return the line number in the template of the last rule that matched, or 0."""
        number = 0
        candidates = self._candidates[self._cur_state_name]
        for rule in candidates.of(candidates.present(line)):
            matched = rule.regex_obj.regex.match(line)
            if matched is None:
                continue
            number = rule.line_num
            for name in matched.re.groupindex:
                value = self._by_name.get(name)
                if value is not None:
                    value.AssignVar(matched[name])
                    if self.first < 0:
                        self.first = self.current
            if self._Operations(rule, line):
                if rule.new_state:
                    self._cur_state_name = rule.new_state
                break
        return number

    def end(self) -> None:
        """Do what the end of the text does: record what is there, unless the template says otherwise."""
        if self._cur_state_name != "End" and "EOF" not in self.states:
            self._AppendRecord()

    def take(self, done: int) -> list[tuple[int, list[Any]]]:
        """Return the first rows, each with the line that began it, and forget them."""
        rows = list(zip(self._row_lines[:done], self._result[:done], strict=True))
        del self._result[:done], self._row_lines[:done]
        return rows

    def done(self) -> int:
        """How many rows no later line can change: Fillup goes up from the last row to one that has a value."""
        done = len(self._result)
        for column, value in enumerate(self.values):
            if "Fillup" in value.OptionNames():
                filled = [number for number, row in enumerate(self._result, 1) if row[column]]
                done = min(done, filled[-1] if filled else 0)
        return done

    def _AppendRecord(self) -> None:
        before, first = len(self._result), self.first
        super()._AppendRecord()
        if len(self._result) > before:
            self._row_lines.append(first if first >= 0 else self.current)
        self.first = -1

    def _ClearRecord(self) -> None:
        super()._ClearRecord()
        self.first = -1


def _fresh(value: Any, machine: Machine) -> Any:
    """Return a value of a template with its options as they are before a text."""
    fresh = copy.copy(value)
    fresh.fsm = machine
    fresh.options = [type(option)(fresh) for option in value.options]
    for option in fresh.options:
        option.OnCreateOptions()
    return fresh


class StatefulReader:
    """Reads one text with one machine."""

    def __init__(
        self, compiled: textfsm.TextFSM, candidates: Mapping[str, Candidates], late: Callable[[int, int], None]
    ) -> None:
        self._late = late
        self._machine = Machine(compiled, candidates)
        self._header: list[str] = compiled.header

    def feed(self, lines: Sequence[str], first: int | None = None) -> Parsed:
        if first is not None:
            self._machine.current = first - 1
        rules = self._rules(lines)
        return Parsed(self._named(self._machine.take(self._machine.done())), rules)

    def rows(self, lines: Sequence[str]) -> list[list[Any]]:
        self._rules(lines)
        return [row for _, row in self._machine.take(self._machine.done())]

    def finish(self) -> Parsed:
        self._machine.end()
        return Parsed(self._named(self._machine.take(self._machine.recorded)), [])

    def _rules(self, lines: Sequence[str]) -> list[int]:
        machine = self._machine
        rules = []
        for line in lines:
            machine.current += 1
            try:
                rules.append(0 if machine.ended else machine.read(line))
            except TooSlow as slow:
                self._late(slow.rule, machine.current)
                rules.append(0)
        return rules

    def _named(self, rows: Sequence[tuple[int, list[Any]]]) -> list[Row]:
        return [Row(line, dict(zip(self._header, row, strict=True))) for line, row in rows]
