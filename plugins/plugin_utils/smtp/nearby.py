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
        return number >= len(self._words) or self._words[number] in GAPS

    def behind_small(self, number: int) -> int:
        """Return the first word from this one on that is not small."""
        while self.is_one("small", number):
            number += 1
        return number

    def lists_on(self, number: int) -> bool:
        """Return whether faults or things are listed from this word on, up to an "or": "not disabled, expired or locked"."""
        for _step in range(4):
            number = self.behind_small(number)
            kind, __, length = self._lexicon.sense(self._words, number)
            number += length
            after = self._words[number] if number < len(self._words) else ""
            if kind not in ("fault", "who") or after != ",":
                return kind in ("fault", "who") and after in ("or", "nor", "and")
            number += 1
        return False

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
