# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of lines: what all lines are that differ in their digits only. It is proven, so that it has to be found out once.

Whatever cannot be proven is no kind: such lines are looked at one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..logfile import program_lines
from ..redact.secret_rules import Doubts, doubts_about
from ..regex.digits import HEXADECIMAL, Unproven, first_match, fold_digits, fold_lines, fold_words
from ..smtp.remarks import may_be_known_like, telling_words, tells_nothing_like
from ..smtp.speech import REMARK
from ..templates.records import MOST_DIGITS, conversion, integer
from ..terminal.prompts import STAMP, STAMP_LENGTH, split, stamp_of
from . import products
from .chain import FOREIGN, IGNORED, UNMATCHED, Chain, Reading, read_alone
from .dialogue import prove_said
from .openings import may_open_like
from .shapes import LONGEST_SHAPE, SHORTEST_HEXADECIMAL, shape

# To prove what lines are takes as long as to look at some of them, so it has to be worth it.
_OFTEN = 4
_OFTEN_HEXADECIMAL = 20
# To compile what proves anything takes as long as to look at so many lines below a command.
_FEW = 400
# Longer lines hardly ever come twice, and would fill the memory.
_LONGEST = 500
_MOST_CHARACTERS = 1_000_000
_MOST_KEYS = 10_000
_MOST_WORDS = 30_000
# Stands in keys for each character of a word that other lines do not have; a terminal does not show it.
_RARE_SIGN = b"\x01"
_HEXADECIMAL_WORD = re.compile(r"\b(?:0x[0-9a-fA-F]+|(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{2,})\b")
_NUMBER = b"0abcdefABCDEF"  # in keys
# The digits of such a word in a key.
_HEXADECIMAL_KEY = re.compile(
    rb"(?<=\x7fx)[0a-fA-F]+\b|\b(?=0*[a-fA-F])(?=[a-fA-F]*0)[0a-fA-F]{%d,}\b" % SHORTEST_HEXADECIMAL
)
_HEXADECIMAL_DIGITS = re.compile("[0-9a-fA-F]+")
# Around what a shape does not show as it is, whatever words are in it.
_SPANS_WORDS = re.compile("[\"'@]")


