# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a zip archive; also of one that is cut off, or that comes through a pipe and cannot be searched.

A zip archive has its directory at the end. Where that is missing or out of reach, the header before each file
(APPNOTE.TXT of PKWARE, section 4.3.7) is enough to unpack one after the other.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol, cast

from ..errors import FazmailError

MAGIC = b"PK\x03\x04"
_HEADER = struct.Struct("<4s5H3I2H")
_ENCRYPTED, _SIZES_FOLLOW, _UTF8_NAME = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_BLOCK = 64 * 1024
# What zipfile raises for an archive that is damaged, encrypted or packed in a way it does not know.
_DAMAGE = (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError, OverflowError, struct.error)
_CUT = "it is cut off in the middle of a file"


class DamagedError(FazmailError):
    """An archive, or a file in it, cannot be unpacked (any further). The message says why."""

    cause = "damaged"


class Source(Protocol):
    """Bytes, some at a time; none are left when it returns b""."""

    def read1(self, most: int, /) -> bytes: ...


def files(file: io.BufferedReader) -> Iterator[tuple[str, Source]]:
    """Yield name and content of each file. The content raises DamagedError where it cannot be unpacked.

    What is left of one file is skipped when the next is asked for. An archive without any file gives none.
    """
    if isinstance(file.raw, io.FileIO) and file.seekable():
        start = file.tell()
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGE:
            file.seek(start)
        else:
            yield from _by_directory(archive)
            return
    yield from _by_headers(file)


def _by_directory(archive: zipfile.ZipFile) -> Iterator[tuple[str, Source]]:
    with archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            try:
                content = archive.open(entry)
            except _DAMAGE as error:
                yield entry.filename, Broken(str(error))
                continue
            with content:
                yield entry.filename, cast(Source, content)


def _by_headers(file: io.BufferedReader) -> Iterator[tuple[str, Source]]:
    while file.peek(4)[:4] == MAGIC:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        __, __, flags, method, __, __, __, packed, __, name_length, extra_length = _HEADER.unpack(header)
        name = file.read(name_length).decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
        file.read(extra_length)
        if flags & _ENCRYPTED:
            yield name, Broken("it is encrypted; unpack it first")
            return
        if method == _DEFLATED:
            content: Source = _Inflated(file)
        elif method == _STORED and not flags & _SIZES_FOLLOW:
            content = _Stored(file, packed)
        else:
            yield name, Broken(f"its directory is out of reach and method {method} needs it; unpack it first")
            return
        if not name.endswith("/"):
            yield name, content
        try:
            while content.read1(_BLOCK):
                pass
        except DamagedError:
            return
        if flags & _SIZES_FOLLOW:
            _skip_sizes(file)


def _skip_sizes(file: io.BufferedReader) -> None:
    """Skip the sizes behind a file: three or four numbers of 4 bytes, twice as large sizes in a zip64 archive."""
    behind = file.peek(28)[:28]
    position = behind.find(b"PK", 4)
    file.read(position if position > 0 else 16)


class Broken:
    """What cannot be read at all, for a reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def read1(self, most: int, /) -> bytes:
        raise DamagedError(self._reason)


class _Stored:
    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file, self._left = file, size

    def read1(self, most: int, /) -> bytes:
        data = self._file.read(min(most, self._left))
        if not data and self._left:
            raise DamagedError(_CUT)
        self._left -= len(data)
        return data


class _Inflated:
    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def read1(self, most: int, /) -> bytes:
        data = b""
        while not data and not self._inflate.eof:
            packed = self._file.peek()
            try:
                data = self._inflate.decompress(packed, most)
            except zlib.error as error:
                raise DamagedError(str(error)) from error
            if not packed and not data:
                raise DamagedError(_CUT)
            # What was not used now is asked for again, or belongs to the next file.
            unused = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            self._file.read(len(packed) - len(unused))
        return data
