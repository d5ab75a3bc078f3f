# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of the mail daemon's connections, as somebody who watches the device's interface sees them.

They are made from what really happens on the connection, or from the fault in its place: nothing is captured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

_NUMBERS = 1 << 32
_STEP = 0.0002  # seconds between two packets of one moment
_FULL = 1460  # bytes of data in a full packet
_TAIL = 100  # bytes of the short packet behind full ones

End = tuple[str, int]


@dataclass(frozen=True)
class Packet:
    """One TCP packet at a time in seconds since 1970. `flag` is syn, psh, fin, rst, or "" for a mere acknowledgement."""

    source: End
    target: End
    flag: str = ""
    sequence: int = 0
    acknowledged: int | None = None
    time: float = 0.0
    outgoing: bool = True

    @property
    def text(self) -> str:
        """What the sniffer prints behind the addresses."""
        flag = f"{self.flag} {self.sequence} " if self.flag else ""
        return flag + (f"ack {self.acknowledged} " if self.acknowledged is not None else "")


@dataclass
class Interface:
    """The device's interface: whoever watches it is shown every packet. `interval`: see Switches.retransmit_interval."""

    clock: Callable[[], float]
    random: Random
    address: str
    interval: float = 1.0
    watchers: list[Callable[[Packet], None]] = field(default_factory=list)
    _last: float = 0.0

    def show(self, packet: Packet) -> None:
        self._last = max(self.clock(), self._last + _STEP)
        for watcher in list(self.watchers):
            watcher(replace(packet, time=self._last))

    def connection(self, server: End, fault: str | None) -> Trail:
        """Return the trail of a new connection of this device."""
        return Trail(self, (self.address, self.random.randrange(32768, 60999)), server, fault)


class Trail:
    """The packets of one connection. What gets no answer is sent again and again, each time after twice as long.

    fault: `asymmetric`: what the client sends after its SYN does not arrive. `mtu`: full packets of the server do not.
    `lossy`: every third segment has to be sent twice.
    """

    def __init__(self, interface: Interface, client: End, server: End, fault: str | None) -> None:
        self._interface = interface
        self._client, self._server = client, server
        self._fault = fault
        self._sent = interface.random.randrange(_NUMBERS)
        self._received = interface.random.randrange(_NUMBERS)
        self._segments = 0
        self._again: asyncio.Task[None] | None = None
        self._open = False
        self._ended = False

    def asked(self) -> None:
        """The client asks for a connection."""
        self._show_and_repeat([self._out("syn", confirm=False)])

    def refused(self) -> None:
        """The answer is a reset."""
        self._quiet()
        self._show(self._in("rst", confirm=False))
        self._ended = True

    def opened(self) -> None:
        """The answer is a SYN, and confirmed."""
        self._sent = (self._sent + 1) % _NUMBERS
        answer = self._in("syn")
        self._received = (self._received + 1) % _NUMBERS
        self._open = True
        if self._fault == "asymmetric":
            self._show_and_repeat([answer, self._out("")])
        else:
            self._quiet()
            self._show(answer, self._out(""))

    def sent(self, size: int) -> None:
        """The client has sent so many bytes."""
        segment = self._out("psh")
        self._sent = (self._sent + size) % _NUMBERS
        if self._fault == "asymmetric":
            self._show_and_repeat([segment])
            return
        self._show(*[segment] * self._times(), self._in(""))

    def received(self, size: int) -> None:
        """So many bytes have come from the server."""
        short = size % _FULL or min(size, _TAIL)
        full = size - short
        segments = [self._in("")] * (full // _FULL)  # the sniffer shows their acknowledgement only
        self._received = (self._received + full) % _NUMBERS
        last = self._in("psh")
        self._received = (self._received + short) % _NUMBERS
        self._show(*segments, *[last] * self._times(), self._out(""))

    def lost(self, size: int) -> None:
        """So many bytes were on the way from the server, in full packets that did not arrive and a short one that did."""
        confirmed = self._out("")
        before, self._received = self._received, (self._received + size - _TAIL) % _NUMBERS
        tail = self._in("psh")
        self._received = before
        self._show_and_repeat([tail, confirmed])

    def ended(self) -> None:
        """The client closes the connection, or gives up."""
        self._quiet()
        if self._open and not self._ended:
            self._show(self._out("fin"))
        self._ended = True

    # -- packets -----------------------------------------------------------------------------------------------------

    def _out(self, flag: str, confirm: bool = True) -> Packet:
        return Packet(self._client, self._server, flag, self._sent, self._received if confirm else None)

    def _in(self, flag: str, confirm: bool = True) -> Packet:
        confirmed = self._sent if confirm else None
        return Packet(self._server, self._client, flag, self._received, confirmed, outgoing=False)

    def _times(self) -> int:
        self._segments += 1
        return 2 if self._fault == "lossy" and self._segments % 3 == 1 else 1

    def _show(self, *packets: Packet) -> None:
        for packet in packets:
            self._interface.show(packet)

    def _show_and_repeat(self, packets: Sequence[Packet]) -> None:
        self._quiet()
        self._show(*packets)
        self._again = asyncio.create_task(self._repeat(packets))

    async def _repeat(self, packets: Sequence[Packet]) -> None:
        pause = self._interface.interval
        while True:
            await asyncio.sleep(pause)
            self._show(*packets)
            pause *= 2

    def _quiet(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None
