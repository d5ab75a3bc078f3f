# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop an expression that takes too long on a line.

Python's `re` looks for signals while it backtracks, so that an alarm ends it in the main thread. In any other thread nothing
does, and no other thread runs meanwhile: there another process tries the expression first. Without alarms (Windows) there is no
limit, and a bad expression takes as long as it takes (`fazmail templates lint` finds most).
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Found = TypeVar("Found")

# Seconds for one rule on one line. Reasonable rules need some microseconds.
LIMIT = 1.0
# How often a rule may be too slow before it is left out.
PATIENCE = 3
# Characters of a line on which an expression may take long whose time grows with the square of the length.
LONG = 1000


class TooSlow(Exception):
    """The time is over. `rule` is the line number of the rule in its template, 0 when it was none."""

    def __init__(self, rule: int = 0) -> None:
        super().__init__(f"the rule in line {rule} takes too long")
        self.rule = rule


class LimitedPattern:
    """A compiled expression of a rule that is stopped when it takes too long, and left out when it does so again.

    shortest: lines of fewer characters are not watched.
    """

    def __init__(self, pattern: re.Pattern[str], rule: int, shortest: int = 0) -> None:
        self.groupindex: Mapping[str, int] = pattern.groupindex
        self.groups = pattern.groups
        self._pattern = pattern
        self._match = pattern.match
        self._rule = rule
        self._late = 0
        self._shortest = shortest

    def match(self, line: str) -> re.Match[str] | None:
        """Match at the beginning of a line. Raises TooSlow."""
        if self._late >= PATIENCE:
            return None
        if len(line) < self._shortest:
            return self._match(line)
        try:
            return limited(self._pattern, line)
        except TooSlow:
            self._late += 1
            raise TooSlow(self._rule) from None


def limited(
    pattern: re.Pattern[str], text: str, seconds: float = LIMIT, *, search: bool = False
) -> re.Match[str] | None:
    """Match, or search for, a pattern in a text. Raises TooSlow after so many seconds."""
    match = pattern.search if search else pattern.match
    if hasattr(signal, "setitimer") and threading.current_thread() is not threading.main_thread():
        _ELSEWHERE.match(pattern, text, seconds, search)
        return match(text)
    return within(seconds, lambda: match(text))


def within(seconds: float, work: Callable[[], Found]) -> Found:
    """Do something in the main thread and return what it returns. Raises TooSlow after so many seconds.

    An alarm that was set before goes on, and rings later by no more than the time that was used here.
    """
    if not hasattr(signal, "setitimer"):
        return work()
    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, _ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        # Also when the alarm rang at the very end, inside the statement above.
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


def _ring(signal_number: int, frame: object) -> None:
    raise TooSlow


class _Elsewhere:
    """A process that tries expressions, one after another, and is ended with one that takes too long."""

    _PROGRAM = """
import json, re, sys
for request in sys.stdin:
    pattern, flags, text, search = json.loads(request)
    compiled = re.compile(pattern, flags)
    (compiled.search if search else compiled.match)(text)
    print(flush=True)
"""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def match(self, pattern: re.Pattern[str], text: str, seconds: float, search: bool) -> None:
        """Return when the expression was tried there. Raises TooSlow after so many seconds."""
        with self._lock:
            if self._process is None:
                # It ends when its input does, and so with this process.
                command = [sys.executable, "-I", "-S", "-c", self._PROGRAM]
                self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                # Its start does not count.
                self._tried("", 0, "", search, None)
            if not self._tried(pattern.pattern, pattern.flags, text, search, seconds):
                self._process.kill()
                self._process.communicate()
                self._process = None
                raise TooSlow

    def _tried(self, pattern: str, flags: int, text: str, search: bool, seconds: float | None) -> bool:
        from multiprocessing.connection import wait  # takes longer to load than a small log to be read

        asked, answer = self._process and self._process.stdin, self._process and self._process.stdout
        if not asked or not answer:
            return False
        asked.write(json.dumps([pattern, flags, text, search]).encode("ascii") + b"\n")
        asked.flush()
        return bool(wait([answer.fileno()], seconds) and answer.readline())


_ELSEWHERE = _Elsewhere()
