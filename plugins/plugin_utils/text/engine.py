# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a TextFSM template over lines, keeping what TextFSM forgets: which line each row and each match comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

import textfsm


@dataclass(frozen=True)
class Row:
    """One row of a template, equal to the one TextFSM returns, and the index of the first line that fed it."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Parsed:
    """Rows of a template, and for each line the line number in the template of the rule that matched, or 0."""

    rows: list[Row]
    rules: list[int]


class Template(textfsm.TextFSM):  # type: ignore[misc]
    """A compiled template that also tells where its rows come from."""

    def __init__(self, file: TextIO) -> None:
        self._first = self._current = 0
        self._matched = 0
        self._row_lines: list[int] = []
        super().__init__(file)

    def parse(self, lines: Iterable[str]) -> Parsed:
        """Parse some lines from the start. Rows are those of TextFSM.ParseText on the same lines."""
        self.Reset()
        self._first, self._row_lines = -1, []
        rules: list[int] = []
        ended = False
        for number, line in enumerate(lines):
            self._matched = 0
            if not ended:
                self._current = number
                self._CheckLine(line)
                ended = self._cur_state_name in ("End", "EOF")
            rules.append(self._matched)
        if self._cur_state_name != "End" and "EOF" not in self.states:
            self._AppendRecord()
        header = self.header
        rows = [
            Row(line, dict(zip(header, row, strict=True)))
            for line, row in zip(self._row_lines, self._result, strict=True)
        ]
        return Parsed(rows, rules)

    def _CheckRule(self, rule: Any, line: str) -> Any:
        matched = super()._CheckRule(rule, line)
        if matched:
            self._matched = rule.line_num
            if self._first < 0 and matched.re.groups:
                self._first = self._current
        return matched

    def _AppendRecord(self) -> None:
        before = len(self._result)
        super()._AppendRecord()
        if len(self._result) > before:
            self._row_lines.append(self._first if self._first >= 0 else self._current)
        self._first = -1
