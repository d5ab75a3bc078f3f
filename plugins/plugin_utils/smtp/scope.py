# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the words reach that make others untold: a negation, and what tells no fact (a condition, advice, a quotation).

Places are those of senses.py; `number` is that of a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .lexicon import Lexicon
from .words import GAPS, QUOTES, TOKENS

NEVER = -99.0
ENDS_SENTENCE = frozenset(".;!?|")
# How far a negation reaches: to what is said of things, to that behind all of some things, and to things.
NEGATION_REACHES, _ALL_REACHES, _NOUN_REACHES = 5, 8, 4
# How far a word that names something stands before the name, and how many words a heading has.
_NAME_REACHES, _HEADING_REACHES = 5, 4


@dataclass(slots=True)
class Negation:
    """The last negation that nothing has taken up. `words`: what it says; `tag`: `of_things` if it may stand before what a
    sentence is about ("no user is blocked"), `of_facts` if it denies no thing ("not every user is blocked"); `number`, `end`:
    which words it is.

    It reaches over `small` words without losing reach, as long as it has met no thing: "in none of our lists". A verb that
    it denies takes it from the thing behind: "cannot contact the server" does not say that there is none, "does not have a
    name" does.
    """

    small: set[str]
    having: set[str]
    words: str = ""
    tag: str = ""
    number: int = 0
    end: int = -1
    _place: float = NEVER
    is_open: bool = False  # whether it has met no thing yet
    _of_verb: bool = False  # whether a verb follows
    _end: float = NEVER
    _link: float = NEVER  # the last word behind which a thing is not what is negated
    _other: float = NEVER  # the last word behind which a thing is not what is meant

    def begin(self, place: float, number: int, words: str, tag: str = "", end: int = -1, of_verb: bool = False) -> None:
        """Take a negation, perhaps of a verb that follows."""
        self.words, self.tag, self.number, self.end = words, tag, number, end
        self._place, self._end = place, place + (_ALL_REACHES if tag == "of_facts" else NEGATION_REACHES)
        self.is_open, self._of_verb = True, of_verb

    def turn_away(self, place: float) -> None:
        """Take a negation of a thing instead of which another is meant."""
        self._other = place

    def link(self, place: float) -> None:
        """Take a word behind which a thing is not what a negation before it is about."""
        self._link = place

    def pass_over(self, word: str, is_known: bool = False) -> None:
        """Reach farther over a small word, as long as it is open, and no thing behind a verb."""
        if word in self.small:
            self._end += 1
        elif self._of_verb:
            self._of_verb = False
            if not is_known and word not in self.having:
                self._place = NEVER

    def stay(self) -> None:
        """Reach no farther over small words."""
        self.is_open = False

    def pass_mark(self) -> None:
        """Reach no thing behind a mark: "no, the user ...", "recipient not allowed, your IP is on a list"."""
        if self.is_open:
            self._place, self.is_open = NEVER, False
        else:
            self.take_up()

    def go_on(self, place: float, to_things: bool) -> None:
        """Begin again behind what took it up; it may reach no thing there: "is not allowed to use the server"."""
        self._place, self._end, self.is_open = place if to_things else NEVER, place + NEGATION_REACHES, False

    def take_up(self) -> None:
        """Nothing more is under it."""
        self._place = self._end = NEVER

    def reaches(self, place: float) -> bool:
        """Return whether it denies what is said at a place."""
        return place <= self._end

    def removes(self, place: float) -> bool:
        """Return whether a thing at a place is said not to be there."""
        return place - self._place <= _NOUN_REACHES and self._link < self._place and self.tag != "of_facts"

    def is_linked(self, place: float) -> bool:
        """Return whether a link stands right before a place."""
        return place - self._link <= 2

    def turned_away(self, place: float) -> bool:
        """Return whether a thing at a place is what is not meant."""
        return place - self._other <= 2


