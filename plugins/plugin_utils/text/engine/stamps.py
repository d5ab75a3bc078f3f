# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that an expression treats every time stamp at the beginning of a line alike.

Debug logs say the same over and over, at another time. Where it is proven that the digits of a stamp decide nothing, what
an expression made of one line holds for all lines with the same rest: same groups, at the same places.

The proof walks through the expression's automaton (one state for each character it can read; what it asks of places, and
how often it repeats, is left aside, so that more states seem reachable than are). If each state that may meet a digit of
a stamp takes all digits or none, then all stamps lead the same ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .literals import parse_tree

LENGTH = 19
is_stamp = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}").fullmatch

_DIGITS = frozenset("0123456789")
_SHAPE = [_DIGITS if character == "0" else frozenset(character) for character in "0000-00-00 00:00:00"]
_CHARACTERS = _DIGITS | frozenset("-: ")
_CATEGORIES = {
    "CATEGORY_DIGIT": _DIGITS,
    "CATEGORY_NOT_DIGIT": _CHARACTERS - _DIGITS,
    "CATEGORY_SPACE": frozenset(" "),
    "CATEGORY_NOT_SPACE": _CHARACTERS - frozenset(" "),
    "CATEGORY_WORD": _DIGITS,
    "CATEGORY_NOT_WORD": _CHARACTERS - _DIGITS,
}


def all_alike(pattern: str) -> bool:
    """Say whether it is proven that the expression, matched at the beginning, treats all stamps there alike."""
    try:
        automaton = _Automaton()
        states, _, _ = automaton.sequence(parse_tree(pattern))
    except (_NotProvable, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return False
    for characters in _SHAPE:
        reached: set[int] = set()
        for state in states:
            accepted = automaton.accepts[state] & characters
            if accepted and accepted != characters:
                return False
            if accepted:
                reached |= automaton.follow[state]
        states = reached
    return True


class _NotProvable(Exception):
    """The expression has something whose dependence on a stamp is not known."""


class _Automaton:
    """States of an expression, each the place of one character: which characters of stamps it takes, what may follow."""

    def __init__(self) -> None:
        self.accepts: list[frozenset[str]] = []
        self.follow: list[set[int]] = []

    def sequence(self, items: Iterable[tuple[Any, Any]]) -> tuple[set[int], set[int], bool]:
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
                self.accepts.append(_accepted(operation, argument))
                self.follow.append(set())
                state = {len(self.accepts) - 1}
                return state, state, False
            case "AT":
                # Places: beginning, end, and word boundaries, for which all digits are alike.
                return set(), set(), True
            case "ASSERT" | "ASSERT_NOT":
                self._look_around(argument[1])
                return set(), set(), True
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
                for place in ends:
                    self.follow[place] |= begins
                return begins, ends, empty or not int(argument[0])
        raise _NotProvable(operation)

    def _look_around(self, body: Any) -> None:
        """What looks around may look at any place of a stamp: there it must take all digits or none, wherever it is."""
        before = len(self.accepts)
        self.sequence(body)
        if any(accepts & _DIGITS not in (_DIGITS, frozenset()) for accepts in self.accepts[before:]):
            raise _NotProvable


def _accepted(operation: str, argument: Any) -> frozenset[str]:
    """Return the characters of stamps that one place of an expression takes. Case and flags make no difference here."""
    match operation:
        case "ANY":
            return _CHARACTERS
        case "LITERAL":
            return _CHARACTERS & {chr(argument)}
        case "NOT_LITERAL":
            return _CHARACTERS - {chr(argument)}
        case "NEGATE":
            return frozenset()
        case "RANGE":
            return frozenset(each for each in _CHARACTERS if argument[0] <= ord(each) <= argument[1])
        case "CATEGORY" if str(argument) in _CATEGORIES:
            return _CATEGORIES[str(argument)]
        case "IN":
            taken = frozenset().union(*(_accepted(str(each), detail) for each, detail in argument))
            return _CHARACTERS - taken if str(argument[0][0]) == "NEGATE" else taken
    raise _NotProvable(operation)
