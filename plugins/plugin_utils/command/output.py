# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write to a file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class CannotWriteError(Exception):
    """The result cannot be written; the text says where and why."""


class Output:
    """Where a result is written to. Raises CannotWriteError, and BrokenPipeError when nobody reads any more."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name

    def write(self, text: str) -> None:
        with _told(self._name):
            self._file.write(text)

    def flush(self) -> None:
        with _told(self._name):
            self._file.flush()

    @property
    def is_terminal(self) -> bool:
        return self._file.isatty()


@contextmanager
def output(name: str | None) -> Iterator[Output]:
    """Give the place to write to: standard output, or a file that takes the place of `name` when all went well.

    A file that is none on a disk, such as /dev/null, is written to as it is.
    """
    if name is None:
        out = Output(sys.stdout, "standard output")
        yield out
        out.flush()
        return
    target = Path(os.path.realpath(name))
    whole = target.is_file() or not target.exists()
    path = target.with_name(f".{target.name}.{os.getpid()}") if whole else target
    try:
        with (
            _told(name),
            path.open("x" if whole else "w", encoding="utf-8", errors="backslashreplace", newline="") as file,
        ):
            yield Output(file, name)
        if whole:
            with _told(name):
                path.replace(target)
    except BaseException:
        if whole:
            with contextlib.suppress(OSError):
                path.unlink()
        raise


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotWriteError(
            f"{name}: cannot be written: {error.strerror or error}; nothing of it is kept"
        ) from error
