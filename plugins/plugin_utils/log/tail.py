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
# So much of what was read last is looked at again. It has times in it, which no later text repeats.
_COMPARED = 4096


class GrowingFile(io.RawIOBase):
    """Reads a file and what is appended to it. Starts again when it was written again, and goes on with the file that takes its place.

    It was written again where what was read last no longer stands in its place, whatever size the file has now.
    A line that was not ended by then ends there.
    Ends when `stopped` returns true. Raises OSError when the file cannot be opened at first.
    """

    def __init__(self, path: Path, stopped: Callable[[], bool]) -> None:
        self._path = path
        self._stopped = stopped
        self._file = path.open("rb", buffering=0)
        self._last = b""  # what was read last of this file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._written_again():
                data = self._line_end()
            elif data := self._file.read(len(view)):
                self._last = (self._last + data)[-_COMPARED:]
            elif self._stopped():
                return 0
            elif self._replaced():
                data = self._line_end()
            else:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            if data:
                view[: len(data)] = data
                return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _line_end(self) -> bytes:
        """Return what ends the last line before a new beginning, b"" if nothing has to."""
        last, self._last = self._last, b""
        return b"\n" if last and not last.endswith(b"\n") else b""

    def _written_again(self) -> bool:
        """Return whether the file no longer has what was read of it, and go to its beginning then."""
        self._file.seek(-len(self._last), os.SEEK_CUR)
        if self._file.read(len(self._last)) == self._last:
            return False
        self._file.seek(0)
        return True

    def _replaced(self) -> bool:
        """Return whether another file has its name now, and go on with that."""
        here = os.fstat(self._file.fileno())
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
            return False
        self._file.close()
        self._file = successor
        return True
