# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit that several steps share: it runs from the first of them and does not begin anew."""

from __future__ import annotations

import time
from collections.abc import Callable

from .errors import LimitError


class Countdown:
    """Counts down from `seconds`, the limit that is called `limit` in messages."""

    def __init__(self, limit: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self.clock = clock
        self._deadline = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; 0 and less when the time is up."""
        return self._deadline - self.clock()

    def error(self, doing: str) -> LimitError:
        """Return the error for a time that ran out while doing something."""
        return LimitError(self.limit, self.seconds, doing)
