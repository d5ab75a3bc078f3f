# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Understand a sentence that nobody has listed: who or what it is about, and what is the matter with that.

The words and what they mean together are data, phrases.yml, whose head tells how they are read. Here is what reads them:
a sentence becomes words, words become senses, each fault is bound to the nearest thing it can be said of, and the first
row that holds for such a pair is what the sentence means. Each step takes time in proportion to the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from ..yaml_file import read_beside

# What is longer is no reply: its end is not read.
_MOST_WORDS = 300
# How far a negation reaches, and how far a fault may stand from what it is said of, in words.
_NEGATION_REACHES, _NOUN_REACHES, _SETTLED_REACHES = 5, 4, 7
_FARTHEST = 18
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
_BEHIND, _LINKED = 1.5, 4
# Virtues behind which a negation goes on: "not found in any list", "not allowed to send as another".
_PASSED_ON = ("absent", "forbidden")
# Marks between words, and for how many words each counts.
_GAPS = {",": 3, ":": 4, ";": 5, "(": 3, ")": 3, "=": 1, ".": 6, "!": 6, "?": 6, "|": 3}
_DASHES = {"-", "--", "\u2013", "\u2014"}
# Each mark that opens a quotation, and the one that closes it. A single quote opens only in front of a word.
_QUOTES = {'"': '"', "\u2018": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb"}

_SAID = {*_GAPS, *_QUOTES, *_QUOTES.values()}

_MARKS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[^\w\s]")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_ADDRESS = re.compile(r"[^@]@[\w\[]")
_IP = re.compile(
    r"(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])|^\W*(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){5})[0-9a-f]{1,4}:[0-9a-f.:]*\W*$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\W*\d+(?:[.,]\d+)?[kmg]i?b?\W*", re.I)
_NAME = re.compile(r"[\w-]\.[A-Za-z_][\w-]*\.?\w*|://|^/|\d\.\d|\d[A-Za-z]|[A-Za-z]\d|_\d")
_SHORT = {"cannot": ("can", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "doesnt": ("does", "not")}
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True)
class Phrase:
    """What a sentence says: a cause, the stage it names ("" if none), the words that decided, and whether these are
    enough to decide against a code."""

    cause: str
    stage: str
    words: str
    strong: bool


@dataclass(frozen=True)
class PhraseReading:
    """What a sentence says, and the causes it says are not the case: denied, or only quoted.

    denied: what its words would mean. doubted: what they might mean in another sentence, too.
    """

    phrase: Phrase | None = None
    stage: str = ""
    denied: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


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

    def holds(self, said: _Sentence, stage: str, code: str) -> bool:
        return (
            (not self.at or stage in self.at)
            and code.startswith(self.code)
            and self.reply in (None, code != "")
            and (not self.beside or any(thing.tag in self.beside for thing in said.things))
        )


@dataclass(frozen=True)
class _Thing:
    """Something that is named. `weight`: how many words farther away it counts; `behind`: the same behind a fault."""

    place: float
    tag: str
    words: str
    weight: float = 0
    behind: float = _BEHIND

    def distance(self, fault: float) -> float:
        """Return how far it is from a fault at this place."""
        return self.weight + (fault - self.place if self.place <= fault else self.place - fault + self.behind)


@dataclass(frozen=True)
class _Fault:
    """Something said to be the matter. `of`: what it is said of, where the sentence leaves no choice."""

    place: float
    tag: str
    words: str
    of: _Thing | None = None
    denied: bool = False
    aside: bool = False  # in a part that tells no fact
    quoted: bool = False


@dataclass
class _Sentence:
    things: list[_Thing] = field(default_factory=list)
    faults: list[_Fault] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    stage: str = ""
    aside: bool = False  # its end is in a part that tells no fact


@dataclass
class _Form:
    """A word in its place: the sense of the form that ends with it ("" if none does), and the words that may follow."""

    kind: str = ""
    tag: str = ""
    longer: dict[str, _Form] = field(default_factory=dict)


_NO_SENSE = ("", "", 1)


class Grammar:
    """Words with their senses, and the rows that say what they mean together."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._forms: dict[str, _Form] = {}
        for words in (data, *data["languages"].values()):
            for kind in ("who", "fault", "virtue", "stage"):
                for tag, forms in words.get(kind, {}).items():
                    self._learn(kind, tag, forms)
            for kind in ("negation", "settled", "aside", "but", "link", "other"):
                self._learn(kind, "", words.get(kind, ()))
        denying = {
            max(word.split(), key=len)
            for words in (data, *data["languages"].values())
            for kind in ("negation", "settled", "aside", "other")
            for form in words.get(kind, ())
            for word in expanded(form)
            if word.isascii()
        }
        self._may_deny = re.compile(
            rf"\b(?:{'|'.join(sorted(denying))})\b|n't\b|cannot|[\"']|[^\x00-\x7f]", re.IGNORECASE
        )
        self._weight: dict[str, int] = data["weight"]
        self._naming = {word for words in (data, *data["languages"].values()) for word in words.get("naming", ())}
        self._rows: dict[tuple[str, str], list[tuple[_Row, bool]]] = {}
        self._causes: defaultdict[str, set[str]] = defaultdict(set)  # by fault
        rank = 0
        for strength in ("strong", "weak"):
            for row in data[strength]:
                rank += 1
                meant = _Row(
                    rank,
                    row["cause"],
                    strength == "strong",
                    frozenset(_several(row.get("beside"))),
                    frozenset(_several(row.get("at"))),
                    str(row.get("class", "")),
                    row.get("reply"),
                )
                for who in _several(row.get("who")) or [""]:
                    for what in _several(row["what"]):
                        self._rows.setdefault((who, what), []).append((meant, meant.is_free))
                        self._causes[what].add(meant.cause)
        cjk = sorted((form for form in self._forms if _CJK.search(form)), key=len, reverse=True)
        self._unspaced = re.compile("|".join(map(re.escape, cjk))) if cjk else None

    def read(self, text: str, stage: str = "", code: str = "") -> PhraseReading:
        """Return what a text says, said at a stage and in a reply with this code ("" where these are not known)."""
        sentence = self._senses(self._words(text))
        stage = stage or sentence.stage
        best: tuple[bool, bool, int, float] | None = None
        phrase = None
        denied: set[str] = set()
        doubted: set[str] = set()
        for fault in sentence.faults:
            found = self._meant(fault, sentence, stage, code)
            settled = any(0 <= place - fault.place <= _SETTLED_REACHES for place in sentence.settled)
            if fault.denied or settled or (fault.aside and not code):
                doubted |= self._causes[fault.tag]
                denied |= {found[0].cause} if found else set()
                continue
            if found is None:
                continue
            row, words = found
            order = (fault.aside, fault.quoted, row.rank, fault.place)
            if best is None or order < best:
                best = order
                phrase = Phrase(row.cause, sentence.stage, words, row.strong and not fault.aside)
        said = {phrase.cause if phrase else ""}
        return PhraseReading(phrase, sentence.stage, frozenset(denied - said), frozenset((denied | doubted) - said))

    def may_deny(self, text: str) -> bool:
        """Return whether a text has anything that can deny or quote what is in it: if not, `read` need not be asked."""
        return self._may_deny.search(text) is not None

    def ends_aside(self, text: str) -> bool:
        """Return whether what follows a text is told as no fact: "the manual explains the reply ..."."""
        return self._senses(self._words(text)).aside

    def _meant(self, fault: _Fault, said: _Sentence, stage: str, code: str) -> tuple[_Row, str] | None:
        """The row that holds for a fault and what it is said of, and the words of both."""
        found, nearest = None, (True, _FARTHEST + 1.0)
        for thing in [fault.of] if fault.of else said.things:
            distance = thing.distance(fault.place)
            row = self._row(thing.tag, fault.tag, said, stage, code) if distance <= _FARTHEST else None
            if row is not None and (not row.strong, distance) < nearest:
                words = thing.words if fault.of else f"{thing.words} + {fault.words}"
                found, nearest = (row, words), (not row.strong, distance)
        if found is None and (row := self._row("", fault.tag, said, stage, code)) is not None:
            return row, fault.words
        return found

    def _row(self, who: str, what: str, said: _Sentence, stage: str, code: str) -> _Row | None:
        for row, is_free in self._rows.get((who, what), ()):
            if is_free or row.holds(said, stage, code):
                return row
        return None

    def _senses(self, words: list[str]) -> _Sentence:
        """What the words of a text are: things, faults, and what is said of a stage."""
        found = _Sentence()
        place = 0.0
        number = 0
        negated, negation = -9.0, ""  # where the last negation stands that nothing has taken up
        other = -9.0  # where the last word stands behind which a thing is not what is meant
        linked = -9.0  # where the last word stands behind which a thing is no longer what is negated
        denied, since = "", -9.0  # the last fault that a negation has taken back
        aside = False
        quoted, ignored = "", False
        named = -9.0  # where the last word stands behind which a quotation is a name
        while number < len(words):
            word = words[number]
            if word == quoted:
                quoted, ignored = "", False
                number += 1
                continue
            if word in _QUOTES and not quoted and _QUOTES[word] in words[number + 1 :]:
                quoted, ignored = _QUOTES[word], place - named <= 5
                number += 1
                continue
            if (gap := _GAPS.get(word)) is not None:
                place += gap
                aside = aside and word == ":"
                if gap == 4 and place - named <= 5 and number <= 4:
                    ignored = True  # `Subject: ...`
                number += 1
                continue
            kind, tag, length = self._sense(words, number)
            said = " ".join(words[number : number + length]) if kind else ""
            place += 1
            if word in self._naming:
                named = place
            under = place - negated <= _NEGATION_REACHES
            where = {"aside": aside, "quoted": bool(quoted), "denied": ignored}
            if kind == "who" and place - other <= 2:
                negated = -9.0
            elif kind == "who":
                weight = self._weight.get(said, 0) or self._weight.get(tag, 0)
                # What is rejected by a server is not the server.
                behind = _BEHIND + (_LINKED if place - linked <= 2 else 0)
                absent = place - negated <= _NOUN_REACHES and linked < negated
                # Of what is not there nothing else is said.
                found.things.append(_Thing(place, tag, said, weight + _FARTHEST if absent else weight, behind))
                if absent:
                    of = _Thing(place, tag, f"{negation} {said}")
                    found.faults.append(_Fault(place, "absent", said, of, **where))
                    negated = -9.0
            elif kind == "fault":
                under = under or (tag == denied and place - since <= _NEGATION_REACHES)
                if tag == "required" and found.faults and found.faults[-1].of and place - found.faults[-1].place <= 3:
                    # "No login is needed" says neither that it is missing nor that it is needed.
                    found.faults[-1] = replace(found.faults[-1], denied=True)
                    under = True
                where["denied"] = under or ignored
                found.faults.append(_Fault(place, tag, said, None, **where))
                denied, since = (tag, place) if under else ("", -9.0)
                if under:
                    goes_on = words[number + length : number + length + 1] in (["or"], ["nor"], ["and"])
                    negated = place if goes_on else -9.0
            elif kind == "virtue" and under:
                found.faults.append(_Fault(place, tag, f"{negation} {said}", None, **where))
                negated = place if tag in _PASSED_ON else -9.0
            elif kind in ("negation", "other"):
                negated, negation = place, said
                other = place if kind == "other" else other
            elif kind == "link":
                linked = place
            elif kind == "settled":
                found.settled.append(place)
            elif kind == "aside":
                aside = True
            elif kind == "but":
                place += 6
                aside = False
            elif kind == "stage":
                found.stage = tag
            number += length
            place += (length - 1) * 0.5
        found.aside = aside
        return found

    def _sense(self, words: list[str], number: int) -> tuple[str, str, int]:
        """Kind and tag of the longest form that begins at a word, and how many words it has; "" where none does."""
        found, length = _NO_SENSE, 0
        forms = self._forms
        while number < len(words) and (form := forms.get(words[number])) is not None:
            length += 1
            number += 1
            if form.kind:
                found = form.kind, form.tag, length
            forms = form.longer
        return found

    def _words(self, text: str) -> list[str]:
        if not text.isascii():
            text = self._plain(text)
        words: list[str] = []
        for part in islice(text.split(), _MOST_WORDS):
            words += _parts(part)
        return words

    def _plain(self, text: str) -> str:
        """A text without accents, and with blanks around the known words of a language that has none."""
        text = "".join(
            each
            for each in unicodedata.normalize("NFKD", text)
            if not unicodedata.combining(each) or ord(each) > 0x3000
        )
        text = unicodedata.normalize("NFKC", text)
        return self._unspaced.sub(r" \g<0> ", text) if self._unspaced else text

    def _learn(self, kind: str, tag: str, forms: Iterable[str]) -> None:
        for form in forms:
            for each in expanded(form):
                found, forms = None, self._forms
                for word in self._form(each):
                    found = forms.setdefault(word, _Form())
                    forms = found.longer
                if found is not None and not found.kind:
                    found.kind, found.tag = kind, tag

    @staticmethod
    def _form(form: str) -> list[str]:
        plain = "".join(
            each
            for each in unicodedata.normalize("NFKD", form)
            if not unicodedata.combining(each) or ord(each) > 0x3000
        )
        return unicodedata.normalize("NFKC", plain).lower().split()


def expanded(form: str) -> Iterator[str]:
    """Yield what a form with braces stands for: `block{,s,ed}` is block, blocks and blocked."""
    head, brace, tail = form.partition("{")
    if not brace:
        yield form
        return
    choices, _, rest = tail.partition("}")
    for choice in choices.split(","):
        for end in expanded(rest):
            yield f"{head}{choice}{end}"


@lru_cache(maxsize=16384)
def _parts(part: str) -> tuple[str, ...]:
    """The words and marks in what stands between blanks. Addresses, numbers and names of hosts are one word each."""
    if "@" in part and _ADDRESS.search(part):
        return ("@", *_end(part))
    if _IP.search(part):
        return ("#ip", *_end(part))
    if _AMOUNT.fullmatch(part):
        return ("mb", *_end(part))
    if _NAME.search(part):
        return ("#name", *_end(part))
    if part in _DASHES:
        return (":",)
    found: list[str] = []
    for mark in _MARKS.findall(part):
        if mark[0].isalpha():
            found += _letters(mark)
        elif mark == "'" and not found:
            found.append("\u2018")
        elif mark in _SAID and found[-1:] != [mark]:
            found.append(mark)
    return tuple(found)


def _end(part: str) -> tuple[str, ...]:
    """The mark that ends what stands between blanks, if it says how the sentence goes on."""
    return (part[-1],) if part[-1] in _GAPS else ()


def _letters(word: str) -> Iterable[str]:
    """A word as forms spell it."""
    stem, apostrophe, end = word.replace("\u2019", "'").partition("'")
    if apostrophe and end.lower() == "t" and stem[-1:].lower() == "n":
        stem = stem[:-1].lower()
        return ({"ca": "can", "wo": "will", "sha": "shall"}.get(stem, stem), "not")
    if not stem.islower() and (humps := _HUMPS.split(stem))[1:]:
        return [hump.lower() for hump in humps]
    return _SHORT.get(stem.lower(), (stem.lower(),))


def _several(value: Any) -> list[str]:
    return [] if value is None else list(map(str, value)) if isinstance(value, list) else [str(value)]


@cache
def grammar() -> Grammar:
    """Return the collection's grammar."""
    return Grammar(read_beside(__file__, "phrases.yml"))
