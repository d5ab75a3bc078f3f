# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a saved log, packed or not: recognised by its content, not by its name, and unpacked as a stream."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..whole_file import STANDARD_STREAM
from . import mail, outlook, zipped
from .json_text import JsonText, may_be_json
from .no_text import why_no_text
from .web_page import WebPage, is_of_office, is_web_page
from .zipped import Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# What reading damaged or cut archives raises.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipped.DamagedError)
_BUFFER = 128 * 1024
_HEAD = 8192
# A mail with an archive of packed logs.
_MOST_LAYERS = 3
ENVIRONMENT = "FAZMAIL_UNPACK_LIMIT"
_MEGABYTE = 1_000_000
# Real logs shrink to a hundredth at best. Small files may always unpack to so much.
_MOST_UNPACKED, _RATIO, _ALWAYS = 4000 * _MEGABYTE, 1000, 16 * _MEGABYTE
_MAGIC = {
    zipped.MAGIC: "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    outlook.MAGIC: "Outlook mail",
}
_TAR_MAGIC = slice(257, 262), b"ustar"
_UNPACK: dict[str, Callable[[io.BufferedReader], Source]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}


class MemberStream(io.RawIOBase):
    """Unpacked bytes. What is damaged ends them early, and `problem` says so in one sentence ("" when all is well).

    problem: why nothing is read at all.
    """

    def __init__(self, source: io.BufferedReader, layers: str, problem: str = "") -> None:
        self._source, self._layers = source, layers
        self._given = 0
        self.problem = problem

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
            read = f"the {self._given} bytes before that were read" if self._given else "nothing of it was read"
            self.problem = f"the {self._layers} archive cannot be unpacked any further: {error}; {read}"
            return 0
        view[: len(data)] = data
        self._given += len(data)
        return len(data)


class _Limit:
    """How much a file may unpack to, in all of its layers: so many bytes, and so many times its size."""

    def __init__(self) -> None:
        named = os.environ.get(ENVIRONMENT, "")
        self._named = int(named) * _MEGABYTE if named.isascii() and named.isdigit() else 0
        self._unpacked = 0
        self.size = 0  # of a stream: what has come of it

    def unpacked(self, count: int) -> None:
        """Count unpacked bytes. Raises DamagedError where that is too much."""
        self._unpacked += count
        most = self._named or min(_MOST_UNPACKED, max(_ALWAYS, _RATIO * self.size))
        if self._unpacked > most:
            raise zipped.DamagedError(
                f"it unpacks to more than {most // _MEGABYTE} MB, and has {self.size} bytes; if you trust it, unpack it "
                f"first, or name a higher limit in MB with --unpack-limit or {ENVIRONMENT}"
            )


class _Counted(io.RawIOBase):
    """The bytes of a stream."""

    def __init__(self, file: io.BufferedReader, limit: _Limit) -> None:
        self._file, self._limit = file, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        count = self._file.readinto1(buffer)
        self._limit.size += count
        return count


class _Unpacking(io.RawIOBase):
    """One layer of packing, taken off. What can be unpacked is given before the error of what cannot."""

    def __init__(self, source: Source, limit: _Limit) -> None:
        self._source = source
        self._limit = limit
        self._error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if self._error:
            raise self._error
        view = memoryview(buffer)
        try:
            data = self._source.read1(len(view))
            self._limit.unpacked(len(data))
        except DAMAGE as error:
            self._error = error
            raise
        view[: len(data)] = data
        return len(data)


def _nowhere() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Member:
    """One log: the name to show for it, such as `logs.zip!faz.log`, and its unpacked bytes.

    position: tells how many bytes of the file itself were read, 0 where nobody knows.
    """

    name: str
    stream: MemberStream
    position: Callable[[], int] = _nowhere


@contextmanager
def open_log(path: Path | str) -> Iterator[Iterator[Member]]:
    """Open a log, "-" being standard input, and give an iterator of its members: one, or each file of a zip archive.

    gzip, bzip2, xz, zip, tar, mails (.eml, .msg, mbox), web pages, Word documents and JSON are recognised by their first bytes and
    unpacked while they are read; also one inside another. A mail has a member for its text and for each attachment but pictures.
    Of what holds no text nothing is read. Each member is to be read before the next is asked for. What unpacks to more than 4 GB,
    or to 1000 times its size and more than 16 MB, ends there as if it were damaged; FAZMAIL_UNPACK_LIMIT names another limit, in MB.
    Raises OSError when the file cannot be opened.
    """
    if str(path) == STANDARD_STREAM:
        yield _file(STANDARD_STREAM, cast(io.BufferedReader, sys.stdin.buffer))
    else:
        with Path(path).open("rb", _BUFFER) as file:
            members = _file(str(path), cast(io.BufferedReader, file))
            yield (replace(member, position=file.tell) for member in members) if file.seekable() else members


