# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device made of bytes: no network, and a clock that moves only when the session waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session

PROMPT = "FAZ-HQ # "
LIMITS = Limits(connect=5, login=10, command_idle=20, command_total=60)


Chunks = list[str | float | None]


class Peer:
    """A device of bytes. `answer(line)` returns what it prints for a typed line, its echo first; None closes the stream.

    A chunk that is a number is a silence of so many seconds. What is typed without Enter is echoed at once, as
    `show_typed` says.
    """

    def __init__(self, answer: Callable[[str], Chunks], greeting: Chunks) -> None:
        self.now = 0.0
        self.typed = ""
        self.closed = False
        self._answer = answer
        self._coming: deque[str | float | None] = deque(greeting)
        self._partial = ""
        self._echoed = 0
        self.show_typed: Callable[[str], Chunks] = lambda text: [text]

    def clock(self) -> float:
        return self.now

    def send(self, data: bytes) -> None:
        if self.closed:
            raise OSError("closed")
        text = data.decode()
        self.typed += text
        self._partial += text
        if self._partial.endswith("\x15"):
            self._coming.append("\b \b" * self._echoed)
            self._partial, self._echoed = "", 0
        while "\n" in self._partial or self._partial in (" ", "a", "\x03", "n", "y"):
            line, __, self._partial = self._partial.partition("\n")
            answer = self._answer(line)
            if self._echoed:
                answer[0] = str(answer[0]).removeprefix(line)
                self._echoed = 0
            self._coming.extend(answer)
        if self._partial and not self._echoed:
            self._echoed = len(self._partial)
            self._coming.extend(self.show_typed(self._partial))

    def print(self, *chunks: str | float | None) -> None:
        """The device prints by itself."""
        self._coming.extend(chunks)

    def receive(self, timeout: float) -> bytes:
        if self._coming and isinstance(silence := self._coming[0], float):
            if silence > timeout:
                self._coming[0] = silence - timeout
                self.now += timeout
                raise TimeoutError
            self.now += silence
            self._coming.popleft()
        if not self._coming:
            self.now += timeout
            raise TimeoutError
        chunk = self._coming.popleft()
        return b"" if chunk is None else str(chunk).encode()

    def close(self) -> None:
        self.closed = True


def device(*outputs: Chunks, greeting: Chunks | None = None, limits: Limits = LIMITS) -> Session:
    """A session with a peer that answers empty lines with its prompt and then each command with the next output."""
    waiting = deque(outputs)

    def answer(line: str) -> Chunks:
        if line in ("exit", "\x03exit"):
            return ["exit\r\r\n", None]
        if not line:
            return ["\r\n\r\n" + PROMPT]
        return waiting.popleft()

    peer = Peer(answer, greeting if greeting is not None else [PROMPT])
    return Session(peer, limits, clock=peer.clock)


def echoed(command: str, output: str = "", prompt: str = PROMPT) -> str:
    return f"{command}\r\r\n{output}\r\n{prompt}"
