# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that carry the text they show, so that a test can tell when they are stale."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"Description"


def described(png: bytes, text: str) -> bytes:
    """Return a PNG with a text in it."""
    data = _KEYWORD + b"\0\1\0\0\0" + zlib.compress(text.encode(), 9)
    (__, header), *others = _chunks(png)
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in ((b"IHDR", header), (b"iTXt", data), *others)
    )


def description(png: bytes) -> str:
    """Return the text in a PNG. Raises ValueError if there is none."""
    for kind, content in _chunks(png):
        if kind == b"iTXt" and content.startswith(_KEYWORD):
            return zlib.decompress(content[len(_KEYWORD) + 5 :]).decode()
    raise ValueError("the picture has no text")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12