def _file(name: str, file: io.BufferedReader) -> Iterator[Member]:
    if not _form(file):
        return iter([_text(name, file, "")])
    limit = _Limit()
    if not file.seekable():
        return _members(name, io.BufferedReader(_Counted(file, limit), _BUFFER), (), limit)
    place = file.tell()
    limit.size = file.seek(0, os.SEEK_END)
    file.seek(place)
    return _members(name, file, (), limit)


def _members(name: str, file: io.BufferedReader, layers: tuple[str, ...], limit: _Limit) -> Iterator[Member]:
    form = _form(file)
    if not form:
        yield _text(name, file, " in ".join(reversed(layers)))
    elif form in ("web page", "JSON"):
        page = _buffered(WebPage(file, _head(file)) if form == "web page" else JsonText(file), limit)
        yield Member(name, MemberStream(page, " in ".join(reversed((*layers, form)))))
    elif len(layers) == _MOST_LAYERS:
        yield _refused(name, f"it is packed more than {_MOST_LAYERS} times; unpack it first")
    elif form in _UNPACK:
        yield from _members(name, _buffered(_UNPACK[form](file), limit), (*layers, form), limit)
    else:
        # A tar archive is not packed by itself, so that it counts together with what it is packed in.
        yield from _in_archive(name, _FILES[form](file), layers if form == "tar" else (*layers, form), form, limit)


def _in_archive(
    name: str, files: Iterator[tuple[str, Source]], layers: tuple[str, ...], form: str, limit: _Limit
) -> Iterator[Member]:
    archive = f"the {' in '.join(reversed(layers)) or form} archive"
    office = found = False
    try:
        for inner, content in files:
            file = _buffered(content, limit)
            head = _head(file)
            # As in a mail, pictures beside the text of a document are no logs.
            office = office or (form == "zip" and is_of_office(head))
            if office and (is_of_office(head) or why_no_text(head)):
                continue
            found = True
            yield from _members(f"{name}!{inner}", file, layers, limit)
    except DAMAGE as error:
        # What the archive itself is packed in ends between two of its files.
        yield _refused(name, f"{archive} cannot be unpacked any further: {error}")
    else:
        if not found:
            what = "it is an Office document with no text that can be read; save it as text or CSV"
            yield _refused(name, what if office else f"{archive} holds no file")


def _in_tar(file: io.BufferedReader) -> Iterator[tuple[str, Source]]:
    import tarfile  # slow to load, and hardly ever needed

    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for entry in archive:
                if entry.isfile() and (content := archive.extractfile(entry)) is not None:
                    yield entry.name, cast(Source, content)
    except tarfile.TarError as error:
        raise zipped.DamagedError(str(error)) from error


def _whole(parts: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, Source]]:
    for name, content in parts:
        yield name, io.BytesIO(content)


_FILES: dict[str, Callable[[io.BufferedReader], Iterator[tuple[str, Source]]]] = {
    "zip": zipped.files,
    "tar": _in_tar,
    "mail": lambda file: _whole(mail.mail_parts(file)),
    "mailbox": lambda file: _whole(mail.mailbox_parts(file)),
    "Outlook mail": lambda file: _whole(outlook.message_parts(file)),
}


def _text(name: str, file: io.BufferedReader, layers: str) -> Member:
    return Member(name, MemberStream(file, layers, why_no_text(_beginning(file))))


def _refused(name: str, reason: str) -> Member:
    return Member(name, MemberStream(io.BufferedReader(io.BytesIO()), "", reason))


def _buffered(source: Source, limit: _Limit) -> io.BufferedReader:
    return io.BufferedReader(_Unpacking(source, limit), _BUFFER)


def _form(file: io.BufferedReader) -> str:
    """Name the archive or the mail a file is by how it begins, or return ""."""
    head = _head(file)
    form = next((form for magic, form in _MAGIC.items() if head.startswith(magic)), "")
    place, magic = _TAR_MAGIC
    if form or head[place] == magic:
        return form or "tar"
    if mail.is_mailbox(head):
        return "mailbox"
    if mail.is_mail(head):
        return "mail"
    return "web page" if is_web_page(head) else "JSON" if may_be_json(head) else ""


def _head(file: io.BufferedReader) -> bytes:
    return _beginning(file)[:_HEAD]


def _beginning(file: io.BufferedReader) -> bytes:
    """Return as many of the first bytes as the file has in its buffer."""
    try:
        return file.peek(_HEAD)
    except DAMAGE:
        return b""  # the reader of the member meets the same error, and reports it
