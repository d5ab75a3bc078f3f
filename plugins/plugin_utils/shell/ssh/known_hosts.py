# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of known host keys in OpenSSH's form (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): read them, add a line to one.

paramiko's own reader knows neither markers nor patterns, and would take a revoked key for a good one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import FazmailError
from ...whole_file import is_stream, read_whole

# Adding a line takes milliseconds; a holder of the lock that takes longer is stuck.
_LOCK_SECONDS = 10.0
_LOCK_RETRY_SECONDS = 0.01


class KnownHostsError(FazmailError):
    """A file cannot be read, locked or written; the message names it."""

    cause = "known_hosts"


@dataclass(frozen=True)
class PublicKey:
    """A host key: its type, such as `ssh-ed25519`, and its bytes on the wire."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


@dataclass(frozen=True)
class Entry:
    """A key some file holds for the host that was asked for."""

    key: PublicKey
    file: Path
    line: int
    revoked: bool = False


def entry_name(host: str, port: int) -> str:
    """Return what a host is called in these files: the name, or `[name]:port` when the port is not 22."""
    name = host.lower()
    return name if port == 22 else f"[{name}]:{port}"


def find(files: tuple[Path, ...], name: str) -> list[Entry]:
    """Return the entries of a host in files, of which any may be missing. Raises KnownHostsError."""
    found: list[Entry] = []
    for file in files:
        try:
            text = read_whole(file)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise KnownHostsError(f"known_hosts file {file} cannot be read: {error.strerror or error}") from error
        found += entries(text, name, file)
    return found


def entries(text: bytes, name: str, file: Path) -> Iterator[Entry]:
    """Find the entries of a host in the text of a file. Lines that are no entry are passed over, as OpenSSH does."""
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        # Certificates of hosts are not supported, so the keys that sign them say nothing about this host's key.
        if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked"):
            continue
        if not _names_host(words[0], name):
            continue
        try:
            blob = base64.b64decode(words[2], validate=True)
        except (binascii.Error, ValueError):
            continue
        yield Entry(PublicKey(words[1], blob), file, number, revoked=marker == "@revoked")


def add(file: Path, name: str, key: PublicKey, check: Callable[[list[Entry]], bool]) -> bool:
    """Add a key to the end of a file unless the file has it by now; return whether it was added.

    The file is locked, then read once more: `check` gets the host's entries as they are at that moment, returns whether
    the key is among them, and raises when another one is. A missing file is made, with mode 0600 and its directory 0700.
    Raises KnownHostsError.
    """
    if is_stream(file):
        raise KnownHostsError(
            f"{file} keeps nothing, and each key would be new at every login; name a file in known_hosts"
        )
    line = f"{name} {key.kind} {base64.b64encode(key.blob).decode('ascii')}\n".encode("ascii")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(file) as handle:
            text = b"".join(iter(lambda: os.read(handle, 1 << 20), b""))
            if check(list(entries(text, name, file))):
                return False
            _append(handle, (b"\n" if text and not text.endswith(b"\n") else b"") + line, len(text))
            return True
    except OSError as error:
        raise KnownHostsError(f"known_hosts file {file} cannot be written: {error.strerror or error}") from error


def _append(handle: int, data: bytes, size: int) -> None:
    """Write everything or nothing: half a line would spoil the one after it."""
    try:
        if os.write(handle, data) != len(data):
            raise OSError("the disk is full")
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """Open a file for reading and appending, with a lock that other runs on this machine respect."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(handle, file, deadline)
            opened, now = os.fstat(handle), file.stat()
            # ssh-keygen -R puts a new file in the place of the old one: what was opened may be no longer there.
            if (opened.st_dev, opened.st_ino) == (now.st_dev, now.st_ino):
                yield handle
                return
        finally:
            os.close(handle)


def _lock(handle: int, file: Path, deadline: float) -> None:
    # Windows has none. Only Ansible accepts new host keys.
    import fcntl

    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise KnownHostsError(
                    f"known_hosts file {file} is locked by another program for {_LOCK_SECONDS:g} s"
                ) from None
            time.sleep(_LOCK_RETRY_SECONDS)


def _names_host(field: str, name: str) -> bool:
    """Tell whether the first field of a line, names and patterns separated by commas, means a host."""
    if field.startswith("|"):
        return _is_hash_of(field, name)
    found = False
    for pattern in field.lower().split(","):
        negated = pattern.startswith("!")
        if _matches(pattern.removeprefix("!"), name):
            if negated:
                return False
            found = True
    return found


def _matches(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    # Only * and ? are special: in a file name pattern, the brackets of `[name]:port` would be, too.
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name) is not None


def _is_hash_of(field: str, name: str) -> bool:
    """`|1|salt|hash`, both in base64: HMAC-SHA1 of the name with the salt as its key."""
    parts = field.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return False
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in parts[2:])
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest(), digest)
