# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail daemon that prints debug lines without end, as fast as it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..device.clock import Clock
from ..device.state import Device
from ..device.texts import say

_TICK = 0.01
# More than this in one go would keep the simulator from doing anything else.
_MOST = 10_000


class Flood:
    """Prints `rate` lines each second while the mail daemon is being debugged."""

    def __init__(self, device: Device, rate: int, clock: Clock, emit: Callable[[list[str]], None]) -> None:
        self._device = device
        self._rate = rate
        self._clock = clock
        self._emit = emit
        self._task: asyncio.Task[None] | None = None

    def look(self) -> None:
        """The debug switches may have changed: start or stop."""
        wanted = self._rate > 0 and self._device.debug.fazmaild > 0
        if wanted and self._task is None:
            self._task = asyncio.create_task(self._print())
        elif not wanted:
            self.close()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _print(self) -> None:
        owed = 0.0
        while True:
            await self._clock.sleep(_TICK)
            owed = min(owed + self._rate * _TICK, _MOST)
            lines = [self._device.stamped(line) for line in say("idle_pending", pending=0)] * int(owed)
            owed -= int(owed)
            if lines:
                self._emit(lines)
