# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember which lines nothing knows, by what they look like when their digits are folded: other daemons count a lot."""

from __future__ import annotations

from collections.abc import Callable

from ..memo import Memo
from ..regex.digits import fold_digits

# To prove it takes as long as to read some dozen lines, so it has to be worth it.
_OFTEN = 20


class Strangers:
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
