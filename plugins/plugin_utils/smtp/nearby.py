# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before and behind a word of a text: how a sentence goes on is seen there."""

from __future__ import annotations

from collections.abc import Sequence

from .lexicon import Lexicon
from .scope import ENDS_SENTENCE
from .words import GAPS

# How many words may be inserted between a negation and what it denies.
_INSERTED = 12
# How many faults or things a list may have, and of how many forms each may be.
_LISTED, _LONGEST_LISTED = 4, 5
# How far behind the beginning of a sentence stands of whom it tells.
_TOLD_OF = 9


class Nearby:
    """The words of a text, asked by their numbers."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon) -> None:
        self._words, self._lexicon, self._known = words, lexicon, lexicon.words

    def word(self, number: int) -> str:
        """Return a word, "" where there is none."""
        return self._words[number] if 0 <= number < len(self._words) else ""

    def said(self, number: int, length: int) -> str:
        """Return the words of a form that begins at a word."""
        return self._words[number] if length == 1 else " ".join(self._words[number : number + length])

    def kind(self, number: int) -> str:
        """Return the kind of the form that begins at a word."""
        return self._lexicon.sense(self._words, number)[0]

    def is_one(self, name: str, number: int) -> bool:
        """Return whether a word is one of those that the data has under a name."""
        return 0 <= number < len(self._words) and self._words[number] in self._known[name]

    def ends(self, number: int) -> bool:
        """Return whether a part ends in front of this word."""
        return number >= len(self._words) or (number >= 0 and self._words[number] in GAPS)

    def behind_small(self, number: int) -> int:
        """Return the first word from this one on that is not small."""
        while self.is_one("small", number):
            number += 1
        return number

    def lists_on(self, number: int) -> bool:
        """Return whether faults or things are listed from this word on: "not disabled, expired or locked", "no trace of a full
        mailbox, a blocked address or a wrong password"."""
        for _step in range(_LISTED):
            last = self._listed(number)
            if last < 0:
                return False
            if (after := self.word(last)) != ",":
                return (after in ("or", "nor") and self._listed(last + 1) >= 0) or (
                    after == "and" and self.ends(self._listed(last + 1, is_bare=True))
                )
            number = last + 1
        return False

    def _listed(self, number: int, is_bare: bool = False) -> int:
        """Return which word follows the fault or thing of a list that begins with a word; -1 where none does, where a thing and
        its fault make a sentence ("mailbox full"), or where it is not `is_bare` of words that have no sense."""
        last, number = "", self.behind_small(number)
        for _step in range(_LONGEST_LISTED):
            kind, __, length = self._lexicon.sense(self._words, number)
            if self.ends(number) or self.is_one("copula", number) or self.word(number) in ("or", "nor", "and"):
                break
            is_meant = kind in ("fault", "who")
            if (last == "who" and kind == "fault") or (is_bare and not is_meant and not self.is_one("small", number)):
                return -1
            last, number = kind if is_meant else last, number + length
        return number if last and not self.is_one("copula", number) else -1

    def is_of_us(self, number: int) -> bool:
        """Return whether a sentence that begins with a word is about us: "the server rejects all our mail"."""
        return self.has("ours", number + 3, number + _TOLD_OF)

    def has(self, name: str, start: int, end: int) -> bool:
        """Return whether one of some words stands in a range."""
        return not self._known[name].isdisjoint(self._words[start:end])

    def goes_on(self, number: int) -> bool:
        """Return whether a word goes on with what is denied: "nobody says, that ...", but not "that is ..."."""
        return self.is_one("that", number) and not self.is_one("copula", number + 1)

    def inserted(self, word: str, number: int) -> int:
        """Return where the mark is that ends what stands between a negation and what it denies, 0 where that is nothing.

        "not, as you say, blocked"
        """
        closing = {"(": ")", ",": ",", ":": ":"}.get(word)
        if closing is None:
            return 0
        for end in range(number + 2, min(number + _INSERTED, len(self._words) - 1)):
            if self._words[end] in ENDS_SENTENCE:
                return 0
            if self._words[end] == closing:
                return end if self.kind(self.behind_small(end + 1)) in ("fault", "virtue") else 0
        return 0
