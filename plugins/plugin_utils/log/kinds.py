# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of lines: what all lines are that differ in their digits, or in words that others do not have, only. It is proven, so
that it has to be found out once.

Whatever cannot be proven is no kind: such lines are looked at one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..logfile import program_lines
from ..redact.secret_rules import Doubts, doubts_about
from ..regex.digits import Unproven, first_match, fold_words
from ..smtp.remarks import may_be_known_like, most_told_like, numbers_may_tell, telling_words
from ..smtp.speech import REMARK, TELLS_OUTCOME
from ..templates.records import MOST_DIGITS, conversion, integer
from ..terminal.prompts import STAMP, STAMP_LENGTH, split, stamp_of
from . import products
from .chain import FOREIGN, IGNORED, UNMATCHED, Chain, Reading, read_alone
from .dialogue import prove_said
from .openings import may_open_like
from .shapes import LONGEST_SHAPE, SHORTEST_HEXADECIMAL, shape

# To prove what lines are takes as long as to look at some of them, so it has to be worth it.
_OFTEN = 4
# To compile what proves anything takes as long as to look at so many lines below a command.
_FEW = 400
# Longer lines hardly ever come twice, and would fill the memory.
_LONGEST = 500
_MOST_KEYS = 10_000
_MOST_WORDS = 30_000
# Stands in keys for each character of a word that other lines do not have; a terminal does not show it.
_RARE_SIGN = b"\x01"
# So does the other for those of a hexadecimal number that shapes tell from a word, which is one in each line with the key.
_NUMBER_SIGN = b"\x02"
_NUMBER = re.compile(rb"(?<!\w)\x7fx[0a-fA-F]+\b|\b(?=0*[a-fA-F])(?=[a-fA-F]*0)[0a-fA-F]{%d,}\b" % SHORTEST_HEXADECIMAL)
# Around what a shape does not show as it is, whatever words are in it.
_SPANS_WORDS = re.compile("[\"'@]")


