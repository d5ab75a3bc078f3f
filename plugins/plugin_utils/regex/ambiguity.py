# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find expressions that can take hours to find out that a line does not match.

An expression is seen as an automaton: one state for each character it reads. It is ambiguous when two repetitions, one
inside the other, lead from a state to the same one: a text can then be divided between them in exponentially many ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from .literals import parse_tree

# Repetitions of no more than so many times take time, but not hours.
_MANY = 16


def ambiguous(pattern: str) -> bool:
    """Return whether an expression has such repetitions; True also where Python's parser cannot tell.

    Not all that is slow is found: alternatives that begin alike (`(a|a)*`) and long rows of `.*` are not looked for.
    """
    try:
        automaton = _Automaton()
        automaton.sequence(parse_tree(pattern))
    except (AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return True
    return automaton.ambiguous


class _Automaton:
    """Walks through the tree of an expression. Conditions on places (`^`, lookaround) are left aside."""

    def __init__(self) -> None:
        self.ambiguous = False
        self._states = count()
        self._repeated: set[tuple[int, int]] = set()

    def sequence(self, items: Iterable[tuple[Any, Any]]) -> tuple[set[int], set[int], bool]:
        """Return the states that parts in a row may begin and end with, and whether they may be empty."""
        first: set[int] = set()
        last: set[int] = set()
        empty = True
        for operation, argument in items:
            begins, ends, skippable = self._part(str(operation), argument)
            first |= begins if empty else set()
            last = ends | (last if skippable else set())
            empty = empty and skippable
        return first, last, empty

    def _part(self, operation: str, argument: Any) -> tuple[set[int], set[int], bool]:
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                state = {next(self._states)}
                return state, state, False
            case "ASSERT" | "ASSERT_NOT":
                self.sequence(argument[1])
            case "SUBPATTERN":
                return self.sequence(argument[3])
            case "ATOMIC_GROUP":
                return self.sequence(argument)
            case "BRANCH":
                ways = [self.sequence(each) for each in argument[1]]
                begins = {state for first, _, _ in ways for state in first}
                ends = {state for _, last, _ in ways for state in last}
                return begins, ends, any(empty for _, _, empty in ways)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                begins, ends, empty = self.sequence(argument[2])
                if int(argument[1]) > _MANY:
                    again = {(end, begin) for end in ends for begin in begins}
                    self.ambiguous = self.ambiguous or not again.isdisjoint(self._repeated)
                    self._repeated |= again
                return begins, ends, empty or not int(argument[0])
        return set(), set(), True
