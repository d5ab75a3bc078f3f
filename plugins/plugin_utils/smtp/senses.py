# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a text are: things, faults, and how far a negation, a condition or a quotation reaches.

A sentence is read once, from the left. A fault that is denied, told as no fact, or quoted is kept, and marked as such; what
parts of a text that makes untold is kept as ranges of words. The kinds of words are explained in phrases.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .words import GAPS, QUOTES, expanded, form_words

# How far a thing may stand from what is said of it, in words.
FARTHEST = 18
# How far a negation reaches, to things and to what is said of them, and what says that a fault is over.
_NEGATION_REACHES, _NOUN_REACHES, _SETTLED_REACHES = 5, 4, 7
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
_BEHIND, _LINKED = 1.5, 4
# Virtues behind which a negation goes on: "not found in any list", "not allowed to send as another".
_PASSED_ON = ("absent", "forbidden")
_NEVER = -9.0
_ENDS_SENTENCE = frozenset(".;!?|")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "isnt", "am", "gets", "got", "has", "have"})
# Of negations those that may stand before what a sentence is about.
_OF_SUBJECTS = ("no ", "neither ", "nor ", "none ", "zero ", "not a single ", "not one ")
# Faults that make one word with a thing before them: "no login failure".
_NOUNS = frozenset({"failed", "broken", "listed", "timeout", "spam", "virus"})
_ASKS = frozenset({*_BE, "do", "does", "did", "has", "have", "had", "can", "could", "will", "may"})


@dataclass(slots=True)
class Thing:
    """Something that is named. `weight`: how many words farther away it counts; `behind`: the same behind a fault."""

    place: float
    tag: str
    words: str
    weight: float = 0
    behind: float = _BEHIND
    is_told: bool = True  # whether something is said of it that is not denied

    def distance(self, fault: float) -> float:
        """Return how far it is from a fault at this place."""
        return self.weight + (fault - self.place if self.place <= fault else self.place - fault + self.behind)


@dataclass(slots=True)
class Fault:
    """Something said to be the matter. `of`: what it is said of, where the sentence leaves no choice; `start` and `end`:
    which words say so."""

    place: float
    tag: str
    words: str
    start: int
    end: int
    of: Thing | None = None
    denied: bool = False
    aside: bool = False  # in a part that tells no fact
    quoted: bool = False


@dataclass(slots=True)
class Senses:
    """What a text says. `untold`: ranges of words that say what is not so; `asides`: those that tell no fact."""

    things: list[Thing] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    untold: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int]] = field(default_factory=list)
    stage: str = ""
    ends_aside: bool = False


@dataclass(slots=True)
class _Form:
    """A word in its place: the sense of the form that ends with it ("" if none does), and the words that may follow."""

    kind: str = ""
    tag: str = ""
    longer: dict[str, _Form] = field(default_factory=dict)


