# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that runs until it is stopped, such as ping or the sniffer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from . import terminal
from .errors import ClosedError, LimitError
from .exchange import CommandExchange
from .limits import Countdown
from .result import Result

_INTERRUPT_TIME = 10.0


@dataclass
class Underway:
    """A command that runs until it ends by itself or is stopped; made by Session.start().

    clock, interrupt, finish: what it needs of its session - the time, to press Ctrl-C, and to make a result of what was read.
    """

    exchange: CommandExchange
    clock: Callable[[], float]
    interrupt: Callable[[], None]
    finish: Callable[[CommandExchange], Result]
    _result: Result | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ClosedError):
            self.stop()

    def wait(self, seconds: float, enough: Callable[[str], bool] = lambda text: False) -> bool:
        """Read for so many seconds at most, or until `enough` of the text so far; return whether the command has ended.

        Raises LimitError for too much output, and ClosedError when the device ends the session.
        """
        reply = self.exchange.reply
        countdown = self._countdown(seconds)
        try:
            self.exchange.read(math.inf, countdown, lambda: enough(terminal.plain(reply.text)))
        except LimitError as error:
            if error.limit != countdown.limit:
                raise
        return reply.done

    def stop(self) -> Result:
        """End the command with Ctrl-C unless it has ended; return what it printed. May be called twice.

        Raises LimitError when the device does not come back, and ClosedError when it ends the session.
        """
        if self._result is None:
            if not self.exchange.reply.done:
                self.interrupt()
                self.exchange.read(_INTERRUPT_TIME, self._countdown(_INTERRUPT_TIME))
            self._result = self.finish(self.exchange)
        return self._result

    def _countdown(self, seconds: float) -> Countdown:
        return Countdown("command_total", seconds, self.clock)
