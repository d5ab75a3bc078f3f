# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail program, a terminal program or a serial line did to a whole file, decided once on its first lines.

A decision is a guess, so that each one is noted, and each that could have gone the other way says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .batch import Note
from .capture import FIRST_LINE as CAPTURE
from .wrapping import Wrapping, find_wrapping

# Looking at more would decide nothing else.
_FIRST_LINES = 4000
_DEEPEST_QUOTE = 5
_QUOTE = re.compile(r" ?> ?")
# Behind `>,` goes on a row of a table: Exchange's log of sessions has such marks.
_QUOTED = re.compile(r" *>(?!,)")
# What a client says behind its mark `>`: nothing of it would be found behind a quotation mark in a mail very often.
_CLIENT_WORDS = re.compile(
    r"[> -]*(?:(?:EHLO|HELO|DATA|QUIT|AUTH|STARTTLS|RSET|NOOP|BDAT|VRFY)\b|(?:MAIL FROM|RCPT TO):|\.?$|[A-Za-z0-9+/]{8,}={0,2}$)",
    re.IGNORECASE,
)
_SERVER_MARK = re.compile(r"\s*<")
# SecureCRT, MobaXterm, Tera Term and minicom put such a stamp in brackets before each line.
_BRACKETED_STAMP = re.compile(
    r"[\[(<](?:\w{3} )?(?:\d{4}[-/.]\d\d[-/.]\d\d|\w{3} [ \d]?\d|\d\d?[-/.]\d\d[-/.]\d{4}|\d{1,3})?[ T_]?"
    r"\d\d?:\d\d:\d\d(?:[.,:]\d{1,6})?(?: \d{4})?[\])>] ?"
)
# The device itself stamps debug output like this, so that only a prompt behind it shows that a program did.
_BARE_STAMP = re.compile(r"(?:\d{4}[-/.]\d\d[-/.]\d\d[ T_])?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: ?[|:-])?(?: |$)")
_PROMPT_OR_TABLE = re.compile(r"[\w.~+@-]{1,64} ?(?:\([^()]{1,64}\) ?){0,2}[#$](?: |$)|config \w|\s+set \w|\s+edit \S")
# Before such a line nothing puts blanks but whoever has pasted it into a ticket or a post.
_NEVER_INDENTED = re.compile(
    r"\s*(?:[\w.~+@-]{1,64} ?(?:\([^()]{1,64}\) ?){0,2}[#$] \S|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S)"
)
_MOST = 2 / 3
_HALF = 1 / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """How to undo it: marks of mail quoting to take off, the blanks and the stamp before each line, lines that were wrapped."""

    quotes: int = 0
    margin: str = ""
    stamp: re.Pattern[str] | None = None
    wrapping: Wrapping | None = None

    def unquoted(self, lines: list[str]) -> list[str]:
        for __ in range(self.quotes):
            lines = [_without_quote(line) for line in lines]
        return [line.removeprefix(self.margin) for line in lines] if self.margin else lines

    def unstamped(self, lines: list[str]) -> list[str]:
        if self.stamp is None:
            return lines
        return [line[match.end() :] if (match := self.stamp.match(line)) else line for line in lines]


def find_layout(lines: list[str]) -> tuple[Layout, list[Note]]:
    """Return the layout of a file by its first lines, and what is to be noted about it."""
    if lines and lines[0] == CAPTURE:
        # We wrote it: it reads like the terminal did, and offline as it did live.
        return Layout(), []
    lines = lines[:_FIRST_LINES]
    notes: list[Note] = []
    quotes = 0
    while quotes < _DEEPEST_QUOTE and _is_quoted(lines, quotes, notes):
        quotes += 1
        lines = [_without_quote(line) for line in lines]
    margin = _margin(lines, notes)
    lines = [line.removeprefix(margin) for line in lines]
    stamp = _stamp(lines, notes)
    wrapping = find_wrapping(Layout(stamp=stamp).unstamped(lines))
    if wrapping:
        notes.append(
            Note(0, "wrapped", f"lines were wrapped at {wrapping.width} columns; they are joined where that is certain")
        )
    return Layout(quotes, margin, stamp, wrapping), notes


def _is_quoted(lines: Sequence[str], level: int, notes: list[Note]) -> bool:
    """Return whether the lines are quoted in a mail, once more than is known. A quoted `> EHLO x` looks like a client's mark."""
    filled = [line for line in lines if line.strip()]
    marked = [line for line in filled if _QUOTED.match(line)]
    if not marked:
        return False
    behind = [_without_quote(line).rstrip() for line in marked]
    words = sum(1 for text in behind if _CLIENT_WORDS.match(text))
    # What the server said is beside a client's mark, never behind it.
    quoted_server = any(map(_SERVER_MARK.match, behind))
    mostly_words = words * 2 > len(marked) and not quoted_server
    if mostly_words and any(map(_SERVER_MARK.match, filled)):
        return False
    share = f"{len(marked)} of the first {len(filled)} lines begin with `>`"
    if len(marked) < len(filled) * _HALF:
        if level == 0 and not mostly_words:
            notes.append(Note(0, "quoting", f"{share}; too few to take the file for a quoted mail, so they are kept"))
        return False
    if mostly_words:
        notes.append(
            Note(0, "quoting", f"{share} and {words} of them go on as an SMTP client does; read as the client's mark")
        )
        return False
    but = f"; in {words} of them it could be the mark of an SMTP client" if words else ""
    notes.append(Note(0, "quoting", f"{share}; read as mail quoting{but}"))
    return True


def _without_quote(line: str) -> str:
    match = _QUOTE.match(line)
    return line[match.end() :] if match else line


def _margin(lines: Sequence[str], notes: list[Note]) -> str:
    """Return the blanks that stand before all lines, or before all that nothing else puts blanks before."""
    filled = [line for line in lines if line.strip()]
    margin = _common_blanks(filter(_NEVER_INDENTED.match, filled)) or _common_blanks(filled)
    if margin:
        share = sum(line.startswith(margin) for line in filled)
        notes.append(
            Note(0, "indented", f"{share} of the first {len(filled)} lines are indented; read without these blanks")
        )
    return margin


def _common_blanks(lines: Iterable[str]) -> str:
    indents = {line[: len(line) - len(line.lstrip())] for line in lines}
    shortest = min(indents, key=len, default="")
    return shortest if all(indent.startswith(shortest) for indent in indents) else ""


def _stamp(lines: Sequence[str], notes: list[Note]) -> re.Pattern[str] | None:
    filled = [line for line in lines if line.strip()]
    for pattern in (_BRACKETED_STAMP, _BARE_STAMP):
        behind = [line[match.end() :] for line in filled if (match := pattern.match(line))]
        if not behind or len(behind) < len(filled) * _MOST:
            continue
        if pattern is _BARE_STAMP and not any(map(_PROMPT_OR_TABLE.match, behind)):
            continue
        notes.append(
            Note(0, "stamps", f"{len(behind)} of the first {len(filled)} lines begin with a terminal program's stamp")
        )
        return pattern
    return None
