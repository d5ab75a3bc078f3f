# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text says, part by part: things, faults, and what takes back those of a part or of a sentence.

A part ends with a mark or with a word such as "but".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .scope import NEVER, Negation, Telling

# How far a thing may stand from what is said of it, in words.
FARTHEST = 18
# How far what says that a fault is over reaches back.
_SETTLED_REACHES = 10
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
BEHIND, LINKED = 1.5, 4
# How far back that may be said which a "not" or an "is" at the end of a part leaves out.
_ELLIPSIS_REACHES = 16
# A "you" of which something was denied is meant less often than a thing behind it; this many words less.
_PRONOUN_STAYS = 8
# Of negations those that may stand before what a sentence is about.
_OF_SUBJECTS = (
    "no ",
    "neither ",
    "nor ",
    "none ",
    "zero ",
    "not a single ",
    "not one ",
    "hardly ",
    "kein",
    "aucun",
    "ningun",
    "nenhum",
    "nessun",
)
# Faults that make one word with a thing before them: "no login failure".
NOUNS = frozenset({"mismatch", "loop", "failed", "broken", "listed", "timeout", "spam", "virus"})
# Faults that are called by what is done: "greylisting", "two-factor authentication".
PRACTICES = frozenset({"greylisted", "listed", "app_password", "unavailable"})
_ARTICLES = frozenset({"the", "a", "an", "your", "our", "any", "this", "that", "every", "its"})
_OF = frozenset({"of", "on", "for", "against", "expired", "lapsed"})
# Parts that take back the one before: "you were blocked, not any more".
_NO_MORE = re.compile(r"^(?:\w+ )?(?:not any ?more|no longer|no more|not now|not today)$")
_NOWHERE = {("on", "none"), ("in", "none"), ("by", "none"), ("at", "none"), ("on", "neither"), ("in", "neither")}
_LEADS = frozenset({"so", "and", "but", "well", "in", "at", "for", "on", "to", "from", "by", "with"})
_OVER = {("is", "over"), ("are", "over"), ("was", "over")}
_ASKS = frozenset({"what", "which", "how", "do", "does", "did", "has", "have", "had", "can", "could", "will", "may"})


@dataclass(slots=True)
class Thing:
    """Something that is named. `weight`: how many words farther away it counts; `behind`: the same behind a fault."""

    place: float
    tag: str
    words: str
    weight: float = 0
    behind: float = BEHIND
    is_told: bool = True  # whether something is said of it that is not denied
    is_well: bool = False  # whether nothing is said to be the matter with it
    cleared: str = ""  # what it is said not to be
    aside: bool = False  # in a sentence that tells no fact

    def distance(self, fault: Fault) -> float:
        """Return how far it is from a fault."""
        place = fault.place
        if self.place <= place:
            return self.weight + place - self.place + (LINKED if fault.acts else 0)
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
    """What a text says. `untold`: ranges of words that say what is not so; `asides`: those that tell no fact,
    `conditions` whole sentences of these;
    `named`: those that are only named, or asked for; `ends_untold`: whether what follows is untold, too."""

    things: list[Thing] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    untold: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int]] = field(default_factory=list)
    stage: str = ""
    conditions: list[tuple[int, int]] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)
    ends_untold: bool = False


