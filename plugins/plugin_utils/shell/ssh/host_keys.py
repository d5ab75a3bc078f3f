# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys: which key a host must show, and what to say when it shows another one."""

# In some runs pylint does not see that the errors of other files are exceptions.
# pylint: disable=bad-exception-cause

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import HostKeyError
from . import known_hosts
from .known_hosts import Entry, KnownHostsError, PublicKey
from .negotiate import RSA_SIGNATURES
from .target import Target


@dataclass(frozen=True)
class AcceptedKey:
    """A host key that was unknown, and is in a known_hosts file now because `accept_new` says so.

    role: whether the host is the device or the jump host.
    """

    host: str
    key: PublicKey
    file: Path
    role: str = "device"

    def __str__(self) -> str:
        return f"the host key of the {self.role} {self.host} was unknown and has been accepted: {self.key}, now in {self.file}"


class HostKeys:
    """The keys one host may show: a pinned fingerprint or one of several, else the entries of known_hosts files.

    `accepted` is called with a key that was added to a file. Raises HostKeyError when a file cannot be read.
    """

    def __init__(self, target: Target, accepted: Callable[[AcceptedKey], None] = lambda key: None) -> None:
        self.name = known_hosts.entry_name(target.host, target.port)
        # As known_hosts has it, and its role.
        self._called = self.name if target.role == "device" else f"{target.role} {self.name}"
        self._target = target
        self._accepted = accepted
        self._entries: list[Entry] = []
        if not target.pins:
            try:
                self._entries = known_hosts.find(target.known_hosts, self.name)
            except KnownHostsError as error:
                raise HostKeyError(f"{error}; nothing was sent to {self._called}") from error

    @property
    def algorithms(self) -> list[str]:
        """Host key algorithms to ask for first: a known host must not be asked for a kind of key we do not know."""
        names: list[str] = []
        for entry in self._entries:
            if not entry.revoked:
                names += RSA_SIGNATURES if entry.key.kind == "ssh-rsa" else [entry.key.kind]
        return list(dict.fromkeys(names))

    def check(self, key: PublicKey) -> None:
        """Raise HostKeyError unless the key is the one expected, or is new and may be accepted."""
        if self._target.pins:
            self._check_pin(key)
        elif not self._known(key, self._entries):
            if not self._target.accept_new:
                raise HostKeyError(self._unknown(key))
            self._accept(key)

    def _check_pin(self, key: PublicKey) -> None:
        pins = self._target.pins
        if key.fingerprint not in pins:
            raise HostKeyError(
                f"{self._called} shows the host key {key}, but {' or '.join(pins)} is pinned in "
                f"{self._target.option('host_key_fingerprint')}; nothing was sent. Find out why the key changed before you "
                "change the pin"
            )

    def _known(self, key: PublicKey, entries: list[Entry]) -> bool:
        """Tell whether the key is among the entries. Raises HostKeyError when it is revoked, or only others are there."""
        for entry in entries:
            if entry.revoked and entry.key == key:
                raise HostKeyError(
                    f"{self._called} shows the host key {key}, which {entry.file} line {entry.line} marks as revoked; "
                    "nothing was sent. Somebody may have stolen the key: replace it on the host"
                )
        good = [entry for entry in entries if not entry.revoked]
        if any(entry.key == key for entry in good):
            return True
        if good:
            # Also when the key is of another type: an attacker in between chooses the type.
            same = [entry for entry in good if entry.key.kind == key.kind] or good
            has = " and ".join(f"{entry.key} ({entry.file} line {entry.line})" for entry in same)
            raise HostKeyError(
                f"the host key of {self._called} has changed: it shows {key}, known_hosts has {has}; nothing was sent. "
                "Find out why before you replace the old key"
            )
        return False

    def _unknown(self, key: PublicKey) -> str:
        where = " and ".join(str(file) for file in self._target.known_hosts) or "no known_hosts file"
        option = self._target.option("host_key_fingerprint")
        pin = f"set {option} to it, or " if option else ""
        return (
            f"the host key of {self._called} is unknown ({key}; looked in {where}); nothing was sent. Compare it with the "
            f"one of the {self._target.role} and {pin}add it to known_hosts"
        )

    def _accept(self, key: PublicKey) -> None:
        if not self._target.known_hosts:
            raise HostKeyError(
                f"host_key_policy is accept_new, but {self._target.option('known_hosts')} names no file to keep the key of "
                f"{self._called} in ({key}); nothing was sent"
            )
        file = self._target.known_hosts[0]
        try:
            added = known_hosts.add(file, self.name, key, lambda entries: self._known(key, entries))
        except KnownHostsError as error:
            raise HostKeyError(
                f"the new host key of {self._called} ({key}) cannot be kept: {error}; nothing was sent"
            ) from error
        if added:
            self._accepted(AcceptedKey(self.name, key, file, self._target.role))
