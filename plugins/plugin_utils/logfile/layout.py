# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail program, a terminal program, a ticket or a tool like grep did to all lines of a file, decided once on its first lines.

A decision is a guess, so that each one is noted, and each that could have gone the other way says so.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .batch import Note
from .capture import FIRST_LINE as CAPTURE
from .wrapping import Wrapping, find_wrapping

# Looking at more would decide nothing else.
_FIRST_LINES = 4000
# Each of some changes may have been made around the others: quoted, then indented, then quoted again.
_MOST_CHANGES = 8
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
# Nobody but who has copied it into a ticket or a post puts anything before such a line.
_NEVER_INDENTED = re.compile(
    r"\s*(?:[\w.~+@-]{1,64} ?(?:\([^()]{1,64}\) ?){0,2}[#$] \S|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S)"
)
_DIALOGUE_MARK = re.compile(r"\s*(?:<|>|->|<-|-->|<--|~>|<~|\*) \S")
# `session.log:` of grep, `mailer-1  | ` of Docker Compose, `| ` of a quotation.
_NAME = re.compile(r"(?=[\w-]{0,200}[.\\/])[\w.\\/-]{1,300}[:-]|[\w.-]{0,64} *\| ?")
# `12:` of grep, `  12<tab>` of cat, `12. ` and `12 | ` of editors.
_NUMBER = re.compile(r"\s*(\d{1,9})(?:[:\t]| ?[|.)] ?|  )")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39|#x27|#34);")
# With an arrow or asterisks somebody points at a line; the arrow is also a client's mark, beside which the server has one.
_POINTED = re.compile(r"\s*(?:[-=]{1,3}> +(?P<behind>\S.*)|\*\*(?P<within>[^\s*](?:.*[^\s*])?)\*\*)\s*$")
_ARROW_OF_SERVER = re.compile(r"\s*<[-=]")
_STRING = re.compile(r'\s*(".*"),?\s*$')
_MOST = 2 / 3
_HALF = 1 / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """How to undo it: what to do to each line, one after the other, and lines that were wrapped."""

    changes: tuple[Callable[[str], str], ...] = ()
    wrapping: Wrapping | None = None

    def undone(self, lines: list[str]) -> list[str]:
        """Return lines as they were before."""
        for change in self.changes:
            lines = list(map(change, lines))
        return lines


def find_layout(lines: list[str]) -> tuple[Layout, list[Note]]:
    """Return the layout of a file by its first lines, and what is to be noted about it."""
    if lines and lines[0] == CAPTURE:
        # We wrote it: it reads like the terminal did, and offline as it did live.
        return Layout(), []
    lines = lines[:_FIRST_LINES]
    notes: list[Note] = []
    changes: list[Callable[[str], str]] = []

    def take(change: Callable[[str], str] | None) -> bool:
        nonlocal lines
        if change is not None:
            changes.append(change)
            lines = list(map(change, lines))
        return change is not None

    while len(changes) < _MOST_CHANGES and any(take(find(lines, notes)) for find in _FINDERS):
        pass
    take(_stamp(lines, notes))
    wrapping = find_wrapping(lines)
    if wrapping:
        notes.append(
            Note(0, "wrapped", f"lines were wrapped at {wrapping.width} columns; they are joined where that is certain")
        )
    return Layout(tuple(changes), wrapping), list(dict.fromkeys(notes))


