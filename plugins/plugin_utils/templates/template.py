# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TextFSM template that also keeps what TextFSM forgets: which line began each row, and which rule matched each line.

TextFSM compiles the template; its compiled rules are run here, and its own code fills values and records rows.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TextIO, TypeAlias

from ..libraries import textfsm
from ..regex.ambiguity import EXPONENTIAL, LINEAR, growth
from ..regex.limit import LIMIT, LONG, PATIENCE, LimitedPattern, TooSlow

_LOG = logging.getLogger("fazmail")

# The rules of each state, and what matches a line with them.
_Rules: TypeAlias = Mapping[str, Sequence[tuple[Callable[[str], re.Match[str] | None], Any]]]


class Row(NamedTuple):
    """One row of a template, equal to the one TextFSM returns, and the index of the first line that fed it."""

    line: int
    values: dict[str, Any]


class Parsed(NamedTuple):
    """Rows of a template, and for each line the line number in the template of the rule that matched, or 0."""

    rows: list[Row]
    rules: list[int]


class Template:
    """A compiled template. Reading does not change it, so that many texts can be read with it at the same time.

    A template with a name was written by a user: a rule of it that is not linear is stopped after a second on a line,
    which is logged under the name. Such a line counts as one that no rule matches.

    line_local: what the template makes of a line does not depend on the lines before it.
    Raises textfsm.TextFSMTemplateError when the file is not a valid template.
    """

    def __init__(self, file: TextIO, name: str = "") -> None:
        self.compiled = textfsm.TextFSM(file)
        self.header: list[str] = self.compiled.header
        self.line_local = _line_local(self.compiled)
        self._name = name
        if name:
            for rule in (rule for rules in self.compiled.states.values() for rule in rules):
                kind = growth(rule.regex).kind
                if kind != LINEAR:
                    shortest = 0 if kind == EXPONENTIAL else LONG
                    rule.regex_obj.regex = LimitedPattern(rule.regex_obj.regex, rule.line_num, shortest)
        # Nothing is read in the states of the end, whatever a template has there.
        self._rules = {
            state: [(rule.regex_obj.regex.match, rule) for rule in rules]
            for state, rules in self.compiled.states.items()
            if state not in ("End", "EOF")
        }

    def reader(self) -> Reader:
        """Return a reader for one text, to be fed with it piece by piece."""
        return Reader(self.compiled, self._rules, self._name)

    def parse(self, lines: Sequence[str]) -> Parsed:
        """Read all lines of a text. Rows are those of TextFSM.ParseText on the same lines."""
        reader = self.reader()
        parsed = reader.feed(lines)
        return Parsed(parsed.rows + reader.finish().rows, parsed.rules)


class Reader:
    """Reads one text in pieces. Line numbers count on from piece to piece, where no other is given."""

    def __init__(self, compiled: textfsm.TextFSM, rules: _Rules, name: str) -> None:
        self._header: list[str] = compiled.header
        self._name = name
        self._machine = _Machine(compiled, rules)

    def feed(self, lines: Sequence[str], first: int | None = None) -> Parsed:
        """Read the next lines, of which the first has this index in the text: not all lines of it have to be read.

        Returns the rows they complete and the rules of these lines. Raises textfsm.TextFSMError when a line meets a rule
        with the action Error.
        """
        machine = self._machine
        if first is not None:
            machine.current = first - 1
        rules = []
        for line in lines:
            machine.current += 1
            try:
                rules.append(machine.read(line))
            except TooSlow as slow:
                self._warn(slow.rule, machine.current)
                rules.append(0)
        return Parsed(self._rows(machine.complete()), rules)

    def finish(self) -> Parsed:
        """Return the rows that only the end of the text completes, with no rules. No line can be fed afterwards."""
        self._machine.end()
        return Parsed(self._rows(self._machine.recorded), [])

    def _rows(self, count: int) -> list[Row]:
        return [Row(line, dict(zip(self._header, row, strict=True))) for line, row in self._machine.take(count)]

    def _warn(self, rule: int, line: int) -> None:
        _LOG.warning(
            "%s: the rule in line %d took longer than %g s on line %d of its text, which counts as not understood; "
            "after %d such lines the rule is left out. `fazmail templates lint` says which expressions are too slow",
            *(self._name, rule, LIMIT, line + 1, PATIENCE),
        )


class _Machine(textfsm.TextFSM):  # type: ignore[misc]
    """The values, the state and the unfinished record of one text. What to do with them is TextFSM's own code.

    `first` is the index of the line that began the record, -1 when none did, `current` that of the line being read.
    """

    def __init__(self, compiled: textfsm.TextFSM, rules: _Rules) -> None:
        self.states = compiled.states
        self._rules = rules
        self.values = [_fresh(value, self) for value in compiled.values]
        self._by_name = {value.name: value for value in self.values}
        self._fillup = [place for place, value in enumerate(self.values) if "Fillup" in value.OptionNames()]
        self.first, self.current = -1, -1
        self._row_lines: list[int] = []
        self._result: list[list[Any]] = []
        self._cur_state_name = "Start"
        self.Reset()

    def read(self, line: str) -> int:
        """Read a line and return the line number in the template of the last rule that matched, or 0."""
        number = 0
        for match, rule in self._rules.get(self._cur_state_name, ()):
            matched = match(line)
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

    @property
    def recorded(self) -> int:
        """How many rows have not been taken."""
        return len(self._result)

    def complete(self) -> int:
        """Return how many rows no later line can change: Fillup goes up from the last row to one that has a value."""
        complete = len(self._result)
        for column in self._fillup:
            filled = [number for number, row in enumerate(self._result, 1) if row[column]]
            complete = min(complete, filled[-1] if filled else 0)
        return complete

    def take(self, count: int) -> list[tuple[int, list[Any]]]:
        """Return the first rows, each with the line that began it, and forget them."""
        rows = list(zip(self._row_lines[:count], self._result[:count], strict=True))
        del self._result[:count], self._row_lines[:count]
        return rows

    def _AppendRecord(self) -> None:
        before, first = len(self._result), self.first
        super()._AppendRecord()
        if len(self._result) > before:
            self._row_lines.append(first if first >= 0 else self.current)
        self.first = -1

    def _ClearRecord(self) -> None:
        super()._ClearRecord()
        self.first = -1


def _fresh(value: Any, machine: _Machine) -> Any:
    """Return a value of a template with its options as they are before a text."""
    fresh = object.__new__(type(value))  # in a fifth of the time that `copy` takes
    fresh.__dict__.update(value.__dict__)
    fresh.fsm = machine
    fresh.options = [type(option)(fresh) for option in value.options]
    for option in fresh.options:
        option.OnCreateOptions()
    return fresh


def _line_local(compiled: textfsm.TextFSM) -> bool:
    """Return whether a template has one state and carries no value from one line to the next."""
    if any(set(value.OptionNames()) - {"Required", "Key"} for value in compiled.values):
        return False
    names = {value.name for value in compiled.values}
    return not any(
        rule.line_op in ("Continue", "Error")
        or rule.new_state not in ("", "Start")
        or (rule.record_op in ("", "NoRecord") and names & set(rule.regex_obj.regex.groupindex))
        for rule in compiled.states["Start"]
    )
