# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that still grows, as a stream of bytes that waits for more until it is told to stop."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# Often enough for somebody who watches, and too seldom to be noticed by the machine.
_SECONDS_BETWEEN_LOOKS = 0.25


class GrowingFile(io.RawIOBase):
    """Reads a file and what is appended to it. Starts again when it was cut, and goes on with the file that takes its place.

    A line that was not ended by then ends there.
    Ends when `stopped` returns true. Raises OSError when the file cannot be opened at first.
    """

    def __init__(self, path: Path, stopped: Callable[[], bool]) -> None:
        self._path = path
        self._stopped = stopped
        self._file = path.open("rb", buffering=0)
        self._last = b"\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            data = self._file.read(len(view))
            if not data:
                if self._stopped():
                    return 0
                if not self._begin_anew():
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
                    continue
                if self._file.tell() or self._last == b"\n":
                    continue
                data = b"\n"
            view[: len(data)] = data
            self._last = data[-1:]
            return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _begin_anew(self) -> bool:
        """Return whether there is more to read because the file was cut, or another one has its name now."""
        here = os.fstat(self._file.fileno())
        if here.st_size < self._file.tell():
            self._file.seek(0)
            return True
        try:
            there = self._path.stat()
            if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
                return False
            successor = self._path.open("rb", buffering=0)
        except OSError:
            return False  # moved away, and nothing has taken its place yet
        # What was written between the last look and the move.
        if os.fstat(self._file.fileno()).st_size > self._file.tell():
            successor.close()
            return True
        self._file.close()
        self._file = successor
        return True
