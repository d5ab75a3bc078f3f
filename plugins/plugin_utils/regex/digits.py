# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match texts whatever their digits are, as case-insensitive matching does whatever their case is.

Lines of a log differ in numbers more than in words. Folding puts a sign in the place of each digit, and of each letter of words
that other lines do not have, in a text and in an expression: the tree that Python's own parser makes of it is changed so that a
place takes a sign when it takes any of what the sign stands for. Two things are proven by that for all texts that fold to the same one:

- Where the folded expression does not match, the expression matches none of them: it takes less at each place.
- Where it does match, and each place on its way takes all of what the signs there stand for, the expression matches all of
  them in that way, with the same groups at the same places: no way that comes before it is open to any of them.

Digits are alike for all that else can be asked of a place (`\\b`, `^`), and signs are as digits are.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from .limit import LimitedPattern
from .literals import fold_digits, needed, parse_tree

_WORD = string.digits + string.ascii_letters
# Stands for a letter or a digit where "0" stands for a decimal digit. It is a letter, as `\b` and `\w` see it, without a capital.
# Python compiles sets of characters up to U+00FF, as this one is, far faster than others.
SIGN = "\u00aa"
_STAND_FOR = (("0", string.digits), (SIGN, _WORD))
# A plain number is combined faster than a flag.
_UNICODE = re.UNICODE.value
_SIGNS = str.maketrans(dict.fromkeys(_WORD, SIGN))

# What places of expressions take, of digits and signs. Most places occur many times, and each takes a compilation.
_TAKEN: dict[str, frozenset[str]] = {}


class Unproven(Exception):
    """What is asked cannot be proven for all texts that fold to the same one."""


class Folded(NamedTuple):
    """A folded expression. marks: the first number of the groups that are set where a place on the way takes only some of
    what its sign stands for. exact: without such groups the expression matches in that way, too."""

    pattern: re.Pattern[str]
    marks: int
    exact: bool


