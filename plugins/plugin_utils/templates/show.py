# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find one table in whatever `show` text somebody has: a pasted table, a terminal log, a whole backup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..terminal.clean import lines
from ..terminal.prompts import split
from .records import run

_TABLE = "system mail"
_TEMPLATE = "show_system_mail"
_BEGIN = re.compile(r"\s*config\s+(.+?)\s*$")
_END = re.compile(r"\s*end\s*$")


class NoTableError(ValueError):
    """The text holds no complete `config system mail`. The message says what was found instead."""


def mail_entries_of(text: str) -> list[dict[str, Any]]:
    """Return the entries of `config system mail` in a text, as records of the template show_system_mail.

    Prompts, pager remains and other tables do not matter, and values in quotation marks may go over several lines. When
    the table stands there more than once, the last one counts. Raises NoTableError.
    """
    statements = list(_statements([split(line).text for line in lines(text)]))
    table: list[str] | None = None
    opened = False
    for start, statement in enumerate(statements):
        match = _BEGIN.match(statement)
        if match is None or match[1] != _TABLE:
            continue
        opened = True
        end = _closing(statements, start)
        if end is not None:
            # Mail programs and chats take the indentation away, which the template goes by.
            inside = (f"    {statement.lstrip()}" for statement in statements[start + 1 : end])
            table = [f"config {_TABLE}", *inside, "end"]
    if table is None:
        found = "one without its `end`; is the text cut off?" if opened else f"none in {len(statements)} lines"
        raise NoTableError(f"expected a table `config {_TABLE}` with its `end`, found {found}")
    return run(_TEMPLATE, table).rows


def _closing(statements: Sequence[str], start: int) -> int | None:
    """The position of the `end` that belongs to the `config` at `start`."""
    depth = 0
    for position in range(start, len(statements)):
        if _BEGIN.match(statements[position]):
            depth += 1
        elif _END.match(statements[position]):
            depth -= 1
            if depth == 0:
                return position
    return None


def _statements(rows: Sequence[str]) -> Iterator[str]:
    """Join lines whose quotation marks are still open, as certificates and banners have them."""
    held: list[str] = []
    for row in rows:
        held.append(row)
        if not held[1:] and not _open_quote(row):
            yield held.pop()
        elif held[1:] and not _open_quote("\n".join(held)):
            yield "\n".join(held)
            held = []
    yield from held


def _open_quote(text: str) -> bool:
    quote = ""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character == '"':
            quote = character
    return bool(quote)
