# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a command writes its result: standard output, or a file that is written atomically."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ..whole_file import STANDARD_OUTPUT, STANDARD_STREAM, ReaderLeft, WholeFile, WriteError, write_errors

# Narrower lines help nobody.
_NARROWEST = 40


class Output:
    """Where a result is written to. Raises WriteError, and ReaderLeft when nobody reads any more.

    before: what is to be done before anything is written on a terminal, which may show a progress.
    """

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name
        self.before: Callable[[], None] | None = None

    def write(self, text: str) -> None:
        if self.before is not None:
            self.before()
        with write_errors(self._name):
            self._file.write(text)

    def flush(self) -> None:
        with write_errors(self._name):
            self._file.flush()

    @property
    def is_terminal(self) -> bool:
        return self._file.isatty()

    @property
    def is_standard(self) -> bool:
        """Whether it is standard output, where everything that is written is seen at once."""
        return self._name == STANDARD_OUTPUT


def terminal_width(out: Output) -> int | None:
    """Return how wide lines for people may be where that is known: of the terminal they are for, or what COLUMNS says."""
    if not (out.is_terminal or os.environ.get("COLUMNS", "").isdigit()):
        return None
    return max(_NARROWEST, shutil.get_terminal_size().columns)


def shown_width() -> int | None:
    """Return how wide lines may be that are shown on standard output."""
    return terminal_width(Output(sys.stdout, STANDARD_OUTPUT))


def check_place(name: str | Path, inputs: Iterable[str]) -> None:
    """Raise WriteError when the file to write is one of the files that are read: its contents would be lost."""
    place = Path(name)
    for each in map(Path, inputs):
        if place.is_file() and each.is_file() and place.samefile(each):
            raise WriteError(f"{name}: cannot be written: it is an input file; expected the name of another file")


@contextmanager
def output(name: str | None, mode: int | None = None) -> Iterator[Output]:
    """Yield where to write: standard output for None and "-", or a file that replaces `name` only when everything succeeded.

    mode: the permissions of the file; without it those of the file it replaces.
    """
    if name in (None, STANDARD_STREAM):
        out = Output(sys.stdout, STANDARD_OUTPUT)
        yield out
        with suppress(ReaderLeft):  # all of it was written: how that ended is known
            out.flush()
        return
    with ExitStack() as stack:
        with write_errors(name):
            file = stack.enter_context(WholeFile(Path(name), mode))
        yield Output(file.stream, name)
        with write_errors(name):
            file.complete()
            file.put()
