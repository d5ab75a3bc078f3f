# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember which password was sent last, without remembering the password.

A device never shows a stored password, only a text that changes at every look. So that a rotation is seen and an equal
password changes nothing, a file on the controller keeps a fingerprint of each: scrypt with a key of the file's own, slow
enough that a stolen file is no quick way to the passwords.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import FazmailError

_FORM = 1


class FingerprintError(FazmailError):
    """The file cannot be used. The message names it and says what to do."""

    cause = "fingerprint_file"


class Fingerprints:
    """The fingerprint file, for one device. Many tasks may use one file at a time."""

    def __init__(self, path: Path, device: str) -> None:
        self._path = path
        self._device = device

    def known(self, entry: str, option: str, value: str) -> bool:
        """Say whether this value was the last one recorded. A file that does not exist knows nothing."""
        if not self._path.exists():
            return False
        with self._locked(fcntl.LOCK_SH) as data:
            stored = data["fingerprints"].get(self._name(entry, option))
            return stored is not None and hmac.compare_digest(stored, self._print(data, entry, option, value))

    def check(self) -> None:
        """Raise FingerprintError where nothing could be recorded, so that no password is sent that would be sent for ever."""
        with self._locked(fcntl.LOCK_EX):
            pass

    def record(self, values: dict[tuple[str, str], str]) -> None:
        """Remember values by entry and option. Raises FingerprintError."""
        if not values:
            return
        with self._locked(fcntl.LOCK_EX) as data:
            for (entry, option), value in values.items():
                data["fingerprints"][self._name(entry, option)] = self._print(data, entry, option, value)
            self._write(data)

    def _name(self, entry: str, option: str) -> str:
        return json.dumps([self._device, entry, option])

    def _print(self, data: dict[str, Any], entry: str, option: str, value: str) -> str:
        salt = bytes.fromhex(data["key"]) + self._name(entry, option).encode()
        return hashlib.scrypt(value.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()

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
        if not self._path.exists():
            return {"form": _FORM, "key": secrets.token_hex(32), "fingerprints": {}}
        try:
            data: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            if data["form"] != _FORM or not isinstance(data["fingerprints"], dict) or not bytes.fromhex(data["key"]):
                raise ValueError
        except (ValueError, TypeError, KeyError):
            raise FingerprintError(
                f"fingerprint file {self._path} is not one that this collection wrote; name another file, or remove it to "
                "have every password sent once more"
            ) from None
        return data

    def _write(self, data: dict[str, Any]) -> None:
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
