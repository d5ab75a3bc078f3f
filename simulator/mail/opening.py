# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the connection to a mail server: the real one, or a fault in its place."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Any

from ..network.hosts import Place
from ..network.packets import Trail

# Bytes that pass at once where a way carries no full packets. The certificate of a mail server is more.
_SMALL = 600

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Watched(socket.socket):
    """A socket that leaves a trail. On a way that loses large packets it also loses everything behind the first one."""

    trail: Trail
    peer: socket.socket | None = None  # the other end, where it is ours
    loses_large = False
    _stuck = False

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(size, flags)
        return data if self._passes(len(data)) else self._nothing()

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        size = super().recv_into(buffer, nbytes, flags)
        if not self._passes(size):
            self._nothing()
        return size

    def send(self, data: Any, flags: int = 0) -> int:
        size = super().send(data, flags)
        self.trail.sent(size)
        return size

    def close(self) -> None:
        if self.fileno() >= 0:
            self.trail.ended()
        if self.peer is not None:
            self.peer.close()
        super().close()

    def _passes(self, size: int) -> bool:
        if size == 0:
            return True
        if self.loses_large and (self._stuck or size > _SMALL):
            if not self._stuck:
                self.trail.lost(size)
            self._stuck = True
            return False
        self.trail.received(size)
        return True

    def _nothing(self) -> Any:
        raise BlockingIOError


async def open_connection(place: Place, trail: Trail, limit: int) -> Streams:
    """Open a connection and leave a trail of it; on a way where nothing is answered, never return.

    limit: bytes in one line at most. Raises OSError as the system would.
    """
    loop = asyncio.get_running_loop()
    if place.fault == "unreachable":
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    trail.asked()
    if place.fault in ("blackhole", "filtered"):
        await loop.create_future()
    if place.fault == "refused":
        trail.refused()
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    watched = _Watched(socket.AF_INET, socket.SOCK_STREAM) if place.fault != "asymmetric" else _silent()
    watched.trail = trail
    watched.loses_large = place.fault == "mtu"
    watched.setblocking(False)
    if place.fault != "asymmetric":
        try:
            await loop.sock_connect(watched, (place.address, place.port))
        except ConnectionRefusedError:
            trail.refused()
            watched.close()
            raise
        except BaseException:
            watched.close()
            raise
    trail.opened()
    return await asyncio.open_connection(sock=watched, limit=limit)


def _silent() -> _Watched:
    """A connection to somebody who never says anything and never hangs up."""
    ours, theirs = socket.socketpair()
    silent = _Watched(fileno=ours.detach())
    silent.peer = theirs
    return silent
