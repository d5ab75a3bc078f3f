# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read lines with a template that remembers nothing of them: what it makes of a line is the same wherever that line is.

So it is worked out once for all lines that are the same. Most lines of a debug log differ from an earlier one only in
their time stamp; where that decides nothing, which is proven for each template (`stamps`), the rest is enough to know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import textfsm

from ..regex.limit import TooSlow
from .candidates import Candidates
from .result import Parsed, Row
from .stamps import LENGTH, all_alike, is_stamp

# Texts remembered. A mixed log has most of its repetitions within fewer lines; long lines hardly ever come twice.
_MOST_TEXTS = 40_000
_LONGEST_TEXT = 500


class Outcome(NamedTuple):
    """What a template makes of a line: the line number of the rule that matches, or 0, and its row, if it makes one.

    cuts: columns whose value is in part a time stamp, and where in the line it stands: they differ from line to line.
    """

    rule: int
    row: list[str] | None
    cuts: tuple[tuple[int, int, int], ...] = ()


_NO_RULE = Outcome(0, None)


def memories(compiled: textfsm.TextFSM) -> list[str]:
    """Say what makes a template remember earlier lines, each with the number of its line; nothing if nothing does."""
    found = [
        f"value {value.name} is {option}"
        for value in compiled.values
        for option in value.OptionNames()
        if option not in ("Required", "Key")
    ]
    names = {value.name for value in compiled.values}
    for rule in compiled.states["Start"]:
        if rule.line_op in ("Continue", "Error"):
            found.append(f"the rule in line {rule.line_num} has the action {rule.line_op}")
        if rule.new_state not in ("", "Start") and rule.line_op != "Error":
            found.append(f"the rule in line {rule.line_num} changes to the state {rule.new_state}")
        if rule.record_op in ("", "NoRecord") and names & set(rule.regex_obj.regex.groupindex):
            found.append(f"the rule in line {rule.line_num} has values, and records nothing")
    return found


class _Rule:
    """A rule, and how its groups make a row."""

    def __init__(self, rule: Any, compiled: textfsm.TextFSM) -> None:
        pattern = rule.regex_obj.regex
        self.regex: str = rule.regex
        self.match = pattern.match
        groups = [(column, pattern.groupindex.get(value.name, 0)) for column, value in enumerate(compiled.values)]
        self._groups = [(column, group) for column, group in groups if group]
        # The group behind the last one is the empty text that columns without a group have.
        self._places = [(group or pattern.groups + 1) - 1 for _, group in groups]
        self._required = [
            group
            for (_, group), value in zip(groups, compiled.values, strict=True)
            if "Required" in value.OptionNames()
        ]
        self._records = rule.record_op == "Record" and bool(self._groups)
        self._without_row = Outcome(rule.line_num, None)

    def outcome(self, matched: re.Match[str]) -> Outcome:
        """Return what TextFSM makes of a line that this rule matches."""
        if not self._records or any(not group or not matched[group] for group in self._required):
            return self._without_row
        texts = (*matched.groups(""), "")
        row = [texts[place] for place in self._places]
        if not any(row) and all(matched[group] is None for _, group in self._groups):
            return self._without_row
        cuts = tuple(
            (column, *matched.span(group)) for column, group in self._groups if 0 <= matched.start(group) < LENGTH
        )
        return Outcome(self._without_row.rule, row, cuts)


class LineTemplate:
    """The rules of a template without memory. `stamps_decide`: what is behind a time stamp may not be enough to know."""

    def __init__(self, compiled: textfsm.TextFSM) -> None:
        rules = compiled.states["Start"]
        self.header: list[str] = compiled.header
        self.candidates = Candidates([_Rule(rule, compiled) for rule in rules])
        self.stamps_decide = not all(all_alike(rule.regex) for rule in rules)


class LineReader:
    """Reads one text with a template without memory, and remembers what it made of the lines it has met.

    late: is told of a rule that took too long, by the line of the rule and the index of the line in the text.
    """

    def __init__(self, template: LineTemplate, late: Callable[[int, int], None]) -> None:
        self._header = template.header
        self._candidates = template.candidates
        self._stamps_decide = template.stamps_decide
        self._late = late
        self._read = 0
        # What stands behind a stamp is not the same as a whole line.
        self._behind_stamp: dict[str, Outcome] = {}
        self._whole: dict[str, Outcome] = {}

    def feed(self, lines: Sequence[str], first: int | None = None) -> Parsed:
        if first is not None:
            self._read = first
        start, header = self._read, self._header
        outcomes = self._outcomes(lines)
        rows = [
            Row(start + at, dict(zip(header, _row_of(outcome, lines[at]), strict=True)))
            for at, outcome in enumerate(outcomes)
            if outcome.row is not None
        ]
        return Parsed(rows, [outcome.rule for outcome in outcomes])

    def rows(self, lines: Sequence[str]) -> list[list[Any]]:
        outcomes = self._outcomes(lines)
        return [_row_of(outcome, line) for outcome, line in zip(outcomes, lines, strict=True) if outcome[1] is not None]

    def finish(self) -> Parsed:
        return Parsed([], [])

    def _outcomes(self, lines: Sequence[str]) -> list[Outcome]:
        """Return what the template makes of each of the next lines."""
        first, self._read = self._read, self._read + len(lines)
        behind_stamp, whole = self._behind_stamp, self._whole
        if self._stamps_decide:
            return [
                whole.get(line) or self._remember(whole, line, line, number) for number, line in enumerate(lines, first)
            ]
        length = LENGTH
        stamp: str | None = None
        found: list[Outcome] = []
        for line in lines:
            head = line[:length]
            if head == stamp or is_stamp(head):
                stamp = head
                text = line[length:]
                outcome = behind_stamp.get(text) or self._remember(behind_stamp, text, line, first + len(found))
            else:
                outcome = whole.get(line) or self._remember(whole, line, line, first + len(found))
            found.append(outcome)
        return found

    def _remember(self, memory: dict[str, Outcome], text: str, line: str, number: int) -> Outcome:
        """Work out what the template makes of a line. Written for speed: half the time of a log is spent here."""
        candidates = self._candidates
        present = candidates.present(line)
        outcome = _NO_RULE
        try:
            for rule in candidates.of(present) if present else candidates.anywhere:
                matched = rule.match(line)
                if matched is not None:
                    outcome = rule.outcome(matched)
                    break
        except TooSlow as slow:
            self._late(slow.rule, number)
            return _NO_RULE
        if len(text) <= _LONGEST_TEXT:
            if len(memory) >= _MOST_TEXTS:
                memory.clear()
            memory[text] = outcome
        return outcome


def _row_of(outcome: Outcome, line: str) -> list[str]:
    """Return the row of a line whose outcome has one. It is a list of its own, as TextFSM's rows are."""
    _, row, cuts = outcome
    own = row.copy()  # type: ignore[union-attr]
    for column, start, end in cuts:
        own[column] = line[start:end]
    return own
