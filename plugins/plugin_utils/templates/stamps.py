# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that an expression treats every time stamp at the beginning of a line alike.

Debug logs say the same over and over, at another time. Where it is proven that the digits of a stamp decide nothing, what
an expression made of one line holds for all lines with the same rest: same groups, at the same places.

The proof walks through the expression's automaton: if each state that may meet a digit of a stamp takes all digits or
none, then all stamps lead the same ways. (Places, such as word boundaries, are alike for all digits.)
"""

from __future__ import annotations

import re
from typing import Any

from ..regex.automaton import Automaton

_FORM = "0000-00-00 00:00:00"
LENGTH = len(_FORM)
is_stamp = re.compile(_FORM.replace("0", "[0-9]")).fullmatch

_DIGITS = frozenset("0123456789")
_SHAPE = [_DIGITS if character == "0" else frozenset(character) for character in _FORM]
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
        automaton = Automaton(pattern)
        accepts = [_accepted(*each) for each in automaton.reads]
    except (_NotProvable, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return False
    # What looks around may look at any place of a stamp.
    if not automaton.complete or any(
        accepts[state] & _DIGITS not in (_DIGITS, frozenset()) for state in automaton.around
    ):
        return False
    states = automaton.first
    for characters in _SHAPE:
        reached: set[int] = set()
        for state in states:
            accepted = accepts[state] & characters
            if accepted and accepted != characters:
                return False
            if accepted:
                reached |= automaton.follow[state]
        states = reached
    return True


class _NotProvable(Exception):
    """The expression has something whose dependence on a stamp is not known."""


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
