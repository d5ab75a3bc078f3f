# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two amounts of a text: what a mail, a sender or a mailbox has, with what is allowed: "takes 20 MB, it has 60"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What the comparison says, as a word of the grammar.
OVERSIZE, OVERCOUNT, USED_UP = "#oversize", "#overcount", "#usedup"
# Words of which a text that compares something has one.
_COUNTS = frozenset(("messages", "mails", "emails", "alerts", "connections", "recipients", "sessions"))
COMPARABLE = frozenset(("mb", "megs", "megabytes", "kb", "gb", "gig", "gigs", "bytes", "queue", *_COUNTS))
# Longer texts compare no two amounts.
_LONGEST = 400

_SIZES = {"k": 1, "kb": 1, "kib": 1, "m": 1e3, "mb": 1e3, "mib": 1e3, "meg": 1e3, "megs": 1e3, "megabytes": 1e3}
_SIZES |= {"g": 1e6, "gb": 1e6, "gib": 1e6, "gig": 1e6, "gigs": 1e6, "bytes": 1e-3}
_TIME = re.compile(r"(?:second|minute|min|hour|day|week|month)s?|[sh]|percent|times")
_CLAUSE_END = re.compile(
    r"[,;:()!?]|\.(?=\s|$)|\b(?:and|but|while|where|whereas|although|though|und|aber|y|pero|et|mais)\b"
)
# A part of a clause: a number, perhaps with a unit, or a word.
_TOKEN = re.compile(r"(?<![\w.])(?P<number>\d{1,9}(?:[.,]\d{1,3})?) ?-?(?P<unit>[a-z]+)?(?![\w.:/@-])|[^\s\d]\S*|\S+")
_CODE = re.compile(r"^\W*[245]\d\d[ -]")
_OF = re.compile(r"(?<![\w.])(\d{1,9}(?:\.\d+)?) ?[kmg]?i?b? (?:of|von|de|/) (\d{1,9}(?:\.\d+)?)(?![\w.]*\d)")
# What is beside the amount that is allowed.
_ALLOWS = re.compile(
    r"limits?|quotas?|maxim(?:um|al|ale|o)|máximo|max|allow(?:s|ed)?|takes?|accepts?|lets|permits?|permitted|most"
    r"|höchstens|erlaub(?:t|en)|nimmt|admite|permite"
)
# Where no fact is told.
_SUPPOSES = re.compile(r"\b(?:if|when|would|should|suppose|example|unless|whenever|wenn|falls|si)\b")


@dataclass(frozen=True)
class _Amount:
    number: float
    unit: str
    is_allowed: bool
    is_near: bool  # what allows it stands before it


def compared(text: str) -> str:
    """Return what a comparison of the amounts in a text says, "" where nothing is compared, or nothing is too much."""
    if len(text) > _LONGEST or _SUPPOSES.search(text := text.lower()):
        return ""
    if (used := _OF.search(text)) and float(used[1]) >= float(used[2]) > 0:
        return USED_UP
    amounts = [amount for clause in _CLAUSE_END.split(_CODE.sub("", text, 1)) for amount in _amounts(clause)]
    allowed = [each for each in amounts if each.is_allowed]
    if len(allowed) > 1:
        allowed = [each for each in allowed if each.is_near]
    others = [each for each in amounts if each not in allowed]
    if len(allowed) != 1 or len(others) != 1:
        return ""
    (limit,), (found,) = allowed, others
    units = {limit.unit or found.unit, found.unit or limit.unit}
    if units <= _COUNTS and found.number > limit.number:
        return OVERCOUNT
    if (
        units <= _SIZES.keys()
        and found.number * _SIZES[found.unit or limit.unit] > limit.number * _SIZES[limit.unit or found.unit]
    ):
        return OVERSIZE
    return ""


def _amounts(clause: str) -> Iterator[_Amount]:
    """The amounts of a clause, but for times and for codes."""
    tokens = list(_TOKEN.finditer(clause))
    for place, token in enumerate(tokens):
        if token["number"] is None:
            continue
        unit = token["unit"] or ""
        is_unit = unit in _SIZES or unit in _COUNTS
        before = _words(tokens[max(0, place - 6) : place])
        if _TIME.fullmatch(unit) or before[-1:] in (["port"], ["code"], ["error"]):
            continue
        after = [unit, *_words(tokens[place + 1 : place + 3])]
        is_near = any(map(_ALLOWS.fullmatch, before))
        number = float(token["number"].replace(",", "."))
        yield _Amount(number, unit if is_unit else "", is_near or any(map(_ALLOWS.fullmatch, after)), is_near)


def _words(tokens: Sequence[re.Match[str]]) -> list[str]:
    return [token[0] for token in tokens]
