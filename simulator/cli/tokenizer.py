# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the device cuts a command line into words.

The manuals say that a backslash escapes and that quotation marks of either kind come in pairs (FMG 7.2.7 and FAZ 6.4.9
CLI references). This is the device's side: it shares no code with the quoting that clients do, so that tests of one
against the other mean something.
"""

from __future__ import annotations


class UnmatchedQuoteError(ValueError):
    """A quotation mark was opened and not closed; `mark` says which."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"unmatched {mark}")
        self.mark = mark


def tokenize(line: str) -> list[str]:
    """Return the words of a line, without their quotes and escapes. An empty pair of quotes is an empty word.

    Within double quotes and outside of quotes a backslash makes the next character an ordinary one; within single
    quotes it is literal. Raises UnmatchedQuoteError.
    """
    words: list[str] = []
    word: list[str] | None = None
    mark = ""
    characters = iter(line)
    for character in characters:
        if character == "\\" and mark != "'":
            word = [] if word is None else word
            # At the very end of a line the manual calls it a continuation; this CLI takes one line at a time.
            word.append(next(characters, ""))
        elif mark:
            assert word is not None
            if character == mark:
                mark = ""
            else:
                word.append(character)
        elif character in "\"'":
            word = [] if word is None else word
            mark = character
        elif character.isspace():
            if word is not None:
                words.append("".join(word))
                word = None
        else:
            word = [] if word is None else word
            word.append(character)
    if mark:
        raise UnmatchedQuoteError(mark)
    if word is not None:
        words.append("".join(word))
    return words
