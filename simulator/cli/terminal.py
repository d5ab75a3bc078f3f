# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line a person types: echo, erasing, and the keys that act at once. Pure: characters in, screen text and keys out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LINE_END = "\r\n"
# The line end after an echoed command: seen as CR CR LF in a recorded SSH session of FMG 7.4.6.
ECHO_LINE_END = "\r\r\n"

PAGER = "--More-- "
# How a line that is too long for the terminal goes on in the next row, as readline does it (assumed).
WRAP = " \r"
# How the marker is erased: as FortiOS does it, with blanks over the marker.
PAGER_ERASED = "\r" + " " * len(PAGER) + "\r"


@dataclass(frozen=True)
class Submitted:
    """Enter was pressed on this line."""

    line: str


@dataclass(frozen=True)
class HelpAsked:
    """`?` was pressed behind this text. The text stays typed."""

    line: str


@dataclass(frozen=True)
class Interrupted:
    """Ctrl-C was pressed; the typed text is gone."""


Key = Submitted | HelpAsked | Interrupted | None


class LineEditor:
    """Holds the line being typed.

    Enter is CR, LF or CR LF: one of them, in whatever pieces they arrive. columns: where the echo is wrapped, 0 for
    nowhere. masks: returns whether the next character, behind what is typed already, is shown as `*`.
    """

    def __init__(self, echo: bool, columns: int = 0, masks: Callable[[str], bool] = lambda typed: False) -> None:
        self.echo = echo
        self.columns = columns
        self.typed = ""
        self._masks = masks
        self._after_cr = False

    def press(self, character: str, before: int = 0) -> tuple[str, Key]:
        """Take one character; return what appears on the screen and the key it amounts to.

        before: how many columns the prompt takes.
        """
        after_cr, self._after_cr = self._after_cr, character == "\r"
        if character == "\n" and after_cr:
            return "", None
        if character in "\r\n":
            line, self.typed = self.typed, ""
            return self._echoed(ECHO_LINE_END), Submitted(line)
        if character == "?":
            return self._echoed("?" + LINE_END), HelpAsked(self.typed)
        if character == "\x03":
            self.typed = ""
            return self._echoed("^C" + LINE_END), Interrupted()
        if character in "\x08\x7f":
            if not self.typed:
                return "", None
            self.typed = self.typed[:-1]
            return self._echoed("\b \b"), None
        if character == "\x15":
            erased, self.typed = len(self.typed), ""
            return self._echoed("\b \b" * erased), None
        if character < " ":
            return "", None
        shown = "*" if self._masks(self.typed) else character
        self.typed += character
        full = self.columns and (before + len(self.typed)) % self.columns == 0
        return self._echoed(shown + (WRAP if full else "")), None

    def _echoed(self, text: str) -> str:
        return text if self.echo else ""


class Pager:
    """Text that waits for a key. `rows` is the height of the screen; one of them holds the marker."""

    def __init__(self, rows: int) -> None:
        self.page = max(1, rows - 1)
        self._rest: list[str] = []

    @property
    def waiting(self) -> bool:
        return bool(self._rest)

    def start(self, lines: list[str]) -> str:
        """Return the first page."""
        self._rest = list(lines)
        return self._next(self.page)

    def press(self, character: str) -> str:
        """Blank shows the next page, Enter one line, `q` and Ctrl-C nothing more; other keys do nothing."""
        if character == " ":
            return PAGER_ERASED + self._next(self.page)
        if character in "\r\n":
            return PAGER_ERASED + self._next(1)
        if character in "qQ\x03":
            self._rest = []
            return PAGER_ERASED
        return ""

    def _next(self, count: int) -> str:
        lines, self._rest = self._rest[:count], self._rest[count:]
        text = "".join(line + LINE_END for line in lines)
        return text + PAGER if self._rest else text
