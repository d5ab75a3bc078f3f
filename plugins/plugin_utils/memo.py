# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember what was worked out for a text: logs repeat themselves."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")

# Longer texts hardly ever come twice, and would fill the memory.
LONGEST = 500
# Lines of a log have about so many characters.
_USUAL = 100


class Memo(Generic[Value]):
    """Values by text, of the texts seen lately. Holds at most twice `size` of them, and fewer where they are long."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._characters = 0  # of the recent ones
        self.recent: dict[str, Value] = {}  # a part of them, for those to whom a call is too slow
        self._old: dict[str, Value] = {}

    def get(self, text: str) -> Value | None:
        """Return the value of a text, or None when it is not known, or not any more."""
        value = self.recent.get(text)
        if value is None and (value := self._old.get(text)) is not None:
            self.put(text, value)
        return value

    def put(self, text: str, value: Value) -> None:
        """Remember the value of a text. What was not asked for since the memo was last full is forgotten."""
        if len(text) > LONGEST:
            return
        if len(self.recent) >= self._size or self._characters >= self._size * _USUAL:
            self.recent, self._old = {}, self.recent
            self._characters = 0
        self._characters += len(text)
        self.recent[text] = value
