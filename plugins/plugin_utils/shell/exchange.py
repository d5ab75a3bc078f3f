# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command and its answer, within their limits. Each error names the command, and quotes what the device showed last."""

# In some runs pylint does not see that the errors of other files are exceptions.
# pylint: disable=bad-exception-cause

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ..redact.redactor import Redactor
from . import terminal
from .answer import ECHO_TIME, AnswerReader
from .echo import COMPLETE, DIFFERENT, PARTIAL, Echo
from .errors import ClosedError, EchoError, LimitError
from .limits import Countdown
from .stream import TextStream


class CommandExchange:
    """A command that is typed, and read until its answer is complete.

    most_bytes: how much the device may print. late: what it printed before, which may say why it ends the session. `reply` has
    the answer when the command was typed, `started` and `begin` are when that began, in UTC and by the clock of the stream.
    """

    reply: AnswerReader

    def __init__(self, command: str, stream: TextStream, redactor: Redactor, most_bytes: int, late: str = "") -> None:
        self.command = command
        self.started, self.begin = datetime.now(UTC), stream.clock()
        self._stream = stream
        self._redact = redactor.text
        self._name = redactor.text(command)
        self._most_bytes = most_bytes
        self._late = late

    def type(self, prompt: terminal.Prompt, idle: float, countdown: Countdown) -> str | None:
        """Type a line that carries a value, without Enter, and wait for its echo; return what came.

        Returns None for any other line, which is not typed: such lines are the same for everybody, and one exchange
        with the device is saved. Raises EchoError, LimitError and ClosedError.
        """
        if not terminal.CARRIES_VALUE.search(self.command):
            return None
        try:
            return self._echoed(Echo(self.command, prompt), idle, countdown)
        except (EchoError, LimitError):
            self._stream.send(terminal.TAKE_BACK)
            raise

    def _echoed(self, echo: Echo, idle: float, countdown: Countdown) -> str:
        raw, state = "", PARTIAL
        heard = self._stream.clock()
        self._stream.send(self.command)
        doing = f"the echo of {self._name!r}"
        while state != COMPLETE:
            if countdown.left <= 0:
                raise countdown.error(f"waiting for {doing}{self._seen(raw)}")
            try:
                chunk = self._stream.receive_until(
                    min(countdown.ends, heard + (ECHO_TIME if state == DIFFERENT else idle))
                )
            except TimeoutError:
                if countdown.left <= 0:
                    continue
                if state == DIFFERENT:
                    raise EchoError(
                        f"the device did not echo {self._name!r} as it was typed; the line was taken back, nothing was submitted"
                    ) from None
                raise LimitError("command_idle", idle, f"waiting for {doing}{self._seen(raw)}") from None
            except ClosedError as error:
                raise self._closed(error, raw) from error
            heard = self._stream.clock()
            raw += chunk
            self._check_size(raw, f"before {doing}")
            echo.end(raw)
            state = echo.typed(raw)
        return raw

    def press(self, keys: str, reply: AnswerReader) -> None:
        """Press the keys to which `reply` takes the answer. Raises ClosedError."""
        self._stream.send(keys)
        self.reply = reply

    def read(self, idle: float, countdown: Countdown, enough: Callable[[], bool] = lambda: False) -> None:
        """Read until the answer is complete or `enough`. idle: seconds of silence. Raises LimitError and ClosedError."""
        reply, clock, doing = self.reply, self._stream.clock, f"in {self._name!r}"
        heard = clock()
        while not reply.done and not enough():
            if countdown.left <= 0:
                raise countdown.error(f"{doing}{self._seen(reply.raw)}")
            silent = clock() + reply.patience
            until = min(silent, heard + idle, countdown.ends)
            try:
                keys = reply.take(self._stream.receive_until(until), clock())
                heard = clock()
            except TimeoutError:
                if until == silent:
                    keys = reply.silence()
                    # Whatever is typed is a new beginning for the device, too.
                    heard = clock() if keys else heard
                elif clock() >= heard + idle:
                    raise LimitError("command_idle", idle, f"{doing}{self._seen(reply.raw)}") from None
                else:
                    continue
            except ClosedError as error:
                raise self._closed(error, reply.text, reply.before) from error
            self._check_size(reply.raw, doing)
            if keys:
                self._stream.send(keys)

    def _check_size(self, raw: str, doing: str) -> None:
        if len(raw) > self._most_bytes:
            raise LimitError("command_bytes", self._most_bytes, f"{doing}{self._seen(raw)}", "bytes")

    def _seen(self, raw: str) -> str:
        """Quote the last line that the device showed.

        Below a command with a secret nothing is quoted: what came may be a part of it, which nobody knows for one.
        """
        return "" if self._name != self.command else terminal.shown_last(self._redact(raw[-terminal.TAIL :]))

    def _closed(self, error: ClosedError, *texts: str) -> ClosedError:
        """Return the error with the last words of the device: in these texts, else before the command."""
        quoted = (*texts, self._late) if self._name == self.command else (self._late,)
        words = filter(None, (terminal.last_words(self._redact(text)) for text in quoted))
        return ClosedError(f"{error} in {self._name!r}{next(words, '')}")
