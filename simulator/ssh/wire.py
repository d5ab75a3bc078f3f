# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the connection of one session does to the bytes on their way to the client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Protocol

from ..device.clock import Clock
from ..specification.faults import Faults

Piece = bytes | float  # bytes of one write, or seconds of silence


class Line(Protocol):
    """The channel below a session."""

    def send(self, data: bytes) -> None: ...
    def end_of_file(self) -> None: ...
    def hang_up(self) -> None: ...


def pieces(data: bytes, prompt: bytes, faults: Faults) -> list[Piece]:
    """Cut what the device writes as the faults say. `prompt` is the one shown now; the data may end with it."""
    cuts = set(range(faults.segment, len(data), faults.segment)) if faults.segment else set()
    at_prompt = len(data) - len(prompt) if prompt and data.endswith(prompt) else len(data)
    if "crlf" in faults.split:
        cuts |= {place + 1 for place in range(len(data) - 1) if data[place : place + 2] == b"\r\n"}
    if "utf8" in faults.split:
        # The second byte of a character that has several begins with the bits 10.
        cuts |= {place for place in range(1, len(data)) if data[place] & 0xC0 == 0x80}
    if "prompt" in faults.split and at_prompt < len(data):
        cuts.add(at_prompt + len(prompt) // 2)
    stalls = bool(faults.stall_before_prompt) and at_prompt < len(data)
    if stalls:
        cuts.add(at_prompt)
    found: list[Piece] = []
    places = [0, *sorted(cuts - {0}), len(data)]
    for begin, end in pairwise(places):
        if stalls and begin == at_prompt:
            found.append(float(faults.stall_before_prompt))
        elif found and faults.delay:
            found.append(float(faults.delay))
        found.append(data[begin:end])
    return found


class Wire:
    """The way to one client. Everything leaves in order; without delays it leaves at once."""

    def __init__(self, line: Line, faults: Faults, clock: Clock) -> None:
        self._line = line
        self._faults = faults
        self._clock = clock
        self._queue: deque[Piece | Callable[[], None]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._sent = 0
        self._mute = False  # whatever is written from now on never arrives

    def write(self, data: bytes, prompt: str) -> None:
        if not self._mute:
            self._queue.extend(pieces(data, prompt.encode(), self._faults))
            self._go_on()

    def then(self, action: Callable[[], None]) -> None:
        """Do this when all that was written has left."""
        if not self._mute:
            self._queue.append(action)
            self._go_on()

    def strike(self, kind: str) -> None:
        """A fault strikes now: `disconnect`, `silent` or `half_close`."""
        if kind == "disconnect":
            self.then(self._line.hang_up)
        elif kind == "half_close":
            self.then(self._line.end_of_file)
        self._mute = True

    def close(self) -> None:
        """The client is gone."""
        self._mute = True
        self._queue.clear()
        if self._pump is not None:
            self._pump.cancel()

    def _go_on(self) -> None:
        if self._pump is not None:
            return
        while self._queue:
            if isinstance(self._queue[0], float):
                self._pump = asyncio.create_task(self._wait_and_go_on())
                return
            self._leave(self._queue.popleft())

    async def _wait_and_go_on(self) -> None:
        while self._queue:
            each = self._queue.popleft()
            if isinstance(each, float):
                await self._clock.sleep(each)
            else:
                self._leave(each)
        self._pump = None

    def _leave(self, each: Piece | Callable[[], None]) -> None:
        if callable(each):
            each()
        elif isinstance(each, bytes):
            self._send(each)

    def _send(self, data: bytes) -> None:
        limit = self._faults.disconnect_after_bytes
        if limit and self._sent + len(data) >= limit:
            data = data[: limit - self._sent]
            self._queue.clear()
            self._mute = True
        self._sent += len(data)
        self._line.send(data)
        if limit and self._sent >= limit:
            self._line.hang_up()
