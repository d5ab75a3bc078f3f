# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a device mean that gives no session, wherever in the login they stand: the table of meanings.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..yaml_file import read_beside
from .errors import LoginError
from .terminal import plain

# The end of what was said is enough, and bounds the time.
_LONGEST = 4096
_MOST_LINES = 6
_LONGEST_QUOTE = 200
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n")


@dataclass(frozen=True)
class SaidText:
    """A text that has a meaning, where it comes from, and how good that is known."""

    text: str
    evidence: str
    source: str


@dataclass(frozen=True)
class LoginMeaning:
    """One meaning; the fields are those of meanings.yml, `cause` its name there."""

    cause: str
    means: str
    advice: str
    again: bool
    texts: tuple[SaidText, ...]
    says: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    asks: re.Pattern[str] | None

    def fits(self, sentences: Sequence[str], last: str, everything: Sequence[str]) -> bool:
        """Return whether sentences, or the last line, have this meaning, and nothing that was said makes a notice of it."""
        if self.asks is not None and self.asks.search(last):
            return True
        said = self.says is not None and any(map(self.says.search, sentences))
        return said and not (self.unless is not None and any(map(self.unless.search, everything)))


@cache
def meanings() -> Mapping[str, LoginMeaning]:
    """Return all meanings by their cause, in the order in which they are tried."""
    data: Mapping[str, Mapping[str, Any]] = read_beside(__file__, "meanings.yml")
    return {
        cause: LoginMeaning(
            cause,
            row["means"],
            row["advice"],
            row.get("again", False),
            tuple(SaidText(each["text"], each["evidence"], each.get("source", "")) for each in row["texts"]),
            *(_any_of(row.get(name, ())) for name in ("says", "unless", "asks")),
        )
        for cause, row in data.items()
    }


def meaning_of(words: str) -> LoginMeaning | None:
    """Return what a device means by its words, a question as the last line of them; None when nothing is known of them.

    What was said last counts: a banner may be above it.
    """
    lines = _lines(words)
    everything = _sentences(lines)
    for count in range(1, min(len(lines), _MOST_LINES) + 1):
        sentences = _sentences(lines[-count:])
        for meaning in meanings().values():
            if meaning.fits(sentences, lines[-1], everything):
                return meaning
    return None


def _lines(words: str) -> list[str]:
    return [" ".join(line.split()) for line in plain(words[-_LONGEST:]).splitlines() if line.strip()]


def _last_lines(words: str) -> str:
    """Return as many of the last lines as can be quoted."""
    said = ""
    for line in reversed(_lines(words)):
        if said and len(line) + len(said) >= _LONGEST_QUOTE:
            break
        said = f"{line} {said}".strip()[:_LONGEST_QUOTE]
    return said


def _sentences(lines: Sequence[str]) -> list[str]:
    """Return the sentences within lines, and those that go on in the next line."""
    return [*_SENTENCE.split("\n".join(lines)), *_SENTENCE.split(" ".join(lines))]


def refusal(
    happened: str, words: str, otherwise: str, redact: Callable[[str], str] = str, *, certain: bool = False
) -> LoginError:
    """Return the error for a login that does not go on: what happened, the device's own words, what they mean, what to do.

    otherwise: the cause where there are no words, or none that are known; with `certain`, the cause whatever they are.
    redact: what is quoted goes through it.
    """
    meaning = (None if certain else meaning_of(words)) or meanings().get(otherwise)
    said = _last_lines(redact(words))
    quoted = f": {said!r}" if said else ""
    explained = f" ({meaning.means}; {meaning.advice})" if meaning else ""
    error = LoginError(f"{happened}{quoted}{explained}", meaning.cause if meaning else otherwise)
    error.again = meaning is not None and meaning.again
    return error


def _any_of(expressions: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(expressions), re.IGNORECASE) if expressions else None
