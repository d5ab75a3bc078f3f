# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `execute ping`, `execute nslookup` and `execute traceroute` print, line by line as the answers come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from ..device.texts import say
from .hosts import HostMap

_COUNT = 5
# Faults of a way on which no ping comes back; those of TCP alone do not touch it.
_SILENT = ("blackhole",)

_ROUTER = "192.0.2.1"  # of the addresses for documentation (RFC 5737)


@dataclass
class _Run:
    """What all of them have: whom they ask, and `interval`, the seconds between two requests. `stop` ends one early."""

    hosts: HostMap
    host: str
    interval: float

    def __post_init__(self) -> None:
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return False
        return True


class PingRun(_Run):
    """One run of ping, which ends with its statistics when it is stopped, too."""

    async def lines(self) -> AsyncGenerator[list[str], None]:
        """Yield what is printed. No packet is sent: the host map knows who answers, in made-up times."""
        place = self.hosts.resolve(self.host)
        if place.fault in ("nxdomain", "dns-timeout"):
            yield say("ping_unknown", host=self.host)
            return
        if place.fault == "unreachable":
            yield say("ping_unreachable")
            return
        yield say("ping_start", host=self.host, address=place.address)
        times: list[float] = []
        sent = 0
        for number in range(1, _COUNT + 1):
            sent = number
            if place.fault not in _SILENT and not (place.fault == "lossy" and number % 3 == 2):
                times.append(0.031 + 0.007 * (number % 3))
                yield say("ping_answer", address=place.address, number=number, milliseconds=times[-1])
            if number < _COUNT and await self._stopped_within(self.interval):
                break
        loss = 100 * (sent - len(times)) // sent
        elapsed = round(1000 * self.interval * (sent - 1))
        yield say("ping_end", host=self.host, sent=sent, received=len(times), loss=loss, elapsed=elapsed)
        if times:
            middle = sum(times) / len(times)
            deviation = (sum((each - middle) ** 2 for each in times) / len(times)) ** 0.5
            yield say("ping_times", low=min(times), middle=middle, high=max(times), deviation=deviation)


class LookupRun(_Run):
    """One run of nslookup."""

    async def lines(self) -> AsyncGenerator[list[str], None]:
        """Yield what is printed. Nobody is asked: the host map knows the addresses."""
        place = self.hosts.resolve(self.host)
        if place.fault == "dns-timeout":
            yield say("lookup_silent")
            return
        yield say("lookup_server")
        if place.fault == "nxdomain":
            yield say("lookup_unknown", host=self.host)
        else:
            yield say("lookup_answer", host=self.host, address=place.address)


class TracerouteRun(_Run):
    """One run of traceroute: a router, and the host behind it."""

    async def lines(self) -> AsyncGenerator[list[str], None]:
        """Yield what is printed. No packet is sent."""
        place = self.hosts.resolve(self.host)
        if place.fault in ("nxdomain", "dns-timeout"):
            yield say("traceroute_unknown", host=self.host)
            return
        if place.fault == "unreachable":
            yield say("traceroute_unreachable")
            return
        yield say("traceroute_start", host=self.host, address=place.address)
        yield say("traceroute_hop", number=1, address=_ROUTER)
        silent = place.fault in _SILENT
        for number in range(2, 31 if silent else 3):
            if await self._stopped_within(self.interval):
                return
            yield say("traceroute_silent" if silent else "traceroute_hop", number=number, address=place.address)
