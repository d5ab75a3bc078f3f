# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template makes of lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Row(NamedTuple):
    """One row of a template, equal to the one TextFSM returns, and the index of the first line that fed it."""

    line: int
    values: dict[str, Any]


class Parsed(NamedTuple):
    """Rows of a template, and for each line the line number in the template of the rule that matched, or 0."""

    rows: list[Row]
    rules: list[int]


class Reader(Protocol):
    """Reads one text in pieces. Line numbers count on from piece to piece, where no other is given."""

    def feed(self, lines: Sequence[str], first: int | None = None) -> Parsed:
        """Read the next lines, of which the first has this index in the text: not all lines of it have to be read.

        Returns the rows they complete and the rules of these lines. Raises textfsm.TextFSMError when a line meets a rule
        with the action Error.
        """

    def rows(self, lines: Sequence[str]) -> list[list[Any]]:
        """Read the next lines like `feed`, and return only the rows, as the lists that TextFSM returns."""

    def finish(self) -> Parsed:
        """Return the rows that only the end of the text completes, with no rules. No line can be fed afterwards."""
