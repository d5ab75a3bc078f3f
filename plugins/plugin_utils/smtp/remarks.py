# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which remarks tell no outcome and no progress: each sentence that does needs one of some words, or a reply code.

Most remarks of a log tell nothing, and to read them all takes ten times as long as to find out. What is said here is proven;
of any other remark nothing is known until it is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from ..regex.digits import SIGN, may_contain, may_find
from ..regex.literals import WordIndex, fold_digits, needed
from . import progress
from .knowledge import SIGNS_OF_NUMBERS, may_have_number_like
from .progress import NOTHING, Progress
from .sentence import MAY_BE_CODE, WRITTEN_BY_OTHERS
from .speech import TELLS_NOTHING, TELLS_OUTCOME, TELLS_PROGRESS, Speech
from .vocabulary import caseless, vocabulary

_MAY_BE_CODE_LIKE = re.compile(r"(?<!\w)000[ -]", re.ASCII)
# The same in lines that are words.
_MAY_BE_CODE_IN_WORD = re.compile(r"(?<!\w)[2-5]\d\d(?:-|$)", re.ASCII | re.MULTILINE)


def read_remark(says: Speech) -> Progress:
    """Return how far a remark tells that a client is; `NOTHING` where it is proven that it tells no outcome either."""
    if says.told is None:
        says.told = NOTHING if not says.silent and tells_nothing(says.text) else progress.progress_in(says.text)
    return says.told


def tells_nothing(remark: str) -> bool:
    """Return whether it is proven that a remark among others tells no outcome and no progress."""
    return remark.isascii() and MAY_BE_CODE.search(remark) is None and not _telling_words().find(remark.lower())


def most_told_like(folded: str) -> int:
    """Return the most that remarks may tell which fold to this one (`fold_words`), but for those that have `telling_words` in
    place of words with signs."""
    if not folded.replace(SIGN, "").isascii() or _MAY_BE_CODE_LIKE.search(folded):
        return TELLS_OUTCOME
    if not _telling_words_like(folded.lower()):
        return TELLS_NOTHING
    return TELLS_OUTCOME if may_find(WRITTEN_BY_OTHERS, folded) or may_be_known_like(folded) else TELLS_PROGRESS


def may_be_known_like(folded: str) -> bool:
    """Return whether `recognise` may know a text that folds to this one (`fold_words`), but for those that have `telling_words` in
    place of words with signs."""
    found = _telling_words_like(caseless(folded))
    return (not found.isdisjoint(SIGNS_OF_NUMBERS) and may_have_number_like(folded)) or any(
        row.may_match_like(folded) for row in vocabulary().rows if not found.isdisjoint(row.literals or ("",))
    )


def _telling_words_like(folded: str) -> set[str]:
    index = _telling_words()
    return {text for text in map(index.texts.__getitem__, index.find_like(folded)) if may_contain(text, folded)}


def telling_words(words: Sequence[str]) -> set[int]:
    """Return the numbers of those of some ASCII words by which a remark may tell something that would tell nothing without."""
    text = "\n".join(words)
    codes = {text.count("\n", 0, found.start()) for found in _MAY_BE_CODE_IN_WORD.finditer(text)}
    return codes | _telling_words().with_parts(fold_digits(text.lower()).split("\n"))


def numbers_may_tell() -> bool:
    """Return whether a word that is a hexadecimal number may be one of `telling_words`. Of codes none is."""
    return _telling_words().in_numbers


@cache
def _telling_words() -> WordIndex:
    """The words of which each remark that tells anything has one. The empty text is in all: of what has it nothing is known."""
    patterns = [needed(pattern.pattern) for pattern in (*progress.TELLING, WRITTEN_BY_OTHERS)]
    rows = [row.literals for row in vocabulary().rows]
    several = [texts or ("",) for texts in (*patterns, *rows, SIGNS_OF_NUMBERS)]
    return WordIndex(sorted({text.lower() for texts in several for text in texts}))
