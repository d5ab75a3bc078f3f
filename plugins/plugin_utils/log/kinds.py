# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of lines: what all lines are that differ in their digits only. It is proven, so that it has to be found out once.

Whatever cannot be proven is no kind: such lines are looked at one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..logfile import program_lines
from ..redact.secret_lines import may_answer, may_hold_secret
from ..regex.digits import HEXADECIMAL, Unproven, first_match, fold_digits, fold_lines, fold_words
from ..templates.records import conversion
from ..terminal.prompts import STAMP, STAMP_LENGTH, split, stamp_of
from . import products
from .chain import FOREIGN, IGNORED, UNMATCHED, Chain, Reading, read_alone
from .dialogue import Slice, prove_said
from .openings import may_open_like

# To prove what lines are takes as long as to look at some of them, so it has to be worth it.
_OFTEN = 4
_OFTEN_HEXADECIMAL = 20
# To compile what proves anything takes as long as to look at so many lines below a command.
_FEW = 400
# Longer lines hardly ever come twice, and would fill the memory.
_LONGEST = 500
_MOST_CHARACTERS = 1_000_000
_MOST_KEYS = 10_000
# Stands in keys for each character of a word that other lines do not have; a terminal does not show it.
_RARE_SIGN = b"\x01"
_HEXADECIMAL_WORD = re.compile(r"\b(?:0x[0-9a-fA-F]+|(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{2,})\b")
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

    reading: without the shape where that depends on the line, and without the fields of its record, which `slices` cut out of
    each text: name, begin, end and conversion.
    prompt: how many characters of prompts are in front of the text. stamped: the text begins with a time stamp.
    said: who says what in a line that tells of a send, a slice of the text; None when that is left out. function, context:
    where these fields of such a record are.
    safe: no such line may hold a secret, or begin what is masked in later lines. mute: none answers a login, or ends one.
    numbered: each begins with a number of three digits, as replies do.
    """

    reading: Reading
    prompt: int = 0
    stamped: bool = False
    slices: tuple[tuple[str, int, int, Callable[[str], Any] | None], ...] = ()
    said: Slice | None = None
    function: tuple[int, int] = (0, 0)
    context: tuple[int, int] = (0, 0)
    safe: bool = True
    mute: bool = False
    numbered: bool = False

    def fields(self, text: str) -> dict[str, Any]:
        """Return the fields of the record of a line, by its text behind the prompt."""
        return {
            name: convert(text[begin:end]) if convert else text[begin:end] for name, begin, end, convert in self.slices
        }


def row_of(kind: Kind, number: int, text: str) -> dict[str, Any]:
    """Return the row of a line of a kind: that of its record, or that of a line which nothing knows."""
    if kind.reading.template:
        return {"template": kind.reading.template, "line": number, **kind.fields(text)}
    return {"line": number, "text": text}


@dataclass(slots=True, eq=False)
class UnmadeRow(Mapping[str, Any]):
    """The row of a line of a kind, for who can do without it."""

    kind: Kind
    number: int
    text: str

    def __getitem__(self, name: str) -> Any:
        template = self.kind.reading.template
        return template if name == "template" and template else row_of(self.kind, self.number, self.text)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(row_of(self.kind, self.number, self.text))

    def __len__(self) -> int:
        return len(row_of(self.kind, self.number, self.text))


class Kinds:
    """The kinds of lines that were met below one kind of command.

    ignored: the expressions of lines that say nothing, with their names. recognised: tells whether the words of a text are
    known, may_recognise: whether those of any text may be that folds to one with folded hexadecimal digits.
    """

    def __init__(
        self,
        chain: Chain,
        ignored: Sequence[tuple[str, re.Pattern[str]]],
        recognised: Callable[[str], bool],
        may_recognise: Callable[[str], bool],
    ) -> None:
        self._chain = chain
        self._ignored = ignored
        self._recognised = recognised
        self._may_recognise = may_recognise
        self._lines = 0
        self._forget()

    def _forget(self) -> None:
        # By the key of decimal digits, with or without signs in place of rare words.
        self._kinds: dict[bytes, Kind] = {}
        # By the key of hexadecimal digits: a kind of the lines that also begin with some key of decimal digits.
        self._folded: dict[bytes, tuple[bytes, Kind]] = {}
        self._known: set[bytes] = set()  # words that several lines have
        self._forget_seen()

    def _forget_seen(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._seen_folded: Counter[bytes] = Counter()
        self._words: Counter[bytes] = Counter()  # that few lines have
        self._characters = 0  # of all these

    def of(self, keys: Sequence[bytes], texts: Sequence[str]) -> list[Kind | None]:
        """Return the kind of each line, None where it has none."""
        kinds: list[Kind | None] = list(map(self._kinds.get, keys))
        self._lines += len(keys)
        if None in kinds and self._lines > _FEW:
            new = [place for place, kind in enumerate(kinds) if kind is None]
            folded = fold_lines([texts[place] for place in new], HEXADECIMAL)
            for place, hexadecimal in zip(new, folded, strict=True):
                key, found = keys[place], self._folded.get(hexadecimal)
                if found is not None and key.startswith(found[0]):
                    kinds[place] = found[1]
                elif len(key) <= _LONGEST:
                    kinds[place] = self._kinds.get(key) or self._learnt(key, hexadecimal, texts[place])
        return kinds

    def _learnt(self, key: bytes, folded: bytes, text: str) -> Kind | None:
        """Return the kind of a line that had none until now, if it has one now."""
        if max(len(self._kinds), len(self._folded), len(self._known)) > _MOST_KEYS:
            self._forget()
        words = self._key_of_words(key)
        if words != key and (kind := self._kinds.get(words)) is not None:
            return kind if kind.reading.bucket != UNMATCHED or not self._recognised(text[kind.prompt :]) else None
        with suppress(Unproven):
            if self._comes_often(self._seen_folded, folded, _OFTEN_HEXADECIMAL):
                for word in _HEXADECIMAL_WORD.finditer(text):
                    behind = re.compile("[0-9a-fA-F]+").finditer(text, word.start())
                    kind = self._prove(text, [digits.span() for digits in behind])
                    self._folded[folded] = key[: word.start()], kind
                    return kind
        with suppress(Unproven):
            if self._comes_often(self._seen, key, _OFTEN):
                kind = self._kinds[key] = self._prove(text, [])
                return kind
        with suppress(Unproven):
            if words != key and self._comes_often(self._seen, words, _OFTEN):
                rare = [match.span() for match in re.finditer("\x01+", words.decode())]
                kind = self._kinds[words] = self._prove(text, rare)
                return kind if kind.reading.bucket != UNMATCHED or not self._recognised(text[kind.prompt :]) else None
        return None

    def _comes_often(self, seen: Counter[bytes], key: bytes, often: int) -> bool:
        """Count a key; return whether it is time to prove what its lines are, which is once."""
        seen[key] += 1
        if seen[key] == 1:
            self._characters += len(key)
            if self._characters > _MOST_CHARACTERS:
                self._forget_seen()
        return seen[key] == often

    def _key_of_words(self, key: bytes) -> bytes:
        """Return a key with signs in place of those of its words that other lines do not have."""
        words = key.split(b" ")
        rare = [number for number, word in enumerate(words) if word not in self._known]
        for number in rare:
            word = words[number]
            if self._comes_often(self._words, word, _OFTEN):
                self._known.add(word)
            elif word.isalnum():
                words[number] = _RARE_SIGN * len(word)
        return b" ".join(words) if rare else key

    def _prove(self, line: str, places: Sequence[tuple[int, int]]) -> Kind:
        """Return what all lines are that differ from this one in decimal digits, and in letters and digits from one place to
        another. Raises Unproven."""
        if "\x1b" in line or "\r" in line or (places and not line.isascii()):
            raise Unproven
        whole = fold_words(line, places)
        begin = min((begin for begin, __ in places), default=len(line))
        parts = split(line)
        text, prompt = parts.text, len(parts.prompt)
        # Whether a text behind a prompt is a command shows at its first word.
        if parts.command or (text and begin <= prompt):
            raise Unproven
        folded = whole[prompt:]
        if program_lines.may_begin(whole) or products.may_show(whole) or may_open_like()(folded):
            raise Unproven
        safe, mute = not may_hold_secret(whole), not may_answer(whole)
        if not text.strip():
            return Kind(Reading(IGNORED, "prompt" if prompt else "blank"), prompt, safe=safe, mute=mute)
        stamped = first_match([STAMP], folded) is not None
        numbered = not stamped and text[:3].isdigit()
        if found := first_match([pattern for __, pattern in self._ignored], folded):
            return Kind(Reading(IGNORED, self._ignored[found[0]][0]), prompt, stamped, safe=safe, mute=mute)
        for link in self._chain.links:
            if match := link.prove(folded):
                ((__, reading),) = read_alone(link, [text])
                slices = _slices(reading, match, text)
                fields = {name: (at, to) for name, at, to, __ in slices}
                function, context = fields.get("function", (0, 0)), fields.get("context", (0, 0))
                said = _said(reading, slices, text, folded)
                return Kind(reading, prompt, stamped, slices, said, function, context, safe, mute, numbered)
        if self._may_recognise(fold_digits(text)):
            raise Unproven
        # Which words are hexadecimal numbers shows in each line.
        looks = "" if places else shape(text[STAMP_LENGTH:] if stamped else text)
        return Kind(Reading(UNMATCHED, looks), prompt, stamped, safe=safe, mute=mute, numbered=numbered)


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
    if cut != expected or (reading.bucket == FOREIGN and (re.search(r"\d", reading.by) or reading.by not in match[0])):
        raise Unproven
    return tuple(slices)


def _said(reading: Reading, slices: Sequence[tuple[str, int, int, Any]], text: str, folded: str) -> Slice | None:
    """Return who says what in a line that tells of a send, as a slice of it. Raises Unproven."""
    if not reading.telling:
        return None
    begin, end = 0, len(text)
    if reading.template != "smtp_dialogue":
        begin, end = next(((at, to) for name, at, to, __ in slices if name == "text"), (begin, end))
    said = prove_said(text[begin:end], folded[begin:end])
    return (*said[:2], said[2] + begin, said[3] + begin) if said else None


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
