# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Understand a sentence that nobody has listed: who or what it is about, and what is the matter with that.

The words and what they mean together are data, phrases.yml, whose head tells how they are read. Each fault that a text names
is bound to the nearest thing it can be said of, and the first row that holds for such a pair is what the text means. Each
step takes time in proportion to the length of the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain, zip_longest
from typing import Any

from ..yaml_file import read_beside
from .amounts import COMPARABLE, compared
from .lexicon import Lexicon
from .parts import CLEAR, FARTHEST, Fault, Senses
from .senses import senses
from .words import GAPS, MOST_WORDS, QUOTES, WORDS, alike, plain, unspaced

# Longer texts hardly ever come twice, and would fill the memory.
_LONG = 60


@dataclass(frozen=True)
class Phrase:
    """What a sentence says: a cause, the words that decided, and whether these are enough to decide against a code.

    who, what: the names in phrases.yml of what it is about ("" if of anything) and of what is the matter.
    """

    cause: str
    words: str
    strong: bool
    who: str = ""
    what: str = ""


@dataclass(frozen=True)
class PhraseReading:
    """What a text says, and the stage it names ("" if none)."""

    phrase: Phrase | None = None
    stage: str = ""


@dataclass(frozen=True)
class _Row:
    rank: int
    cause: str
    strong: bool
    beside: frozenset[str]
    at: frozenset[str]
    code: str
    reply: bool | None

    @property
    def is_free(self) -> bool:
        """Whether it holds wherever its words stand."""
        return not (self.beside or self.at or self.code) and self.reply is None

    def holds(self, said: Senses, stage: str, code: str) -> bool:
        return (
            (not self.at or stage in self.at)
            and code.startswith(self.code)
            and self.reply in (None, code != "")
            and (not self.beside or any(thing.is_told and thing.tag in self.beside for thing in said.things))
        )


