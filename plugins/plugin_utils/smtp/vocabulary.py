# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of vocabulary.yml, and an index to find the first of them in a line.

Texts are tried in the order of their rows and the first that matches wins. Each text needs some fixed characters, and
only rows of which some are in a word of the line are tried.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..errors import UserFileError
from ..regex.digits import may_find
from ..regex.literals import WordIndex, needed
from ..yaml_file import read_beside, read_of_user

ENVIRONMENT = "FAZMAIL_VOCABULARY"

_COLUMNS = ("text", "regex", "code", "enhanced", "library", "stage", "cause", "evidence", "sample", "before_reason")
_GRADES = ("verbatim", "documented", "reproduced", "assumed")
# Letters that an expression without regard to case takes for ASCII letters, but `lower()` does not.
_LOWER = str.maketrans({"\u0130": "i", "\u0131": "i", "\u017f": "s"})


@dataclass(frozen=True)
class Text:
    """One row of vocabulary.yml: a text some library or server prints, and what it means.

    text: lower case, or as written when it `is_expression`. codes, enhanced: the replies it holds for; any when empty.
    sample: a line as it may appear. loose: other words in the same text may say more.
    """

    text: str
    is_expression: bool
    library: str
    stage: str
    cause: str
    evidence: str
    codes: tuple[str, ...]
    enhanced: tuple[str, ...]
    sample: str
    loose: bool

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The expression, compiled when it is first wanted: most never are."""
        return re.compile(self.text, re.IGNORECASE) if self.is_expression else None

    def matches(self, text: str, lowered: str, code: str, enhanced: str) -> bool:
        """Return whether this row holds for a text, `lowered` being the same in lower case, said in a reply or not."""
        if (self.codes and code not in self.codes) or (self.enhanced and enhanced not in self.enhanced):
            return False
        pattern = self.pattern
        return self.text in lowered if pattern is None else pattern.search(text) is not None

    def matched(self, text: str) -> str:
        """Return the part of a text for which this row holds."""
        found = self.pattern.search(text) if self.pattern else None
        return found[0] if found else self.text

    def may_match_like(self, folded: str) -> bool:
        """Return whether this row may hold for a text, said in no reply, with one of its literals that folds to this one."""
        return not (self.codes or self.enhanced) and (self.pattern is None or may_find(self.pattern, folded))

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Strings of which one is in the lower-case form of each text that matches; () when none is known."""
        return tuple(map(str.lower, needed(self.text))) if self.is_expression else (self.text,)


class Vocabulary:
    """Rows with an index of their keys."""

    def __init__(self, rows: Sequence[Text]) -> None:
        self.rows = rows
        self._always = [number for number, row in enumerate(rows) if not row.literals]
        literals = [(literal, number) for number, row in enumerate(rows) for literal in row.literals]
        self._owners = [number for __, number in literals]
        self._index = WordIndex([literal for literal, __ in literals])

    def matching(self, text: str, code: str = "", enhanced: str = "") -> Iterator[Text]:
        """Yield the rows that hold for a text, in the order of precedence."""
        lowered = text.lower()
        plain = lowered if text.isascii() else caseless(text)
        for number in sorted({*self._always, *map(self._owners.__getitem__, self._index.find(plain))}):
            row = self.rows[number]
            if row.matches(text, lowered, code, enhanced):
                yield row


@cache
def vocabulary() -> Vocabulary:
    """Return the collection's vocabulary, behind the user's own if FAZMAIL_VOCABULARY names one. Raises UserFileError."""
    shipped = [_text(row) for row in read_beside(__file__, "vocabulary.yml")["texts"]]
    extra = os.environ.get(ENVIRONMENT)
    return Vocabulary([*(_of_user(Path(extra)) if extra else []), *shipped])


def _of_user(file: Path) -> list[Text]:
    """Return the rows of a user's file. Raises UserFileError where one could not be used."""
    content = read_of_user(file, "a vocabulary")
    rows = content.get("texts") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise UserFileError(f"{file}: expected a list called texts")
    for number, row in enumerate(rows, 1):
        if wrong := _wrong(row):
            raise UserFileError(f"{file}: row {number} of texts: {wrong}")
    return [_text(row, of_user=True) for row in rows]


def _wrong(row: Any) -> str:
    """Say what is wrong with a row, "" if nothing."""
    if not isinstance(row, dict) or ("text" in row) == ("regex" in row):
        return "expected either text, some words, or regex, an expression"
    if unknown := [str(name) for name in row if name not in _COLUMNS]:
        return f"{unknown[0]} is not a key here; expected some of {', '.join(_COLUMNS)}"
    table = read_beside(__file__, "causes.yml")
    if row.get("cause") not in [each["cause"] for each in table["causes"]]:
        return f"cause is {row.get('cause')!r}; expected one that `fazmail explain --list` shows"
    for name, values in (("stage", [*table["stages"], "any"]), ("evidence", _GRADES)):
        if row.get(name) not in values:
            return f"{name} is {row.get(name)!r}; expected one of {', '.join(values)}"
    if not isinstance(row.get("library"), str):
        return "library is missing; expected the name of what prints the text"
    if "regex" in row:
        return _wrong_expression(str(row["regex"]))
    return "" if str(row["text"]).strip() else "text is empty; expected some words"


def _wrong_expression(regex: str) -> str:
    """Say what is wrong with an expression, "" if nothing."""
    from ..regex.ambiguity import ambiguous

    try:
        fits_empty = re.search(regex, "") is not None
    except re.error as error:
        return f"regex {regex!r}: {error}"
    if fits_empty:
        return f"regex {regex!r} fits every text, as it fits an empty one; expected words that the text has"
    if ambiguous(regex):
        return f"regex {regex!r}: a repetition inside a repetition may take for ever on a text that does not fit"
    return ""


def caseless(text: str) -> str:
    """Return a text in the lower case in which it has the `literals` of each row that matches it."""
    return text.translate(_LOWER).lower()


def _text(row: Mapping[str, Any], of_user: bool = False) -> Text:
    anybodys = row["library"] == "generic" and row["evidence"] == "assumed"
    return Text(
        text=str(row["text"]).lower() if "text" in row else str(row["regex"]),
        is_expression="text" not in row,
        library=row["library"],
        stage=row["stage"],
        cause=row["cause"],
        evidence=row["evidence"],
        codes=tuple(_several(row.get("code"))),
        enhanced=tuple(_several(row.get("enhanced"))),
        sample=str(row.get("sample", "")),
        loose=not of_user and (anybodys or bool(row.get("before_reason"))),
    )


def _several(value: Any) -> Iterable[str]:
    return () if value is None else map(str, value) if isinstance(value, list) else (str(value),)
