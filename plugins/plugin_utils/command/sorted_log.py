# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a log, sorted: in this process, or in one that reads, masks and sorts ahead while this one follows the sends."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, cast

from ..log.sorting import Packer, SortedBatch, Unpacker, sort
from ..logfile.archives import open_log
from ..logfile.reader import read
from .watch import Watch

# Not so on Windows, where files are read one after the other, by one process.
FORKS = hasattr(os, "fork")
# Bytes of a file for which a second process is worth its start.
_LARGE = 4_000_000

# The files in a file, each with its name and its sorted lines.
Members: TypeAlias = Generator[tuple[str, Iterator[SortedBatch]], None, None]


def sorted_log(name: str, watch: Watch, processes: int) -> Members:
    """Yield the name of each file in a file, and its lines, sorted. A large file is read by a second process if there may be one.

    Raises OSError, also while the lines are read, and InputError when that process dies.
    """
    if processes > 1 and FORKS and _is_large(name):
        from .workers import made_ahead

        read_pieces = made_ahead(lambda: _packed(name), name)
    else:
        read_pieces = _pieces(name)
    with closing(read_pieces) as pieces:
        for (__, member), group in groupby(pieces, key=lambda piece: (piece.member, piece.name)):
            yield member, _batches(group, member, watch)


class _Piece(NamedTuple):
    """Some sorted lines of a file in a file. position: how many bytes of the outer file were read. last: number of a line."""

    member: int
    name: str
    position: int
    last: int
    lines: SortedBatch | bytes


def _pieces(name: str) -> Generator[_Piece, None, None]:
    with open_log(name) as members:
        for number, member in enumerate(members):
            last = 0
            for batch in sort(read(cast(BinaryIO, member.stream))):
                segments = list(batch.segments)
                last = segments[-1].numbers[-1] if segments else last
                yield _Piece(number, member.name, member.position(), last, batch._replace(segments=segments))


def _packed(name: str) -> Iterator[_Piece]:
    for __, pieces in groupby(_pieces(name), key=lambda piece: piece.member):
        packer = Packer()
        for piece in pieces:
            yield piece._replace(lines=packer.packed(cast(SortedBatch, piece.lines)))


def _batches(pieces: Iterable[_Piece], member: str, watch: Watch) -> Iterator[SortedBatch]:
    unpacker = Unpacker()
    position = last = 0

    def noted() -> Iterator[_Piece]:
        nonlocal position, last
        for piece in pieces:
            position, last = piece.position, piece.last
            yield piece

    for piece in watch.wanted(noted(), member, lambda: position):
        yield unpacker.unpacked(piece.lines) if isinstance(piece.lines, bytes) else piece.lines
    yield SortedBatch(notes=watch.notes(last))


def _is_large(name: str) -> bool:
    try:
        return Path(name).stat().st_size >= _LARGE
    except OSError:
        return False  # standard input, or what cannot be read
