# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to pieces of whole lines: encodings, line ends, and lines that are too long to be kept whole."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from ..terminal.encoding import PLAIN, Encoding, decode_lines, detect, measure
from . import rich_text
from .batch import Note

# What is read at a time; the layout of a file is decided on the first block.
_BLOCK = 256 * 1024
# Longer lines are cut: no device prints one, and whatever it is must not fill the memory.
LONGEST_LINE = 64 * 1024
# Bytes of ASCII with no NUL between them, in a file of two or four bytes a unit: another program has appended to it.
_NARROW = re.compile(rb"[\t\r\n -~]{32}")
_LONE_RETURN = re.compile(rb"\r(?!\n)")


class Readable(Protocol):
    """Any stream of bytes that is opened for reading."""

    def read(self, size: int = -1, /) -> bytes | None: ...


@dataclass(slots=True)
class Piece:
    """Whole lines, joined by LF, with CR in front where the file has it; whether the last one has its line end.

    In its notes, `line` is an index into the lines, or -1 when it is about the whole file.
    """

    text: str
    ended: bool = True
    notes: list[Note] = field(default_factory=list)


def decoded(stream: Readable, live: bool) -> Iterator[Piece]:
    """Yield the lines of a stream, a piece at a time. The first piece is what the head of the file holds."""
    blocks = _blocks(stream, live)
    head = next(blocks, b"")
    if head.startswith(rich_text.MAGIC):
        notes = [Note(-1, "rtf", "the file is Rich Text (RTF); its line numbers count paragraphs")]
        for text in rich_text.paragraphs(chain([head], blocks), LONGEST_LINE):
            yield Piece(text, notes=notes)
            notes = []
        return
    encoding = detect(head)
    lines = _Lines(encoding, returns=b"\n" not in head and b"\r" in head)
    if encoding.unit == 1:
        yield from lines.narrow(chain([head[encoding.skip :]], blocks))
    else:
        yield from lines.wide(chain([head[encoding.skip :]], blocks))


def _blocks(stream: Readable, live: bool) -> Iterator[bytes]:
    """Yield a stream in blocks whose sizes do not depend on how the stream hands it out, unless it is live."""
    if live:
        yield from iter(lambda: stream.read(_BLOCK) or b"", b"")
        return
    yield from iter(lambda: _filled(stream), b"")


def _filled(stream: Readable) -> bytes:
    parts = []
    size = _BLOCK
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


class _Lines:
    """Puts blocks together to whole lines."""

    def __init__(self, encoding: Encoding, returns: bool) -> None:
        self._encoding = encoding
        self._size = measure(encoding)
        self._returns = returns  # lines end with a carriage return alone
        self._rest = b""  # the beginning of a line whose end is still to come
        self._dropped = 0  # bytes of it that were left out
        self._read_otherwise = False
        self._notes: list[Note] = []
        if encoding != PLAIN:
            self._notes.append(Note(-1, "encoding", f"the file is {encoding.title}"))

    def narrow(self, blocks: Iterator[bytes]) -> Iterator[Piece]:
        """Lines of a file whose line ends are single bytes."""
        for block in blocks:
            yield from self._add(block)
        yield from self._last()

    def wide(self, blocks: Iterator[bytes]) -> Iterator[Piece]:
        """Lines of UTF-16 or UTF-32, turned into UTF-8 first; half a character at the end is left out."""
        errors = "surrogatepass" if self._encoding.unit == 2 else "replace"
        decoder = codecs.getincrementaldecoder(self._encoding.name)(errors)
        for block in blocks:
            appended = self._appended(block, len(decoder.getstate()[0]))
            yield from self._add(decoder.decode(block[:appended]).encode("utf-8", "replace"))
            if appended < len(block):
                yield from self._last()
                self._encoding, self._size = PLAIN, len
                self._notes.append(Note(0, "mixed_encodings", "text of one byte a character begins here"))
                yield from self.narrow(chain([block[appended:]], blocks))
                return
        half = len(decoder.getstate()[0])
        if half:
            self._notes.append(Note(-1, "encoding", "the file ends in the middle of a character"))
        yield from self._last()

    def _appended(self, block: bytes, held: int) -> int:
        """Where in a block of wide characters narrow text begins; the length of the block if nowhere."""
        match = _NARROW.search(block)
        if match is None:
            return len(block)
        # Where the zero half of a character comes first, the other half of the last one looks like narrow text.
        return match.start() + -(match.start() + held) % self._encoding.unit

    def _add(self, block: bytes) -> Iterator[Piece]:
        data = self._rest + block
        if self._returns:
            # What follows a carriage return at the very end decides whether it is one line end or two.
            after = b"\r" if data.endswith(b"\r") else b""
            data = _LONE_RETURN.sub(b"\n", data[: len(data) - len(after)])
        else:
            after = b""
        end = data.rfind(b"\n")
        if end >= 0:
            yield self._piece(data[:end], ended=True)
            data = data[end + 1 :]
        self._rest = data[: LONGEST_LINE + 1]
        self._dropped += self._size(data[LONGEST_LINE + 1 :])
        self._rest += after

    def _last(self) -> Iterator[Piece]:
        rest = self._rest.removesuffix(b"\r") if self._returns else self._rest
        if self._rest or self._notes:
            yield self._piece(rest, ended=bool(self._rest) and rest != self._rest)
        self._rest = b""

    def _piece(self, data: bytes, ended: bool) -> Piece:
        notes, self._notes = self._notes, []
        if _has_long_line(data):
            raw = data.split(b"\n")
            for index, line in enumerate(raw):
                if len(line) > LONGEST_LINE:
                    size = self._size(line) + (0 if index else self._dropped)
                    size += self._encoding.unit if ended or index < len(raw) - 1 else 0
                    raw[index] = _cut(line)
                    notes.append(
                        Note(index, "line_cut", f"a line of {size} bytes; only its first {LONGEST_LINE} are read")
                    )
            data = b"\n".join(raw)
        self._dropped = 0
        if ended:
            data = data.rstrip(b"\r")
        text, odd = decode_lines(data)
        if odd >= 0 and not self._read_otherwise:
            self._read_otherwise = True
            notes.append(Note(odd, "encoding", "from here on, lines that are no UTF-8 are read as Windows-1252"))
        return Piece(text, ended, notes)


def _has_long_line(data: bytes) -> bool:
    """Return whether any line is longer than those that are read whole, looking at few of the bytes."""
    begin = 0
    while len(data) - begin > LONGEST_LINE:
        begin = data.rfind(b"\n", begin, begin + LONGEST_LINE + 1) + 1
        if begin == 0:
            return True
    return False


def _cut(line: bytes) -> bytes:
    """Cut a line to the longest that is read, not within a character of UTF-8."""
    end = LONGEST_LINE
    while end > LONGEST_LINE - 3 and line[end] & 0xC0 == 0x80:
        end -= 1
    return line[:end]
