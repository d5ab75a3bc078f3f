# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line looks like when the parts that differ from line to line are taken out of it."""

from __future__ import annotations

import re

from ..memo import Memo

_LONGEST = 200
_PARTS = re.compile(
    r"(?P<quoted>\"[^\"]*\"|'[^']*')"
    r"|(?P<mail>[\w.+-]+@[\w.-]+)"
    r"|(?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){2,7}[0-9a-fA-F]{0,4})"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{6,}\b)"
    r"|(?P<number>\d+)"
)


_ALIKE = str.maketrans("123456789", "000000000")
_known: Memo[str] = Memo(2_000)


def shape(text: str) -> str:
    """Return a text with what is quoted, addresses, hexadecimal words and numbers replaced by words in angle brackets."""
    text = text[:_LONGEST]
    # Texts that differ in their digits only have one shape.
    alike = text.translate(_ALIKE)
    known = _known.get(alike)
    if known is None:
        known = _PARTS.sub(lambda found: f"<{found.lastgroup}>", text).strip() or text
        _known.put(alike, known)
    return known
