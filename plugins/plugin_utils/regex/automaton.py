# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The automaton of a regular expression: one state for each character it can read, and which may follow which.

What an expression asks of places, and how often it repeats, is left aside, so that more states seem reachable than are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .literals import parse_tree


class Automaton:
    """States are numbers. first: those that may read the first character; follow: those that may come after each.

    reads: what each state takes, as operation and argument of Python's tree. around: states of what looks around.
    complete: nothing in the expression was left out for not being understood. ambiguous: two repetitions, one inside the
    other, lead from a state to the same one, so that a text can be divided between them in exponentially many ways.
    Raises ImportError or AttributeError when Python's parser is not to be had.
    """

    def __init__(self, pattern: str) -> None:
        self.reads: list[tuple[str, Any]] = []
        self.follow: list[set[int]] = []
        self.around: list[int] = []
        self.complete = True
        self.ambiguous = False
        self._repeated: set[tuple[int, int]] = set()
        self.first, _, _ = self._sequence(parse_tree(pattern))

    def _sequence(self, items: Iterable[tuple[Any, Any]]) -> tuple[set[int], set[int], bool]:
        """Add parts that follow each other. Returns the states they may begin and end with, and if they may be empty."""
        first: set[int] = set()
        last: set[int] = set()
        empty = True
        for operation, argument in items:
            begins, ends, skippable = self._part(str(operation), argument)
            for state in last:
                self.follow[state] |= begins
            first |= begins if empty else set()
            last = ends | (last if skippable else set())
            empty = empty and skippable
        return first, last, empty

    def _part(self, operation: str, argument: Any) -> tuple[set[int], set[int], bool]:
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                self.reads.append((operation, argument))
                self.follow.append(set())
                state = {len(self.reads) - 1}
                return state, state, False
            case "AT":
                return set(), set(), True
            case "ASSERT" | "ASSERT_NOT":
                before = len(self.reads)
                self._sequence(argument[1])
                self.around += range(before, len(self.reads))
                return set(), set(), True
            case "SUBPATTERN":
                return self._sequence(argument[3])
            case "ATOMIC_GROUP":
                return self._sequence(argument)
            case "BRANCH":
                ways = [self._sequence(each) for each in argument[1]]
                begins = {state for first, _, _ in ways for state in first}
                ends = {state for _, last, _ in ways for state in last}
                return begins, ends, any(empty for _, _, empty in ways)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                begins, ends, empty = self._sequence(argument[2])
                self._repeat(begins, ends, int(argument[1]))
                return begins, ends, empty or not int(argument[0])
        self.complete = False
        return set(), set(), True

    def _repeat(self, begins: set[int], ends: set[int], most: int) -> None:
        if most < 2:
            return
        ways = {(end, begin) for end in ends for begin in begins}
        if most > _MANY:
            self.ambiguous = self.ambiguous or not ways.isdisjoint(self._repeated)
            self._repeated |= ways
        for end in ends:
            self.follow[end] |= begins


# Repetitions of no more than so many times take time, but not for ever.
_MANY = 16


def ambiguous(pattern: str) -> bool:
    """Say whether an expression has nested repetitions that can take hours to find out that a line does not match.

    Not all that is slow is found: alternatives that begin alike (`(a|a)*`) and long rows of `.*` are not looked for.
    """
    try:
        return Automaton(pattern).ambiguous
    except (AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return True
