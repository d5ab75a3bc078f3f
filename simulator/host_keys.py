# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH host key of each device: kept in a directory, so that it stays the same from run to run, or made afresh."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh

_ALGORITHM = "ssh-ed25519"


def host_key(directory: Path | None, name: str) -> asyncssh.SSHKey:
    """Return the key of the device with this name. Raises OSError, and asyncssh.KeyImportError for a broken file."""
    if directory is None:
        return asyncssh.generate_private_key(_ALGORITHM)
    path = directory / f"{name}.key"
    if path.exists():
        return asyncssh.read_private_key(path)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = asyncssh.generate_private_key(_ALGORITHM)
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.export_private_key())
    temporary.replace(path)
    return key
