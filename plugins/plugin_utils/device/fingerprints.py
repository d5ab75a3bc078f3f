# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember which password was sent last, without remembering the password.

A device never shows a stored password, only a text that changes at every look. So that a rotation is seen and an equal
password changes nothing, a file on the controller keeps a fingerprint of each: scrypt with a key of the file's own, slow
enough that a stolen file does not give the passwords away quickly.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from ..own_files import LONGEST, DamagedFileError, loaded, set_aside
from ..whole_file import write_private

# Form 1 told devices by host and port, which two devices may share: what it knew is not believed.
_FORM = 2
_KEY_BYTES = 32
# Each takes 16 MB, which the C library keeps for every thread that has computed one: the threads of a batch share this one.
_computing = ThreadPoolExecutor(max_workers=1)


def _begin_anew() -> None:
    """Compute in a thread of this process: a fork leaves that of its parent behind."""
    global _computing
    _computing = ThreadPoolExecutor(max_workers=1)


os.register_at_fork(after_in_child=_begin_anew)


class FingerprintError(FazmailError):
    """The file cannot be used. The message names it and says what to do."""

    cause = "fingerprint_file"


class Fingerprints:
    """The fingerprint file, for one device. Many tasks may use one file at a time.

    device: the identity of the device. `notes`: what an operator should know about the file.
    """

    def __init__(self, path: Path, device: str) -> None:
        self.notes: list[str] = []
        self._path = path
        self._device = device

    def known(self, entry: str, option: str, value: str) -> bool:
        """Return whether this value was the last one recorded. Raises FingerprintError."""
        if not self._path.exists():
            return False
        with self._locked(fcntl.LOCK_SH) as data:
            stored = data["fingerprints"].get(self._name(entry, option))
            return stored is not None and hmac.compare_digest(stored, self._print(data, entry, option, value))

    def check(self) -> None:
        """Raise FingerprintError where nothing could be recorded, so that no password is sent at every run from now on."""
        with self._locked(fcntl.LOCK_EX):
            pass

    def record(self, values: dict[tuple[str, str], str]) -> None:
        """Remember values by entry and option. Raises FingerprintError."""
        if not values:
            return
        with self._locked(fcntl.LOCK_EX) as data:
            for (entry, option), value in values.items():
                data["fingerprints"][self._name(entry, option)] = self._print(data, entry, option, value)
            write_private(self._path, _dumped(data))

    def _name(self, entry: str, option: str) -> str:
        return json.dumps([self._device, entry, option])

    def _print(self, data: dict[str, Any], entry: str, option: str, value: str) -> str:
        salt = bytes.fromhex(data["key"]) + self._name(entry, option).encode()
        return _computing.submit(hashlib.scrypt, value.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).result().hex()

    @contextmanager
    def _locked(self, kind: int) -> Iterator[dict[str, Any]]:
        """Lock a file beside the real one, because that one is replaced as a whole; yield what it holds."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, kind)
                yield self._read()
            finally:
                os.close(lock)
        except OSError as error:
            raise FingerprintError(
                f"fingerprint file {self._path}: {error.strerror}; it must be a file this user may read and write"
            ) from error

    def _read(self) -> dict[str, Any]:
        """Return what the file holds; nothing is known by one that does not exist, is empty, of form 1, or damaged.

        A damaged file is set aside. Anything that is no file of this collection is left alone: raises FingerprintError.
        """
        data = b""
        if self._path.exists():
            with self._path.open("rb") as file:
                data = file.read(LONGEST + 1)
        new = {"form": _FORM, "key": secrets.token_hex(_KEY_BYTES), "fingerprints": {}}
        if not data.strip():
            return new
        try:
            content = _checked(loaded(data))
        except DamagedFileError as error:
            if b'"fingerprints"' not in data or b'"form"' not in data:
                raise FingerprintError(
                    f"fingerprint file {self._path} is not one that this collection wrote: {error}; name another file"
                ) from None
            aside = set_aside(self._path, data)
            write_private(self._path, _dumped(new))
            self.notes.append(
                f"fingerprint file {self._path} was damaged: {error}. Its content is now in {aside.name}; every password is "
                "sent once more"
            )
            return new
        return content if content["form"] == _FORM else new


def _checked(data: Any) -> dict[str, Any]:
    """Return the content of a fingerprint file if it is one. Raises DamagedFileError."""
    if not isinstance(data, dict) or {"form", "key", "fingerprints"} - set(data):
        raise DamagedFileError("it lacks form, key or fingerprints")
    if data["form"] not in (1, _FORM):
        raise DamagedFileError(f"its form is {data['form']!r}, expected {_FORM}"[:200])
    if not _is_hex(data["key"], 2 * _KEY_BYTES):
        raise DamagedFileError("its key is no key")
    prints = data["fingerprints"]
    if not isinstance(prints, dict) or not all(_is_hex(value, 64) for value in prints.values()):
        raise DamagedFileError("its fingerprints are none")
    return data


def _is_hex(value: Any, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and set(value) <= set("0123456789abcdef")


def _dumped(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, sort_keys=True)
