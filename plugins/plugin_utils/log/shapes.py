# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lines that nothing knows look like, so that equal ones are counted and shown once."""

from __future__ import annotations

import re
from functools import lru_cache

# More of a line does not tell what it looks like.
LONGEST_SHAPE = 200
# A shorter word that could be a hexadecimal number is more often a word.
SHORTEST_HEXADECIMAL = 6
_PARTS = {
    '"': r"(?P<quoted>\"[^\"]*\"|'[^']*')",
    "@": r"(?P<mail>[\w.+-]+@[\w.-]+)",
    "": r"(?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){2,7}[0-9a-fA-F]{0,4})"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{"
    f"{SHORTEST_HEXADECIMAL}"
    r",}\b)"
    r"|(?P<number>\d+)",
}


def shape(text: str) -> str:
    """Return a text with what is quoted, addresses, hexadecimal words and numbers replaced by words in angle brackets."""
    text = text[:LONGEST_SHAPE]
    # To look for a mail address or a quotation takes longest, and most texts have neither of their marks.
    marks = ('"' if '"' in text or "'" in text else "") + ("@" if "@" in text else "")
    return _parts(marks).sub(lambda found: f"<{found.lastgroup}>", text).strip() or text


@lru_cache
def _parts(marks: str) -> re.Pattern[str]:
    """Return the expression for what is replaced in a text with these marks."""
    return re.compile("|".join(_PARTS[mark] for mark in (*marks, "")))
