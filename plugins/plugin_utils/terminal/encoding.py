# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect the encoding of bytes and decode them. Nothing here raises: an unreadable byte becomes a replacement character."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

_CONTINUATION = bytes(range(0x80, 0xC0))
_FOUR_BYTES = bytes(range(0xF0, 0xF8))
_TYPOGRAPHIC = "\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2022\u2026\u20ac"


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` for Python, bytes of a `unit`, bytes to `skip` at the beginning, and whether they were a byte order mark."""

    name: str
    unit: int = 1
    skip: int = 0
    marked: bool = False

    @property
    def title(self) -> str:
        how = "with" if self.marked else "without"
        return f"{self.name.upper()} {how} a byte order mark"


PLAIN = Encoding("utf-8")
_MARKED = (
    (codecs.BOM_UTF8, "utf-8", 1),
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
)


def detect(head: bytes) -> Encoding:
    """Return the encoding of a file by its first bytes: by byte order mark, or UTF-16 by its NULs, or one byte a unit.

    Device text is nearly all ASCII, so that in UTF-16 every other byte is a NUL, and only every other one. Where the
    file was cut in the middle of a unit, its halves change places: the byte that is too much at the start is skipped.
    """
    for mark, name, unit in _MARKED:
        if head.startswith(mark):
            return Encoding(name, unit, len(mark), True)
    even, odd = head[::2], head[1::2]
    if odd.count(0) * 4 > len(odd) * 3 and 0 not in even:
        candidates = [Encoding("utf-16-le", 2), Encoding("utf-16-be", 2, 1)]
    elif even.count(0) * 4 > len(even) * 3 and 0 not in odd:
        candidates = [Encoding("utf-16-be", 2), Encoding("utf-16-le", 2, 1)]
    else:
        return PLAIN
    return max(candidates, key=lambda each: _latin(head[each.skip :], each.name))


def decode(data: bytes) -> str:
    """Return the text of some bytes; see detect(). Lines that are no UTF-8 are read as Windows-1252."""
    encoding = detect(data)
    if encoding.unit > 1:
        return data[encoding.skip :].decode(encoding.name, "replace")
    return decode_lines(data[encoding.skip :])[0]


def decode_lines(data: bytes) -> tuple[str, int]:
    """Return the text of some lines, and the index of the first that is no UTF-8 and was read as Windows-1252, or -1."""
    try:
        return data.decode("utf-8"), -1
    except UnicodeDecodeError as error:
        first = data.count(b"\n", 0, error.start)
    return "\n".join(_line(each) for each in data.split(b"\n")), first


def measure(encoding: Encoding) -> Callable[[bytes], int]:
    """Return a function that says how many bytes of a file in this encoding became these bytes of UTF-8.

    Holds for any part of the text, also one that begins or ends within a character.
    """
    if encoding.unit == 1:
        return len

    def size(text: bytes) -> int:
        if text.isascii():
            return len(text) * encoding.unit
        units = len(text.translate(None, _CONTINUATION))
        if encoding.unit == 2:
            units += len(text) - len(text.translate(None, _FOUR_BYTES))
        return units * encoding.unit

    return size


def _line(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _latin(data: bytes, name: str) -> int:
    """Count the characters that are likely in a log: ASCII, letters of European languages, typographic signs."""
    text = data[:4096].decode(name, "ignore")
    return sum(each < "\x80" or "\u00c0" <= each < "\u0250" or each in _TYPOGRAPHIC for each in text)
