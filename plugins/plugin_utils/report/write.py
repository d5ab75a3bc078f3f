# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files so that whoever reads them finds the old one or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class WriteError(OSError):
    """A file that could not be written. All of them are as they were before."""


def write_whole(files: Mapping[Path, str]) -> None:
    """Write texts to files: first all of them beside their places, then each to its place. Raises WriteError.

    What exists and is no file, such as a pipe, is written to as it is.
    """
    written: dict[Path, Path] = {}
    try:
        for file, text in files.items():
            try:
                if file.exists() and not file.is_file() and not file.is_dir():
                    file.write_text(text, encoding="utf-8")
                else:
                    written[file] = _beside(file, text)
            except OSError as error:
                wrong = f"{file}: cannot be written: {error.strerror}"
                raise WriteError(f"{wrong}; it is left as it was, name another place or make room") from error
        for file, temporary in written.items():
            _replace(temporary, file)
    finally:
        for temporary in written.values():
            with suppress(OSError):
                temporary.unlink()


def _beside(file: Path, text: str) -> Path:
    """Write text to a new file in the folder of another one, down to the disk; return it."""
    folder = file.resolve().parent
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".new", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # As open would have made it: those who collect reports run as somebody else.
        Path(name).chmod(_mode(file))
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _replace(temporary: Path, file: Path) -> None:
    try:
        temporary.replace(file.resolve())
    except OSError as error:
        raise WriteError(f"{file}: cannot be replaced: {error.strerror}; expected the name of a file") from error
    folder = os.open(file.resolve().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError:
        pass  # some file systems cannot; the file itself is on the disk
    finally:
        os.close(folder)
