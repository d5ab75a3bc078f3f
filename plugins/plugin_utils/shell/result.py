# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one command printed, and the error in it.

The CLI has no exit status: a failure is a text at the end of the output. Only there is it looked for, so that output
that merely contains such words is no failure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..templates.records import run
from ..terminal.prompts import split
from .errors import CliError

_LAST_LINES = 50
_REASON_LINES = 3
LONGEST_QUOTE = 300
_DEBUG = ("fazmaild_debug", "foreign_debug")
# Function and line, which all debug output has. Nearly no other output does, so the templates are rarely asked.
_MAYBE_DEBUG = re.compile(r"\w:\d|Request \[")


def answered(text: str) -> str:
    """Return a sentence that quotes what the device answered, cut off where it is long."""
    return f"the device answered {text[:LONGEST_QUOTE]!r}" if text else "the device answered nothing"


@dataclass(frozen=True)
class Result:
    """What one command printed. `prompt` was before the command, `text` is between its echo and the next prompt.

    `raw` is the text as the device printed it, secrets included: what is read and compared. All else is redacted.
    """

    prompt: str
    command: str
    text: str
    error: CliError | None
    started: datetime
    seconds: float
    raw: str = field(repr=False)

    @property
    def said(self) -> str:
        """What the device said, as a clause: the error, or the last lines that it printed."""
        text = str(self.error) if self.error is not None else "; ".join(words(self.text))
        return answered(text)


def find_error(text: str) -> CliError | None:
    """Return the error that the output ends with, or None. Debug output of daemons after it does not hide it."""
    lines = _shown(text)
    if lines and _MAYBE_DEBUG.search(lines[-1]):
        known = _debug(lines)
        while lines and known[len(lines) - 1]:
            lines.pop()
    rows = run("cli_error", lines[-1:]).rows if lines else []
    if not rows:
        return None
    reason = "; ".join(lines[-1 - _REASON_LINES : -1])
    return CliError(rows[0]["message"], reason, rows[0].get("code"))


def words(text: str) -> list[str]:
    """Return the last lines of what the device printed that are not empty, without debug output of daemons."""
    lines = _shown(text)
    if not any(map(_MAYBE_DEBUG.search, lines)):
        return lines
    return [line for line, known in zip(lines, _debug(lines), strict=True) if not known]


def _shown(text: str) -> list[str]:
    return [line for line in (split(each).text.strip() for each in text.splitlines()[-_LAST_LINES:]) if line]


def _debug(lines: Sequence[str]) -> list[bool]:
    """For each line, whether a daemon printed it as debug output."""
    return [any(matched) for matched in zip(*(run(template, lines).matched for template in _DEBUG), strict=True)]
