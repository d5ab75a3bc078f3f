# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files so that whoever reads them finds the old one or the new one, never half of it, and read whole ones."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from weakref import finalize

from .errors import FazmailError

OWNER_ONLY = 0o600
# More than any file has that is read as a whole. A device such as /dev/zero would fill the memory.
_LARGEST = 268_435_456
STANDARD_OUTPUT = "standard output"
# In place of a file: standard input where it is read, standard output where it is written.
STANDARD_STREAM = "-"


class WriteError(FazmailError):
    """A place that could not be written to; the text says which, why, and what to do. All files are as they were before."""

    cause = "write"


class ReaderLeft(BrokenPipeError):
    """Nobody reads any more what is written, as after `head`. A pipe that broke elsewhere is an error as any other."""


class WholeFile:
    """A text file that is written beside its place and then put there, or, when left before, is gone. Raises OSError.

    What exists and is no file, such as a pipe or /dev/stdout, is written to as it is. `mode` are the permissions;
    without it those of the file that is replaced, or what a new file has.
    """

    def __init__(self, place: Path, mode: int | None = None) -> None:
        self.place = place
        self._target = Path(os.path.realpath(place))
        self._remove: finalize[[Path], WholeFile] | None = None
        if is_stream(place):
            self.stream = place.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            return
        self._beside = self._target.with_name(f".{self._target.name}.{os.urandom(6).hex()}.new")
        # Not only on leaving the `with` block: a signal may arrive when the file is there and the block has not begun.
        self._remove = finalize(self, _unlink, self._beside)
        made = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode or 0o666)
        self.stream = open(made, "w", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115, PTH123
        if mode is None and self._target.is_file():
            # As opening it would have left it: those who collect reports run as somebody else.
            self._beside.chmod(self._target.stat().st_mode & 0o777)

    def __enter__(self) -> WholeFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave nothing behind that was not put in its place."""
        with suppress(OSError):
            self.stream.close()
        if self._remove:
            self._remove()

    def complete(self) -> None:
        """Bring all that was written down to the disk."""
        with self.stream:
            self.stream.flush()
            if self._remove:
                os.fsync(self.stream.fileno())

    def put(self) -> None:
        """Let the complete file take its place."""
        if self._remove:
            self._beside.replace(self._target)
            self._remove.detach()
            sync_folder(self._target.parent)

    def put_as_new(self) -> None:
        """Let the complete file take its place. Raises FileExistsError when something is there."""
        if self._remove:
            os.link(self._beside, self._target)


def read_whole(file: Path) -> bytes:
    """Return the content of a file. Raises OSError, also for one that is too large or never ends."""
    with file.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {_LARGEST // 2**20} MB", str(file))
    return data


def is_stream(place: Path) -> bool:
    """Return whether a place is neither file nor folder, such as a pipe or /dev/stdout: reading it may never end."""
    return place.exists() and not place.is_file() and not place.is_dir()


def _unlink(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


def write_whole(files: Mapping[Path, str]) -> None:
    """Write texts to files: first all of them beside their places, then each to its place. Raises WriteError."""
    with ExitStack() as stack:
        new = []
        for place, text in files.items():
            with write_errors(place):
                file = stack.enter_context(WholeFile(place))
                file.stream.write(text)
                file.complete()
            new.append(file)
        for file in new:
            with write_errors(file.place):
                file.put()


def write_new(files: Mapping[Path, str]) -> None:
    """Write texts to files that are not there yet: all of them or none. Raises FileExistsError and other OSError."""
    put: list[Path] = []
    try:
        with ExitStack() as stack:
            for place, text in files.items():
                file = stack.enter_context(WholeFile(place))
                file.stream.write(text)
                file.complete()
                file.put_as_new()
                put.append(place)
    except BaseException:
        for place in put:
            place.unlink()
        raise


def write_private(place: Path, text: str) -> None:
    """Write a file that only its owner can read. Raises OSError."""
    with WholeFile(place, OWNER_ONLY) as file:
        file.stream.write(text)
        file.complete()
        file.put()


@contextmanager
def write_errors(place: Path | str) -> Iterator[None]:
    """Turn an OSError into a WriteError that names the file, and into ReaderLeft when nobody reads any more."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderLeft(*error.args) from error
    except IsADirectoryError as error:
        raise WriteError(f"{place}: cannot be replaced: {error.strerror}; expected the name of a file") from error
    except OSError as error:
        left = "" if place == STANDARD_OUTPUT else "it is left as it was, "
        wrong = f"{place}: cannot be written: {error.strerror or error}"
        raise WriteError(f"{wrong}; {left}name another place or make room") from error


def sync_folder(folder: Path) -> None:
    """Bring a new name in a folder to the disk, where the file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
