# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long each part of a session may take, and how much one command may print."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import LimitError


@dataclass(frozen=True)
class Limits:
    """How long each part of a session may take, in seconds, and how much one command may print, in bytes.

    connect: TCP, and again SSH negotiation; login: everything up to the first prompt, these two included;
    command_idle: silence within one command; command_total: one command as a whole.
    """

    connect: float = 10.0
    login: float = 30.0
    command_idle: float = 60.0
    command_total: float = 180.0
    command_bytes: int = 8_388_608


class Countdown:
    """Counts down from `seconds`, the limit that is called `limit` in messages, to a time of the clock, `ends`."""

    def __init__(self, limit: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self.clock = clock
        self.ends = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; 0 and less when the time is up."""
        return self.ends - self.clock()

    def error(self, doing: str) -> LimitError:
        """Return the error for a time that ran out while doing something."""
        return LimitError(self.limit, self.seconds, doing)
