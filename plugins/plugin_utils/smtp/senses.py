# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a text are: things, faults, and how far a negation, a condition or a quotation reaches.

A sentence is read once, from the left. A fault that is denied, told as no fact, or quoted is kept, and marked as such; what
parts of a text that makes untold is kept as ranges of words. The kinds of words are explained in phrases.yml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .lexicon import Lexicon
from .scope import ENDS_SENTENCE, NEGATION_REACHES, NEVER, Negation, Telling
from .words import GAPS

# How far a thing may stand from what is said of it, in words.
FARTHEST = 18
# How far what says that a fault is over reaches back.
_SETTLED_REACHES = 10
# A thing after its fault ("unknown user") is meant less often than one before it; these many words less.
_BEHIND, _LINKED = 1.5, 4
# Virtues behind which a negation goes on: "not found in any list", "not allowed to send as another".
_PASSED_ON = ("absent", "forbidden")
# How far back that may be said which a "not" or an "is" at the end of a part leaves out.
_ELLIPSIS_REACHES = 16
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "isnt", "am", "gets", "got", "has", "have"})
# Of negations those that may stand before what a sentence is about.
_OF_SUBJECTS = ("no ", "neither ", "nor ", "none ", "zero ", "not a single ", "not one ")
# Faults that make one word with a thing before them: "no login failure".
_NOUNS = frozenset({"failed", "broken", "listed", "timeout", "spam", "virus"})
# Faults that are none where nothing is found of them.
_FOUND = frozenset({"listed", "spam", "virus"})
# What is over when it has happened to one that is called by a noun: "the ban of your host has expired".
_ENDINGS = frozenset({"expired", "absent"})
_ARTICLES = frozenset({"the", "a", "an", "your", "our", "any", "this", "that", "every", "its"})
_OF = frozenset({"of", "on", "for", "against", "expired", "lapsed"})
# Virtues of which nothing said before is a fault.
_PRAISE = frozenset({"failed", "invalid", "refused", "unavailable", "unverified"})
# What begins a reason. Where a fault was denied, its reason is, too: "not refused because of ...".
_REASONS = frozenset({"because", "due"})
# Parts that take back the one before: "you were blocked, not any more".
_NO_MORE = re.compile(r"^(?:\w+ )?(?:not any ?more|no longer|no more|not now|not today)$")
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
# Behind what is denied these go on with it: "not full or blocked", "not regarded as spam".
_LISTING = frozenset({"and", "or", "as"})
_WHENEVER = frozenset({"when", "after"})
# What may stand behind a fact: "relaying is denied unless you log in".
_UNLESS = frozenset({"for", "unless", "provided", "lest", "only", "as", "should", "once"})
# Behind these it goes on that no fact is told: "the page tells what to do when the mailbox is full".
_GOES_ON = frozenset({"and", "when", "after", "until", "which", "while"})
# What begins a part that says what advice is about: "for a full mailbox see ...".
_TOPICS = frozenset({"for", "about", "on", "regarding", "concerning"})
# Behind a thing that is denied these say that it is not meant: "not a password issue".
_MATTERS = {("issue",), ("issues",), ("matter",), ("question",), ("decision",)}
_OVER = {("is", "over"), ("are", "over"), ("was", "over")}
_INVERTED = {("is",), ("are",), ("was",), ("were",), ("did",), ("does",), ("do",)}
_SAME = {("is",), ("are",), ("was",), ("were",), ("has",), ("have",), ("had",)}
# What says behind a name that it is not so: "spam: no".
_NONE = frozenset({"no", "none", "false", "zero", "off", "negative"})
_ASKS = frozenset({*_BE, "what", "how", "do", "does", "did", "has", "have", "had", "can", "could", "will", "may"})


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
        self._negation, self._telling = Negation(), Telling()
        self._denied: tuple[str, str, float] = ("", "", NEVER)  # the last fault that was denied
        self._untrue = -1  # the word from which on nothing is so, to the end of the part; -1 if there is none
        self._part, self._sentence = 0, 0  # which fault is the first of this part, and of this sentence
        self._part_things, self._part_begin, self._begin = 0, 0, 0  # with which words they begin
        self._settled = -1  # the part in which something was said to be over
        self._virtue: tuple[str, str, float] = ("", "", NEVER)  # the last one that was said to be there

    def read(self) -> Senses:
        words, forms, number = self._words, self._lexicon.forms, 0
        for word in words:
            # Most words have no sense.
            if number < self._next:
                pass
            elif word not in forms:
                self._place += 1
                self._negation.pass_over(word)
            elif self._telling.is_quote(word):
                self._telling.quote(word, number, self._place, words)
            elif word in GAPS:
                self._gap(word, number)
            else:
                self._next = number + self._word(word, number)
            number += 1
        self._end_part(number, number)
        telling, found = self._telling, self._found
        telling.close(number)
        found.asides, found.ends_aside = telling.asides, telling.is_aside
        found.untold += telling.names
        return found

    def _word(self, word: str, number: int) -> int:
        """Take one form, and return how many words it has."""
        kind, tag, length = self._lexicon.sense(self._words, number)
        self._place += 1
        if kind == "aside" and self._place <= self._reach:
            # "Please verify the recipient" is advice, "unable to verify the recipient" is none.
            form = self._lexicon.forms[word]
            kind, tag, length = form.kind, form.tag, 1
        if word in self._lexicon.naming:
            self._telling.name(self._place)
        self._negation.pass_over(word)
        if kind == "who":
            self._thing(tag, number, length)
        elif kind == "fault":
            self._fault(tag, number, length)
        elif kind == "virtue":
            self._virtue_of(tag, number, length)
        elif kind in ("negation", "other"):
            self._negation.begin(self._place, number, " ".join(self._words[number : number + length]))
            following = self._words[number + length : number + length + 1]
            if number <= self._part_begin + 1 and following in _INVERTED and self._untrue < 0:
                self._untrue = number  # "never was the mailbox full"
            if kind == "other":
                self._negation.turn_away(self._place + (length - 1) * 0.5)
        elif kind == "link":
            self._negation.link(self._place)
        elif kind == "untrue":
            if self._untrue < 0:
                self._untrue = number
        elif kind == "settled":
            self._settle(number, number + length)
            self._settled = self._part_begin
            if "not" in self._words[number : number + length] and self._words[
                number + length : number + length + 1
            ] == ("to",):
                self._negation.begin(self._place, number, "not")  # "... does not apply to blocked clients"
        elif kind == "aside":
            self._leave_facts(number, self._words[self._part_begin] in _TOPICS)
        elif kind == "condition":
            self._suppose(word, number)
        elif kind == "supposed":
            self._leave_facts(number, True)
        elif kind == "but":
            self._but(word, number)
        elif kind == "stage":
            self._found.stage = tag
        self._place += (length - 1) * 0.5
        return length

    def _thing(self, tag: str, number: int, length: int) -> None:
        place = self._place
        negation = self._negation
        if self._telling.is_name:
            return
        if negation.turned_away(place):
            self._found.untold.append((negation.number, number + length))
            return
        if (faults := self._found.faults) and faults[-1].end == number:
            faults[-1].beside = True
        negation.stay()
        said = " ".join(self._words[number : number + length])
        weights = self._lexicon.weight
        weight = weights.get(said, 0) or weights.get(tag, 0)
        # What is rejected by a server is not the server.
        behind = _BEHIND + (_LINKED if negation.is_linked(place) else 0)
        absent = negation.removes(place)
        if absent and self._words[number + length : number + length + 1] in _MATTERS:
            self._found.untold.append((negation.number, number + length))
            negation.take_up()
            return
        beyond = FARTHEST if absent or self._untrue >= 0 else 0
        # Of what is not there, or not the matter, nothing else is said.
        self._found.things.append(Thing(place, tag, said, weight + beyond, behind))
        if absent:
            of = Thing(place, tag, f"{negation.words} {said}")
            self._add("absent", said, negation.number, number + length, of, denied=self._untrue >= 0)
            faults[-1].stated = negation.number > 0 and self._words[negation.number - 1] in _BE
            negation.take_up()

    def _fault(self, tag: str, number: int, length: int) -> None:
        place, faults = self._place, self._found.faults
        said = " ".join(self._words[number : number + length])
        if tag == "absent" and faults and faults[-1].tag in _FOUND and faults[-1].end >= number - 1:
            self._settle(number, number + length)  # "virus missing"
            return
        if tag in _ENDINGS and any(self._is_noun(each) for each in faults[self._part :]):
            self._settle(number, number + length)  # "the ban on your network expired"
            return
        under = self._negation.reaches(place)
        again = tag == self._denied[0] and place - self._denied[2] <= NEGATION_REACHES
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
                self._untrue = self._negation.number if under else number
            self._negation.take_up()

    def _is_noun(self, fault: Fault) -> bool:
        """Whether a fault is called by a noun: "the ban of your host"."""
        before, after = self._words[fault.start - 1 : fault.start], self._words[fault.end : fault.end + 1]
        return before != () and before[0] in _ARTICLES and after != () and (after[0] in _OF or after[0] in _BE)

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
        negation = self._negation
        if not negation.reaches(self._place):
            self._virtue = tag, said, self._place
            if tag in _PRAISE and self._ends(number + length) and len(self._found.faults) == self._part:
                for thing in self._found.things[self._part_things :]:
                    thing.behind = FARTHEST  # "relay denied, your record is fine"
            return
        faults = self._found.faults[self._part :]
        if tag == "absent" and faults and faults[-1].tag in _NOUNS and faults[-1].end >= negation.number - 1:
            # "A virus was not found."
            self._settle(negation.number, number + length)
            negation.take_up()
            return
        self._add(tag, f"{negation.words} {said}", negation.number, number + length, None, self._untrue >= 0)
        if tag in _PASSED_ON:
            negation.go_on(self._place)
        else:
            negation.take_up()

    def _add(self, tag: str, said: str, start: int, end: int, of: Thing | None, denied: bool) -> None:
        telling = self._telling
        denied = denied or telling.is_name
        self._found.faults.append(
            Fault(self._place, tag, said, start, end, of, denied, telling.is_aside, telling.is_quoted)
        )

    def _settle(self, start: int, end: int) -> None:
        """What was said before is over, or is not the reason."""
        subjects = self._found.things[self._part_things :]
        self._found.untold.append((self._part_begin if subjects else start, end))
        for subject in subjects:
            subject.is_told = False
            subject.behind = FARTHEST
        # "The version is not the problem" says nothing of what stands before it, "and is open again" does.
        faults = self._found.faults[self._part if subjects else 0 :]
        for each in reversed(faults):
            if self._place - each.place > _SETTLED_REACHES:
                return
            each.denied = True
            self._found.untold.append((each.start, end))

    def _suppose(self, word: str, number: int) -> None:
        """A condition begins. "Mail is rejected if ..." does not say that any is."""
        if number <= self._begin + 1:
            self._telling.leave(number, whole=True)
        else:
            self._leave_facts(number, word not in _UNLESS)

    def _leave_facts(self, number: int, around: bool) -> None:
        """From a word on no fact is told, or in the part `around` it: "what is too large would be refused"."""
        self._telling.leave(number)
        if around:
            self._telling.back_to(self._part_begin)
            for each in self._found.faults[self._part :]:
                each.aside = True

    def _but(self, word: str, number: int) -> None:
        if self._untrue >= 0 and (word in _REASONS or (word in _LISTING and self._kind(number + 1) == "fault")):
            return
        is_over = word == "after" and self._settled == self._part_begin
        self._end_part(number, number)
        if is_over:
            self._untrue = number  # "... is open again after being locked"
        if word in _WHENEVER and number == self._begin:
            self._telling.leave(number, whole=True)  # "When the mailbox is full, ..."
        elif word not in _GOES_ON:
            self._telling.end(number)
        # "... and has been released": it goes on about the same.
        same = word == "and" and self._words[number + 1 : number + 2] in _SAME
        self._place += 1 if same else 3 if number and self._words[number - 1] == "," else 6

    def _kind(self, number: int) -> str:
        """The kind of the form that begins at a word."""
        return self._lexicon.sense(self._words, number)[0]

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

    def _says_none(self, number: int) -> bool:
        """Whether a word by itself says that there is none."""
        return number < len(self._words) and self._words[number] in _NONE and self._ends(number + 1)

    def _ends(self, number: int) -> bool:
        """Whether a part ends in front of this word."""
        return number >= len(self._words) or self._words[number] in GAPS

    def _gap(self, word: str, number: int) -> None:
        if word == "," and self._untrue >= 0 and self._lists_on(number + 1):
            return
        faults = self._found.faults
        if word in (":", "=") and faults and faults[-1].end >= number - 1 and self._says_none(number + 1):
            self._settle(number, number + 2)  # "blacklisted: no"
        self._end_part(number, number + 1)
        self._negation.pass_mark()
        if word in ENDS_SENTENCE:
            if word == "?":
                self._ask(number)
            self._sentence, self._begin = len(self._found.faults), number + 1
        self._telling.gap(word, number)
        self._place += GAPS[word]
        self._telling.head(word, number, self._place, self._words)

    def _ask(self, number: int) -> None:
        """A sentence is asked, and perhaps denied at once: "full? no"."""
        answered = self._words[number + 1 : number + 2] in (("no",), ("not",))
        if answered or self._words[self._begin] in _ASKS:
            for each in self._found.faults[self._sentence :]:
                each.aside, each.denied = True, each.denied or answered
            (self._found.untold if answered else self._telling.asides).append((self._begin, number))

    def _end_part(self, number: int, following: int) -> None:
        """End a part in front of a word; the next one begins with the word `following`."""
        last = self._words[number - 1] if number else ""
        first = self._words[self._part_begin : self._part_begin + 2]
        if last == "not" and self._words[number - 2] != "or" and self._place - self._virtue[2] <= _ELLIPSIS_REACHES:
            # "The domain exists, but the user does not."
            tag, said, __ = self._virtue
            self._add(tag, f"{self._negation.words} {said}", number, number, self._subject(said), self._untrue >= 0)
        elif (
            first == ("but", "not")
            and len(self._found.faults) == self._part
            and self._place - self._virtue[2] <= _ELLIPSIS_REACHES
        ):
            # "We take mail from members, but not from you."
            tag, said, __ = self._virtue
            self._add(tag, f"not {said}", number, number, self._subject(said), denied=False)
        elif (
            last in _BE
            and self._untrue < 0
            and self._negation.number < self._part_begin
            and self._place - self._denied[2] <= _ELLIPSIS_REACHES
        ):
            # "Mail to you is not forbidden, mail to the list is."
            self._add(*self._denied[:2], number, number, None, denied=False)
        elif number - self._part_begin <= 4 and _NO_MORE.search(" ".join(self._words[self._part_begin : number])):
            self._settle(self._part_begin, number)
        elif self._words[number - 2 : number] in _OVER:
            self._settle(number, number)  # "the ban is over"
        if self._untrue >= 0:
            is_all = all(each.denied for each in self._found.faults[self._part :])
            self._found.untold.append((self._part_begin if is_all else self._untrue, number))
            self._untrue = -1
            for each in self._found.things[self._part_things :]:
                each.is_told = not is_all
        self._part, self._part_begin, self._part_things = len(self._found.faults), following, len(self._found.things)

    def _subject(self, said: str) -> Thing | None:
        """What this part is about, with what is not so of it; None where it names nothing."""
        subjects = self._found.things[self._part_things :]
        return (
            Thing(self._place, subjects[0].tag, f"{subjects[0].words} + {self._negation.words} {said}")
            if subjects
            else None
        )
