# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text and the attachments of a mail that Outlook saved (.msg).

Such a file is a small file system, the compound file of [MS-CFB]: a header, chains of sectors, and a tree of directory entries.
What a mail consists of has fixed names in it ([MS-OXMSG]). Of both, no more is read than is needed; no library that is kept up
reads less than everything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .mail import MOST, TEXT, MailBytes, without_letter
from .web_page import text_of
from .zipped import DamagedError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER_SIZE, _ENTRY_SIZE = 512, 128
_LAST_SECTOR = 0xFFFFFFFA  # what is more is a mark, such as the end of a chain
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_DEEPEST = 3

_BODY, _HTML = "1000", "1013"
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME = "3707", "3704", "3001"
_DATA, _MAIL = "__substg1.0_37010102", "__substg1.0_3701000D"
_ATTACHMENT = "__attach_version1.0_"


class _Entry(NamedTuple):
    """A directory entry; left, right and child are numbers of others."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


def message_parts(file: MailBytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what is in a mail of Outlook: its text, and each attachment.

    Raises DamagedError for one that is damaged or too large, and for a compound file that is no mail.
    """
    data = file.read(MOST + 1)
    if len(data) > MOST:
        raise DamagedError(f"it is a mail of more than {MOST // 10**6} MB; save its attachments and read them")
    try:
        compound = _Compound(data)
        parts = list(_parts(compound, compound.children(0), ""))
    except (struct.error, IndexError) as error:
        raise DamagedError("it is an Outlook mail (.msg) that is damaged or cut off") from error
    if not parts:
        raise DamagedError(
            "it is no mail with text or attachments, but some other file of Microsoft Office; save it as text"
        )
    yield from without_letter(iter(parts))


def _parts(compound: _Compound, entries: dict[str, int], prefix: str, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    plain = _string(compound, entries, _BODY)
    html = entries.get(f"__substg1.0_{_HTML}0102")
    if plain.strip():
        yield prefix + TEXT, plain.encode("utf-8", "replace")
    elif html is not None:
        yield prefix + TEXT, text_of(compound.read(html).decode("utf-8", "replace")).encode("utf-8", "replace")
    for number, name in enumerate(sorted(each for each in entries if each.startswith(_ATTACHMENT)), 1):
        inside = compound.children(entries[name])
        shown = next(
            filter(None, (_string(compound, inside, each) for each in (_LONG_NAME, _SHORT_NAME, _SHOWN_NAME))), ""
        )
        title = prefix + (shown.replace("/", "_") or f"attachment {number}")
        if _DATA in inside:
            yield title, compound.read(inside[_DATA])
        elif _MAIL in inside and depth < _DEEPEST:
            yield from _parts(compound, compound.children(inside[_MAIL]), f"{title}!", depth + 1)


def _string(compound: _Compound, entries: dict[str, int], name: str) -> str:
    """Return a property that is a text, "" if it is not there. It ends in 001F as UTF-16, in 001E as one byte a character."""
    if (wide := entries.get(f"__substg1.0_{name}001F")) is not None:
        return compound.read(wide).decode("utf-16-le", "replace").rstrip("\0")
    if (narrow := entries.get(f"__substg1.0_{name}001E")) is not None:
        return compound.read(narrow).decode("cp1252", "replace").rstrip("\0")
    return ""


@dataclass
class _Compound:
    """A compound file. Raises struct.error, IndexError or DamagedError where it is damaged; no chain is followed in a circle."""

    data: bytes

    def __post_init__(self) -> None:
        shift, mini_shift = struct.unpack_from("<2H", self.data, 30)
        if shift not in (9, 12) or not 4 <= mini_shift < shift:
            raise DamagedError("it is an Outlook mail (.msg) whose header is damaged")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        first_directory, __, self._cutoff, first_mini, __, first_more, __ = struct.unpack_from("<7I", self.data, 48)
        self._fat = self._allocation(first_more)
        directory = self._chain(first_directory)
        self._entries = [_entry(directory, place) for place in range(0, len(directory) - _ENTRY_SIZE + 1, _ENTRY_SIZE)]
        self._mini_fat = _numbers(self._chain(first_mini)) if first_mini < _LAST_SECTOR else ()
        root = self._entries[0]
        self._mini = self._chain(root.start) if root.kind == _ROOT and root.start < _LAST_SECTOR else b""

    def children(self, number: int) -> dict[str, int]:
        """Return the entries in a storage by name."""
        found: dict[str, int] = {}
        seen: set[int] = set()
        waiting = [self._entries[number].child]
        while waiting:
            place = waiting.pop()
            if place == _NONE or place in seen or place >= len(self._entries):
                continue
            seen.add(place)
            entry = self._entries[place]
            if entry.kind in (_STORAGE, _STREAM):
                found[entry.name] = place
            waiting += [entry.left, entry.right]
        return found

    def read(self, number: int) -> bytes:
        """Return the content of a stream."""
        entry = self._entries[number]
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        parts = (
            self._mini[place * self._mini_size : (place + 1) * self._mini_size]
            for place in _linked(entry.start, self._mini_fat)
        )
        return b"".join(parts)[: entry.size]

    def _allocation(self, first_more: int) -> tuple[int, ...]:
        """Return which sector follows which: the table is itself in sectors, listed in the header and a chain of more lists."""
        sectors = list(struct.unpack_from("<109I", self.data, 76))
        seen: set[int] = set()
        while first_more < _LAST_SECTOR and first_more not in seen:
            seen.add(first_more)
            *more, first_more = _numbers(self._sector(first_more))
            sectors += more
        return tuple(number for sector in sectors if sector < _LAST_SECTOR for number in _numbers(self._sector(sector)))

    def _sector(self, number: int) -> bytes:
        start = max(_HEADER_SIZE, self._size) + number * self._size
        if start >= len(self.data):
            raise DamagedError("it is an Outlook mail (.msg) that is cut off")
        return self.data[start : start + self._size].ljust(self._size, b"\0")

    def _chain(self, first: int) -> bytes:
        return b"".join(self._sector(number) for number in _linked(first, self._fat))


def _linked(first: int, following: tuple[int, ...]) -> Iterator[int]:
    """Yield the sectors of a chain."""
    seen: set[int] = set()
    while first < _LAST_SECTOR and first not in seen:
        seen.add(first)
        yield first
        first = following[first]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data)


def _entry(directory: bytes, place: int) -> _Entry:
    length, kind = struct.unpack_from("<HB", directory, place + 64)
    left, right, child = struct.unpack_from("<3I", directory, place + 68)
    start, size = struct.unpack_from("<2I", directory, place + 116)
    name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(name, kind, left, right, child, start, size)
