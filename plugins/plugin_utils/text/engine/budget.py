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
from collections.abc import Callable

# Seconds for one rule on one line. Reasonable rules need some microseconds.
LIMIT = 1.0


class TooSlow(Exception):
    """The time is over."""


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
        return match(line)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


def _ring(signal_number: int, frame: object) -> None:
    raise TooSlow
