# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of causes, of texts and of reply codes, read from the YAML files beside this one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ..memo import LONGEST
from ..regex.digits import digit_insensitive
from ..yaml_file import read_beside
from .vocabulary import Text, vocabulary

_OPENSSL_CODE = re.compile(r"\berror:([0-9A-Fa-f]{8})\b")


@dataclass(frozen=True)
class Cause:
    """One row of causes.yml."""

    name: str
    stage: str
    owner: str
    also: tuple[str, ...]
    standard: str
    temporary: bool | None
    explanation: str
    remedy: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """What made a text mean a cause.

    kind: a row of reasons.yml: text, number, enhanced_code, reply_code or reply_class. detail: the row's text, the number
    or the code. library, grade: who says it and how that is known, of a vocabulary row; "" for codes.
    """

    kind: str
    detail: str
    library: str = ""
    grade: str = ""

    def __str__(self) -> str:
        return _RULE_IN_WORDS[self.kind].format(detail=self.detail, library=self.library)


_RULE_IN_WORDS = {
    "text": "{library}: {detail}",
    "number": "number {detail}",
    "enhanced_code": "enhanced status code {detail}",
    "reply_code": "reply code {detail}",
    "reply_class": "reply code {detail}",
}


@dataclass(frozen=True)
class Meaning:
    """What a text was taken for: a cause, the stage the text itself points to ("" if none), and the rule that decided."""

    cause: str
    stage: str
    rule: Rule | None = None


@cache
def causes() -> dict[str, Cause]:
    """Return all causes by name, in the order of causes.yml."""
    return {
        row["cause"]: Cause(
            name=row["cause"],
            stage=row["stage"],
            owner=row["owner"],
            also=tuple(row["also"]),
            standard=str(row["standard"]),
            temporary=row["temporary"],
            explanation=row["explanation"],
            remedy=tuple(row["remedy"]),
        )
        for row in read_beside(__file__, "causes.yml")["causes"]
    }


@cache
def stages() -> list[str]:
    """Return the stages in the order of a mail's way."""
    names: list[str] = read_beside(__file__, "causes.yml")["stages"]
    return names


def reasons() -> dict[str, dict[str, str]]:
    """Return reasons.yml: the words for everything a verdict says beside its cause."""
    words: dict[str, dict[str, str]] = read_beside(__file__, "reasons.yml")
    return words


def preload() -> None:
    """Read causes and texts now, so that processes forked later have them."""
    causes()
    vocabulary()
    _numbers()


def recognise(text: str, code: str = "", enhanced: str = "") -> Meaning | None:
    """Return what a text means by its words or by a number in it that a library prints; None when nothing knows it."""
    return (_first if len(text) > LONGEST else _known)(text, code, enhanced)


def _first(text: str, code: str, enhanced: str) -> Meaning | None:
    return next(meanings(text, code, enhanced), None)


# Logs repeat themselves, and so do lists of errors.
_known = lru_cache(maxsize=8192)(_first)


def may_recognise_like(looks: str) -> bool:
    """Say whether `recognise` may know a text that looks like this one when digits are folded (`regex.digits`)."""
    return vocabulary().may_match_like(looks) or any(
        pattern is None or pattern.search(looks) is not None for pattern in _folded_numbers()
    )


def meanings(text: str, code: str = "", enhanced: str = "") -> Iterator[Meaning]:
    """Yield everything a text may mean by its words and numbers; the first is what it is taken for."""
    for row in vocabulary().matching(text, code, enhanced):
        yield _meaning(row)
    for number, spelled in _spelled_numbers(text):
        if (known := next(vocabulary().matching(spelled), None)) is not None:
            yield _meaning(known, Rule("number", f"{number}: {spelled}", known.library, known.evidence))


def classify_reply(code: str, enhanced: str, text: str, stage: str) -> Meaning:
    """Return what a negative reply means: by its words, its enhanced code, its code, or its class and stage."""
    return recognise(text, code, enhanced) or next(reply_meanings(code, enhanced, stage), Meaning("unknown", ""))


def reply_meanings(code: str, enhanced: str, stage: str) -> Iterator[Meaning]:
    """Yield what a negative reply may mean by its codes alone; the first counts where its words say nothing."""
    table = read_beside(__file__, "replies.yml")
    if enhanced and (cause := table["enhanced"].get("X" + enhanced[1:])):
        yield Meaning(cause, "", Rule("enhanced_code", enhanced))
    if cause := table["basic"].get(code):
        yield Meaning(cause, "", Rule("reply_code", code))
    if by_class := table["stage"].get(stage):
        cause = by_class[0 if code.startswith("4") else 1]
        yield Meaning(cause, "", Rule("reply_class", f"{code} at stage {stage}"))


def _meaning(row: Text, rule: Rule | None = None) -> Meaning:
    stage = row.stage if row.stage != "any" else ""
    return Meaning(row.cause, stage, rule or Rule("text", row.text, row.library, row.evidence))


def _spelled_numbers(text: str) -> Iterator[tuple[str, str]]:
    """The numbers in a text that stand for an error of some library, with the words the library has for them."""
    for pattern, table in _numbers():
        if (match := pattern.search(text)) and (spelled := table.get(match[1])):
            yield match[1], spelled
    if match := _OPENSSL_CODE.search(text):
        packed = int(match[1], 16)
        # The library's number stands in the high bits: 20 is SSL. OpenSSL 3 keeps 23 bits for the reason, 1.1 twelve.
        reason = packed & 0x7FFFFF if packed >> 23 == 20 else packed & 0xFFF if packed >> 24 == 20 else 0
        if spelled := read_beside(__file__, "numbers.yml")["openssl_reason"].get(reason):
            yield match[1], spelled


@cache
def _folded_numbers() -> list[re.Pattern[str] | None]:
    patterns = [*(pattern for pattern, _ in _numbers()), _OPENSSL_CODE]
    return [digit_insensitive(pattern.pattern, pattern.flags) for pattern in patterns]


@cache
def _numbers() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    tables = {
        kind: {str(number): text for number, text in rows.items()}
        for kind, rows in read_beside(__file__, "numbers.yml").items()
    }
    return [
        (re.compile(r"\b(E(?:AI_|CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT)[A-Z]*)\b"), tables["name"]),
        (re.compile(r"\berrno\W{0,3}0*(\d{1,3})\b", re.I), tables["errno"]),
        (re.compile(r"\bcurl\W{0,3}(?:(?:error|code|rc|result)\W{0,3})?(\d{1,2})\b", re.I), tables["curl"]),
        (re.compile(r"\b(?:EAI|gai|getaddrinfo)\w*\W{0,3}?(-\d{1,2})\b", re.I), tables["gai"]),
    ]
