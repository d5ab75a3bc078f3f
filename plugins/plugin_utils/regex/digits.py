# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match texts whatever their digits are, as case-insensitive matching does whatever their case is.

Lines of a log differ in numbers more than in words. Folding puts a 0 in the place of each digit, decimal or hexadecimal, in
a text and in an expression. Two things can be proven of an expression, from the tree that Python's own parser makes of it:

- It *ignores digits* when each place of it takes all decimal digits or none: then it matches all texts that fold to the
  same one alike, with the same groups at the same places. Digits are alike for all that it can ask of a place (`\\b`, `^`).
- Folded, it matches at least what it matches as it is: what one place takes, the same place folded takes as well. Where the
  folded expression does not match a folded text, the expression itself matches none of the texts that fold to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from .limit import LimitedPattern
from .literals import parse_tree

DECIMAL, HEXADECIMAL = "0123456789", "0123456789abcdefABCDEF"
_TABLES = {digits: bytes.maketrans(digits.encode(), b"0" * len(digits)) for digits in (DECIMAL, HEXADECIMAL)}
_ZERO = ord("0")
# The digits that places of expressions take. Most of them occur many times, and each takes a compilation to find out.
_TAKEN: dict[str, str] = {}


class Unproven(Exception):
    """What is asked cannot be proven for all texts that fold to the same one."""


def fold_digits(text: str, digits: str = HEXADECIMAL) -> str:
    """Return a text of the same length with a 0 in place of each digit."""
    # Bytes are translated in a third of the time that characters take.
    return text.encode("utf-8", "surrogatepass").translate(_TABLES[digits]).decode("utf-8", "surrogatepass")


def fold_lines(lines: Sequence[str], digits: str) -> list[bytes]:
    """Return lines with folded digits, as keys: lines with the same key fold to the same text, and have `0x` in the same places.

    No line holds a line feed or a DEL, which a terminal does not show.
    """
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    return data.replace(b"0x", b"\x7fx").translate(_TABLES[digits]).split(b"\n")


@cache
def digit_insensitive(pattern: str, flags: int = 0, digits: str = HEXADECIMAL) -> re.Pattern[str] | None:
    """Return an expression that matches a folded text whenever this one matches the text, None when there is no proof."""
    try:
        import re._compiler as compiler  # type: ignore[import-not-found]

        tree = parse_tree(pattern, flags)
        _Folding(tree, digits).sequence(tree)
        found: re.Pattern[str] = compiler.compile(tree, flags & ~re.UNICODE)
    except (Unproven, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return None
    return found


@cache
def ignores_digits(pattern: str, flags: int = 0) -> bool:
    """Return whether it is proven that an expression ignores decimal digits."""
    try:
        tree = parse_tree(pattern, flags)
        return _ignores(tree, _Folding(tree, DECIMAL))
    except (Unproven, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return False


def first_match(patterns: Iterable[re.Pattern[str] | LimitedPattern], text: str) -> tuple[int, re.Match[str]] | None:
    """Return the number of the first expression that matches a text, and the match; None when none matches.

    It is the same expression, with the same groups at the same places, for all texts with the same decimal digits folded.
    Raises Unproven where that is not known.
    """
    folded = ""
    for number, pattern in enumerate(patterns):
        if isinstance(pattern, re.Pattern) and ignores_digits(pattern.pattern, pattern.flags):
            if match := pattern.match(text):
                return number, match
            continue
        folded = folded or fold_digits(text, DECIMAL)
        if may_match(pattern, DECIMAL)(folded):
            raise Unproven
    return None


def may_match(pattern: re.Pattern[str] | LimitedPattern, digits: str) -> Callable[[str], object]:
    """Return what tells of a folded text whether an expression may match, at the beginning, what folds to it."""
    found = digit_insensitive(pattern.pattern, pattern.flags, digits) if isinstance(pattern, re.Pattern) else None
    return found.match if found else lambda folded: True


def _ignores(tree: Any, folding: _Folding) -> bool:
    """Return whether all of a tree ignores digits."""
    for operation, argument in tree:
        match str(operation):
            case "LITERAL" | "NOT_LITERAL" | "IN":
                if len(folding.taken(operation, argument)) not in (0, len(folding.digits)):
                    return False
            case "ANY" | "AT":
                pass
            case "ASSERT" | "ASSERT_NOT":
                if not _ignores(argument[1], folding):
                    return False
            case "SUBPATTERN":
                if not _ignores(argument[3], folding):
                    return False
            case "ATOMIC_GROUP":
                if not _ignores(argument, folding):
                    return False
            case "BRANCH":
                if not all(_ignores(way, folding) for way in argument[1]):
                    return False
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                if not _ignores(argument[2], folding):
                    return False
            case _:  # what refers to the text of a group asks for the same digits
                return False
    return True


class _Folding:
    """Folds the digits in the tree of an expression."""

    def __init__(self, tree: Any, digits: str) -> None:
        self._state = tree.state
        self.digits = digits

    def taken(self, operation: Any, argument: Any) -> str:
        """Return the digits that one place of the expression takes."""
        key = f"{self._state.flags}{operation}{argument}{self.digits}"
        if (taken := _TAKEN.get(key)) is None:
            taken = _TAKEN[key] = self._tried(operation, argument)
        return taken

    def _tried(self, operation: Any, argument: Any) -> str:
        if str(operation) == "LITERAL":
            return chr(argument) if chr(argument) in self.digits else ""
        import re._compiler as compiler
        import re._parser as parser  # type: ignore[import-not-found]

        place = parser.SubPattern(self._state, [(operation, argument)])
        return "".join(filter(compiler.compile(place, self._state.flags & ~re.UNICODE).match, self.digits))

    def sequence(self, tree: Any) -> None:
        tree[:] = [part for operation, argument in list(tree) for part in self._part(operation, argument)]

    def _part(self, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
        match str(operation):
            case "LITERAL":
                return [(operation, _ZERO if chr(argument) in self.digits else argument)]
            case "NOT_LITERAL" | "IN":
                return self._set(operation, argument)
            # What refers to the text of a group asks for the same text: texts that are the same are so when folded.
            case "ANY" | "AT" | "GROUPREF":
                return [(operation, argument)]
            case "ASSERT":
                self.sequence(argument[1])
                return [(operation, argument)]
            case "ASSERT_NOT":
                return []  # without it, more is matched
            case "SUBPATTERN":
                self.sequence(argument[3])
                return [(operation, argument)]
            case "BRANCH":
                for way in argument[1]:
                    self.sequence(way)
                return [(operation, argument)]
            case "MAX_REPEAT" | "MIN_REPEAT":
                self.sequence(argument[2])
                return [(operation, argument)]
        # What gives nothing back once it has it may match less when its parts match more.
        raise Unproven

    def _set(self, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
        import re._constants as constants  # type: ignore[import-not-found]
        import re._parser as parser

        taken = self.taken(operation, argument)
        if not taken or "0" in taken:
            return [(operation, argument)]
        as_it_is, zero = [(operation, argument)], [(constants.LITERAL, _ZERO)]
        return [(constants.BRANCH, (None, [parser.SubPattern(self._state, way) for way in (as_it_is, zero)]))]