class Said(NamedTuple):
    """Who says what in a line that tells of a send, and where in it stand the words, the entry of the queue and the function.

    nothing: it is proven that the words tell no outcome and no progress.
    """

    speaker: str
    mark: str
    words: slice
    entry: slice
    function: slice
    nothing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What all lines with a key are.

    reading: without the shape where that depends on the line, and without the fields of its record, which `slices` cut out of
    each text behind the prompt: name, begin, end and conversion.
    prompt: how many characters of prompts are in front of the text. stamp: where the time stamp is; an empty slice for none.
    tells: what the line tells of a send; None when it tells nothing, or that is left out.
    doubts: what may fit such a line of the rules by which secrets are found.
    numbered: each begins with a number of three digits, as replies do. listed: some may be known by their words. rare: words
    that other lines do not have, where it is proven that a line tells nothing, or is not known, but by one of them. shown:
    those of them that are in the shape of the line, as they are if they have letters only.
    """

    reading: Reading
    prompt: int
    stamp: slice
    slices: tuple[tuple[str, int, int, Callable[[str], Any] | None], ...] = ()
    tells: Said | None = None
    doubts: Doubts = frozenset()
    numbered: bool = False
    rare: tuple[slice, ...] = ()
    listed: bool = False
    shown: tuple[slice, ...] = ()

    def behind(self, prompt: int, doubts: Doubts) -> Kind:
        """Return the kind of such lines without a prompt behind one of so many characters."""

        def moved(place: slice) -> slice:
            return slice(place.start + prompt, place.stop + prompt)

        tells = self.tells
        if tells is not None:
            tells = tells._replace(words=moved(tells.words), entry=moved(tells.entry), function=moved(tells.function))
        rare, shown = tuple(map(moved, self.rare)), tuple(map(moved, self.shown))
        return replace(self, prompt=prompt, stamp=moved(self.stamp), tells=tells, doubts=doubts, rare=rare, shown=shown)

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


class _Hexadecimal(NamedTuple):
    """A kind of lines with one key of hexadecimal digits, and what tells by the key of decimal digits which of them are of it."""

    kind: Kind
    has: Callable[[bytes], object]


class _Words(dict[bytes, bytes]):
    """What stands in keys for a word: itself when several lines have it, else signs, but for what is not only letters and
    digits."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[bytes] = Counter()

    def __missing__(self, word: bytes) -> bytes:
        seen = self._seen
        seen[word] += 1
        if seen[word] >= _OFTEN:
            self[word] = word
            return word
        if len(seen) > _MOST_WORDS:
            seen.clear()
        return _RARE_SIGN * len(word) if word.isalnum() else word


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
        # By what stands in the key before a rare word at its end, and by the length of that.
        self._ends: dict[tuple[bytes, int], Kind] = {}
        # By a kind whose lines tell nothing, the kind of those that may tell something by a rare word.
        self._unread: dict[Kind, Kind] = {}
        # By the key of hexadecimal digits.
        self._folded: dict[bytes, _Hexadecimal] = {}
        self._words = _Words()
        self._forget_seen()

    def _forget_seen(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._seen_folded: Counter[bytes] = Counter()
        self._characters = 0  # of all these

    def of(self, keys: Sequence[bytes], texts: Sequence[str]) -> list[Kind | None]:
        """Return the kind of each line, None where it has none."""
        kinds: list[Kind | None] = list(map(self._kinds.get, keys))
        self._lines += len(keys)
        if None in kinds and self._lines > _FEW:
            unknown = [place for place, kind in enumerate(kinds) if kind is None]
            new = self._unlike(unknown, keys, kinds) if self._ends else unknown
            folded = fold_lines([texts[place] for place in new], HEXADECIMAL)
            for place, found, hexadecimal in zip(new, list(map(self._folded.get, folded)), folded, strict=True):
                key = keys[place]
                if found is not None and found.has(key):
                    kinds[place] = found.kind
                elif len(key) <= _LONGEST:
                    kinds[place] = self._looked_up(key, hexadecimal, texts[place])
            self._look_at_words(unknown, texts, kinds)
        return kinds

    def _looked_up(self, key: bytes, folded: bytes, text: str) -> Kind | None:
        """Return the kind of a line that none was found for until now, if it has one."""
        if max(len(self._kinds), len(self._folded), len(self._words)) > _MOST_KEYS:
            self._forget()
        with suppress(Unproven):
            if self._comes_often(self._seen_folded, folded, _OFTEN_HEXADECIMAL):
                found = self._hexadecimal(key, text)
                if found is not None:
                    self._folded[folded] = found
                    return found.kind
        words = b" ".join(map(self._words.__getitem__, key.split(b" ")))
        if _RARE_SIGN in words:
            words = _HEXADECIMAL_KEY.sub(lambda found: _RARE_SIGN * len(found[0]), words)
        return self._kinds.get(key) or self._kinds.get(words) or self._learnt(key, words, text)

    def _unlike(self, places: Iterable[int], keys: Sequence[bytes], kinds: list[Kind | None]) -> list[int]:
        """Put in the kinds of lines that end in a rare word; return the places of the others."""
        others, ends = [], self._ends
        for place in places:
            head, __, word = keys[place].rpartition(b" ")
            kind = ends.get((head, len(word)))
            # Of a word that may be a hexadecimal number more is proven than that other lines do not have it.
            if kind is None or not word.isalnum() or not word.strip(_NUMBER):
                others.append(place)
            else:
                kinds[place] = kind
        return others

    def _look_at_words(self, places: Sequence[int], texts: Sequence[str], kinds: list[Kind | None]) -> None:
        """Put in the kinds of lines that are not what the others of their kinds are, for words that these do not have."""
        known = {kind for kind in map(kinds.__getitem__, places) if kind is not None}
        rare: dict[Kind | None, tuple[slice, ...]] = {kind: kind.rare for kind in known if kind.rare}
        words = [(place, word) for place in places for word in rare.get(kinds[place], ())]
        listed = {kind for kind in known if kind.listed and not kind.rare}
        asked = {place for place in places if kinds[place] in listed} if listed else set()
        asked.update(words[number][0] for number in telling_words([texts[place][word] for place, word in words]))
        for place in asked:
            if (kind := kinds[place]) is not None and kind.tells is not None:
                if kind not in self._unread:
                    self._unread[kind] = replace(kind, rare=(), tells=kind.tells._replace(nothing=False))
                kinds[place] = self._unread[kind]
            elif kind is not None and self._recognised(texts[place][kind.prompt :]):
                kinds[place] = None

    def _learnt(self, key: bytes, words: bytes, text: str) -> Kind | None:
        """Return the kind of a line that had none until now, if it has one now. words: its key, with signs in place of words."""
        with suppress(Unproven):
            if self._comes_often(self._seen, key, _OFTEN):
                kind = self._kinds[key] = self._prove(text, [], key)
                return kind
        with suppress(Unproven):
            if words != key and self._comes_often(self._seen, words, _OFTEN):
                places = [run.span() for run in re.finditer(b"\x01+", words)]
                rare = tuple(slice(*word.span()) for word in re.finditer(b"[^ ]*\x01[^ ]*", words))
                kind = self._kinds[words] = self._prove(text, places, words, rare=rare)
                begin, end = places[0]
                if end == len(key) and key[begin - 1 : begin] == b" ":
                    self._ends[key[: begin - 1], end - begin] = kind
                return kind
        return None

    def _hexadecimal(self, key: bytes, text: str) -> _Hexadecimal | None:
        """Return the kind of the lines that differ from one in hexadecimal numbers, None where it has none. Raises Unproven."""
        numbers = [number.span() for number in _HEXADECIMAL_WORD.finditer(text)]
        if not numbers:
            return None
        (begin, end), alone = numbers[0], len(numbers) == 1
        digits = _HEXADECIMAL_DIGITS.finditer(text, begin, end if alone else len(text))
        alike = alone and end <= LONGEST_SHAPE and (end - begin >= SHORTEST_HEXADECIMAL or text[begin + 1] == "x")
        kind = self._prove(text, [each.span() for each in digits], alike=alike)
        # Between what stands before and behind it is a number as a person sees one: with both letters and digits, or `0x`.
        length, behind = end - begin, key[end:] if alone else b""
        number = rb"(?!0{%d}|[a-zA-Z]{%d}).{%d}" % (length, length, length) if alone else b".*"
        return _Hexadecimal(kind, re.compile(re.escape(key[:begin]) + number + re.escape(behind)).fullmatch)

    def _comes_often(self, seen: Counter[bytes], key: bytes, often: int) -> bool:
        """Count a key; return whether it is time to prove what its lines are, which is once."""
        seen[key] += 1
        if seen[key] == 1:
            self._characters += len(key)
            if self._characters > _MOST_CHARACTERS:
                self._forget_seen()
        return seen[key] == often

    def _prove(
        self,
        line: str,
        places: Sequence[tuple[int, int]],
        key: bytes = b"",
        alike: bool = False,
        rare: tuple[slice, ...] = (),
    ) -> Kind:
        """Return what all lines are that differ from this one in decimal digits, and in letters and digits from one place to
        another. key: by which the kind of such lines without their prompt may be known. alike: these are such that they look alike.
        rare: the words they are in, which are looked at in each line. Raises Unproven."""
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
        behind = key[len(parts.prompt.encode("utf-8", "surrogatepass")) :]
        if prompt and behind and (kind := self._kinds.get(behind)) is not None:
            return kind.behind(prompt, doubts)
        if may_open_like()(folded):
            raise Unproven
        stamped = first_match([STAMP], folded) is not None
        stamp = slice(prompt, prompt + STAMP_LENGTH if stamped else prompt)
        numbered = not stamped and text[:3].isdigit()
        if found := first_match([pattern for __, pattern in self._ignored], folded):
            return Kind(Reading(IGNORED, self._ignored[found[0]][0]), prompt, stamp, doubts=doubts)
        for link in self._chain.links:
            if match := link.prove(folded):
                ((__, reading),) = read_alone(link, [text])
                slices = _slices(reading, match, text)
                tells = _telling(reading, slices, text, folded, prompt)
                if tells is None or tells.speaker != REMARK or (places and not rare):
                    return Kind(reading, prompt, stamp, slices, tells, doubts, numbered)
                cut = any(word.start < tells.words.start < word.stop for word in rare)
                nothing = not cut and tells_nothing_like(whole[tells.words])
                tells = tells._replace(nothing=nothing)
                return Kind(reading, prompt, stamp, slices, tells, doubts, numbered, rare if nothing else ())
        if not rare and self._may_recognise(fold_digits(text)):
            raise Unproven
        # Which words are hexadecimal numbers shows in each line.
        looks = "" if places and not alike else shape(text[STAMP_LENGTH:] if stamped else text)
        if may_be_known_like(folded):
            return Kind(Reading(UNMATCHED, looks), prompt, stamp, (), None, doubts, numbered, listed=rare != ())
        shown = (
            () if _SPANS_WORDS.search(line) else tuple(word for word in rare if word.stop <= stamp.stop + LONGEST_SHAPE)
        )
        return Kind(Reading(UNMATCHED, looks), prompt, stamp, (), None, doubts, numbered, rare, rare != (), shown)


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
