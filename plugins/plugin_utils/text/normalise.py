# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make plain lines of whatever bytes somebody saved: encodings, line ends, terminal sequences, pager remains."""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\^_])")
# The pager's mark, and what erases it when a key is pressed: a carriage return, blanks, a carriage return.
_PAGER = re.compile(r"--More-- ?(?:\r *\r|(?:\x08 ?)+)?")
_ERASED = re.compile(r"\r +\r")
# The device ends an echoed line with CR CR LF, output with CR LF; files have any of them.
# (Looking back keeps a long run of carriage returns from being tried from each of them.)
_LINE_END = re.compile(r"(?<!\r)\r*\n")
# Bytes that a serial line or a transcript left behind; none of them is part of a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decode(data: bytes) -> str:
    """Return the text of some bytes: by byte order mark, by its NULs, as UTF-8, or as Windows-1252.

    Never raises.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide_encoding(data):
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _wide_encoding(data: bytes) -> str:
    """Return the UTF-16 encoding of bytes without a byte order mark, or "" when they do not look like one.

    Device text is nearly all ASCII, so that every other byte is a NUL, and only every other one.
    """
    even, odd = data[::2], data[1::2]
    if odd.count(0) * 4 > len(odd) * 3 and 0 not in even:
        return "utf-16-le"
    if even.count(0) * 4 > len(even) * 3 and 0 not in odd:
        return "utf-16-be"
    return ""


def screen(text: str) -> str:
    """Return text without pager marks and erased characters, lines ended by LF. Other control characters stay."""
    return _ERASED.sub("", _LINE_END.sub("\n", _PAGER.sub("", text)))


def plain(text: str) -> str:
    """Return what remains on the screen, with LF as the only line end."""
    text = screen(ESCAPE_SEQUENCE.sub("", text.replace("\0", "")))
    text = _CONTROL.sub("", text)
    # A lone carriage return ends a line only in files that have no other line end.
    return text.replace("\r", "\n" if "\n" not in text else " ")


def lines(text: str) -> list[str]:
    """Split plain text at LF only: a control character inside a line of debug output does not make two of it."""
    split = plain(text).split("\n")
    if split[-1] == "":
        split.pop()
    return split
