# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The byte stream below SSH: a TCP connection we dial ourselves, or whatever a proxy gives.

The socket is ours, for reasons that were measured: without TCP_NODELAY each small exchange waits for Nagle's algorithm
(95 instead of 10 ms for a session), and without TCP_USER_TIMEOUT a peer that vanished is noticed only when some other
limit runs out. Where nothing is sent, as while debug is listened to, that needs keepalive, which also lets no firewall on
the way forget the connection.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import GreetingError, LimitError, UnreachableError
from .target import Target

_DEAD_PEER_MILLISECONDS = 15_000
# Firewalls forget silent connections after some minutes.
_KEEPALIVE_SECONDS = 30
_PROBE_SECONDS = 5  # from one probe that is not answered to the next
# The banner and the list of algorithms of a server are within its first bytes.
_OPENING = 16_384


class Link:
    """A socket, or something like it, that remembers the first bytes it received: they tell what the peer is.

    `close` ends it and whatever carries it, and wakes a thread that waits for bytes.
    """

    def __init__(self, stream: Any, close_below: Callable[[], None] = lambda: None) -> None:
        self._stream = stream
        self._close_below = close_below
        self._remembering = True
        self.opening = b""
        self.send = stream.send
        self.settimeout = stream.settimeout

    @property
    def _closed(self) -> bool:
        # paramiko asks sockets for this attribute.
        return bool(self._stream._closed)

    def recv(self, size: int) -> bytes:
        data: bytes = self._stream.recv(size)
        if self._remembering:
            self.opening += data
            self._remembering = len(self.opening) < _OPENING
        return data

    def getpeername(self) -> Any:
        return self._stream.getpeername()

    def close(self) -> None:
        """Never raises; may be called twice."""
        if isinstance(self._stream, socket.socket):
            # A thread in recv is not woken by closing the descriptor under it.
            with suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)
        # First what carries the stream: a channel that says good-bye to a silent jump host would wait for it.
        self._close_below()
        with suppress(OSError, EOFError):
            self._stream.close()


def dial(target: Target, limit: float) -> Link:
    """Open a TCP connection within `limit` seconds, trying all addresses of the name in their order.

    Raises UnreachableError (`dns`, `refused`, `unreachable`), GreetingError (`ssh`, for a peer that hangs up at once) and LimitError.
    """
    deadline = time.monotonic() + limit
    addresses = _resolve(target)
    if time.monotonic() >= deadline:
        # Resolving cannot be given a limit.
        raise LimitError("connect", limit, f"while the name {target.host!r} of the {target.role} was resolved")
    failed: OSError = TimeoutError()
    for number, (family, address) in enumerate(addresses):
        # One address that swallows everything must not use up the time of those behind it.
        patience = (deadline - time.monotonic()) / (len(addresses) - number)
        try:
            return Link(_open(family, address, max(0.001, patience)))
        except OSError as error:
            failed = error
    if isinstance(failed, TimeoutError):
        raise LimitError("connect", limit, f"without an answer from {target.where}") from failed
    if isinstance(failed, ConnectionRefusedError):
        raise UnreachableError(
            f"{target.where} refuses connections; check {target.option('port')} and the SSH access of the {target.role}",
            "refused",
        ) from failed
    if isinstance(failed, ConnectionResetError):
        # Accepted and given up at once, before this side had even set its options.
        raise ended_early(target) from failed
    raise UnreachableError(f"{target.where} cannot be reached: {failed.strerror or failed}", "unreachable") from failed


def ended_early(target: Target) -> GreetingError:
    """The error for a peer that accepts a connection and closes it without a word."""
    return GreetingError(
        f"{target.where} closed the connection before its SSH greeting; it may be overloaded, allow too few connections, or "
        "not trust this address"
    )


def _resolve(target: Target) -> list[tuple[int, Any]]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else "it is no valid name"
        raise UnreachableError(
            f"the name {target.host!r} of the {target.role} does not resolve ({reason}); check {target.option('host')}",
            "dns",
        ) from error
    return [(place[0], place[4]) for place in found]


def _open(family: int, address: Any, patience: float) -> socket.socket:
    link = socket.socket(family, socket.SOCK_STREAM)
    try:
        link.settimeout(patience)
        link.connect(address)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Only now: the limit for connecting may be longer.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MILLISECONDS)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_SECONDS)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_SECONDS)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    except BaseException:
        link.close()
        raise
    return link
