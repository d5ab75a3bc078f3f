# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text says, part by part: things, faults, and what takes back those of a part or of a sentence.

A part ends with a mark or with a word such as "but".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from .lexicon import Lexicon
from .scope import ENDS_SENTENCE, NEVER, Negation, Telling
from .words import TOKENS

# How far a thing may stand from what is said of it, in words.
FARTHEST = 18
# How far what says that a fault is over reaches back.
_SETTLED_REACHES = 14
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
BEHIND, LINKED = 1.5, 4
# How far back that may be said which a "not" or an "is" at the end of a part leaves out.
_ELLIPSIS_REACHES = 16
# A "you" of which something was denied is meant less often than a thing behind it; this many words less.
_PRONOUN_STAYS = 8
# The same for each thing with which nothing is said to be the matter, if a thing behind it is near enough to be meant.
CLEAR = 8
# Faults that make one word with a thing before them: "no login failure".
NOUNS = frozenset({"mismatch", "loop", "failed", "broken", "listed", "timeout", "spam", "virus"})
# Faults that are called by what is done: "greylisting", "two-factor authentication".
PRACTICES = frozenset({"greylisted", "listed", "app_password", "unavailable"})
# How many words a part may have that only takes back another.
_SHORT = 6


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
    is_clear: bool = False  # whether all that its part says is denied, or is well
    last: float = math.inf  # how far a fault may stand that is said of it
    cleared: str = ""  # what it is said not to be
    aside: bool = False  # in a sentence that tells no fact
    since: int = 0  # with which word that sentence begins, where it is in a part that tells none

    def clear(self) -> None:
        """Nothing is said to be the matter with it: it is not what stands before is about."""
        self.is_clear, self.behind = True, FARTHEST

    def distance(self, fault: Fault) -> float:
        """Return how far it is from a fault."""
        place = fault.place
        if self.place > fault.last or place > self.last:
            return math.inf
        if fault.end <= self.since and not fault.aside:
            return math.inf  # "Refused. Check whether your IP is listed."
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
    ruled: bool = False  # in one that tells a rule, or gives advice
    quoted: bool = False
    beside: bool = False  # a thing follows at once: "unknown senders are ..."
    stated: bool = False  # "there is no ..."
    of_nothing: bool = False  # what it is said of may be what a sentence is about: "no user is ..."
    last: float = math.inf  # how far a thing may stand that it is said of
    acts: bool = False  # something does it to what follows: "the host denies the sender"


@dataclass(slots=True)
class Senses:
    """What a text says. `untold`: ranges of words that say what is not so; `asides`: those that tell no fact,
    `conditions` whole sentences of these;
    `named`: those that are only named, or asked for; `cleared`: names of things that it is said not to be about;
    `ends_untold`: whether what follows is untold, too."""

    things: list[Thing] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    untold: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int]] = field(default_factory=list)
    stage: str = ""
    conditions: list[tuple[int, int]] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    ends_untold: bool = False


