# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a session over the bytes of a transport."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from typing import Protocol

from .errors import ClosedError
from .terminal import EscapeFilter


class Transport(Protocol):
    """A two-way byte stream to one interactive shell."""

    def send(self, data: bytes) -> None:
        """Send all bytes. Raises OSError when the peer is gone, and TimeoutError when it takes none for long."""

    def receive(self, timeout: float) -> bytes:
        """Return what has arrived, waiting at most `timeout` seconds for the first byte.

        Returns b"" at the end of the stream. Raises TimeoutError when nothing arrived in time, OSError when the
        connection broke.
        """

    def close(self) -> None:
        """Give up the connection and everything that belongs to it. Never raises; may be called twice."""


# How often who waits is asked, in seconds.
ASK_EVERY = 1.0


class TextStream:
    """Sends and receives text: UTF-8, without terminal sequences.

    watch: is shown each piece of bytes received. clock: tells the time in seconds. asked: is called at least every second while
    somebody waits until some time; what it raises ends the wait.
    """

    def __init__(
        self,
        transport: Transport,
        watch: Callable[[bytes], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        asked: Callable[[], None] = lambda: None,
    ) -> None:
        self.clock = clock
        self._transport = transport
        self._watch = watch
        self._asked = asked
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._filter = EscapeFilter()

    def receive(self, timeout: float) -> str:
        """Return what has arrived; "" when it was only half a character or a terminal sequence.

        timeout: seconds to wait for the first byte. Raises TimeoutError, and ClosedError at the end of the stream.
        """
        try:
            data = self._transport.receive(timeout)
        except TimeoutError:
            raise
        except OSError as error:
            raise ClosedError(f"the connection broke: {error}") from error
        if not data:
            raise ClosedError("the device closed the session")
        if self._watch is not None:
            self._watch(data)
        return self._filter.feed(self._decoder.decode(data))

    def receive_until(self, until: float) -> str:
        """Receive, until a time of the clock at most. Raises as `receive` does."""
        while True:
            self._asked()
            left = until - self.clock()
            try:
                return self.receive(max(0.0, min(left, ASK_EVERY)))
            except TimeoutError:
                if left <= ASK_EVERY:
                    raise

    def send(self, text: str) -> None:
        """Send text. Raises ClosedError."""
        try:
            self._transport.send(text.encode("utf-8"))
        except TimeoutError as error:
            raise ClosedError("the device does not take what is typed") from error
        except OSError as error:
            raise ClosedError(f"the connection broke: {error}") from error
