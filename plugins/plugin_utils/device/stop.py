# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean up before Ctrl-C or `kill` ends the process.

Ansible's workers end at once on a signal, without running any `finally` block. Within `stoppable` the signal becomes an
exception instead; when the block has been left, the signal is delivered as if it had just come.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal asks the process to end. No Exception, so that nobody takes it for an error to be handled."""


class Stop:
    """Whether a signal has come, and whether it may interrupt what is being done."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._held = False

    def hold(self) -> None:
        """From now on a signal interrupts nothing: what is being done is the cleaning up."""
        self._held = True

    def handle(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        if not self._held:
            self._held = True
            raise Stopped


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Raise Stopped inside the block when a signal comes; end the process by that signal behind the block."""
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
