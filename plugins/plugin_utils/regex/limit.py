# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop an expression that takes too long on a line.

Python's `re` looks for signals while it backtracks, so that an alarm ends it. Alarms exist on POSIX and in the main thread
only: elsewhere there is no limit, and a bad expression takes as long as it takes (`fazmail templates lint` finds most).
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Mapping

# Seconds for one rule on one line. Reasonable rules need some microseconds.
LIMIT = 1.0


# How often a rule may be too slow before it is left out.
PATIENCE = 3
# Characters of a line on which an expression may take long whose time grows with the square of the length.
LONG = 1000


class TooSlow(Exception):
    """The time is over. `rule` is the line number of the rule in its template, 0 when it was none."""

    def __init__(self, rule: int = 0) -> None:
        super().__init__(f"the rule in line {rule} takes too long")
        self.rule = rule


class LimitedPattern:
    """A compiled expression of a rule that is stopped when it takes too long, and left out when it does so again.

    shortest: lines of fewer characters are not watched.
    """

    def __init__(self, pattern: re.Pattern[str], rule: int, shortest: int = 0) -> None:
        self.groupindex: Mapping[str, int] = pattern.groupindex
        self.groups = pattern.groups
        self._match = pattern.match
        self._rule = rule
        self._late = 0
        self._shortest = shortest

    def match(self, line: str) -> re.Match[str] | None:
        """Match at the beginning of a line. Raises TooSlow."""
        if self._late >= PATIENCE:
            return None
        if len(line) < self._shortest:
            return self._match(line)
        try:
            return limited(self._match, line, LIMIT)
        except TooSlow:
            self._late += 1
            raise TooSlow(self._rule) from None


def limited(match: Callable[[str], re.Match[str] | None], line: str, seconds: float = LIMIT) -> re.Match[str] | None:
    """Return what `match` says of a line. Raises TooSlow after so many seconds.

    An alarm that was set before goes on, and rings later by no more than the time that was used here.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return match(line)
    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, _ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            return match(line)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        # Also when the alarm rang at the very end, inside the statement above.
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


def _ring(signal_number: int, frame: object) -> None:
    raise TooSlow