class Parts:
    """What a text says, and which of it belongs to the part and to the sentence that are being read."""

    def __init__(self, words: Sequence[str], copulas: frozenset[str], negation: Negation, telling: Telling) -> None:
        self._words, self._copulas, self._negation, self._telling = words, copulas, negation, telling
        self.found = Senses()
        self.place = 0.0  # how far the text is read
        self.begin, self.sentence = 0, 0  # with which words the part and the sentence begin
        self._fault, self._thing, self._sentence_fault = 0, 0, 0  # with which faults and things they begin
        self.untrue = -1  # the word from which on nothing is so, to the end of the part; -1 if there is none
        self.is_settled = False  # whether something in the part was said to be over
        self.is_praise = False  # whether something in the part was said to be well
        self.denied: tuple[str, str, float] = ("", "", NEVER)  # the last fault that was denied
        self.virtue: tuple[str, str, float] = ("", "", NEVER)  # the last one that was said to be there

    @property
    def faults(self) -> list[Fault]:
        """Return the faults of this part."""
        return self.found.faults[self._fault :]

    @property
    def things(self) -> list[Thing]:
        """Return the things of this part."""
        return self.found.things[self._thing :]

    def add(self, tag: str, said: str, start: int, end: int, of: Thing | None, denied: bool) -> Fault:
        """Note a fault, and return it."""
        telling = self._telling
        denied = denied or telling.is_name
        fault = Fault(self.place, tag, said, start, end, of, denied, telling.is_aside, telling.is_quoted)
        self.found.faults.append(fault)
        return fault

    def is_noun(self, fault: Fault) -> bool:
        """Return whether a fault is called by a noun: "greylisting", "the ban of your host"."""
        if fault.tag in PRACTICES and fault.words.endswith(("ing", "ion", "ance", "age")):
            return True
        before, after = self._words[fault.start - 1 : fault.start], self._words[fault.end : fault.end + 1]
        return (
            before != () and before[0] in _ARTICLES and after != () and (after[0] in _OF or after[0] in self._copulas)
        )

    def is_said_of_nothing(self, tag: str, number: int) -> bool:
        """Return whether a fault is said of what the same part calls absent."""
        faults = self.found.faults
        if len(faults) == self._fault or (of := faults[-1].of) is None:
            return False
        before, first = self._words[number - 1], self._words[number]
        if faults[-1].end == number and (
            tag in NOUNS or of.words.startswith("zero ") or self._words[number].endswith(("tion", "sion"))
        ):
            return True
        if of.tag == "entry" and tag == "listed":
            return True
        if not of.words.startswith(_OF_SUBJECTS) and before not in ("being", "been"):
            return False
        return (
            before in self._copulas
            or first in self._copulas
            or (tag == "required" and self.place - faults[-1].place <= 3)
        )

    def settle(self, start: int, end: int, is_other: bool = False) -> None:
        """What was said before is over, or is not the reason, so that it is about something else."""
        self.is_settled = True
        subjects = self.things
        self.found.untold.append((self.begin if subjects else start, end))
        for subject in subjects:
            subject.is_told = False
            subject.behind = FARTHEST
            if is_other:
                subject.weight += FARTHEST
        # "The version is not the problem" says nothing of what stands before it, "and is open again" does.
        faults = self.faults if subjects else self.found.faults
        for each in reversed(faults):
            if self.place - each.place > _SETTLED_REACHES:
                return
            each.denied = True
            self.found.untold.append((each.start, end))

    def leave_facts(self, number: int, around: bool) -> None:
        """From a word on no fact is told, or in the part `around` it: "what is too large would be refused"."""
        self._telling.leave(number)
        if around:
            self._telling.back_to(self.begin)
            for each in self.faults:
                each.aside = True

    def ask(self, number: int) -> None:
        """A sentence is asked, and perhaps denied at once: "full? no"."""
        answered = self._words[number + 1 : number + 2] in (("no",), ("not",), ("never",))
        begin = self.sentence + (self._words[self.sentence] in _LEADS)  # "so is it?", "in which case is it?"
        if answered or self._words[begin] in _ASKS | self._copulas or self._words[number - 2 : number] == ("or", "not"):
            for each in self.found.faults[self._sentence_fault :]:
                each.aside, each.denied = True, each.denied or answered
            (self.found.untold if answered else self._telling.asides).append((self.sentence, number))
            self.found.named.append((self.sentence, number))

    def end(self, number: int, following: int) -> None:
        """End a part in front of a word; the next one begins with the word `following`."""
        last = self._words[number - 1] if number else ""
        first = self._words[self.begin : self.begin + 2]
        if last == "not" and self._words[number - 2] != "or" and self.place - self.virtue[2] <= _ELLIPSIS_REACHES:
            # "The domain exists, but the user does not."
            tag, said, __ = self.virtue
            self.add(tag, f"{self._negation.words} {said}", number, number, self._subject(said), self.untrue >= 0)
        elif (
            first == ("but", "not")
            and self._words[self.begin + 2 : self.begin + 3] != ("without",)
            and len(self.found.faults) == self._fault
            and self.place - self.virtue[2] <= _ELLIPSIS_REACHES
        ):
            # "We take mail from members, but not from you."
            tag, said, __ = self.virtue
            self.add(tag, f"not {said}", number, number, self._subject(said), denied=False)
        elif (
            last in self._copulas
            and self.untrue < 0
            and self._negation.number < self.begin
            and self.place - self.denied[2] <= _ELLIPSIS_REACHES
        ):
            # "Mail to you is not forbidden, mail to the list is."
            self.add(*self.denied[:2], number, number, None, denied=False)
        elif number - self.begin <= 4 and _NO_MORE.search(" ".join(self._words[self.begin : number])):
            self.settle(self.begin, number)
        elif last == "nowhere" or self._words[number - 2 : number] in _NOWHERE:
            for each in self.found.faults[self._sentence_fault :]:  # "we asked two blocklists: you are on none"
                each.denied = True
            self.found.untold.append((self.sentence, number))
        elif self._words[number - 2 : number] in _OVER:
            self.settle(number, number)  # "the ban is over"
        if self.untrue >= 0:
            is_all = all(each.denied for each in self.faults)
            self.found.untold.append((self.begin if is_all else self.untrue, number))
            self.untrue = -1
            for thing in self.things:
                thing.is_told = not is_all
                thing.weight += _PRONOUN_STAYS if is_all and thing.tag == "you" else 0
        if self.is_praise and not self.faults:
            for thing in self.things:  # "there is room in the mailbox, but ..."
                thing.is_told = False
        if denied := [each.tag for each in self.faults if each.denied]:
            for thing in self.things:
                thing.cleared = denied[-1]
        self._fault, self.begin, self._thing = len(self.found.faults), following, len(self.found.things)
        self.is_settled = self.is_praise = False

    def end_sentence(self, following: int) -> None:
        """The next sentence begins with the word `following`."""
        self._sentence_fault, self.sentence = len(self.found.faults), following

    def _subject(self, said: str) -> Thing | None:
        """What this part is about, with what is not so of it; None where it names nothing."""
        subjects = self.things
        return (
            Thing(self.place, subjects[0].tag, f"{subjects[0].words} + {self._negation.words} {said}")
            if subjects
            else None
        )
