# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove secrets from device text before anybody sees it: results, diffs, logs, exceptions, captures.

Two ways, because either alone misses some: known secrets in every form (`known_secrets`), and unknown ones by the text
around them (`secret_lines`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .known_secrets import MASK, KnownSecrets
from .secret_lines import SecretLines

__all__ = ["MASK", "Redactor"]


class Redactor:
    """Masks known secrets and whatever looks like one. Line numbers stay as they were."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = KnownSecrets(secrets)

    def text(self, text: str) -> str:
        """Return the text with every secret replaced by a mask; the number of lines does not change."""
        return "\n".join(SecretLines().masked(self._known.masked(text).split("\n")))

    def data(self, value: Any) -> Any:
        """Return a copy of nested lists and dictionaries with each string redacted."""
        return self._data(value, {})

    def _data(self, value: Any, known: dict[str, str]) -> Any:
        if isinstance(value, str):
            # Most are keys, or stand in several places.
            if (shown := known.get(value)) is None:
                shown = known[value] = self.text(value)
            return shown
        if isinstance(value, dict):
            return {self._data(key, known): self._data(each, known) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._data(each, known) for each in value]
        return value

    def values(self, value: Any, where: str = "") -> tuple[Any, list[str]]:
        """Return a copy of nested values in which each text that is a secret as a whole is masked, and where those are.

        For the values of options: that a secret is a part of one is chance. A key that is a secret is masked, too.
        """
        if isinstance(value, str):
            masked = bool(value) and self._known.masked(value) == MASK
            return (MASK, [where]) if masked else (value, [])
        if isinstance(value, dict):
            pairs: dict[Any, Any] = {}
            found: list[str] = []
            for key, each in value.items():
                shown, inside = self.values(key, where) if isinstance(key, str) else (key, [])
                pairs[shown], below = self.values(each, f"{where}.{shown}" if where else str(shown))
                found += [*inside, *below]
            return pairs, found
        if isinstance(value, list | tuple):
            rows = [self.values(each, f"{where}[{number}]") for number, each in enumerate(value)]
            return [shown for shown, __ in rows], [place for __, below in rows for place in below]
        return value, []
