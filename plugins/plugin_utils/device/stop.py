# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean up before Ctrl-C or `kill` ends the process.

Ansible's workers end at once on a signal, without running any `finally` block. Within `stoppable` a signal is only noted; the
session that waits for its device asks for it, and ends the work with an exception. After the block, the signal is delivered again.
The handler itself raises nothing: an exception that comes between any two lines may leave a lock held for ever, or be lost in a
finalizer.

Signals reach the main thread only. Where the work is done by others, the main thread calls `end_threads`, and each of the
others hears of it while it waits for its device.
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


class _Threads:
    """The threads, other than the main one, that are within `stoppable`."""

    def __init__(self) -> None:
        self.ending = False
        self._inside = 0
        self._changed = threading.Condition()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self._changed:
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def end(self) -> None:
        self.ending = True
        with self._changed:
            self._changed.wait_for(lambda: self._inside == 0)


_THREADS = _Threads()


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

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        self.number = number

    def check(self) -> None:
        """Raise Stopped, once, when a signal has arrived, and in a thread of a process that is to end."""
        if (self.number is not None or _THREADS.ending) and not self._held:
            self._held = True
            raise Stopped


@contextmanager
def stoppable(*sessions: Session) -> Iterator[Stop]:
    """Raise Stopped where one of the sessions waits for its device when a signal arrives; deliver the signal after the block.

    In another thread than the main one, Stopped is raised before and after the block, too, when the process is to end.
    """
    stop = Stop()
    in_main = threading.current_thread() is threading.main_thread()
    before = [(session, session.asked) for session in sessions]
    with _noted(stop) if in_main else _THREADS.inside():
        stop.check()
        for session in sessions:
            session.asked = stop.check
        try:
            yield stop
        finally:
            for session, asked in before:
                session.asked = asked
    if not in_main and _THREADS.ending:
        raise Stopped


@contextmanager
def _noted(stop: Stop) -> Iterator[None]:
    before = {number: signal.signal(number, stop.note) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if stop.number is not None:
            os.kill(os.getpid(), stop.number)


def run_at_most(session: Session, command: str, seconds: float) -> Result:
    """Run a command that may go on for ever, and stop it after so many seconds. Raises what a session raises."""
    with stoppable(session) as stop, session.start(command) as running:
        try:
            running.wait(seconds)
        finally:
            stop.hold()
    return running.stop()


def end_threads() -> None:
    """Let no other thread enter `stoppable`, stop those that are within it, and wait until they have cleaned up."""
    _THREADS.end()
