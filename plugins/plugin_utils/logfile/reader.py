# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream of bytes to batches of clean lines, in memory that does not grow with the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import BinaryIO

from ..terminal.clean import lines as plain_lines
from ..terminal.clean import visible
from ..terminal.encoding import decode_lines, detect
from .batch import Batch, Note
from .decode import Piece, Readable, decoded
from .layout import Layout, find_layout
from .wrapping import Wrapping

_MOST_LINES = 65536
# `each_line` cuts longer lines into several.
_LONGEST_LINE = 1 << 20
_HEAD = 4096

# A block of text without any of these characters but in line ends needs no cleaning.
_CONTROL = bytes([*range(9), *range(11, 32), 127])
# What word processors and mail programs put in place of quotation marks and blanks.
_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", None),
    }
)
_TYPOGRAPHIC_CHARACTER = re.compile("[\u2018-\u201f\u00a0\u2007\u202f\u200b\u2060\ufeff\u00ad]")


def read(stream: Readable, live: bool = False) -> Iterator[Batch]:
    """Yield the lines of a stream. How the stream hands out its bytes makes no difference to the batches.

    Decided once, on the first 256 KiB: the encoding, whether a carriage return alone ends a line, and on the first 4000
    lines of these: mail quoting, stamps of a terminal program, wrapped lines. Lines longer than 64 KiB are cut. All of that is in the notes, and so is
    what cannot be read when `stream` is the one of an archives.Member.

    `live` is for a file that still grows: lines are given as soon as the stream's `read` returns them instead of a
    block at a time, the first of them decide, and b"" ends the file. Raises what the stream raises, nothing else.
    """
    reader = _LogReader()
    for piece in decoded(stream, live):
        yield from reader.batches(piece)
    yield from reader.rest(getattr(stream, "problem", ""))


class _LogReader:
    """Follows a file: its layout, how many lines were given, and the line that may go on in the next piece."""

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._number = 1
        self._noted: set[str] = set()
        self._held = _NOTHING
        self._notes: list[Note] = []

    def batches(self, piece: Piece) -> Iterator[Batch]:
        """Yield the lines of a piece."""
        first = self._number
        texts = self._clean(piece.text).split("\n")
        if not piece.ended and not texts[-1]:
            # Nothing to be seen behind the last line end is no line.
            texts.pop()
        self._number += len(texts)
        self._notes += [Note(first + note.line if note.line >= 0 else 0, note.kind, note.text) for note in piece.notes]
        if self._layout is None:
            self._layout, notes = find_layout(texts)
            self._notes += notes
        batch = Batch(self._layout.undone(texts), range(first, self._number))
        yield from self._given(self._joined(batch, self._layout.wrapping) if self._layout.wrapping else batch)

    def rest(self, problem: str) -> Iterator[Batch]:
        """Yield what was held back, and the notes that no line took along."""
        if problem:
            self._notes.append(Note(0, "unread", problem))
        held, self._held = self._held, _NOTHING
        if held and self._layout and self._layout.wrapping:
            yield from self._given(_whole(held, self._layout.wrapping, [len(held)]))
        if self._notes:
            yield Batch([], [], notes=self._notes)

    def _clean(self, text: str) -> str:
        """Return a piece of text as it is meant to be read; its line ends stay where they are."""
        data = text.encode()
        kept = data.translate(None, _CONTROL)
        returns = data.count(b"\r\n") if len(kept) < len(data) else 0
        if len(kept) + returns == len(data) and "--More--" not in text:
            text = kept.decode() if returns else text
        else:
            text = text.replace("\r\n", "\n")
            if "\0" in text:
                self._note_once("nul_bytes", text, text.index("\0"), "NUL bytes are left out, here first")
            text = visible(text)
        if not text.isascii() and (match := _TYPOGRAPHIC_CHARACTER.search(text)):
            self._note_once(
                "typographic", text, match.start(), "typographic quotes and blanks are read as plain ones, here first"
            )
            text = text.translate(_TYPOGRAPHIC)
        return text

    def _note_once(self, kind: str, text: str, position: int, sentence: str) -> None:
        if kind not in self._noted:
            self._noted.add(kind)
            self._notes.append(Note(self._number + text.count("\n", 0, position), kind, sentence))

    def _joined(self, batch: Batch, wrapping: Wrapping) -> Batch:
        """Put wrapped lines together. The last one is held back, because it may go on in the next piece."""
        lines = Batch(self._held.texts + batch.texts, [*self._held.numbers, *batch.numbers])
        spans = wrapping.join(lines.texts)
        last = len(lines) - spans.pop() if spans else 0
        self._held = _part(lines, last, len(lines))
        return _whole(_part(lines, 0, last), wrapping, spans)

    def _given(self, batch: Batch) -> Iterator[Batch]:
        """Yield a batch in parts of bounded size, the first of which takes the notes along."""
        for start in range(0, len(batch), _MOST_LINES):
            part = _part(batch, start, start + _MOST_LINES) if len(batch) > _MOST_LINES else batch
            part.notes, self._notes = self._notes, []
            yield part


_NOTHING = Batch([], [])


def _part(batch: Batch, start: int, end: int) -> Batch:
    return Batch(batch.texts[start:end], batch.numbers[start:end], batch.spans[start:end])


def _whole(lines: Batch, wrapping: Wrapping, spans: Sequence[int]) -> Batch:
    """Return lines of which each takes so many of these."""
    starts = list(accumulate(spans, initial=0))[:-1]
    texts = [
        lines.texts[start] if span == 1 else wrapping.whole(lines.texts[start : start + span])
        for start, span in zip(starts, spans, strict=True)
    ]
    return Batch(texts, [lines.numbers[start] for start in starts], spans)


def each_line(file: BinaryIO) -> Iterator[str]:
    """Yield plain lines of a file, each as soon as it is there: for texts that have nothing to do with each other.

    Memory is bounded; the encoding shows in the first bytes. Raises only the OSError of the file.
    """
    encoding = detect(file.peek(_HEAD) if isinstance(file, io.BufferedReader) else b"")
    file.read(encoding.skip)
    if encoding.unit > 1:
        text = io.TextIOWrapper(file, encoding.name, "replace", newline="\n")
        for part in iter(lambda: text.readline(_LONGEST_LINE), ""):
            yield from plain_lines(part)
        return
    for data in iter(lambda: file.readline(_LONGEST_LINE), b""):
        yield from plain_lines(decode_lines(data)[0])
