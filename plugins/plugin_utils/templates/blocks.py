# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read texts of any size in blocks that end where a line ends, in one process or in several."""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from .result import Reader
from .template import Template, no_collection

# Lines of one block at a time are in memory, small enough to stay in the processor's cache.
_BLOCK = 256 * 1024
# A process is given more at once, or handing over would take longer than reading.
_SHARE = 4 * 1024 * 1024
# The first share teaches what repeats itself most; all processes wait for it.
_FIRST_SHARE = 512 * 1024


def parse(template: Template, text: str) -> list[list[Any]]:
    """Return what textfsm.TextFSM(template).ParseText(text) returns, row for row, or raise what it raises."""
    with no_collection():
        return list(rows(template, [text]))


def rows(template: Template, source: Path | Iterable[str], processes: int = 1) -> Iterator[list[Any]]:
    """Yield the rows of a file (in UTF-8) or of a text that comes in blocks, cut anywhere, in their order.

    Several processes need a template that is local to a line; with any other, one process reads all. Memory is bounded
    by the blocks under way, if lines are not longer. Raises OSError, and what TextFSM.ParseText raises.
    """
    if processes > 1 and template.line_local:
        yield from _by_several(template, source, processes)
        return
    blocks = _of_file(source, _BLOCK) if isinstance(source, Path) else at_line_ends(source, _BLOCK)
    reader = template.reader()
    yield from _read_by(reader, blocks)
    yield from (list(row.values.values()) for row in reader.finish().rows)


def _read_by(reader: Reader, blocks: Iterable[str]) -> Iterator[list[Any]]:
    for block in blocks:
        with no_collection():
            found = reader.rows(block.splitlines())
        yield from found


def at_line_ends(pieces: Iterable[str], size: int) -> Iterator[str]:
    """Cut a text again: into blocks of about `size` characters that end with LF; the last one may end without.

    LF is the one line end of str.splitlines that never is half of another.
    """
    held: list[str] = []
    for piece in pieces:
        start = 0
        while (end := piece.rfind("\n", start, start + size) + 1) or (end := piece.find("\n", start) + 1):
            yield "".join((*held, piece[start:end]))
            held.clear()
            start = end
        held.append(piece[start:])
    yield "".join(held)


def _of_file(path: Path, size: int) -> Iterator[str]:
    with path.open("rb") as file:
        for start, length in _cuts(file, size, size):
            yield _read(file, start, length)


def _cuts(file: BinaryIO, size: int, first: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of blocks of a file that end with LF; `first` is the size of the first one."""
    start = 0
    while True:
        file.seek(start + (size if start else first))
        rest = len(file.readline())
        end = file.tell()
        if not rest:
            end = file.seek(0, 2)
            if end > start:
                yield start, end - start
            return
        yield start, end - start
        start = end


def _read(file: BinaryIO, start: int, length: int) -> str:
    file.seek(start)
    return file.read(length).decode("utf-8", "replace")


def _by_several(template: Template, source: Path | Iterable[str], processes: int) -> Iterator[list[Any]]:
    """Give blocks to processes in turn. No more are under way than keep all of them busy."""
    # Imported when needed: most texts are read by one process.
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    shares = _shares(source)
    reader = template.reader()
    # Texts repeat themselves: what is learnt from the first share is known to the processes, which are forked behind it.
    for share in islice(shares, 1):
        yield from _read_by(reader, _blocks(share))
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("fork"), initializer=_begin, initargs=(reader,)
    ) as pool:
        under_way: deque[Future[bytes]] = deque()
        for share in shares:
            under_way.append(pool.submit(_of_share, share))
            if len(under_way) > 2 * processes:
                yield from _rows(under_way.popleft().result())
        while under_way:
            yield from _rows(under_way.popleft().result())


def _rows(dumped: bytes) -> list[list[Any]]:
    with no_collection():
        found: list[list[Any]] = marshal.loads(dumped)
    return found


def _shares(source: Path | Iterable[str]) -> Iterator[str | tuple[Path, int, int]]:
    """Yield what a process is to read: where it stands in a file, or the text."""
    if not isinstance(source, Path):
        yield from at_line_ends(source, _SHARE)
        return
    with source.open("rb") as file:
        for start, length in _cuts(file, _SHARE, _FIRST_SHARE):
            yield source, start, length


_reader: Reader


def _begin(reader: Reader) -> None:
    global _reader
    _reader = reader


def _of_share(share: str | tuple[Path, int, int]) -> bytes:
    """Return rows in the form that takes the least time to make and to read; both sides are the same Python."""
    with no_collection():
        return marshal.dumps(list(_read_by(_reader, _blocks(share))))


def _blocks(share: str | tuple[Path, int, int]) -> Iterator[str]:
    if isinstance(share, str):
        return at_line_ends([share], _BLOCK)
    path, start, length = share
    with path.open("rb") as file:
        return at_line_ends([_read(file, start, length)], _BLOCK)