class Parts:
    """What a text says, and which of it belongs to the part and to the sentence that are being read."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon, negation: Negation, telling: Telling) -> None:
        self._words, self._lexicon, self._negation, self._telling = words, lexicon, negation, telling
        self._known = lexicon.words
        self.found = Senses(asides=telling.asides, conditions=telling.conditions)
        self.place = 0.0  # how far the text is read
        self.begin, self.sentence = 0, 0  # with which words the part and the sentence begin
        self._began = 0.0  # at which place the part begins
        self._last_begin = 0  # with which word the part before it begins
        self._fault, self._thing, self._sentence_fault, self._sentence_thing = (
            0,
            0,
            0,
            0,
        )  # with which faults and things they begin
        self._listed = 0  # with which thing the list begins that the part ends, such as "A, B and C are fine"
        self.untrue = -1  # the word from which on nothing is so, to the end of the part; -1 if there is none
        self.is_settled = False  # whether something in the part was said to be over
        self.is_well = self.is_praise = False  # whether something in the part was said to be so, or to be well
        self.denied: tuple[str, str, float] = ("", "", NEVER)  # the last fault that was denied
        self.virtue: tuple[str, str, float] = ("", "", NEVER)  # the last one that was said to be there

    def is_near(self, said: tuple[str, str, float]) -> bool:
        """Return whether a `denied` or a `virtue` stands before this part, and near enough to be what it leaves out."""
        return said[2] < self._began and self.place - said[2] <= _ELLIPSIS_REACHES

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
        fault = Fault(
            self.place, tag, said, start, end, of, denied, telling.is_aside, telling.is_ruled, telling.is_quoted
        )
        self.found.faults.append(fault)
        return fault

    def is_noun(self, fault: Fault) -> bool:
        """Return whether a fault is called by a noun: "greylisting", "the ban of your host"."""
        if fault.tag in PRACTICES and fault.words.endswith(("ing", "ion", "ance", "age")):
            return True
        before, after = self._words[fault.start - 1 : fault.start], self._words[fault.end : fault.end + 1]
        known = self._known
        return not known["article"].isdisjoint(before) and not (
            known["object_of"].isdisjoint(after) and known["copula"].isdisjoint(after)
        )

    def is_said_of_nothing(self, tag: str, number: int) -> bool:
        """Return whether a fault is said of what the same part calls absent."""
        faults = self.found.faults
        if len(faults) == self._fault or faults[-1].start < self.untrue:
            return False
        if tag == "listed" and faults[-1].tag == "absent" and not faults[-1].denied:
            return True  # "we did not find your domain on a blacklist"
        if (of := faults[-1].of) is None:
            return False
        before, first = self._words[number - 1], self._words[number]
        if faults[-1].end == number and (
            tag in NOUNS
            or faults[-1].stated
            or of.words.startswith(("zero ", "neither ", "nor "))
            or self._words[number].endswith(("tion", "sion"))
        ):
            return True
        if of.tag == "entry" and tag == "listed":
            return True
        if not faults[-1].of_nothing and before not in ("being", "been"):
            return False
        return (
            before in self._known["copula"]
            or first in self._known["copula"]
            or (tag == "required" and self.place - faults[-1].place <= 3)
        )

    def settle(self, start: int, end: int, is_other: bool = False, is_near: bool = False) -> None:
        """What was said before is over, or is not the reason, so that it `is_other` that is. `is_near`: what this part said,
        where it said something."""
        self.is_settled = True
        subjects = self.things
        self.found.untold.append((self.begin if subjects else start, end))
        for subject in subjects:
            subject.is_told = False
            subject.behind = FARTHEST
            if is_other:
                subject.weight += FARTHEST
        # "The version is not the problem" says nothing of what stands before it, "and is open again" does.
        faults = self.faults if subjects or (is_near and self.faults) else self.found.faults
        for each in reversed(faults):
            if self.place - each.place > _SETTLED_REACHES:
                return
            each.denied = True
            self.found.untold.append((each.start, end))

    def cure(self) -> None:
        """What was the matter before is so no more: "the mailbox was full, but he has tidied up"."""
        over = 0  # where the last of these faults ends
        for each in self.found.faults:
            if self._has("was", max(0, each.start - 2), each.start) or each.start - over <= 2 <= over:
                each.denied, over = True, each.end
                self.found.untold.append((each.start, each.end))

    def deny_name_of(self, said: str) -> None:
        """Deny what names something by the word that a part denies, where that is all it says: "spam score 1.2, not spam"."""
        if not self.things:
            for each in self.found.faults[self._sentence_fault : self._fault]:
                if not each.denied and not set(each.words.split()).isdisjoint(said.split()):
                    each.denied = True
                    self.found.untold.append((each.start, each.end))

    def leave_facts(self, number: int, around: bool, whole: bool = False) -> None:
        """From a word on no fact is told, or in the part `around` it ("what is too large would be refused"), or in the `whole`
        sentence."""
        self._telling.leave(number)
        if around or whole:
            self._telling.back_to(self.sentence if whole else self.begin)
            for each in self.found.faults[self._sentence_fault if whole else self._fault :]:
                each.aside = True

    def ask(self, number: int) -> None:
        """A sentence is asked, and perhaps denied at once: "full? no"."""
        answered = self._has("answer", number + 1, number + 2)
        known = self._known
        # "So is it?", "in which case is it?", "question: is it?"
        leads = self.sentence + (self._words[self.sentence] in known["lead"])
        begins = [
            begin
            for begin, word in ((self.sentence, leads), (self._last_begin, self._last_begin))
            if self._words[word] in known["question"] or self._words[word] in known["copula"]
        ]
        if answered or self._lexicon.ending(self._words, number) in ("asked", "either"):
            begins.insert(0, self.sentence)
        if begins:
            for each in self.found.faults[self._sentence_fault :]:
                if each.start >= begins[0]:
                    each.aside, each.denied = True, each.denied or answered
            for thing in self.found.things[self._sentence_thing :]:
                thing.since = self.sentence  # "Denied. Are you on a list?"
            (self.found.untold if answered else self._telling.asides).append((begins[0], number))
            self.found.named.append((begins[0], number))

    def end(self, number: int, following: int) -> None:
        """End a part in front of a word; the next one begins with the word `following`."""
        lexicon, words = self._lexicon, self._words
        # Most parts begin and end with other words.
        if number > self.begin and (
            self.is_praise or words[self.begin] in lexicon.beginnings or words[number - 1] in lexicon.endings
        ):
            self._read_back(number)
        if self.is_well or self.untrue >= 0 or len(self.found.faults) > self._fault:
            self._clear(number)
            self._listed = len(self.found.things)
        elif self._words[number : number + 1] not in ((",",), ("and",)):
            self._listed = len(self.found.things)
        self._last_begin = self.begin
        self._fault, self.begin, self._thing = len(self.found.faults), following, len(self.found.things)
        self._began = self.place + 1
        self.is_settled = self.is_praise = self.is_well = False

    def _clear(self, number: int) -> None:
        """Note what is untold in the part in front of a word, and which of its things nothing is the matter with."""
        things, faults = self.things, self.faults
        if self.untrue >= 0:
            is_all = all(each.denied for each in faults)
            self.found.untold.append((self.begin if is_all else self.untrue, number))
            self.untrue = -1
            for thing in things:
                thing.is_told = not is_all
                if is_all:
                    thing.weight += _PRONOUN_STAYS if thing.tag == "you" else 0
                    thing.clear()  # "out of storage, but your mailbox is not full"
        # "Refused, the recipient exists", but not "refused, it has an attachment".
        if self.is_well and not faults and (self._names_next() or not self._has("pronoun", self.begin, self.begin + 1)):
            for thing in self.found.things[self._listed :] if self.is_praise else things:
                thing.clear()
                if self.is_praise:
                    thing.is_told = False  # "there is room in the mailbox, but ..."
        if denied := [each.tag for each in faults if each.denied]:
            for thing in things:
                thing.cleared = denied[-1]

    def _read_back(self, number: int) -> None:
        """Read by how the part in front of a word begins and ends what it leaves out, and what it takes back."""
        words = self._words
        beginning, ending = self._lexicon.beginning(self._words, self.begin), self._lexicon.ending(self._words, number)
        is_bare = all(each.denied for each in self.faults)
        if (ending == "denied" or (beginning == "denied" and is_bare)) and self.is_near(self.virtue):
            tag, said, __ = self.virtue
            denied = ending == "denied" and self.untrue >= 0
            self.add(tag, f"{self._negation.words or 'not'} {said}", number, number, self._subject(said), denied)
        elif ending == "denied" and self.faults and self._is_inverted(number):
            self.settle(number, number, is_near=True)  # "full the mailbox was not"
        elif ending == "affirmed" or (beginning == "affirmed" and is_bare and self._is_thing(number)):
            is_plain = self.untrue < 0 and self._negation.number < self.begin
            if is_plain and self.is_near(self.denied):
                self.add(*self.denied[:2], number, number, None, denied=False)
        elif ending == "lacking" and self._has("relative", self.begin, self.begin + 1) and self._thing:
            named = self.found.things[self._thing - 1]
            of = Thing(self.place, named.tag, f"{named.words} + {words[number - 1]}")
            self.add("absent", named.words, number - 1, number, of, denied=False)
        elif (
            ending == "gone"
            and number - self.begin <= _SHORT
            and not any(each.end == number and each.tag == "absent" for each in self.faults)
        ):
            self.settle(self.begin, number)
        elif (
            ending == "over"
            or (ending == "either" and self.faults)
            or (is_bare and self.is_praise and self._has("now", self.begin, number))
        ):
            self.settle(number, number, is_near=True)
        elif ending == "nowhere" or (
            beginning == "others"
            and is_bare
            and (ending == "denied" or self.is_praise)
            and not self._has("you", self.sentence, self.begin)
        ):
            self.take_back(number)

    def take_back(self, number: int) -> None:
        """Deny all that the sentence has said up to a word."""
        for each in self.found.faults[self._sentence_fault :]:
            each.denied = True
        self.found.untold.append((self.sentence, number))

    def _is_thing(self, number: int) -> bool:
        """Whether the part in front of a word only says what a thing is, and ends the sentence."""
        things, following = self.things, self._words[number : number + 1]
        is_short = len(things) == 1 and self.place - things[0].place < 1 and number - self.begin <= _SHORT
        if self._words[number - 1] in TOKENS or (things and self._negation.is_linked(things[0].place)):
            return False
        return is_short and (following == () or following[0] in ENDS_SENTENCE)

    def _is_inverted(self, number: int) -> bool:
        """Whether the part in front of a word denies what it began with: "full the mailbox was not"."""
        following = self._words[number] if number < len(self._words) else "."
        return following in ".,;" and self._has("copula", number - 2, number - 1)

    def _has(self, name: str, start: int, end: int) -> bool:
        """Whether one of the words that the data has under a name stands in a range."""
        return not self._known[name].isdisjoint(self._words[start:end])

    def _names_next(self) -> bool:
        """Whether a part names what it is about behind its first word: "and the record is fine"."""
        number = self.begin + 1
        while self._has("small", number, number + 1):
            number += 1
        return self._lexicon.sense(self._words, number)[0] == "who"

    def leave_clear(self, following: int) -> None:
        """What the part before is about, and is not the matter, is not what the next is about that begins with a word."""
        if following < len(self._words) and self._words[following] not in self._known["pronoun"]:
            for thing in self.found.things:
                if thing.is_clear:
                    thing.last = min(thing.last, self.place)

    def end_sentence(self, following: int) -> None:
        """The next sentence begins with the word `following`."""
        self._sentence_fault, self._sentence_thing = len(self.found.faults), len(self.found.things)
        self.sentence = following

    def _subject(self, said: str) -> Thing | None:
        """What this part is about, with what is not so of it; None where it names nothing."""
        subjects = self.things
        return (
            Thing(self.place, subjects[0].tag, f"{subjects[0].words} + {self._negation.words or 'not'} {said}")
            if subjects
            else None
        )
