# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean up before Ctrl-C or `kill` ends the process.

Ansible's workers end at once on a signal, without running any `finally` block. Within `stoppable` the signal becomes an
exception instead; after the block, the signal is delivered again.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..shell.result import Result
from ..shell.session import Session

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal asks the process to end. It is no Exception, so that no handler of errors catches it."""


class Stop:
    """Whether a signal has arrived, and whether it may interrupt the block."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._held = False

    def hold(self) -> None:
        """Let no signal interrupt the clean-up that follows."""
        self._held = True

    def handle(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        if not self._held:
            self._held = True
            raise Stopped


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Raise Stopped inside the block when a signal arrives; deliver the signal after the block."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread receives signals.
        yield stop
        return
    before = {number: signal.signal(number, stop.handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if stop.number is not None:
            os.kill(os.getpid(), stop.number)


def run_at_most(session: Session, command: str, seconds: float) -> Result:
    """Run a command that may go on for ever, and stop it after so many seconds. Raises what a session raises."""
    with stoppable() as stop, session.start(command) as running:
        try:
            running.wait(seconds)
        finally:
            stop.hold()
    return running.stop()