@dataclass(slots=True)
class Telling:
    """What a text tells as no fact. `asides`: ranges of words that are told so, `conditions` those
    of them that are a whole sentence; `names`: those that only name something."""

    lexicon: Lexicon
    asides: list[tuple[int, int]] = field(default_factory=list)
    conditions: list[tuple[int, int]] = field(default_factory=list)
    names: list[tuple[int, int]] = field(default_factory=list)
    is_ruled: bool = False  # whether a rule is told, or advice
    _aside: str = ""  # "part" or "sentence": how far what tells no fact reaches
    _from: int = 0
    _quoted: str = ""  # the mark that ends the quotation
    _named: bool = False
    _signpost: int = -1  # the word with which a sentence begins that only shows the way, -1 if this is none
    _explained: bool = False  # whether the text goes on with what the quotation means
    _named_from: int = 0
    _named_end: int = -1  # the mark that ended the last quotation that was a name
    _mentioned: bool = False  # whether nobody says the quotation
    _naming: float = NEVER  # the last word behind which a quotation is a name
    _heading: float = NEVER  # the last one behind which what follows a colon is one, too

    @property
    def is_aside(self) -> bool:
        """Return whether no fact is told here."""
        return self._aside != ""

    @property
    def is_condition(self) -> bool:
        """Return whether this sentence tells no fact at all."""
        return self._aside == "sentence"

    @property
    def is_quoted(self) -> bool:
        """Return whether this is a quotation."""
        return self._quoted != ""

    @property
    def is_name(self) -> bool:
        """Return whether this only names something."""
        return self._named or self._signpost >= 0

    def is_quote(self, word: str) -> bool:
        """Return whether a word is a mark that may begin or end a quotation."""
        return word in QUOTES or word == self._quoted

    def leave(self, number: int, whole: bool = False) -> None:
        """From a word on no fact is told, for the whole sentence or for a part of it."""
        if not self._aside:
            self._from = number
        self._aside = "sentence" if whole or self._aside == "sentence" else "part"

    def show_the_way(self, number: int) -> None:
        """From a word on, to the end of the sentence, nothing is told at all: "possible reasons are ..."."""
        if self._signpost < 0:
            self._signpost = number

    def back_to(self, number: int) -> None:
        """No fact was told from an earlier word on."""
        self._from = min(self._from, number)

    def name(self, place: float, heads: bool = False) -> None:
        """Take a word that may stand before a name, and perhaps `heads` it."""
        self._naming = place
        if heads:
            self._heading = place

    def quote(self, word: str, number: int, place: float, words: Sequence[str]) -> None:
        """Begin or end a quotation, if this mark does."""
        if word == self._quoted:
            if self._named:
                self.names.append((self._named_from, number))
                self._named_end = number
                self.name(place)  # "renamed 'mailbox full' to 'quota exceeded'"
            self._quoted, self._named = "", False
            if self._mentioned:
                self._mentioned = False
                self.end(number)
            if self._explained:
                self.leave(number)
        elif not self._quoted and QUOTES.get(word) in words[number + 1 :]:
            known = self.lexicon.words
            last = end = words.index(QUOTES[word], number + 1)
            # "'mailbox full' and 'user unknown' are both listed"
            while (
                last + 2 < len(words)
                and words[last + 1] in known["lists"]
                and QUOTES.get(words[last + 2]) in words[last + 3 :]
            ):
                last = words.index(QUOTES[words[last + 2]], last + 3)
            self._quoted = QUOTES[word]
            self._explained = not known["explains"].isdisjoint(words[last + 1 : last + 3])
            self._named = (
                self._explained
                or place - self._naming <= _NAME_REACHES
                or (
                    words[number - 1] in known["named"]
                    and known["witness"].isdisjoint(words[max(0, number - 2) : number - 1])
                )
                # "see 'user unknown' and 'mailbox full' in our FAQ"
                or (0 <= self._named_end == number - 2 and words[number - 1] in known["lists"])
                or self._is_denied(last, words)
                or (
                    # "'Mailbox full' was renamed", but not "'mailbox full' was what it said".
                    not known["finite"].isdisjoint(words[last + 1 : last + 2])
                    and known["reported"].isdisjoint(words[last + 2 : last + 3])
                )
            )
            self._named_from = number
            if end > number + 2 and not (self._named or self._aside or self._is_told(number, words)):
                self.leave(number)
                self._mentioned = True

    def _is_told(self, number: int, words: Sequence[str]) -> bool:
        """Whether somebody says what the quotation says that begins here."""
        return (
            number == 0
            or words[number - 1] in GAPS
            or words[number - 1] in TOKENS
            or not self.lexicon.words["telling"].isdisjoint(words[max(0, number - 5) : number])
        )

    def _is_denied(self, end: int, words: Sequence[str]) -> bool:
        """Whether it is said of the quotation that ends here that it is not there: "'mailbox full' no longer occurs"."""
        numbers = [number for number in (end + 1, end + 2) if number < len(words)]
        if numbers and words[numbers[0]] in GAPS:
            return False
        return any(self.lexicon.sense(words, number)[0] == "negation" for number in numbers)

    def head(self, number: int, place: float) -> None:
        """Take a colon, which may end a heading: `Subject: ...`."""
        if number <= _HEADING_REACHES and place - self._heading <= _NAME_REACHES:
            self._named, self._named_from = True, number

    def gap(self, word: str, number: int) -> None:
        """End what a mark ends."""
        if self._signpost >= 0 and word in ENDS_SENTENCE and not self._quoted:
            self.turn(number)
        if self._aside and (word in ENDS_SENTENCE if self._aside == "sentence" else word != ":"):
            self.end(number)

    def end(self, number: int) -> None:
        """Facts are told again."""
        self.close(number)
        self._aside, self.is_ruled = "", False

    def turn(self, number: int) -> None:
        """Facts are told again, whatever was shown before."""
        self.end(number)
        self._signpost = -1

    def close(self, number: int) -> None:
        """Note what is untold up to a word."""
        if self._aside:
            self.asides.append((self._from, number))
            if self._aside == "sentence":
                self.conditions.append((self._from, number))
        if self._named and not self._quoted:
            self.names.append((self._named_from, number))
        if self._signpost >= 0:
            self.names.append((self._signpost, number))
