# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session has printed so far: a result for each command, to which daemons may add as long as it is the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .result import Result


class Transcript:
    """The results of a session. Each is redacted as a whole, by `redact`: a secret may have come in two pieces."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._results: list[Result] = []
        self._printed: list[str] = []  # text of the last result, not redacted
        self._more = False  # it grew since the result was made

    @property
    def results(self) -> list[Result]:
        """All results, also with what came after their prompts."""
        if self._more:
            self._printed = ["".join(self._printed).lstrip("\n")]
            last, raw = self._results[-1], self._printed[0]
            self._results[-1] = replace(last, text=self.redacted(last.command, raw)[1], raw=raw)
            self._more = False
        return self._results

    def add(self, result: Result) -> None:
        """Add the result of the next command."""
        self.results.append(result)
        self._printed = [result.raw]

    @property
    def empty(self) -> bool:
        """Whether there is no result yet."""
        return not self._results

    def append(self, text: str) -> None:
        """Add to the last result what was printed after it."""
        self._printed.append(text)
        self._more = True

    def redacted(self, command: str, text: str) -> tuple[str, str]:
        """Return a command and its text redacted, together: an error line below a `set passwd` repeats the password."""
        typed, __, text = self._redact(f"{command}\n{text}").partition("\n")
        return typed, text
