# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a text are: things, faults, and how far a negation, a condition or a quotation reaches.

A sentence is read once, from the left. A fault that is denied, told as no fact, or quoted is kept, and marked as such; what
parts of a text that makes untold is kept as ranges of words. The kinds of words are explained in phrases.yml.
"""

from __future__ import annotations

from collections.abc import Sequence

from .lexicon import Lexicon
from .nearby import Nearby
from .parts import BEHIND, FARTHEST, LINKED, NOUNS, PRACTICES, Parts, Senses, Thing
from .scope import ENDS_SENTENCE, Negation, Telling
from .words import GAPS, TOKENS

# Virtues behind which a negation goes on: "not found in any list", "not allowed to send as another".
_PASSED_ON = ("absent", "forbidden")
# Faults that are none where nothing is found of them.
_FOUND = frozenset({"listed", "spam", "virus"})
# What is over when it has happened to one that is called by a noun: "the ban of your host has expired".
_ENDINGS = frozenset({"expired", "revoked", "absent", "disabled", "unsupported"})
# Virtues of which nothing said before is a fault.
_PRAISE = frozenset({"failed", "invalid", "refused", "unavailable", "unverified"})
# How far behind what is denied an "only" may stand.
_CONTRAST_REACHES = 8


def senses(words: Sequence[str], lexicon: Lexicon) -> Senses:
    """Return what the words of a text are."""
    return _Reader(words, lexicon).read()


class _Reader:
    """Reads one text. Places are counted in words, and further than that over a mark; `number` is that of a word."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon) -> None:
        self._words, self._lexicon = words, lexicon
        self._resumed = -1  # the mark behind which the negation goes on
        self._conceded = 0  # the word with which that begins behind which a fact is told in the same part
        self._states = False  # whether the last negation says what there is not
        self._known, self._near = lexicon.words, Nearby(words, lexicon)
        self._negation, self._telling = Negation(lexicon.words["small"], lexicon.words["having"]), Telling(lexicon)
        self._parts = Parts(words, lexicon, self._negation, self._telling)

    def read(self) -> Senses:
        words, forms, following = self._words, self._lexicon.forms, 0
        parts, negation, telling = self._parts, self._negation, self._telling
        for number, word in enumerate(words):
            if number < following:
                continue
            if word not in forms:
                # Most words have no sense.
                parts.place += 1
                if negation.is_open:
                    negation.pass_over(word)
            elif word in GAPS:
                self._gap(word, number)
            elif telling.is_quote(word):
                telling.quote(word, number, parts.place, words)
            else:
                following = number + self._word(word, number)
        found, number = parts.found, len(words)
        found.ends_untold = telling.is_aside or (parts.untrue >= 0 and not parts.faults)
        parts.end(number, number)
        telling.close(number)
        found.untold += telling.names
        found.named += telling.names
        return found

    def _word(self, word: str, number: int) -> int:
        """Take one form, and return how many words it has."""
        parts, negation, telling = self._parts, self._negation, self._telling
        kind, tag, length = self._lexicon.sense(self._words, number)
        parts.place += 1
        if parts.begin < self._conceded < number and self._begins_fact(number):
            parts.end(number, number)
            telling.end(number)
            parts.place += 3
        if number == parts.begin:
            self._open(self._lexicon.opening(self._words, number), number)
        if kind == "aside" and negation.reaches(parts.place):
            # "Please verify the recipient" is advice, "unable to verify the recipient" is none.
            kind, tag, length = self._lexicon.sense((word,), 0)
        if word == "should" and number == parts.sentence:
            telling.leave(number, whole=True)  # "Should TLS be required, ..."
        if word in self._lexicon.naming:
            telling.name(parts.place, word in self._known["heading"])
        if negation.is_open:
            negation.pass_over(word, kind != "")
        if kind == "who":
            self._thing(tag, number, length)
        elif kind == "link":
            negation.link(parts.place)
        elif kind == "fault":
            self._fault(tag, number, length)
        elif kind == "virtue":
            self._virtue_of(tag, number, length)
        elif kind in ("negation", "other"):
            said = self._near.said(number, length)
            of_verb = self._near.is_one("auxiliary", number - 1) or said.endswith(" to")
            negation.begin(parts.place, number, said, tag, number + length, of_verb)
            # "There is no limit, no delay and no filter."
            self._states = self._near.is_one("copula", number - 1) or (
                self._states and self._near.is_one("lists", number - 1)
            )
            if number <= parts.begin + 1 and self._near.is_one("inverted", number + length) and parts.untrue < 0:
                parts.untrue = number  # "never was the mailbox full"
            # "It isn't the record that is missing."
            if kind == "other" or (self._near.is_one("copula", number - 1) and self._near.is_one("cleft", number - 2)):
                negation.turn_away(parts.place + (length - 1) * 0.5)
        elif kind == "untrue":
            for each in parts.faults:  # "no mailbox is anywhere near its quota"
                each.denied = each.denied or (each.of_nothing and self._near.is_one("copula", number - 1))
            if parts.untrue < 0:
                parts.untrue = number
                self._conceded = number + length if tag == "of_things" else 0
        elif kind == "settled":
            if tag == "shown":
                parts.take_back(number + length)
            elif tag == "cured":
                parts.cure()
            else:
                parts.settle(number, number + length, tag == "unmeant", is_near=True)
            following = self._words[number + length : number + length + 1]
            if following == ("from",) or (following == ("to",) and tag == "unmeant"):
                negation.begin(parts.place, number, "not")  # "... does not apply to blocked clients"
        elif kind == "aside":
            parts.leave_facts(number, self._near.is_one("topic", parts.begin))
        elif kind == "condition":
            self._suppose(tag, number)
        elif kind == "supposed":
            # "No record could be found" is a fact.
            if negation.words not in ("no", "none", "nothing") or negation.number < parts.begin:
                parts.leave_facts(number, True, whole=tag == "of_sentences")
        elif kind == "but":
            self._but(tag, number)
        elif kind == "stage":
            parts.found.stage = tag
        if length > 1:
            parts.place += (length - 1) * 0.5
        return length

    def _begins_fact(self, number: int) -> bool:
        """Whether a fact follows without a comma: "despite a valid certificate the server ..."."""
        before = self._words[number - 1]
        leads_on = before in self._known["leads_on"] or before.endswith(("ing", "ed"))
        return not leads_on and self._near.is_one("subject", number)

    def _open(self, opening: str, number: int) -> None:
        """Take how a part begins, if that says that it tells no fact."""
        if opening == "signpost":
            self._telling.show_the_way(number)
        elif opening and not (opening == "habit" and self._near.is_of_us(number)):
            self._telling.leave(number, whole=opening != "advice")
            self._telling.is_ruled = True

    def _thing(self, tag: str, number: int, length: int) -> None:
        parts, negation = self._parts, self._negation
        place, found = parts.place, parts.found
        if self._telling.is_name and self._words[number] not in TOKENS:
            found.cleared.append(tag)
            return
        if negation.turned_away(place):
            found.untold.append((negation.number, number + length))
            found.cleared.append(tag)
            following = number + length
            if self._near.is_one("or", following):
                negation.turn_away(place + length)
            elif self._near.word(following) == "," and self._near.lists_on(following + 1):
                negation.turn_away(place + length + GAPS[","])  # "not the sender, your record or your name"
            self._leave_clause(number + length)
            return
        if (faults := found.faults) and faults[-1].end == number:
            faults[-1].beside = True
        negation.stay()
        said = self._near.said(number, length)
        weights = self._lexicon.weight
        weight = weights.get(said, 0) or weights.get(tag, 0)
        # What is rejected by a server is not the server.
        behind = BEHIND + (LINKED if negation.is_linked(place) else 0)
        absent = negation.removes(place)
        # "No password issue", and "not quota, not size" by itself.
        is_alone = negation.number == parts.begin == number - 1 and self._near.ends(number + length)
        is_topic = is_alone and negation.words == "not"
        if absent and (is_topic or self._near.is_one("matter", number + length)):
            found.untold.append((negation.number, number + length))
            found.cleared.append(tag)
            negation.take_up()
            return
        beyond = FARTHEST if absent or parts.untrue >= 0 else 0
        # Of what is not there, or not the matter, nothing else is said.
        found.things.append(Thing(place, tag, said, weight + beyond, behind, aside=self._telling.is_condition))
        if self._telling.is_aside:
            found.things[-1].since = parts.sentence
        if absent:
            of = Thing(place, tag, f"{negation.words} {said}")
            parts.add("absent", said, negation.number, number + length, of, denied=parts.untrue >= 0)
            faults[-1].stated = self._states
            faults[-1].of_nothing = negation.tag == "of_things"
            negation.take_up()
            self._leave_clause(number + length)

    def _leave_clause(self, number: int) -> None:
        """What is said of a thing that is not meant is not so: "it was not the certificate that failed"."""
        if "not" in self._negation.words and self._parts.untrue < 0 and self._near.is_one("relative", number):
            self._parts.untrue = number

    def _fault(self, tag: str, number: int, length: int) -> None:
        place, faults = self._parts.place, self._parts.found.faults
        said = self._near.said(number, length)
        if tag == "absent" and faults and faults[-1].tag in _FOUND and faults[-1].end >= number - 1:
            self._parts.settle(number, number + length)  # "virus missing"
            return
        if tag in _ENDINGS and any(self._parts.is_noun(each) for each in self._parts.faults):
            self._parts.settle(number, number + length)  # "the ban on your network expired"
            return
        if said == "only" and self._contrasts(number):
            return
        if self._near.is_one("names", number - 1):
            return  # "a user called nobody"
        if length == 1 and self._near.is_one("answer", number) and self._words[number - 1] == "?":
            return  # "Full? Wrong."
        if tag == "out_of_order" and self._near.is_one("question", number) and not self._near.ends(number + length):
            return  # "what?" is a fault, "what failed is ..." is none
        under = self._negation.reaches(place)
        for each in self._parts.faults:
            if each.words in self._known["nobody"]:
                each.denied = under = True  # "nobody of that name was blocked"
        if self._words[number - 1 : number] == ("any",) and self._negation.number >= self._parts.begin:
            # "It isn't known to any blocklist."
            for each in self._parts.faults:
                each.denied = each.denied or each.start == self._negation.number
            under = under or self._negation.words != ""
        if self._parts.is_said_of_nothing(tag, number):
            # "No login is needed" says neither that it is missing nor that it is needed, "no user is blocked" neither
            # that there is no user nor that he is blocked.
            for each in self._parts.faults:
                each.denied = each.denied or each.of is not None
            under = True
        if under:
            # "Mail from unknown senders is not refused", "contains no virus".
            for each in self._parts.faults:
                if each.start > self._parts.untrue and (
                    each.beside
                    or (each.tag == "absent" and each.end >= number - 1 and self._words[number - 1] != "or")
                    or (tag == "required" and each.tag in PRACTICES)
                ):
                    each.denied = True
        if before := [each for each in self._parts.faults if each.end == number]:
            if said.startswith("too ") and before[0].words.startswith(("not ", "never ")):
                before[0].denied = under = True  # "you do not send too fast"
            elif tag in PRACTICES and before[0].tag == "disabled":
                before[0].denied = under = True  # "we have switched off greylisting"
        denied = under or self._parts.untrue >= 0
        self._parts.add(tag, said, number, number + length, None, denied)
        # "The host denies the sender", "what is missing is a PTR record".
        faults[-1].acts = (length == 1 and self._near.is_one("act", number)) or (
            self._words[self._parts.begin] == "what" and self._near.is_one("copula", number + length)
        )
        if self._near.is_one("each", number - 1) and not under:
            self._parts.leave_facts(number, True)
        if denied:
            self._parts.deny_name_of(said)
            self._parts.denied = tag, said, place
            if self._parts.untrue < 0:
                self._parts.untrue = self._negation.number if under else number
            self._negation.take_up()

    def _contrasts(self, number: int) -> bool:
        """Whether an "only" tells what is the matter instead: "not rejected, only deferred"."""
        near = self._parts.place - self._parts.denied[2] <= _CONTRAST_REACHES
        return near and number <= self._parts.begin + 1 and self._near.kind(number + 1) != "who"

    def _virtue_of(self, tag: str, number: int, length: int) -> None:
        said = self._near.said(number, length)
        negation = self._negation
        if not negation.reaches(self._parts.place):
            self._parts.virtue = tag, said, self._parts.place
            self._parts.is_well = self._parts.is_well or not self._near.is_one(
                "article", number - 1
            )  # "is a local domain"
            self._parts.is_praise = self._parts.is_praise or tag in _PRAISE or tag == "full"
            if tag in _PRAISE and self._near.ends(number + length) and not self._parts.faults:
                for thing in self._parts.things:
                    thing.behind, thing.is_well = FARTHEST, True  # "relay denied, your record is fine"
            return
        faults = self._parts.faults
        nouns = NOUNS if tag == "absent" else PRACTICES if tag == "disabled" else ()
        is_gone = tag == "absent" and any(self._parts.is_noun(each) for each in faults)  # "the block no longer exists"
        if is_gone or (faults and faults[-1].tag in nouns and faults[-1].end >= negation.number - 1):
            # "A virus was not found", "greylisting is not enabled".
            self._parts.settle(negation.number, number + length)
            negation.take_up()
            return
        self._parts.add(
            tag, f"{negation.words} {said}", negation.number, number + length, None, self._parts.untrue >= 0
        )
        if tag in _PASSED_ON:
            negation.go_on(self._parts.place, tag == "absent")
        else:
            negation.take_up()

    def _suppose(self, tag: str, number: int) -> None:
        """A condition begins. "Mail is rejected if ..." does not say that any is, "relaying is denied unless ..." does."""
        if number <= self._parts.sentence + 1:
            self._telling.leave(number, whole=True)
        else:
            # "Our resolver times out whenever it is asked" tells what happens to us.
            is_ours = self._words[number] == "whenever" and self._near.has("ours", self._parts.begin, number)
            self._parts.leave_facts(number, tag != "of_facts" and not is_ours, whole=self._only_then())

    def _but(self, tag: str, number: int) -> None:
        if self._parts.untrue >= 0 and self._denies_on(tag, number):
            return
        if tag == "as" and (self._telling.is_aside or self._near.kind(number + 1) == "fault"):
            return  # "counts as full"
        if tag == "still" and not (self._parts.untrue == self._parts.begin < number):
            return
        if tag == "time" and self._only_then():
            self._parts.leave_facts(number, True)
            return
        is_over = tag == "time" and self._parts.is_settled
        if tag == "more" and self._parts.things:
            for each in self._parts.faults:
                each.last = self._parts.place  # "we do not know you and the recipient ..."
        about = self._parts.things[-1:] if tag == "still" else []
        self._parts.end(number, number)
        for thing in about:  # "without being listed your host is still ..."
            thing.is_told, thing.cleared, thing.weight = True, "", thing.weight - FARTHEST
        if is_over:
            self._parts.untrue = number  # "... is open again after being locked"
        if tag == "time" and number == self._parts.sentence:
            # "After the domain was cancelled, ..." tells what happened.
            is_past = self._near.is_one("past", number)
            self._conceded = number + 1 if is_past else 0
            self._telling.leave(number, whole=not is_past)  # "When the mailbox is full, ..."
        elif tag not in ("more", "time", "beside") and not (
            tag == "reason" and (self._telling.is_condition or self._telling.is_name)
        ):
            self._telling.turn(number)  # but "the page tells what to do when the mailbox is full"
        # "... and has been released": it goes on about the same.
        same = tag == "more" and self._near.is_one("finite", number + 1)
        self._parts.place += 1 if same else 3 if number and self._words[number - 1] == "," else 6

    def _denies_on(self, tag: str, number: int) -> bool:
        """Whether what is denied goes on behind a word that begins another part."""
        if tag == "more":
            following = self._near.kind(self._near.behind_small(number + 1))
            return following == "fault" or self._near.is_one("concession", self._parts.untrue)
        return tag in ("reason", "time")

    def _only_then(self) -> bool:
        """Whether the last fault is said of some cases only: "only greylisted when the sender is new"."""
        faults = self._parts.found.faults
        return (
            faults != []
            and faults[-1].start >= self._parts.sentence
            and self._near.is_one("only", faults[-1].start - 1)
        )

    def _says_none(self, number: int) -> bool:
        """Whether a word by itself says that there is none of the last fault, or that it is not so: "listing: not found"."""
        words = self._words[number : number + 2]
        if words[:1] == ("not",):
            kind, tag, __ = self._lexicon.sense(self._words, number + 1)
            last = self._parts.found.faults[-1].tag
            return (kind == "fault" and tag == last) or (kind == "virtue" and tag == "absent" and last in _FOUND)
        is_all = self._words[number - 1] == "=" or self._near.ends(number + 1) or words[1:] == ("of",)
        return self._near.is_one("none", number) and is_all

    def _gap(self, word: str, number: int) -> None:
        parts = self._parts
        if self._negation.end == number:
            if word == "," and self._near.is_one("alone", number - 1):
                self._negation.take_up()  # "as we sent none, ..."
            self._resumed = 0 if parts.is_near(parts.virtue) else self._near.inserted(word, number)
        if word == "," and parts.untrue >= 0 and (self._near.lists_on(number + 1) or self._near.goes_on(number + 1)):
            return
        faults = parts.found.faults
        if word in (":", "=") and faults and faults[-1].end >= number - 1 and self._says_none(number + 1):
            parts.settle(number, number + 2)  # "blacklisted: no"
        parts.end(number, number + 1)
        if word in ENDS_SENTENCE or word == ":":
            parts.leave_clear(number + 1)
        self._negation.pass_mark()
        if word in ENDS_SENTENCE:
            if word == "?":
                parts.ask(number)
            parts.end_sentence(number + 1)
        self._telling.gap(word, number)
        parts.place += GAPS[word]
        if number == self._resumed:
            self._negation.go_on(parts.place, True)
        if word == ":":
            self._telling.head(number, parts.place)
