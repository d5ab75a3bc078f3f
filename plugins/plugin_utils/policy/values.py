# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that a rule names for a fact: a word, `any`, a pattern, a number or a range."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from ..firmware import in_ranges
from ..regex.ambiguity import ambiguous
from ..templates.records import integer

_BOUND = re.compile(r"\s*(>=|<=|<|>|==)\s*(\d+(?:\.\d+){0,2})\s*")
_WILD = re.compile(r"[*?]")
# Longer values are no host name, address or word of the device.
_LONGEST = 1000


def matches(value: Any, allowed: Iterable[Any]) -> bool:
    """Return whether a value is one of those that a rule names. The forms are those that rules.yml explains."""
    return any(_matches(value, word) for word in allowed)


def problem(word: Any) -> str:
    """Return what is wrong with a value of a rule, "" if nothing."""
    if not isinstance(word, str):
        return "" if isinstance(word, bool | int) else f"{word!r}, expected a word, a number, or true or false"
    kind, colon, rest = word.partition(":")
    if colon and kind == "regex":
        try:
            re.compile(rest)
        except re.error as error:
            return f"{word!r}, which is not a regular expression: {error}"
        return f"{word!r}, which can take very long on some values; expected a simpler one" if ambiguous(rest) else ""
    if colon and kind == "glob":
        return "" if rest else f"{word!r}, expected a pattern, such as glob:*.example.com"
    if word[:1] in "<>=" and word:
        return (
            ""
            if all(map(_BOUND.fullmatch, word.split(",")))
            else f"{word!r}, expected a range such as >=25,<1024 or >=7.4.4,<7.5"
        )
    return f"{word!r}, which is compared as it is; expected glob:{word} for a pattern" if _WILD.search(word) else ""


def _matches(value: Any, word: Any) -> bool:
    if not isinstance(word, str):
        return bool(value == word)
    if word == "any":
        return value not in ("", None)
    kind, colon, rest = word.partition(":")
    text = str(value)[:_LONGEST]
    if colon and kind == "glob":
        return fnmatchcase(text.lower(), rest.lower())
    if colon and kind == "regex":
        return re.fullmatch(rest, text, re.IGNORECASE) is not None
    if word[:1] in ("<", ">", "="):
        return _in_range(value, word)
    return isinstance(value, str) and value.lower() == word.lower()


def _in_range(value: Any, word: str) -> bool:
    numbers = [part for part in map(integer, str(value).split(".")) if isinstance(part, int)]
    if isinstance(value, bool) or len(numbers) != str(value).count(".") + 1 or len(numbers) > 3:
        return False
    numbers += [0, 0]
    return in_ranges((numbers[0], numbers[1], numbers[2]), [_padded(word)])


def _padded(word: str) -> str:
    # A range of plain numbers has the form of one of versions.
    return ",".join(bound if "." in bound else f"{bound}.0" for bound in word.split(","))
