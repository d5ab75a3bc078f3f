# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that runs until it is stopped, such as ping or the sniffer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import terminal
from .answer import Answer
from .errors import ClosedError, LimitError

if TYPE_CHECKING:
    from .session import Result, Session

_INTERRUPT_TIME = 10.0


@dataclass(frozen=True)
class Submitted:
    """A command that was typed and has not come back. `begin` is a time of the session's clock."""

    command: str
    reply: Answer
    prompt: str
    started: datetime
    begin: float


class Underway:
    """A command that runs until it ends by itself or is stopped; made by Session.start()."""

    def __init__(self, session: Session, submitted: Submitted) -> None:
        self._session = session
        self._submitted = submitted
        self._result: Result | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ClosedError):
            self.stop()

    def wait(self, seconds: float, enough: Callable[[str], bool] = lambda text: False) -> bool:
        """Read for so many seconds at most, or until `enough` of the text so far; say whether the command has ended.

        Raises LimitError for too much output, and ClosedError when the device ends the session.
        """
        session, reply = self._session, self._submitted.reply
        deadline = session.clock() + seconds
        try:
            session._read(
                reply, self._submitted.command, math.inf, deadline, lambda: enough(terminal.plain(reply.text))
            )
        except LimitError as error:
            if error.limit != "command_total":
                raise
        return reply.done

    def stop(self) -> Result:
        """End the command with Ctrl-C unless it has ended; return what it printed. May be called twice.

        Raises LimitError when the device does not come back, and ClosedError when it ends the session.
        """
        if self._result is None:
            session, submitted = self._session, self._submitted
            if not submitted.reply.done:
                session._stream.send("\x03")
                session._read(submitted.reply, submitted.command, _INTERRUPT_TIME, session.clock() + _INTERRUPT_TIME)
            self._result = session._finish(submitted)
        return self._result
