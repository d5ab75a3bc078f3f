# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that nothing knows: what they look like, and when it is proven that nothing can know them."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..memo import Memo
from ..regex.digits import fold_digits

# To prove it takes as long as to read some dozen lines, so it has to be worth it.
_OFTEN = 20
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


class UnknownLines:
    """Lines that nothing knows, and nothing would know whatever their digits were.

    may_know: says of a text with folded digits whether anything may know a text that looks like it. See `regex.digits`.
    """

    def __init__(self, may_know: Callable[[str], bool]) -> None:
        self._may_know = may_know
        self._seen: Memo[int] = Memo()  # how often; 0 is not kept
        self._proven: Memo[bool] = Memo()

    def has(self, text: str) -> bool:
        """Say whether it is proven that nothing knows the text. What was not seen often is not proven."""
        looks = fold_digits(text)
        proven = self._proven.get(looks)
        if proven is None:
            seen = (self._seen.get(looks) or 0) + 1
            if seen < _OFTEN:
                self._seen.put(looks, seen)
                return False
            proven = not self._may_know(looks)
            self._proven.put(looks, proven)
        return proven