class Grammar:
    """Words with their senses, and the rows that say what they mean together."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._lexicon = Lexicon(data)
        # A text is asked for what it says and for what it tells, and most texts differ in names and numbers only.
        self._words = lru_cache(maxsize=4)(self._words_of)
        self._known_senses = lru_cache(maxsize=4096)(self._senses_of)
        self._known_reading = lru_cache(maxsize=4096)(self._read)
        self._rows: dict[tuple[str, str], list[tuple[_Row, bool]]] = {}
        self._in_replies = frozenset(data["in_replies"])
        self._commands: Mapping[str, str] = data["commands"]
        self._kinds: dict[str, list[str]] = {}
        for kind, of in data["kinds"].items():
            self._kinds.setdefault(of, []).append(kind)
        rank = 0
        for strength in ("strong", "weak"):
            for row in data[strength]:
                rank += 1
                meant = _Row(
                    rank,
                    row["cause"],
                    strength == "strong",
                    frozenset(self._with_kinds(row.get("beside"))),
                    frozenset(_several(row.get("at"))),
                    str(row.get("class", "")),
                    row.get("reply"),
                )
                for who in self._with_kinds(row.get("who")) or [""]:
                    for what in self._with_kinds(row["what"]):
                        self._rows.setdefault((who, what), []).append((meant, meant.is_free))

    def _with_kinds(self, value: Any) -> list[str]:
        """The tags that a row names, each with those that are kinds of it."""
        return [each for tag in _several(value) for each in (tag, *self._kinds.get(tag, ()))]

    @cached_property
    def _unspaced(self) -> re.Pattern[str] | None:
        """What finds the words of languages without blanks, compiled for the first text that may have some."""
        return unspaced(self._lexicon.forms)

    def read(self, text: str, stage: str = "", code: str = "") -> PhraseReading:
        """Return what a text says, said at a stage and in a reply with this code ("" where these are not known)."""
        words = self._words(text)
        return (self._read if len(words) > _LONG else self._known_reading)(words, stage, code)

    def _read(self, words: tuple[str, ...], stage: str, code: str) -> PhraseReading:
        said = self._senses(words)
        stage = stage or said.stage
        best: tuple[bool, bool, int, float] | None = None
        phrase = None
        for fault in said.faults:
            if fault.denied or (fault.aside and not code):
                continue
            found = self._meant(fault, said, stage, code)
            if found is None:
                continue
            row, who, decided = found
            aside = fault.aside and not (fault.ruled and fault.tag in self._in_replies)
            order = (aside, fault.quoted, row.rank, fault.place)
            if best is None or order < best:
                best = order
                phrase = Phrase(row.cause, decided, row.strong and not aside, who, fault.tag)
        return PhraseReading(phrase, said.stage)

    def denies(self, text: str) -> bool:
        """Return whether a text says what is not the matter: "neither the sender nor the content"."""
        said = self._senses(self._words(text))
        cleared = any((thing.cleared or not thing.is_told) and not thing.aside for thing in said.things)
        return cleared or said.cleared != [] or any(fault.denied and not fault.aside for fault in said.faults)

    def told(self, text: str, code: str = "") -> str:
        """Return a text without what it denies, only names, or tells as no fact; in a reply advice is a fact."""
        said = self._senses(self._words(text))
        return self._without(text, said, said.untold if code else said.untold + said.asides)

    def certain(self, text: str) -> str:
        """Return the text of a reply without what it denies, only names, or makes a condition."""
        said = self._senses(self._words(text))
        return self._without(text, said, said.untold + said.conditions)

    def _without(self, text: str, said: Senses, untold: list[tuple[int, int]]) -> str:
        """A text without some ranges of its words, and without what it says that there is none of."""
        # That there is none is a fault of some things only: "there is no rate limit".
        ranges = [
            (each.start, each.end)
            for each in said.faults
            if each.stated
            and each.of
            and not any(row.strong for row, __ in self._rows.get((each.of.tag, each.tag), ()))
        ]
        ranges += untold
        if not ranges:
            return text
        left_out = {number for start, end in ranges for number in range(start, max(end, start + 1))}
        parts, number = [], 0
        for part in self._parts(text):
            length = len(WORDS[part])
            if left_out.isdisjoint(range(number, number + length)):
                parts.append(part)
            elif parts[-1:] != ["\n"]:
                parts.append("\n")  # so that no expression reaches over what is left out
            number += length
        return " ".join(parts)

    def is_untold(self, text: str, start: int) -> bool:
        """Return whether what a text has from here on is told as no fact: "the manual explains the reply ..."."""
        before, words = self._own_words(text[:start]), self._words(text)
        number, said = len(before), self._senses(words)
        # At the beginning of a part somebody says it.
        mentioned = [
            (begin, end)
            for begin, end in said.asides
            if words[begin] in QUOTES and begin and words[begin - 1] not in GAPS
        ]
        # "Codes used here: 550 ..." goes on behind the colon; what is asked begins there, and what somebody says.
        shown = [(begin, end) for begin, end in said.named if words[end : end + 1] != ("?",)]
        return (
            self._senses(before).ends_untold
            or any(begin <= number < end for begin, end in shown)
            or any(begin <= number < end and ":" not in words[begin:number] for begin, end in (*said.named, *mentioned))
        )

    def command(self, text: str) -> str:
        """Return the stage of the command that a text names last and does not deny, "" if it names none."""
        said = self._senses(self._words(text))
        told = [each.tag for each in said.things if each.is_told and not each.aside]
        return self._commands.get(told[-1], "") if told else ""

    def explains(self, text: str) -> bool:
        """Return whether a text explains the code that stands before it: "means that ..."."""
        return not self._lexicon.words["explains"].isdisjoint(self._words(text)[:1])

    def _meant(self, fault: Fault, said: Senses, stage: str, code: str) -> tuple[_Row, str, str] | None:
        """The row that holds for a fault and what it is said of, the name of that, and the words of both."""
        found, nearest = None, (True, True, math.inf)
        things = [fault.of] if fault.of else said.things
        for thing, following in zip_longest(things, things[1:]):
            distance = thing.distance(fault)
            if distance > FARTHEST or thing.cleared == fault.tag or (thing.aside and not fault.aside):
                continue
            if thing.is_well and following and following.place < fault.place:
                continue  # "The mailbox is fine, the server is out of disk space."
            row = self._row(thing.tag, fault.tag, said, stage, code)
            if row is None:
                continue
            # That something was refused says nothing where another thing says why.
            order = (not row.strong, row.cause == "server_refused", distance + (CLEAR if thing.is_clear else 0))
            if order < nearest:
                words = thing.words if fault.of else f"{thing.words} + {fault.words}"
                found, nearest = (row, thing.tag, words), order
        row = None if found is not None and found[0].strong else self._row("", fault.tag, said, stage, code)
        if row is not None and (found is None or row.strong):
            return row, "", fault.words
        return found

    def _row(self, who: str, what: str, said: Senses, stage: str, code: str) -> _Row | None:
        for row, is_free in self._rows.get((who, what), ()):
            if is_free or row.holds(said, stage, code):
                return row
        return None

    def _words_of(self, text: str) -> tuple[str, ...]:
        words = self._own_words(text)
        # A comparison is a sentence of its own behind the text.
        said = "" if COMPARABLE.isdisjoint(words) else compared(text)
        return (*words, ".", said) if said else words

    def _own_words(self, text: str) -> tuple[str, ...]:
        return tuple(chain.from_iterable(map(WORDS.__getitem__, self._parts(alike(text)))))

    def _senses(self, words: tuple[str, ...]) -> Senses:
        return (self._senses_of if len(words) > _LONG else self._known_senses)(words)

    def _senses_of(self, words: tuple[str, ...]) -> Senses:
        return senses(words, self._lexicon)

    def _parts(self, text: str) -> list[str]:
        """What stands between blanks, without accents, in a language without blanks each known word."""
        if not text.isascii():
            text = plain(text)
            text = self._unspaced.sub(r" \g<0> ", text) if self._unspaced else text
        return text.split(None, MOST_WORDS)[:MOST_WORDS]


def _several(value: Any) -> list[str]:
    return [] if value is None else list(map(str, value)) if isinstance(value, list) else [str(value)]


@cache
def grammar() -> Grammar:
    """Return the collection's grammar."""
    return Grammar(read_beside(__file__, "phrases.yml"))
