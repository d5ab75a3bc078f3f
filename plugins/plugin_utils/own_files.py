# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the collection itself keeps on the controller: how they are called, and read like any other input."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .errors import FazmailError
from .whole_file import sync_folder

# Names of files may have 255 bytes; others put a job and a time beside this.
_LONGEST = 120
LONGEST = 1_048_576


class DamagedFileError(FazmailError):
    """A file of our own does not hold what was written to it. The message says what is wrong, and does not name the file."""

    cause = "damaged_file"


class NoLockError(FazmailError):
    """This system has no locks that keep two processes from working on one device."""

    cause = "no_lock"


def file_name(text: str) -> str:
    """Return a name of at most 120 ASCII characters for what belongs to a host or device, without separators.

    Names that differ stay different. A name of letters, digits, `-`, `_` and `.` is its own file name, unless it is long or
    begins with a dot.
    """
    name = quote(text, safe="", errors="surrogatepass")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > _LONGEST:
        import hashlib

        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name = f"{name[: _LONGEST - len(digest) - 1]}-{digest}"
    return name or "%"


def loaded(data: bytes) -> Any:
    """Return the JSON value of a file. Raises DamagedFileError for anything that is none, is too large or too deep."""
    if len(data) > LONGEST:
        raise DamagedFileError(f"it has {len(data)} bytes, more than {LONGEST}")
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise DamagedFileError("it holds bytes that are not UTF-8") from None
    except (ValueError, RecursionError):
        raise DamagedFileError("it does not hold JSON") from None


def set_aside(path: Path, data: bytes) -> Path:
    """Keep the content of a damaged file beside it under another name, and return that. Raises OSError."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(data)
    return aside


class LockedFile:
    """A JSON file about one device, with which one process at a time works; an empty one is removed by whoever releases it.

    device: the identity of the device, which is written into the file. former: where the file was in earlier versions.
    """

    def __init__(self, path: Path, device: str, former: Path | None = None) -> None:
        self.path = path
        self.device = device
        self._former = former

    def exists(self) -> bool:
        """Return whether something may be written down."""
        return self.path.exists() or (self._former is not None and self._former.exists())

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Open and lock the file; yields whether that was possible, as no other process on this controller holds the lock.

        The lock ends with the process that holds it, also after `kill -9`. A holder whose parent is dead is about to finish,
        and is waited for. Raises OSError when there can be no such file, and NoLockError on Windows.
        """
        self._file = self._open()
        try:
            if not self._lock():
                yield False
                return
            try:
                yield True
            finally:
                if self._file.seek(0, os.SEEK_END) == 0:
                    self.path.unlink(missing_ok=True)
        finally:
            self._file.close()

    def content(self) -> bytes:
        """Return what is written down. Only inside `locked`."""
        self._file.seek(0)
        return self._file.read(LONGEST + 1)

    def write(self, **entry: Any) -> None:
        """Write down an entry about the device, and bring it to the disk. Only inside `locked`. Raises OSError."""
        text = json.dumps({"device": self.device, "parent": os.getppid(), **entry})
        self._replace(text.encode() + b"\n")
        sync_folder(self.path.parent)

    def clear(self) -> None:
        """Write down that there is nothing more. Only inside `locked`. Raises OSError."""
        self._replace(b"")

    def _replace(self, data: bytes) -> None:
        self._file.truncate(0)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            # Half an entry is none.
            with suppress(OSError):
                self._file.truncate(0)
            raise

    def _lock(self) -> bool:
        try:
            import fcntl
        except ModuleNotFoundError:
            raise NoLockError("this needs file locks, which Windows does not have; run it in WSL") from None

        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not self._holder_is_ending():
                    return False
                fcntl.flock(self._file, fcntl.LOCK_EX)
            # It is gone where the holder before has removed it.
            with suppress(FileNotFoundError):
                if os.path.samestat(self.path.stat(), os.fstat(self._file.fileno())):
                    return True
            self._file.close()
            self._file = self._open()

    def _holder_is_ending(self) -> bool:
        try:
            parent = loaded(self.content())["parent"]
            if not isinstance(parent, int) or parent <= 1:
                return False
            os.kill(parent, 0)
        except ProcessLookupError:
            return True
        except (DamagedFileError, TypeError, KeyError, OSError, OverflowError):
            return False
        return False

    def _open(self) -> FileIO:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._former and not self.path.exists() and self._former.exists():
            # A lock that somebody holds on it stays. Another process may have renamed it meanwhile.
            with suppress(FileNotFoundError):
                self._former.rename(self.path)
        made = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        # Without a buffer, as what a full disk did not take would be written once more when the file is closed.
        return FileIO(made, "r+")
