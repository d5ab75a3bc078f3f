# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a text are: things, faults, and how far a negation, a condition or a quotation reaches.

A sentence is read once, from the left. A fault that is denied, told as no fact, or quoted is kept, and marked as such; what
parts of a text that makes untold is kept as ranges of words. The kinds of words are explained in phrases.yml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .lexicon import Lexicon
from .words import GAPS, QUOTES

# How far a thing may stand from what is said of it, in words.
FARTHEST = 18
# How far a negation reaches, to things and to what is said of them, and what says that a fault is over.
_NEGATION_REACHES, _NOUN_REACHES, _SETTLED_REACHES = 5, 4, 10
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
_BEHIND, _LINKED = 1.5, 4
# Virtues behind which a negation goes on: "not found in any list", "not allowed to send as another".
_PASSED_ON = ("absent", "forbidden")
# How far back that may be said which a "not" or an "is" at the end of a part leaves out.
_ELLIPSIS_REACHES = 16
_NEVER = -99.0
_ENDS_SENTENCE = frozenset(".;!?|")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "isnt", "am", "gets", "got", "has", "have"})
# Of negations those that may stand before what a sentence is about.
_OF_SUBJECTS = ("no ", "neither ", "nor ", "none ", "zero ", "not a single ", "not one ")
# Faults that make one word with a thing before them: "no login failure".
_NOUNS = frozenset({"failed", "broken", "listed", "timeout", "spam", "virus"})
# What a negation reaches over without losing reach, as long as it has met no thing: "in none of our lists".
_SMALL = frozenset(
    {"a", "an", "the", "our", "your", "any", "of", "on", "in", "to", "is", "are", "was", "were", "be", "been"}
)
# What begins a reason. Where a fault was denied, its reason is, too: "not refused because of ...".
_REASONS = frozenset({"because", "due"})
# Parts that take back the one before: "you were blocked, not any more".
_NO_MORE = {"not any more", "not anymore", "no longer", "no more", "not now", "not today"}
_ACTS = frozenset(
    {
        "denies",
        "rejects",
        "refuses",
        "denying",
        "refusing",
        "requires",
        "needs",
        "demands",
        "prohibits",
        "forbids",
        "blocks",
    }
)
_WHENEVER = frozenset({"when", "after"})
_SAME = {("is",), ("are",), ("was",), ("were",), ("has",), ("have",), ("had",)}
# What says behind a name that it is not so: "spam: no".
_NONE = frozenset({"no", "none", "false", "zero", "off", "negative"})
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

    def distance(self, fault: Fault) -> float:
        """Return how far it is from a fault."""
        place = fault.place
        if self.place <= place:
            return self.weight + place - self.place + (_LINKED if fault.acts else 0)
        return self.weight + self.place - place + (0 if fault.acts else self.behind)


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
    beside: bool = False  # a thing follows at once: "unknown senders are ..."
    stated: bool = False  # "there is no ..."
    acts: bool = False  # something does it to what follows: "the host denies the sender"


