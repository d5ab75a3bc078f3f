# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`diagnose sniffer packet`: its filter, and what it prints of the packets that pass by."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable

from ..device.jobs import Sniff
from ..device.texts import say
from .packets import Interface, Packet

Matches = Callable[[Packet], bool]

_WORD = re.compile(r"\s*(\(|\)|[^\s()]+)")


class FilterError(ValueError):
    """A filter expression that cannot be read; the text is the word it stops at."""


def read_filter(text: str) -> Matches:
    """Return the question that a filter asks: `host`, `port`, `tcp`, `udp` and `icmp`, with `and`, `or` and parentheses.

    An empty filter, or `none`, matches everything. Raises FilterError.
    """
    words = _WORD.findall(text)
    if not words or words == ["none"]:
        return lambda packet: True
    matches, rest = _either(words)
    if rest:
        raise FilterError(rest[0])
    return matches


def _either(words: list[str]) -> tuple[Matches, list[str]]:
    first, rest = _both(words)
    if rest[:1] != ["or"]:
        return first, rest
    second, rest = _either(rest[1:])
    return lambda packet: first(packet) or second(packet), rest


def _both(words: list[str]) -> tuple[Matches, list[str]]:
    first, rest = _single(words)
    if rest[:1] != ["and"]:
        return first, rest
    second, rest = _both(rest[1:])
    return lambda packet: first(packet) and second(packet), rest


def _single(words: list[str]) -> tuple[Matches, list[str]]:
    word, rest = (words[0], words[1:]) if words else ("", [])
    if word == "(":
        inner, rest = _either(rest)
        if rest[:1] != [")"]:
            raise FilterError(rest[0] if rest else word)
        return inner, rest[1:]
    if word == "host" and rest:
        return lambda packet: rest[0] in (packet.source[0], packet.target[0]), rest[1:]
    if word == "port" and rest and rest[0].isdigit():
        return lambda packet: int(rest[0]) in (packet.source[1], packet.target[1]), rest[1:]
    if word in ("tcp", "udp", "icmp"):
        if rest[:1] == ["port"]:
            port, rest = _single(rest)
            return lambda packet: word == "tcp" and port(packet), rest
        return lambda packet: word == "tcp", rest
    raise FilterError(word)


class SniffRun:
    """One run of the sniffer, on everything the interface shows. `local` turns seconds since 1970 into the device's time."""

    def __init__(self, interface: Interface, job: Sniff, local: Callable[[float], time.struct_time]) -> None:
        self._interface = interface
        self._job = job
        self._local = local
        self._matches = read_filter(job.filter)
        self._seen: asyncio.Queue[Packet | None] = asyncio.Queue()
        self._began = interface.clock()

    def stop(self) -> None:
        self._seen.put_nowait(None)

    async def lines(self) -> AsyncGenerator[list[str], None]:
        """Yield what is printed, until so many packets were seen as asked for, or `stop`."""
        self._interface.watchers.append(self._seen.put_nowait)
        count = 0
        try:
            yield say("sniffer_start", interface=self._job.interface, filter=self._job.filter or "none")
            while not self._job.count or count < self._job.count:
                packet = await self._seen.get()
                if packet is None:
                    break
                if self._matches(packet):
                    count += 1
                    yield [self._line(packet)]
            yield say("sniffer_end", count=count)
        finally:
            self._interface.watchers.remove(self._seen.put_nowait)

    def _line(self, packet: Packet) -> str:
        way = f"{self._port()} {'out' if packet.outgoing else 'in'} " if self._job.level == 4 else ""
        ends = f"{packet.source[0]}.{packet.source[1]} -> {packet.target[0]}.{packet.target[1]}"
        return f"{self._time(packet.time)} {way}{ends}: {packet.text}"

    def _port(self) -> str:
        return "port1" if self._job.interface == "any" else self._job.interface

    def _time(self, seconds: float) -> str:
        if self._job.stamp not in ("a", "l"):
            return f"{max(0.0, seconds - self._began):.6f}"
        stamp = self._local(seconds) if self._job.stamp == "l" else time.gmtime(seconds)
        return f"{time.strftime('%Y-%m-%d %H:%M:%S', stamp)}.{int(seconds % 1 * 1_000_000):06d}"
