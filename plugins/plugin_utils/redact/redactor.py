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

__all__ = ["MASK", "RedactedStream", "Redactor"]

# No device prints longer lines; more of one is not kept, so that memory stays bounded.
LONGEST_LINE = 65_536
CUT_LINE = f"{MASK[:-1]}: the rest of a line of more than {LONGEST_LINE} characters>"


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

    def stream(self) -> RedactedStream:
        """Return a redactor for one text that comes in pieces."""
        return RedactedStream(self._known)


class RedactedStream:
    """Redacts one text piece by piece, to the very result it would have as a whole.

    Either `feed` and `finish`, for pieces cut anywhere, or `lines`, for whole lines. What might still be a part of a
    secret is held back: an unfinished line, and as many lines as the longest form of a known secret may be spread over.
    """

    def __init__(self, known: KnownSecrets) -> None:
        self._known = known
        self._lines = SecretLines()
        self._held: list[str] = []
        self._size = 0
        self._cut = False  # the line that is being received was too long, its rest is thrown away

    def feed(self, text: str) -> str:
        """Take the next piece and return what can be shown, in whole lines."""
        if self._cut:
            __, end, text = text.partition("\n")
            if not end:
                return ""
            self._cut = False
            text = "\n" + text
        self._held.append(text)
        self._size += len(text)
        if "\n" not in text and self._size <= LONGEST_LINE:
            return ""
        return self._shown("".join(self._held))

    def finish(self) -> str:
        """Return the rest."""
        text = self._known.masked("".join(self._held))
        self._keep("")
        self._cut = False
        return "\n".join(self._lines.masked(text.split("\n")))

    def lines(self, lines: list[str]) -> list[str]:
        """Return the next lines, each at its place.

        A known secret that is spread over the last line of one call and the first of the next one is not seen here.
        """
        if self._known.reach:
            lines = self._known.masked("\n".join(lines)).split("\n") if lines else lines
        return self._lines.masked(lines)

    def _shown(self, text: str) -> str:
        if len(text) - text.rfind("\n") - 1 > LONGEST_LINE:
            begin = text.rfind("\n") + 1
            text = text[:begin] + self._known.beginning(text[begin : begin + LONGEST_LINE]) + CUT_LINE
            self._cut = True
        whole, rest = self._known.whole_lines(text, LONGEST_LINE)
        self._keep(rest)
        return "\n".join([*self._lines.masked(whole[:-1].split("\n")), ""]) if whole else ""

    def _keep(self, text: str) -> None:
        self._held, self._size = [text] if text else [], len(text)