@dataclass(slots=True)
class Senses:
    """What a text says. `untold`: ranges of words that say what is not so; `asides`: those that tell no fact."""

    things: list[Thing] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    untold: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int]] = field(default_factory=list)
    stage: str = ""
    ends_aside: bool = False


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
        self._reach, self._reaches_on = (
            _NEVER,
            False,
        )  # how far that reaches, and whether small words let it reach farther
        self._passed_on = False  # whether that went on behind a virtue: "not allowed to"
        self._other = _NEVER  # the last word behind which a thing is not what is meant
        self._linked = _NEVER  # the last word behind which a thing is no longer what is negated
        self._denied: tuple[str, str, float] = ("", "", _NEVER)  # the last fault that was denied
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
                self._reach += self._reaches_on and word in _SMALL
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
        if kind == "aside" and self._place <= self._reach:
            # "Please verify the recipient" is advice, "unable to verify the recipient" is none.
            form = self._lexicon.forms[word]
            kind, tag, length = form.kind, form.tag, 1
        if word in self._lexicon.naming:
            self._named = self._place
        self._reach += self._reaches_on and word in _SMALL
        if kind == "who":
            self._thing(tag, number, length)
        elif kind == "fault":
            self._fault(tag, number, length)
        elif kind == "virtue":
            self._virtue_of(tag, number, length)
        elif kind in ("negation", "other"):
            self._negated, self._negated_from, self._reach = self._place, number, self._place + _NEGATION_REACHES
            self._reaches_on, self._passed_on = True, False
            self._negation = " ".join(self._words[number : number + length])
            if kind == "other":
                self._other = self._place + (length - 1) * 0.5
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

    def _take_up(self) -> None:
        """Nothing more is under the last negation."""
        self._negated = self._reach = _NEVER

    def _thing(self, tag: str, number: int, length: int) -> None:
        place = self._place
        if place - self._other <= 2:
            self._found.untold.append((self._negated_from, number + length))
            return
        if (faults := self._found.faults) and faults[-1].end == number:
            faults[-1].beside = True
        self._reaches_on = False
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
            faults[-1].stated = self._negated_from > 0 and self._words[self._negated_from - 1] in _BE
            self._take_up()

    def _fault(self, tag: str, number: int, length: int) -> None:
        place, faults = self._place, self._found.faults
        said = " ".join(self._words[number : number + length])
        under = place <= self._reach
        again = tag == self._denied[0] and place - self._denied[2] <= _NEGATION_REACHES
        if self._is_said_of_nothing(tag, number):
            # "No login is needed" says neither that it is missing nor that it is needed, "no user is blocked" neither
            # that there is no user nor that he is blocked.
            for each in faults[self._part :]:
                each.denied = each.denied or each.of is not None
            under = True
        if under:
            # "Mail from unknown senders is not refused", "contains no virus".
            for each in faults[self._part :]:
                each.denied = each.denied or each.beside or (each.tag == "absent" and each.end >= number - 1)
        denied = under or again or self._untrue >= 0
        self._add(tag, said, number, number + length, None, denied)
        faults[-1].acts = length == 1 and said in _ACTS
        if denied:
            self._denied = tag, said, place
            if self._untrue < 0:
                self._untrue = self._negated_from if under else number
            self._take_up()

    def _is_said_of_nothing(self, tag: str, number: int) -> bool:
        """Whether a fault is said of what the same part calls absent."""
        faults = self._found.faults
        if len(faults) == self._part or (of := faults[-1].of) is None:
            return False
        before, first = self._words[number - 1], self._words[number]
        if faults[-1].end == number and (tag in _NOUNS or of.words.startswith("zero ")):
            return True
        if not of.words.startswith(_OF_SUBJECTS) and before not in ("being", "been"):
            return False
        return before in _BE or first in _BE or (tag == "required" and self._place - faults[-1].place <= 3)

    def _virtue_of(self, tag: str, number: int, length: int) -> None:
        said = " ".join(self._words[number : number + length])
        if self._place > self._reach:
            self._virtue = tag, said, self._place
            return
        faults = self._found.faults[self._part :]
        if tag == "absent" and faults and faults[-1].tag in _NOUNS and faults[-1].end >= self._negated_from - 1:
            # "A virus was not found."
            self._settle(self._negated_from, number + length)
            self._take_up()
            return
        self._add(tag, f"{self._negation} {said}", self._negated_from, number + length, None, self._untrue >= 0)
        if tag in _PASSED_ON:
            self._negated, self._reach = self._place, self._place + _NEGATION_REACHES
            self._reaches_on, self._passed_on = False, True
        else:
            self._take_up()

    def _add(self, tag: str, said: str, start: int, end: int, of: Thing | None, denied: bool) -> None:
        self._found.faults.append(
            Fault(
                self._place, tag, said, start, end, of, denied or self._ignored, self._aside != "", self._quoted != ""
            )
        )

    def _settle(self, start: int, end: int) -> None:
        """What was said before is over, or is not the reason."""
        self._found.untold.append((start, end))
        subjects = self._found.things[self._part_things :]
        for subject in subjects:
            subject.is_told = False
        # "The version is not the problem" says nothing of what stands before it, "and is open again" does.
        faults = self._found.faults[self._part if subjects else 0 :]
        for each in reversed(faults):
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
        if self._untrue >= 0 and (word in _REASONS or (word in ("and", "or") and self._begins_fault(number + 1))):
            return
        self._end_part(number)
        if word in _WHENEVER and number == self._begin:
            self._leave_facts(word, number, True)  # "When the mailbox is full, ..."
        elif word != "and":
            self._end_aside(number)
            self._aside = ""
        # "... and has been released": it goes on about the same.
        same = word == "and" and self._words[number + 1 : number + 2] in _SAME
        self._place += 1 if same else 3 if number and self._words[number - 1] == "," else 6

    def _begins_fault(self, number: int) -> bool:
        return self._lexicon.sense(self._words, number)[0] == "fault"

    def _lists_on(self, number: int) -> bool:
        """Whether faults are listed from this word on, up to an "or": "not disabled, expired or locked"."""
        for _step in range(4):
            kind, __, length = self._lexicon.sense(self._words, number)
            number += length
            after = self._words[number] if number < len(self._words) else ""
            if kind != "fault" or after != ",":
                return kind == "fault" and after in ("or", "nor")
            number += 1
        return False

    def _quote(self, word: str, number: int) -> None:
        if word == self._quoted:
            if self._ignored:
                self._found.untold.append((self._ignored_from, number))
            self._quoted, self._ignored = "", False
        elif not self._quoted and QUOTES.get(word) in self._words[number + 1 :]:
            self._quoted, self._ignored = QUOTES[word], self._place - self._named <= 5
            self._ignored_from = number

    def _says_none(self, number: int) -> bool:
        """Whether a word by itself says that there is none."""
        words = self._words[number : number + 2]
        return words[:1] != () and words[0] in _NONE and (len(words) == 1 or words[1] in GAPS)

    def _gap(self, word: str, number: int) -> None:
        if word == "," and self._untrue >= 0 and self._lists_on(number + 1):
            return
        faults = self._found.faults
        if word in (":", "=") and faults and faults[-1].end == number and self._says_none(number + 1):
            self._settle(number, number + 2)  # "blacklisted: no"
        self._end_part(number)
        self._reaches_on = False
        if word == "," and self._passed_on:
            self._take_up()  # "Recipient not allowed, your IP is on a list."
        if word in _ENDS_SENTENCE:
            asked = word == "?" and self._words[self._begin : number + 2]
            if asked and (asked[0] in _ASKS or asked[-1] in ("no", "not")):
                for each in self._found.faults[self._sentence :]:
                    each.aside = True
                self._found.asides.append((self._begin, number))
            self._sentence, self._begin = len(self._found.faults), number + 1
        if self._aside and (word in _ENDS_SENTENCE if self._aside == "sentence" else word != ":"):
            self._end_aside(number)
            self._aside = ""
        self._place += GAPS[word]
        if (
            word == ":"
            and self._place - self._named <= 5
            and number <= 4
            and not self._words[number - 1].endswith("ed")
        ):
            self._ignored, self._ignored_from = True, number  # `Subject: ...`, but not `Called: ...`

    def _end_part(self, number: int) -> None:
        last = self._words[number - 1] if number else ""
        if last == "not" and self._words[number - 2] != "or" and self._place - self._virtue[2] <= _ELLIPSIS_REACHES:
            # "The domain exists, but the user does not."
            tag, said, __ = self._virtue
            self._add(tag, f"{self._negation} {said}", number, number, self._subject(said), self._untrue >= 0)
        elif last in _BE and self._untrue < 0 and self._place - self._denied[2] <= _ELLIPSIS_REACHES:
            # "Mail to you is not forbidden, mail to the list is."
            self._add(*self._denied[:2], number, number, None, denied=False)
        elif number - self._part_begin <= 4 and " ".join(self._words[self._part_begin + 1 : number]) in _NO_MORE:
            self._settle(self._part_begin, number)
        if self._untrue >= 0:
            is_all = all(each.denied for each in self._found.faults[self._part :])
            self._found.untold.append((self._part_begin if is_all else self._untrue, number))
            self._untrue = -1
            for each in self._found.things[self._part_things :]:
                each.is_told = not is_all
        self._part, self._part_begin, self._part_things = len(self._found.faults), number, len(self._found.things)

    def _subject(self, said: str) -> Thing | None:
        """What this part is about, with what is not so of it; None where it names nothing."""
        subjects = self._found.things[self._part_things :]
        return (
            Thing(self._place, subjects[0].tag, f"{subjects[0].words} + {self._negation} {said}") if subjects else None
        )

    def _end_aside(self, number: int) -> None:
        if self._aside:
            self._found.asides.append((self._aside_from, number))
        if self._ignored and not self._quoted:
            self._found.untold.append((self._ignored_from, number))
