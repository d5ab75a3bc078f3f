# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the text of a configuration: `config`, `edit`, `set`, `next` and `end`, as `show` and backups print them.

The form is verbatim (FMG 7.4.6, a recorded session). A value in quotation marks may hold line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import FazmailError
from .clean import lines
from .prompts import split
from .quoting import unquote

_MARKS = re.compile(r'\\.|"')
# What must have been opened last where a device prints these lines. Whoever types may leave out what closes an entry.
_PLACES = {"edit": "config", "next": "edit", "end": "config"}


class NoBlockError(FazmailError):
    """The text holds no complete block of this path. The message says what was found instead. `begun`: one has no end."""

    cause = "no_block"

    def __init__(self, message: str, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


@dataclass
class Block:
    """What stands between `config PATH` and its `end`, or between `edit KEY` and its `next`.

    `options`: values by name, without quotation marks. `entries`: those of a table by key. `blocks`: those inside, by path.
    """

    options: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Block] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)


def read_block(text: str, path: str) -> Block:
    """Return the block `config PATH` in a text: a pasted table, a terminal log, a whole backup.

    Prompts, pager remains and other blocks do not matter. The last block of that path counts. Raises NoBlockError.
    """
    count = 0
    opened = False
    found: Block | None = None
    reading: _Reading | None = None
    for statement in _statements(split(line).text for line in lines(text)):
        count += 1
        verb, __, rest = statement.strip().partition(" ")
        rest = rest.strip()
        if verb == "config" and rest == path:
            # A table is never inside itself: the one before was cut off.
            opened, reading = True, _Reading()
        elif reading is not None and reading.take(verb, rest, statement.strip()):
            found, reading = reading.block, None
    if found is None:
        seen = "one without its `end`; is the text cut off?" if opened else f"none in {count} lines"
        raise NoBlockError(f"expected a table `config {path}` with its `end`, found {seen}", opened)
    return found


def strays(text: str) -> list[str]:
    """Return the lines of the output of `show` that are no configuration, or not where a device prints them.

    Comments and empty lines may stand between the blocks. Raises NoBlockError where a block has no end.
    """
    reading: _Reading | None = None
    found: list[str] = []
    count = 0
    rows = [split(line).text for line in lines(text)]
    for statement in _statements(rows):
        count += statement.count("\n") + 1
        verb, __, rest = statement.strip().partition(" ")
        if not verb or verb.startswith("#"):
            continue
        if reading is None and verb == "config":
            reading = _Reading()
        elif reading is None:
            found.append(statement.strip())
        elif reading.take(verb, rest.strip(), statement.strip()):
            found += reading.others
            reading = None
    if reading is not None or count < len(rows):
        raise NoBlockError("expected blocks with their `end`, found one without; is the text cut off?", True)
    return found


class _Reading:
    """A block that is being read; the shells that are open, outermost first. `others`: lines that are out of place, or no statements."""

    def __init__(self) -> None:
        self.block = Block()
        self.others: list[str] = []
        self._open = [("config", self.block)]

    def take(self, verb: str, rest: str, statement: str) -> bool:
        """Take a statement, by its first word and the rest of it; return whether it closes the block."""
        opened, inner = self._open[-1]
        if verb in _PLACES and opened != _PLACES[verb]:
            self.others.append(statement)
        if verb == "config":
            self._open.append((verb, inner.blocks.setdefault(rest, Block())))
        elif verb == "edit":
            entry = inner.entries[unquote(rest)] = Block()
            self._open.append((verb, entry))
        elif verb == "set":
            name, __, value = rest.partition(" ")
            inner.options[name] = unquote(value)
        elif verb == "next":
            if opened == "edit":
                self._open.pop()
        elif verb == "end":
            # In an entry it leaves the table around it as well.
            while self._open.pop()[0] == "edit":
                pass
        elif verb != "unset" and statement and not statement.startswith("#"):
            self.others.append(statement)
        return not self._open


def _statements(rows: Iterable[str]) -> Iterator[str]:
    """Join lines whose quotation marks are still open, as certificates and banners have them.

    Only what begins as a value is joined. One whose marks are open at the end of the text was cut off, and is left out.
    """
    held: list[str] = []
    for row in rows:
        quoted = _quoted_after(row, bool(held)) if held or row.lstrip().startswith(("set ", "edit ")) else False
        held.append(row)
        if not quoted:
            yield "\n".join(held)
            held = []


def _quoted_after(row: str, quoted: bool) -> bool:
    """Return whether a quotation mark is open at the end of a line."""
    return quoted ^ bool(sum(mark[0] == '"' for mark in _MARKS.finditer(row)) % 2)