def fold_words(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Return a text with a sign in place of each letter and digit from one place to another, and a 0 in that of other digits.

    Raises Unproven for a text that has such a sign already.
    """
    if SIGN in text:
        raise Unproven
    folded = fold_digits(text)
    for begin, end in places:
        folded = folded[:begin] + text[begin:end].translate(_SIGNS) + folded[end:]
    return folded


def first_match(patterns: Iterable[re.Pattern[str] | LimitedPattern], folded: str) -> tuple[int, re.Match[str]] | None:
    """Return the number of the first expression that matches a text, by the text folded by
    `fold_words`, and its match; None when none does.

    It is the same expression, with the same groups at the same places, for all texts that fold to the same one. Raises
    Unproven where that is not known.
    """
    for number, pattern in enumerate(patterns):
        if isinstance(pattern, LimitedPattern):
            raise Unproven
        if not _may_need(pattern, folded):
            continue
        found = folded_expression(pattern.pattern, pattern.flags)
        if found is None:
            raise Unproven
        if match := found.pattern.match(folded):
            if not found.exact or any(group is not None for group in match.groups()[found.marks - 1 :]):
                raise Unproven
            return number, match
    return None


def may_match(pattern: re.Pattern[str] | LimitedPattern, folded: str) -> bool:
    """Return whether an expression may match, at the beginning, what folds to a text."""
    return isinstance(pattern, LimitedPattern) or _may(pattern, folded, "match")


def may_find(pattern: re.Pattern[str], folded: str) -> bool:
    """Return whether an expression may match, anywhere, what folds to a text."""
    return _may(pattern, folded, "search")


def _may(pattern: re.Pattern[str], folded: str, way: str) -> bool:
    if not _may_need(pattern, folded):
        return False
    found = folded_expression(pattern.pattern, pattern.flags)
    return found is None or getattr(found.pattern, way)(folded) is not None


def _may_need(pattern: re.Pattern[str], folded: str) -> bool:
    """Return whether what an expression needs may be in what folds to a text. To know it takes less than to fold the expression."""
    return _may_have(_needed(pattern.pattern, pattern.flags), folded)


def may_contain(text: str, folded: str) -> bool:
    """Return whether a text may be in what folds to a text."""
    return _may_have((fold_digits(text),), folded)


def _may_have(texts: tuple[str, ...], folded: str) -> bool:
    return _any_of(texts)(folded) is not None if SIGN in folded else any(map(folded.__contains__, texts))


@cache
def _needed(pattern: str, flags: int) -> tuple[str, ...]:
    """Return folded texts of which each text that the expression matches has one when it is folded."""
    return tuple(map(fold_digits, needed(pattern, flags))) or ("",)


@cache
def _any_of(texts: tuple[str, ...]) -> Callable[[str], re.Match[str] | None]:
    """Return what finds one of some folded texts in a text that has signs in place of words."""
    places = [[f"[{re.escape(each)}{SIGN}]" if each in _WORD else re.escape(each) for each in text] for text in texts]
    return re.compile("|".join(map("".join, places))).search


@cache
def folded_expression(pattern: str, flags: int) -> Folded | None:
    """Return a folded expression, None when nothing can be proven by one."""
    try:
        import re._compiler as compiler  # type: ignore[import-not-found]

        tree = parse_tree(pattern, flags)
        if tree.state.flags & re.ASCII:
            return None  # to which a sign may be no letter
        marks = tree.state.groups
        fold = _Fold(tree.state)
        fold.sequence(tree)
        return Folded(compiler.compile(tree, flags & ~_UNICODE), marks, fold.exact)
    except (Unproven, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return None


class _Fold:
    """Folds the tree of an expression. `exact`: nothing was left out of it that its groups do not tell of."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self._partly = 0  # places that take a part of what a sign stands for
        self._least = False  # they take no sign: within what must not match, which is to match no more than it does
        self.exact = True

    def sequence(self, tree: Any) -> None:
        tree[:] = [part for operation, argument in list(tree) for part in self._part(operation, argument)]

    def _part(self, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
        before = self._partly
        match str(operation):
            case "LITERAL" | "NOT_LITERAL" | "IN":
                return self._place(operation, argument)
            case "ANY" | "AT":
                pass
            # What refers to the text of a group asks for the same text: texts that are the same are so when folded.
            case "GROUPREF":
                if self._least:
                    raise Unproven
                self.exact = False
            case "ASSERT":
                self.sequence(argument[1])
            case "ASSERT_NOT":
                self._least = not self._least
                self.sequence(argument[1])
                self._least = not self._least
                self.exact = self.exact and self._partly == before
            case "SUBPATTERN":
                if argument[2] or argument[1] & re.ASCII:
                    raise Unproven  # other flags than those by which places are tried
                self.sequence(argument[3])
            case "BRANCH":
                for way in argument[1]:
                    self.sequence(way)
            case "MAX_REPEAT" | "MIN_REPEAT":
                self.sequence(argument[2])
                # Python has lost groups in such repetitions.
                self.exact = self.exact and (str(operation) == "MAX_REPEAT" or self._partly == before)
            case "ATOMIC_GROUP":
                self._without_marks(argument)
            case "POSSESSIVE_REPEAT":
                self._without_marks(argument[2])
            case _:
                raise Unproven
        return [(operation, argument)]

    def _without_marks(self, tree: Any) -> None:
        """Fold what gives nothing back once it has it: it may match less when its parts match more."""
        before = self._partly
        self.sequence(tree)
        if self._partly > before:
            raise Unproven

    def _place(self, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
        import re._constants as constants  # type: ignore[import-not-found]
        import re._parser as parser  # type: ignore[import-not-found]

        taken = self._taken(operation, argument)
        whole: list[str] = []
        part: list[str] = []
        others: list[str] = []
        for sign, digits in _STAND_FOR:
            number = len(taken.intersection(digits))
            (whole if number == len(digits) else part if number else others).append(sign)
        if not part and taken.isdisjoint(others) and taken.issuperset(whole):
            return [(operation, argument)]
        ways = []
        if part:
            self._partly += 1
            if not self._least:
                ways.append([self._marked(_sign_of(part)) if self.exact else _sign_of(part)])
        if not taken.issuperset(whole):
            ways.append([_sign_of(whole)])
            others += whole
        if str(operation) == "LITERAL" and chr(argument) in string.digits:
            others.append(chr(argument))
        # Each text has one way only, or there would be too many to try. No folded text has a digit as it is.
        if taken.isdisjoint((*part, *others)):
            ways.append([(operation, argument)])
        elif str(operation) != "LITERAL":
            signs = parser.SubPattern(self._state, [_sign_of([*part, *others])])
            ways.append([(constants.ASSERT_NOT, (1, signs)), (operation, argument)])
        if len(ways) > 1:
            return [(constants.BRANCH, (None, [parser.SubPattern(self._state, way) for way in ways]))]
        return ways[0] if ways else [(constants.FAILURE, ())]

    def _marked(self, place: tuple[Any, Any]) -> tuple[Any, Any]:
        """Return a place in a group of its own."""
        import re._constants as constants
        import re._parser as parser

        number = self._state.opengroup()
        group = parser.SubPattern(self._state, [place])
        self._state.closegroup(number, group)
        return (constants.SUBPATTERN, (number, 0, 0, group))

    def _taken(self, operation: Any, argument: Any) -> frozenset[str]:
        """Return the digits and signs that one place of the expression takes."""
        key = f"{self._state.flags}{operation}{argument}"
        if (taken := _TAKEN.get(key)) is None:
            taken = _TAKEN[key] = frozenset(self._tried(operation, argument))
        return taken

    def _tried(self, operation: Any, argument: Any) -> Iterable[str]:
        if str(operation) == "LITERAL" and not self._state.flags & re.IGNORECASE.value:
            return chr(argument)
        import re._compiler as compiler
        import re._parser as parser

        place = parser.SubPattern(self._state, [(operation, argument)])
        return filter(compiler.compile(place, self._state.flags & ~_UNICODE).match, _WORD + SIGN)


def _sign_of(signs: Sequence[str]) -> tuple[Any, Any]:
    import re._constants as constants

    return (constants.IN, [(constants.LITERAL, ord(sign)) for sign in signs])
