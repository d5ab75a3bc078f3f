# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys: which key a host must show, and what to say when it shows another one."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko

from .errors import HostKeyError

# A host known by an `ssh-rsa` key signs with SHA-2 today.
_RSA_SIGNATURES = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]


def fingerprint(key: paramiko.PKey) -> str:
    """Return the fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


class HostKeys:
    """The keys one host may show: a pinned fingerprint, else the entries of known_hosts files."""

    def __init__(self, host: str, port: int, pinned: str = "", files: tuple[Path, ...] = ()) -> None:
        self.name = host if port == 22 else f"[{host}]:{port}"
        self._pinned = pinned
        self._files = files
        self._known: dict[str, paramiko.PKey] = {}
        if not pinned:
            for file in files:
                self._known.update(_entries(file, self.name))

    @property
    def algorithms(self) -> list[str]:
        """Host key algorithms to ask for first: a known host must not be asked for a kind of key we do not know."""
        names: list[str] = []
        for kind in self._known:
            names += _RSA_SIGNATURES if kind == "ssh-rsa" else [kind]
        return names

    def check(self, key: paramiko.PKey) -> None:
        """Raise HostKeyError unless the key is the one expected."""
        seen = fingerprint(key)
        if self._pinned:
            if seen != self._pinned:
                raise HostKeyError(
                    f"{self.name} shows the host key {seen}, but {self._pinned} is pinned in host_key_fingerprint; "
                    "nothing was sent. Find out why the key changed before you change the pin"
                )
            return
        known = self._known.get(key.get_name())
        if known is None:
            where = " and ".join(str(file) for file in self._files) or "no known_hosts file"
            raise HostKeyError(
                f"the host key of {self.name} is unknown ({key.get_name()} {seen}; looked in {where}); nothing was sent. "
                f"Compare it with the device's and set ansible_fortiops_mail_host_key_fingerprint to it, or add it to known_hosts"
            )
        if known.asbytes() != key.asbytes():
            raise HostKeyError(
                f"the host key of {self.name} has changed: it shows {seen}, known_hosts has {fingerprint(known)}; "
                "nothing was sent. Find out why before you replace the old key"
            )


def _entries(file: Path, name: str) -> dict[str, paramiko.PKey]:
    if not file.is_file():
        return {}
    keys = paramiko.HostKeys()
    try:
        keys.load(str(file))
    except (OSError, paramiko.SSHException) as error:
        raise HostKeyError(f"known_hosts file {file} cannot be read: {error}") from error
    found = keys.lookup(name)
    return dict(found.items()) if found else {}