class Said(NamedTuple):
    """Who says what in a line that tells of a send, and where in it stand the words, the entry of the queue and the function.

    most: what they may tell at most, of a remark. once: hardly any words come twice.
    """

    speaker: str
    mark: str
    words: slice
    entry: slice
    function: slice
    most: int = TELLS_OUTCOME
    once: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What all lines with a key are.

    reading: without the shape where that depends on the line, and without the fields of its record, which `slices` cut out of
    each text behind the prompt: name, begin, end and conversion.
    prompt: how many characters of prompts are in front of the text. stamp: where the time stamp is; an empty slice for none.
    tells: what the line tells of a send; None when it tells nothing, or that is left out.
    doubts: what may fit such a line of the rules by which secrets are found.
    rare: words that other lines do not have; a line that may tell something by one of them is none of the kind. shown: those
    that are in the shape of the line, as they are if they have letters only.
    """

    reading: Reading
    prompt: int
    stamp: slice
    slices: tuple[tuple[str, int, int, Callable[[str], Any] | None], ...] = ()
    tells: Said | None = None
    doubts: Doubts = frozenset()
    rare: tuple[slice, ...] = ()
    shown: tuple[slice, ...] = ()

    def shape(self, text: str, stamp: str) -> str:
        """Return the shape of a line that nothing knows, by its text behind the prompt."""
        if self.reading.by:
            return self.reading.by
        return shape(text[STAMP_LENGTH:] if stamp else text)

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


class _Words(dict[bytes, bytes]):
    """What stands in keys for a word: itself when several lines have it, else signs, but for what is not only letters and
    digits. Hexadecimal numbers have signs always."""

    _BETWEEN = b" \n "

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[bytes, int] = {}

    def signed(self, keys: Sequence[bytes]) -> list[bytes]:
        """Return keys with signs. To do it for all at once is faster."""
        words = self._BETWEEN.join(keys).split(b" ")
        return b" ".join(map(self.__getitem__, words)).split(self._BETWEEN)

    def __missing__(self, word: bytes) -> bytes:
        if not word.isalpha() and (signs := _NUMBER.sub(_signs, word)) != word:
            return signs
        seen = self._seen
        seen[word] = often = seen.get(word, 0) + 1
        if often >= _OFTEN:
            self[word] = word
            return word
        if len(seen) > _MOST_WORDS:
            seen.clear()
        return _RARE_SIGN * len(word) if word.isalnum() else word


def _signs(number: re.Match[bytes]) -> bytes:
    # Behind a colon it may be a part of an address.
    return (_RARE_SIGN if number.string[: number.start()].endswith(b":") else _NUMBER_SIGN) * len(number[0])


class Kinds:
    """The kinds of lines that were met below one kind of command. ignored: the expressions of lines that say nothing, with their
    names."""

    def __init__(self, chain: Chain, ignored: Sequence[tuple[str, re.Pattern[str]]]) -> None:
        self._chain = chain
        self._ignored = ignored
        self._lines = 0
        self._forget()

    def _forget(self) -> None:
        self._kinds: dict[bytes, Kind] = {}  # by key with signs in place of rare words
        self._words = _Words()
        self._seen: Counter[int] = Counter()

    def of(self, keys: Sequence[bytes], texts: Sequence[str]) -> list[Kind | None]:
        """Return the kind of each line, None where it has none."""
        kinds: list[Kind | None] = list(map(self._kinds.get, keys))
        self._lines += len(keys)
        if None in kinds and self._lines > _FEW:
            if max(len(self._kinds), len(self._words)) > _MOST_KEYS:
                self._forget()
            unknown = [place for place, kind in enumerate(kinds) if kind is None and len(keys[place]) <= _LONGEST]
            for place in unknown:
                kinds[place] = self._by_last_word(keys[place])
            others = [place for place in unknown if kinds[place] is None]
            for place, key in zip(others, self._words.signed([keys[place] for place in others]), strict=False):
                kinds[place] = self._kinds.get(key) or self._learned(key, texts[place])
            rare = [(place, texts[place][word]) for place in unknown if (kind := kinds[place]) for word in kind.rare]
            for number in telling_words([word for __, word in rare]):
                kinds[rare[number][0]] = None
        return kinds

    def _by_last_word(self, key: bytes) -> Kind | None:
        """Return the kind of a line whose last word is its only one that no other line has, as most such lines have it there."""
        head, __, word = key.rpartition(b" ")
        return self._kinds.get(b"%b %b" % (head, _RARE_SIGN * len(word))) if word.isalpha() else None

    def _learned(self, key: bytes, text: str) -> Kind | None:
        """Return the kind of a line, by its key with signs, None as long as few lines had the key, or if nothing is proven."""
        if len(self._seen) > _MOST_KEYS:
            self._seen.clear()
        number = hash(key)  # takes less memory
        self._seen[number] += 1
        if self._seen[number] == _OFTEN:
            with suppress(Unproven):
                self._kinds[key] = self._prove(text, key)
        return self._kinds.get(key)

    def _prove(self, line: str, key: bytes) -> Kind:
        """Return what all lines are that have a key with signs, and what this one is. Raises Unproven."""
        places = [run.span() for run in re.finditer(b"[\x01\x02]+", key)]
        words = [slice(*word.span()) for word in re.finditer(b"[^ ]*[\x01\x02][^ ]*", key)]
        rare = tuple(word for word in words if key[word].strip(_NUMBER_SIGN) or numbers_may_tell())
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
        if program_lines.may_begin(whole) or products.may_show(whole):
            raise Unproven
        doubts = doubts_about(whole)
        if not text.strip():
            reading = Reading(IGNORED, "prompt" if prompt else "blank")
            return Kind(reading, prompt, slice(prompt, prompt), doubts=doubts)
        if may_open_like(folded):
            raise Unproven
        stamped = first_match([STAMP], folded) is not None
        stamp = slice(prompt, prompt + STAMP_LENGTH if stamped else prompt)
        if found := first_match([pattern for __, pattern in self._ignored], folded):
            return Kind(Reading(IGNORED, self._ignored[found[0]][0]), prompt, stamp, doubts=doubts)
        for link in self._chain.links:
            if match := link.prove(folded):
                ((__, reading),) = read_alone(link, [text])
                slices = _slices(reading, match, text)
                tells = _telling(reading, slices, text, folded, prompt)
                if tells is None:
                    return Kind(reading, prompt, stamp, slices, tells, doubts)
                cut = tells.speaker != REMARK or any(word.start < tells.words.start < word.stop for word in words)
                most = TELLS_OUTCOME if cut else most_told_like(whole[tells.words])
                tells = tells._replace(most=most, once=_RARE_SIGN in key)
                return Kind(reading, prompt, stamp, slices, tells, doubts, rare if most < TELLS_OUTCOME else ())
        if may_be_known_like(folded):
            raise Unproven
        looks = (
            ""
            if _RARE_SIGN in key or (places and len(line) > LONGEST_SHAPE)
            else shape(text[STAMP_LENGTH:] if stamped else text)
        )
        shown = tuple(
            word for word in words if word.stop <= stamp.stop + LONGEST_SHAPE and not _SPANS_WORDS.search(line)
        )
        return Kind(Reading(UNMATCHED, looks), prompt, stamp, (), None, doubts, rare, shown)


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
        (begin, end), convert = match.span(groups[name]), conversion(reading.template, name)
        if convert is integer and set(match.string[begin:end]) == {"0"} and end - begin <= MOST_DIGITS:
            convert = int  # as these are decimal digits in each line
        slices.append((name, begin, end, convert))
    cut = {name: convert(text[begin:end]) if convert else text[begin:end] for name, begin, end, convert in slices}
    if cut != expected or (reading.bucket == FOREIGN and (re.search(r"\d", reading.by) or reading.by not in match[0])):
        raise Unproven
    return tuple(slices)


def _telling(
    reading: Reading, slices: Sequence[tuple[str, int, int, Any]], text: str, folded: str, prompt: int
) -> Said | None:
    """Return who says what in a line that tells of a send, with places in the line. Raises Unproven."""
    if not reading.telling:
        return None
    places = {name: (begin, end) for name, begin, end, __ in slices}
    begin, end = (0, len(text)) if reading.template == "smtp_dialogue" else places.get("text", (0, len(text)))
    said = prove_said(text[begin:end], folded[begin:end])
    if said is None:
        return None
    speaker, mark, *words = said
    spans = [(words[0] + begin, words[1] + begin), places.get("context", (0, 0)), places.get("function", (0, 0))]
    said_at, entry, function = (slice(prompt + start, prompt + stop) for start, stop in spans)
    return Said(speaker, mark, said_at, entry, function)