class Lexicon:
    """All forms of all languages, with their senses."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.forms: dict[str, _Form] = {}
        self.weight: Mapping[str, int] = data["weight"]
        self.naming: set[str] = set()
        for words in (data, *data["languages"].values()):
            for kind in ("who", "fault", "virtue", "stage"):
                for tag, forms in words.get(kind, {}).items():
                    for form in _all_forms(forms):
                        self._learn(kind, tag, form)
            for kind in ("negation", "untrue", "settled", "condition", "aside", "but", "link", "other"):
                for form in _all_forms(words.get(kind, ())):
                    self._learn(kind, "", form)
            self.naming.update(words.get("naming", ()))
        for word in (*self.naming, *GAPS, *QUOTES, *QUOTES.values()):
            self.forms.setdefault(word, _Form())

    def sense(self, words: Sequence[str], number: int) -> tuple[str, str, int]:
        """Return kind and tag of the longest form that begins at a word, and how many words it has; "" and 1 where none does."""
        kind, tag, length = "", "", 1
        forms, end, last = self.forms, number, len(words)
        while end < last and (form := forms.get(words[end])) is not None:
            end += 1
            if form.kind:
                kind, tag, length = form.kind, form.tag, end - number
            forms = form.longer
        return kind, tag, length

    def _learn(self, kind: str, tag: str, form: Iterable[str]) -> None:
        """Learn what some words mean together."""
        found, known = None, self.forms
        for word in form:
            if (found := known.get(word)) is None:
                found = known[word] = _Form()
            known = found.longer
        if found is not None and not found.kind:
            found.kind, found.tag = kind, tag


def _all_forms(forms: Iterable[str]) -> Iterator[list[str]]:
    """Yield the words of each form that some forms with braces stand for."""
    return (form_words(each) for form in forms for each in expanded(form))


def senses(words: Sequence[str], lexicon: Lexicon) -> Senses:
    """Return what the words of a text are."""
    return _Reader(words, lexicon).read()


class _Reader:
    """Reads one text. Places are counted in words, and further than that over a mark; `number` is that of a word."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon) -> None:
        self._words, self._lexicon = words, lexicon
        self._found = Senses()
        self._place, self._next = 0.0, 0  # where the next form may begin
        self._negated, self._negation, self._negated_from = _NEVER, "", 0  # the last negation that nothing has taken up
        self._other = _NEVER  # the last word behind which a thing is not what is meant
        self._linked = _NEVER  # the last word behind which a thing is no longer what is negated
        self._denied, self._denied_at = "", _NEVER  # the last fault that was denied
        self._untrue = -1  # the word from which on nothing is so, to the end of the part; -1 if there is none
        self._aside, self._aside_from = "", 0  # "part" or "sentence": how far what tells no fact reaches
        self._quoted, self._ignored, self._ignored_from = "", False, 0
        self._named = _NEVER  # the last word behind which a quotation is a name
        self._part, self._sentence = 0, 0  # which fault is the first of this part, and of this sentence
        self._part_things, self._part_begin, self._begin = 0, 0, 0  # with which words they begin
        self._virtue: tuple[str, str, float] = ("", "", _NEVER)  # the last one that was said to be there

    def read(self) -> Senses:
        words, forms, number = self._words, self._lexicon.forms, 0
        for word in words:
            # Most words have no sense.
            if number < self._next:
                pass
            elif word not in forms:
                self._place += 1
            elif word in QUOTES or word == self._quoted:
                self._quote(word, number)
            elif word in GAPS:
                self._gap(word, number)
            else:
                self._next = number + self._word(word, number)
            number += 1
        self._end_part(number)
        self._end_aside(number)
        self._found.ends_aside = self._aside != ""
        return self._found

    def _word(self, word: str, number: int) -> int:
        """Take one form, and return how many words it has."""
        kind, tag, length = self._lexicon.sense(self._words, number)
        self._place += 1
        if word in self._lexicon.naming:
            self._named = self._place
        if kind == "who":
            self._thing(tag, number, length)
        elif kind == "fault":
            self._fault(tag, number, length)
        elif kind == "virtue":
            self._virtue_of(tag, number, length)
        elif kind in ("negation", "other"):
            self._negated, self._negated_from = self._place, number
            self._negation = " ".join(self._words[number : number + length])
            if kind == "other":
                self._other = self._place
        elif kind == "link":
            self._linked = self._place
        elif kind == "untrue":
            if self._untrue < 0:
                self._untrue = number
        elif kind == "settled":
            self._settle(number, number + length)
        elif kind in ("aside", "condition"):
            self._leave_facts(word, number, kind == "condition" and number <= self._begin + 1)
        elif kind == "but":
            self._but(word, number)
        elif kind == "stage":
            self._found.stage = tag
        self._place += (length - 1) * 0.5
        return length

    def _thing(self, tag: str, number: int, length: int) -> None:
        place = self._place
        if place - self._other <= 2:
            return
        said = " ".join(self._words[number : number + length])
        weights = self._lexicon.weight
        weight = weights.get(said, 0) or weights.get(tag, 0)
        # What is rejected by a server is not the server.
        behind = _BEHIND + (_LINKED if place - self._linked <= 2 else 0)
        absent = place - self._negated <= _NOUN_REACHES and self._linked < self._negated
        beyond = FARTHEST if absent or self._untrue >= 0 else 0
        # Of what is not there, or not the matter, nothing else is said.
        self._found.things.append(Thing(place, tag, said, weight + beyond, behind))
        if absent:
            of = Thing(place, tag, f"{self._negation} {said}")
            self._add("absent", said, self._negated_from, number + length, of, denied=self._untrue >= 0)
            self._negated = _NEVER

    def _fault(self, tag: str, number: int, length: int) -> None:
        place, faults = self._place, self._found.faults
        said = " ".join(self._words[number : number + length])
        under = place - self._negated <= _NEGATION_REACHES
        again = tag == self._denied and place - self._denied_at <= _NEGATION_REACHES
        if self._is_said_of_nothing(tag, number):
            # "No login is needed" says neither that it is missing nor that it is needed, "no user is blocked" neither
            # that there is no user nor that he is blocked.
            for each in faults[self._part :]:
                each.denied = each.denied or each.of is not None
            under = True
        denied = under or again or self._untrue >= 0
        self._add(tag, said, number, number + length, None, denied)
        if denied:
            self._denied, self._denied_at = tag, place
            if self._untrue < 0:
                self._untrue = self._negated_from if under else number
            self._negated = _NEVER
        else:
            self._denied_at = _NEVER

    def _is_said_of_nothing(self, tag: str, number: int) -> bool:
        """Whether a fault is said of what the same part calls absent."""
        faults = self._found.faults
        if len(faults) == self._part or (of := faults[-1].of) is None:
            return False
        before, first = self._words[number - 1], self._words[number]
        if not of.words.startswith(_OF_SUBJECTS) and before not in ("being", "been"):
            return False
        if faults[-1].end == number and tag in _NOUNS:
            return True
        return before in _BE or first in _BE or (tag == "required" and self._place - faults[-1].place <= 3)

    def _virtue_of(self, tag: str, number: int, length: int) -> None:
        said = " ".join(self._words[number : number + length])
        if self._place - self._negated > _NEGATION_REACHES:
            self._virtue = tag, said, self._place
            return
        self._add(tag, f"{self._negation} {said}", self._negated_from, number + length, None, self._untrue >= 0)
        self._negated = self._place if tag in _PASSED_ON else _NEVER

    def _add(self, tag: str, said: str, start: int, end: int, of: Thing | None, denied: bool) -> None:
        self._found.faults.append(
            Fault(
                self._place, tag, said, start, end, of, denied or self._ignored, self._aside != "", self._quoted != ""
            )
        )

    def _settle(self, start: int, end: int) -> None:
        """What was said before is over, or is not the reason."""
        self._found.untold.append((start, end))
        for each in reversed(self._found.faults):
            if self._place - each.place > _SETTLED_REACHES:
                return
            each.denied = True
            self._found.untold.append((each.start, end))

    def _leave_facts(self, word: str, number: int, whole: bool) -> None:
        if not self._aside:
            self._aside_from = number
        self._aside = "sentence" if whole or self._aside == "sentence" else "part"
        if word == "would":  # "What is too large would be refused."
            self._aside_from = self._part_begin
            for each in self._found.faults[self._part :]:
                each.aside = True

    def _but(self, word: str, number: int) -> None:
        goes_on = word in ("and", "or") and self._untrue >= 0 and self._begins_fault(number + 1)
        if goes_on:
            return
        self._end_part(number)
        if word != "and":
            self._end_aside(number)
            self._aside = ""
        self._place += 6

    def _begins_fault(self, number: int) -> bool:
        return self._lexicon.sense(self._words, number)[0] == "fault"

    def _quote(self, word: str, number: int) -> None:
        if word == self._quoted:
            if self._ignored:
                self._found.untold.append((self._ignored_from, number))
            self._quoted, self._ignored = "", False
        elif not self._quoted and QUOTES.get(word) in self._words[number + 1 :]:
            self._quoted, self._ignored = QUOTES[word], self._place - self._named <= 5
            self._ignored_from = number

    def _gap(self, word: str, number: int) -> None:
        self._end_part(number)
        if word in _ENDS_SENTENCE:
            asked = word == "?" and self._words[self._begin : self._begin + 1]
            if asked and asked[0] in _ASKS:
                for each in self._found.faults[self._sentence :]:
                    each.aside = True
                self._found.asides.append((self._begin, number))
            self._sentence, self._begin = len(self._found.faults), number + 1
        if self._aside and (word in _ENDS_SENTENCE if self._aside == "sentence" else word != ":"):
            self._end_aside(number)
            self._aside = ""
        self._place += GAPS[word]
        if word == ":" and self._place - self._named <= 5 and number <= 4:
            self._ignored, self._ignored_from = True, number  # `Subject: ...`

    def _end_part(self, number: int) -> None:
        tag, said, place = self._virtue
        if number and self._words[number - 1] == "not" and self._place - place <= 2 * _NEGATION_REACHES + 6:
            # "The domain exists, but the user does not."
            self._add(tag, f"{self._negation} {said}", number, number, None, self._untrue >= 0)
        if self._untrue >= 0:
            is_all = all(each.denied for each in self._found.faults[self._part :])
            self._found.untold.append((self._part_begin if is_all else self._untrue, number))
            self._untrue = -1
            for each in self._found.things[self._part_things :]:
                each.is_told = not is_all
        self._part, self._part_begin, self._part_things = len(self._found.faults), number, len(self._found.things)

    def _end_aside(self, number: int) -> None:
        if self._aside:
            self._found.asides.append((self._aside_from, number))
        if self._ignored and not self._quoted:
            self._found.untold.append((self._ignored_from, number))
