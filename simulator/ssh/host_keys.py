# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH host keys of each device: kept in a directory, so that they stay the same from run to run, or made afresh.

Also the algorithms that go with them, so that a device can be as old as its firmware.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncssh

# The kinds of keys a device has for each value of its `host_key` switch.
HOST_KEYS = {
    "ed25519": ("ssh-ed25519",),
    "ecdsa": ("ecdsa-sha2-nistp256",),
    "rsa": ("ssh-rsa",),
    "all": ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"),
}


def ssh_options(keys: Sequence[asyncssh.SSHKey], algorithms: str) -> dict[str, Any]:
    """Return what to start an SSH server with for a value of `ssh_algorithms`: a legacy one offers nothing but SHA-1."""
    if algorithms == "legacy-kex":
        return {"server_host_keys": keys, "kex_algs": ["diffie-hellman-group14-sha1"]}
    pairs = asyncssh.load_keypairs(list(keys))
    if algorithms == "legacy-hostkey":
        for pair in pairs:
            pair.host_key_algorithms = [b"ssh-rsa"]
    return {"server_host_keys": pairs}


def host_keys(directory: Path | None, name: str, switch: str, algorithms: str) -> list[asyncssh.SSHKey]:
    """Return the keys of the device with this name. Raises OSError, and asyncssh.KeyImportError for a broken file."""
    kinds = HOST_KEYS["rsa" if algorithms == "legacy-hostkey" else switch]
    return [_host_key(directory, name, kind) for kind in kinds]


def _host_key(directory: Path | None, name: str, kind: str) -> asyncssh.SSHKey:
    if directory is None:
        return _new(kind)
    path = directory / (f"{name}.key" if kind == "ssh-ed25519" else f"{name}.{kind}.key")
    if path.exists():
        return asyncssh.read_private_key(path)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _new(kind)
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.export_private_key())
    temporary.replace(path)
    return key


def _new(kind: str) -> asyncssh.SSHKey:
    if kind == "ssh-rsa":
        return asyncssh.generate_private_key(kind, key_size=2048)
    return asyncssh.generate_private_key(kind)
