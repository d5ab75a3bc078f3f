# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a command reads from: a file, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import FazmailError
from ..whole_file import STANDARD_STREAM, ReaderLeft

A_LOG = "a saved log, or - for standard input"


class InputError(FazmailError):
    """A file cannot be read; the message names it, the reason, and what was expected."""

    cause = "input"


@contextmanager
def opened(name: str, expected: str, option: str = "") -> Iterator[BinaryIO]:
    """Open a file, "-" being standard input. Raises InputError, also for what goes wrong while it is read."""
    with read_errors(name, expected, option):
        if name == STANDARD_STREAM:
            yield sys.stdin.buffer
        else:
            with Path(name).open("rb") as file:
                yield file


@contextmanager
def read_errors(name: str, expected: str, option: str = "") -> Iterator[None]:
    """Turn an OSError into an InputError that names the file. ReaderLeft is about the output and stays as it is.

    expected: what the file should hold. option: the option that named it.
    """
    try:
        yield
    except ReaderLeft:
        raise
    except OSError as error:
        place = f"{option} {name}" if option else name
        raise InputError(f"{place}: cannot be read: {error.strerror or error}; expected {expected}") from error