def _filled(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _without(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda line: line[match.end() :] if (match := pattern.match(line)) else line


def _quoting(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to take off a mark of quoting in a mail. A quoted `> EHLO x` looks like a client's mark."""
    filled = _filled(lines)
    marked = [line for line in filled if _QUOTED.match(line)]
    if not marked:
        return None
    unquoted = _without(_QUOTE)
    behind = [unquoted(line).rstrip() for line in marked]
    words = sum(1 for text in behind if _CLIENT_WORDS.match(text))
    # What the server said is beside a client's mark, never behind it.
    quoted_server = any(map(_SERVER_MARK.match, behind))
    mostly_words = words * 2 > len(marked) and not quoted_server
    if mostly_words and any(map(_SERVER_MARK.match, filled)):
        return None
    share = f"{len(marked)} of the first {len(filled)} lines begin with `>`"
    if len(marked) < len(filled) * _HALF:
        if not (mostly_words or any(note.kind == "quoting" for note in notes)):
            notes.append(Note(0, "quoting", f"{share}; too few to take the file for a quoted mail, so they are kept"))
        return None
    if mostly_words:
        notes.append(
            Note(0, "quoting", f"{share} and {words} of them go on as an SMTP client does; read as the client's mark")
        )
        return None
    but = f"; in {words} of them it could be the mark of an SMTP client" if words else ""
    notes.append(Note(0, "quoting", f"{share}; read as mail quoting{but}"))
    return unquoted


def _entities(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to read the characters that the source of a web page or a ticket system writes as entities."""
    if not any(map(_ENTITY.search, lines)) or any("<" in line or ">" in line for line in lines):
        return None
    notes.append(Note(0, "entities", "entities of HTML, such as &gt;, are read as the characters they stand for"))
    return lambda line: _ENTITY.sub(lambda found: html.unescape(found[0]), line)


def _strings(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to read lines that are strings of JSON, such as the `stdout_lines` that Ansible prints."""
    filled = _filled(lines)
    strings = sum(map(_is_string, filled))
    if not strings or strings < len(filled) * _MOST:
        return None
    notes.append(
        Note(0, "strings", f"{strings} of the first {len(filled)} lines are strings of JSON; their text is read")
    )
    return lambda line: str(json.loads(_string(line))) if _is_string(line) else line


def _string(line: str) -> str:
    found = _STRING.match(line)
    return found[1] if found else ""


def _is_string(line: str) -> bool:
    try:
        return "\n" not in str(json.loads(_string(line))).rstrip("\r\n")
    except ValueError:
        return False


def _pointers(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to take off what somebody has put around some lines to point at them."""
    pointed = [text for line in lines if (text := _unpointed(line)) != line]
    if not pointed or any(map(_CLIENT_WORDS.match, pointed)) or any(map(_ARROW_OF_SERVER.match, lines)):
        return None
    notes.append(Note(0, "pointed", f"somebody points at {len(pointed)} of the first lines; read without the signs"))
    return _unpointed


def _unpointed(line: str) -> str:
    found = _POINTED.match(line)
    return (found["behind"] or found["within"]) if found else line


def _before_lines(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to take off the name of a file or its line number, which grep, cat and others put before each line."""
    filled = _filled(lines)
    for find in (_NAME.match, _NUMBER.match):
        found = [match for match in map(find, filled) if match]
        behind = [match.string[match.end() :] for match in found]
        if not found or len(found) < len(filled) * _MOST or sum(map(_begins_numbered, behind)) < 2:
            continue
        numbers = [int(match[1]) for match in found if match.re is _NUMBER]
        if any(before >= after for before, after in pairwise(numbers)) or sum(map(_begins_output, filled)):
            continue
        notes.append(
            Note(0, "prefix", f"{len(found)} of the first {len(filled)} lines begin with a name or a number of a line")
        )
        return _without(found[0].re)
    return None


def _begins_output(text: str) -> bool:
    return (_NEVER_INDENTED.match(text) or _DIALOGUE_MARK.match(text)) is not None


def _begins_numbered(text: str) -> bool:
    return _begins_output(text) or _begins_output(_without(_NUMBER)(text))


def _margin(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    """Return how to take off the blanks that are before all lines, or before all that nothing else puts blanks before."""
    filled = _filled(lines)
    margin = _common_blanks(filter(_NEVER_INDENTED.match, filled)) or _common_blanks(filled)
    if not margin:
        return None
    share = sum(line.startswith(margin) for line in filled)
    notes.append(
        Note(0, "indented", f"{share} of the first {len(filled)} lines are indented; read without these blanks")
    )
    return lambda line: line.removeprefix(margin)


def _common_blanks(lines: Iterable[str]) -> str:
    indents = {line[: len(line) - len(line.lstrip())] for line in lines}
    shortest = min(indents, key=len, default="")
    return shortest if all(indent.startswith(shortest) for indent in indents) else ""


_FINDERS = (_margin, _quoting, _strings, _entities, _before_lines, _pointers)


def _stamp(lines: Sequence[str], notes: list[Note]) -> Callable[[str], str] | None:
    filled = _filled(lines)
    for pattern in (_BRACKETED_STAMP, _BARE_STAMP):
        behind = [line[match.end() :] for line in filled if (match := pattern.match(line))]
        if not behind or len(behind) < len(filled) * _MOST:
            continue
        if pattern is _BARE_STAMP and not any(map(_PROMPT_OR_TABLE.match, behind)):
            continue
        notes.append(
            Note(0, "stamps", f"{len(behind)} of the first {len(filled)} lines begin with a terminal program's stamp")
        )
        return _without(pattern)
    return None
