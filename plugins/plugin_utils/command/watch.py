# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who waits while logs are read sees how far that is, and ends it with Ctrl-C: what is known so far is the result then."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, TypeVar

from ..log.stream import Item
from ..logfile.batch import Batch, Note
from ..whole_file import STANDARD_STREAM

_SECONDS_BETWEEN_LOOKS = 0.25
Piece = TypeVar("Piece")
INTERRUPTED = 128 + signal.SIGINT


class Watch:
    """Watches over the reading of some logs.

    shown: whether progress is shown on standard error, when reading takes longer than a second. stops: whether Ctrl-C ends reading
    as if the log ended there; without, and at the second time, it is a KeyboardInterrupt as anywhere.
    """

    def __init__(self, names: Sequence[str], shown: bool = False, stops: bool = False) -> None:
        self.stopped = False
        self._shown = shown
        self.stops = stops and threading.current_thread() is threading.main_thread()
        self._sizes = [_size(name) for name in names]
        self._file = 0
        self._reading = False
        self._begun = self._looked = time.monotonic()
        self._told = False

    def __enter__(self) -> Watch:
        if self.stops:
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stops:
            signal.signal(signal.SIGINT, self._before)
        self.clear()

    def next_file(self) -> bool:
        """Go on to the next file; return whether it is to be read."""
        self._file += 1
        return not self.stopped

    def done(self, name: str) -> None:
        """Show that a file was read by somebody else."""
        self._file += 1
        self._look(name, lambda: self._sizes[self._file - 1])

    def batches(self, batches: Iterable[Batch], name: str, position: Callable[[], int]) -> Iterator[Batch]:
        """Yield the batches of a log until somebody has seen enough. position: how many bytes of its file were read."""
        last = 0
        for batch in self.wanted(batches, name, position):
            last = batch.numbers[-1] if len(batch) else last
            yield batch
        yield Batch([], [], notes=self.notes(last))

    def wanted(self, pieces: Iterable[Piece], name: str, position: Callable[[], int]) -> Iterator[Piece]:
        """Yield pieces of a log, whatever these are, until somebody has seen enough. position: see `batches`."""
        rest = iter(pieces)
        while not self.stopped:
            self._reading = True
            try:
                piece = next(rest, None)
            except KeyboardInterrupt:
                if not self.stopped:
                    raise
                break
            finally:
                self._reading = False
            if piece is None:
                return
            self._look(name, position)
            yield piece

    def notes(self, last: int) -> list[Note]:
        """Return what is to be said of a log when so many lines were read of it: nothing if it was read to its end."""
        return [Note(last, "stopped", f"reading was stopped; {last} lines were read")] if self.stopped else []

    def items(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items; a log that was not read to its end is partial."""
        for kind, data in items:
            yield kind, {**data, "status": "partial"} if kind == "summary" and self.stopped else data

    def _interrupt(self, _number: int, _frame: FrameType | None) -> Any:
        again, self.stopped = self.stopped, True
        if again or self._reading:
            raise KeyboardInterrupt

    def _look(self, name: str, position: Callable[[], int]) -> None:
        if not self._shown:
            return
        now = time.monotonic()
        if now - self._begun > 1 and now - self._looked > _SECONDS_BETWEEN_LOOKS:
            before = sum(self._sizes[: self._file - 1])
            total = sum(self._sizes) if all(self._sizes) else 0
            place = f" (file {self._file} of {len(self._sizes)})" if len(self._sizes) > 1 else ""
            words = _progress(before + position(), total, now - self._begun)
            sys.stderr.write(f"\r{Path(name).name[:40]!a}{place}: {words} \x1b[K")
            sys.stderr.flush()
            self._looked, self._told = now, True

    def clear(self) -> None:
        """Take away the line that shows the progress, so that something else can be written."""
        if self._told:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._told = False


def _size(name: str) -> int:
    try:
        return Path(name).stat().st_size if name != STANDARD_STREAM else 0
    except OSError:
        return 0  # whoever reads it says so


def _progress(done: int, size: int, seconds: float) -> str:
    """Return how far reading is and how fast: bytes done of a size, which is 0 when it is not known."""
    rate = done / seconds
    words = f"{done // 1_000_000} MB, {rate / 1e6:.1f} MB/s"
    return f"{words}, {100 * done // size} %, {(size - done) / rate:.0f} s left" if size > done > 0 else words
