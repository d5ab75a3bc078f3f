# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of lines: what all lines are that differ in their digits only. It is proven, so that it has to be found out once.

Whatever cannot be proven is no kind: such lines are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..redact.secret_lines import may_hold_secret
from ..regex.digits import DECIMAL, HEXADECIMAL, Unproven, first_match, fold_digits, fold_lines, may_match
from ..templates.records import conversion
from ..terminal.prompts import STAMP_LENGTH, split, stamp_of
from .chain import FOREIGN, IGNORED, UNMATCHED, Chain, Reading, read_alone
from .dialogue import Slice, prove_said

# To prove what lines are takes as long as to look at some of them, so it has to be worth it.
_OFTEN = 4
_OFTEN_HEXADECIMAL = 20
# Longer lines hardly ever come twice, and would fill the memory.
_LONGEST = 500
_MOST_CHARACTERS = 1_000_000
_LONGEST_SHAPE = 200
_PARTS = {
    '"': r"(?P<quoted>\"[^\"]*\"|'[^']*')",
    "@": r"(?P<mail>[\w.+-]+@[\w.-]+)",
    "": r"(?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){2,7}[0-9a-fA-F]{0,4})"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{6,}\b)"
    r"|(?P<number>\d+)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What all lines with a key are.

    reading: without the fields of its record, which `slices` cut out of each text: name, begin, end and conversion.
    prompt: how many characters of prompts are in front of the text. stamped: the text begins with a time stamp.
    said: who says what in a line that tells of a send, a slice of the text; None when that is left out. function, context:
    where these fields of such a record are.
    safe: no such line may hold a secret, or begin what is masked in later lines.
    """

    reading: Reading
    prompt: int = 0
    stamped: bool = False
    slices: tuple[tuple[str, int, int, Callable[[str], Any] | None], ...] = ()
    said: Slice | None = None
    function: tuple[int, int] = (0, 0)
    context: tuple[int, int] = (0, 0)
    safe: bool = True

    def fields(self, text: str) -> dict[str, Any]:
        """Return the fields of the record of a line, by its text behind the prompt."""
        return {
            name: convert(text[begin:end]) if convert else text[begin:end] for name, begin, end, convert in self.slices
        }


# A line that nothing knows whatever its hexadecimal digits are; its shape depends on them.
UNKNOWN = Kind(Reading(UNMATCHED, ""))


class Kinds:
    """The kinds of lines that were met below one kind of command.

    ignored: the expressions of lines that say nothing, with their names. may_recognise: tells of a text with folded
    hexadecimal digits whether its words may be known.
    """

    def __init__(
        self, chain: Chain, ignored: Sequence[tuple[str, re.Pattern[str]]], may_recognise: Callable[[str], bool]
    ) -> None:
        self._chain = chain
        self._ignored = ignored
        self._may_recognise = may_recognise
        self._kinds: dict[bytes, Kind] = {}
        self._seen: dict[bytes, int] = {}
        self._seen_folded: dict[bytes, int] = {}
        self._unknown: dict[bytes, bool] = {}  # whether it is proven that nothing knows a line
        self._characters = 0

    def of(self, keys: Sequence[bytes], texts: Sequence[str]) -> list[Kind | None]:
        """Return the kind of each line, None where it has none."""
        kinds: list[Kind | None] = list(map(self._kinds.get, keys))
        if None in kinds:
            new = [place for place, kind in enumerate(kinds) if kind is None]
            folded = fold_lines([texts[place] for place in new], HEXADECIMAL)
            for place, key in zip(new, folded, strict=True):
                kinds[place] = self._kinds.get(keys[place]) or self._learnt(keys[place], key, texts[place])
        return kinds

    def _learnt(self, key: bytes, folded: bytes, text: str) -> Kind | None:
        """Return the kind of a line that had none until now, if it has one now."""
        unknown = self._unknown.get(folded)
        if unknown:
            return UNKNOWN
        if len(text) > _LONGEST:
            return None
        if self._characters > _MOST_CHARACTERS:
            self._seen, self._seen_folded, self._unknown, self._kinds, self._characters = {}, {}, {}, {}, 0
        if unknown is None:
            seen = self._seen_folded[folded] = self._seen_folded.get(folded, 0) + 1
            self._characters += len(folded) if seen == 1 else 0
            if seen == _OFTEN_HEXADECIMAL:
                self._unknown[folded] = unknown = self._prove_unknown(text)
                if unknown:
                    return UNKNOWN
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        self._characters += len(key) if seen == 1 else 0
        if seen != _OFTEN:
            return None
        try:
            kind = self._kinds[key] = self._prove(text)
        except Unproven:
            return None
        return kind

    def _prove_unknown(self, line: str) -> bool:
        """Return whether nothing can know a line, and no secret be in it, whatever its hexadecimal digits are."""
        folded = fold_digits(line)
        return not (
            _has_marks(line)
            or not line.strip()
            or may_hold_secret(folded, HEXADECIMAL)
            or any(may_match(pattern, HEXADECIMAL)(folded) for _, pattern in self._ignored)
            or self._chain.may_know_folded(folded)
            or self._may_recognise(folded)
        )

    def _prove(self, line: str) -> Kind:
        """Return what all lines with the key of this one are. Raises Unproven."""
        if "\x1b" in line or "\r" in line:
            raise Unproven
        parts = split(line)
        if parts.command:
            raise Unproven
        text, prompt = parts.text, len(parts.prompt)
        stamped = bool(stamp_of(text))
        safe = not may_hold_secret(fold_digits(line, DECIMAL), DECIMAL)
        if not text.strip():
            return Kind(Reading(IGNORED, "prompt" if prompt else "blank"), prompt, safe=safe)
        if found := first_match([pattern for _, pattern in self._ignored], text):
            return Kind(Reading(IGNORED, self._ignored[found[0]][0]), prompt, stamped, safe=safe)
        for link in self._chain.links:
            if match := link.prove(text):
                ((_, reading),) = read_alone(link, [text])
                slices = _slices(reading, match, text)
                places = {name: (begin, end) for name, begin, end, _ in slices}
                function, context = places.get("function", (0, 0)), places.get("context", (0, 0))
                return Kind(reading, prompt, stamped, slices, _said(reading, slices, text), function, context, safe)
        if self._may_recognise(fold_digits(text)):
            raise Unproven
        return Kind(Reading(UNMATCHED, shape(text[STAMP_LENGTH:] if stamped else text)), prompt, stamped, safe=safe)


def _slices(
    reading: Reading, match: re.Match[str], text: str
) -> tuple[tuple[str, int, int, Callable[[str], Any] | None], ...]:
    """Return where the fields of a record stand in its line. Raises Unproven when they are not cut out of it."""
    groups = {name.lower(): name for name in match.re.groupindex}
    expected = {"timestamp": stamp_of(text), **reading.fields} if reading.stamped else reading.fields
    slices = []
    for name in expected:
        if name not in groups:
            raise Unproven
        slices.append((name, *match.span(groups[name]), conversion(reading.template, name)))
    cut = {name: convert(text[begin:end]) if convert else text[begin:end] for name, begin, end, convert in slices}
    if cut != expected or (reading.bucket == FOREIGN and re.search(r"\d", reading.by)):
        raise Unproven
    return tuple(slices)


def _said(reading: Reading, slices: Sequence[tuple[str, int, int, Any]], text: str) -> Slice | None:
    """Return who says what in a line that tells of a send, as a slice of it. Raises Unproven."""
    if not reading.telling:
        return None
    begin, end = 0, len(text)
    if reading.template != "smtp_dialogue":
        begin, end = next(((at, to) for name, at, to, _ in slices if name == "text"), (begin, end))
    said = prove_said(text[begin:end])
    return (*said[:2], said[2] + begin, said[3] + begin) if said else None


def _has_marks(line: str) -> bool:
    """Return whether a line may begin with a prompt, or be changed when it is shown."""
    return "#" in line or "$" in line or "\x1b" in line or "\r" in line


def shape(text: str) -> str:
    """Return a text with what is quoted, addresses, hexadecimal words and numbers replaced by words in angle brackets."""
    text = text[:_LONGEST_SHAPE]
    # To look for a mail address or a quotation takes longest, and most texts have neither of their marks.
    marks = ('"' if '"' in text or "'" in text else "") + ("@" if "@" in text else "")
    return _parts(marks).sub(lambda found: f"<{found.lastgroup}>", text).strip() or text


@lru_cache
def _parts(marks: str) -> re.Pattern[str]:
    """Return the expression for what is replaced in a text with these marks."""
    return re.compile("|".join(_PARTS[mark] for mark in (*marks, "")))
