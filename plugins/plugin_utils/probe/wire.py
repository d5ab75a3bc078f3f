# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One TCP connection that can neither run for ever nor fill the memory, whoever is at the other end."""

from __future__ import annotations

import socket
import ssl
import time

from ..path.findings import is_address
from ..terminal.quoting import escaped

MOST_BYTES = 65_536
LONGEST_LINE = 4_096


class Flood(Exception):
    """The server sent more than any mail server has reason to."""


class Closed(ConnectionError):
    """The server closed the connection."""


class Wire:
    """Lines to and from a server until a moment of the monotonic clock, at most MOST_BYTES of them.

    Its methods raise TimeoutError when that moment has come, Flood, Closed, and OSError as sockets do.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock = sock
        self._deadline = deadline
        self._buffer = b""
        self._received = 0

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *__: object) -> None:
        self.sock.close()

    @property
    def pending(self) -> bool:
        """Whether text lies here that nobody asked for."""
        return bool(self._buffer)

    def read_line(self) -> bytes:
        """Return the next line without its end."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise Flood(f"a line of more than {LONGEST_LINE} bytes")
            self._receive()
        line, __, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def send_line(self, line: bytes) -> None:
        self.sock.settimeout(self._left())
        self.sock.sendall(line + b"\r\n")

    def start_tls(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Speak TLS from now on; return the socket that does."""
        self.sock.settimeout(self._left())
        secure = context.wrap_socket(self.sock, server_hostname=None if is_address(host) else host)
        self.sock = secure
        return secure

    def _receive(self) -> None:
        self.sock.settimeout(self._left())
        data = self.sock.recv(4096)
        if not data:
            raise Closed(_closed(self._buffer))
        self._received += len(data)
        if self._received > MOST_BYTES:
            raise Flood(f"more than {MOST_BYTES} bytes")
        self._buffer += data

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("time is up")
        return left


def shown(data: bytes) -> str:
    """Return bytes as text without anything that a terminal would act on."""
    return escaped(data.decode("utf-8", "backslashreplace"))


def _closed(rest: bytes) -> str:
    return (
        f"the server closed the connection after {shown(rest[:80])!r}" if rest else "the server closed the connection"
    )
