# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a saved log, packed or not: recognised by its content, not by its name, and unpacked as a stream."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from . import zipped
from .zipped import Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

STANDARD_INPUT = "-"
# What reading damaged or cut archives raises.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipped.DamagedError)
_BUFFER = 128 * 1024
_MOST_LAYERS = 2
_MAGIC = {zipped.MAGIC: "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
_UNPACK: dict[str, Callable[[io.BufferedReader], Source]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}


class MemberStream(io.RawIOBase):
    """Unpacked bytes. A damaged archive ends them early, and `problem` says so in one sentence ("" when all is well)."""

    def __init__(self, source: io.BufferedReader, layers: str) -> None:
        self._source, self._layers = source, layers
        self._given = 0
        self.problem = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if self.problem:
            return 0
        view = memoryview(buffer)
        try:
            data = self._source.read1(len(view))
        except DAMAGE as error:
            if not self._layers:
                raise
            self.problem = (
                f"the {self._layers} archive cannot be unpacked any further: {error}; "
                f"the {self._given} bytes before that were read"
            )
            return 0
        view[: len(data)] = data
        self._given += len(data)
        return len(data)


class _Unpacking(io.RawIOBase):
    """One layer of packing, taken off. What can be unpacked is given before the error of what cannot."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if self._error:
            raise self._error
        view = memoryview(buffer)
        try:
            data = self._source.read1(len(view))
        except DAMAGE as error:
            self._error = error
            raise
        view[: len(data)] = data
        return len(data)


@dataclass(frozen=True, slots=True)
class Member:
    """One log: the name to show for it, such as `logs.zip!faz.log`, and its unpacked bytes."""

    name: str
    stream: MemberStream


@contextmanager
def open_log(path: Path | str) -> Iterator[Iterator[Member]]:
    """Open a log, "-" being standard input, and give an iterator of its members: one, or each file of a zip archive.

    gzip, bzip2, xz and zip are recognised by their first bytes and unpacked while they are read; also one inside another,
    once. Each member is to be read before the next is asked for. Raises OSError when the file cannot be opened.
    """
    if str(path) == STANDARD_INPUT:
        yield _members(STANDARD_INPUT, cast(io.BufferedReader, sys.stdin.buffer), ())
    else:
        with Path(path).open("rb", _BUFFER) as file:
            yield _members(str(path), cast(io.BufferedReader, file), ())


def _members(name: str, file: io.BufferedReader, layers: tuple[str, ...]) -> Iterator[Member]:
    form = _form(file)
    if not form:
        yield Member(name, MemberStream(file, " in ".join(reversed(layers))))
    elif len(layers) == _MOST_LAYERS:
        yield _refused(name, form, f"it is packed more than {_MOST_LAYERS} times; unpack it first")
    elif form == "zip":
        yield from _zipped(name, file, (*layers, form))
    else:
        yield from _members(name, _buffered(_UNPACK[form](file)), (*layers, form))


def _zipped(name: str, file: io.BufferedReader, layers: tuple[str, ...]) -> Iterator[Member]:
    reason = "it holds no file"
    try:
        for inner, content in zipped.files(file):
            reason = ""
            yield from _members(f"{name}!{inner}", _buffered(content), layers)
    except DAMAGE as error:
        # What the archive itself is packed in ends between two of its files.
        reason = str(error)
    if reason:
        yield _refused(name, " in ".join(reversed(layers)), reason)


def _refused(name: str, form: str, reason: str) -> Member:
    return Member(name, MemberStream(_buffered(zipped.Broken(reason)), form))


def _buffered(source: Source) -> io.BufferedReader:
    return io.BufferedReader(_Unpacking(source), _BUFFER)


def _form(file: io.BufferedReader) -> str:
    """Name the archive a file is by its first bytes, or return ""."""
    try:
        head = file.peek(8)
    except DAMAGE:
        return ""  # the reader of the member meets the same error, and reports it
    return next((form for magic, form in _MAGIC.items() if head.startswith(magic)), "")
