# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private key to log in with: from a file, or held by an SSH agent. Only what was asked for is ever looked at."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ...libraries import paramiko
from ...whole_file import read_whole
from ..errors import LoginError
from .target import Target


@contextmanager
def login_key(target: Target) -> Iterator[paramiko.PKey | None]:
    """Give the one key to log in with, None when the password is to be used. An agent is open while the block runs.

    Raises LoginError with the causes `key_file` and `no_credential`.
    """
    with ExitStack() as open_while:
        try:
            key = _key(target, open_while)
        except LoginError as error:
            error.args = (f"no login to {target.where}: {error}",)
            raise
        yield key


def _key(target: Target, open_while: ExitStack) -> paramiko.PKey | None:
    if target.use_agent:
        return open_while.enter_context(_agent(target))
    if target.key_file is not None:
        from .key_file import private_key  # only who has a key file waits for this import

        return private_key(target)
    return None


@contextmanager
def _agent(target: Target) -> Iterator[paramiko.PKey]:
    if not os.environ.get("SSH_AUTH_SOCK"):
        raise LoginError(
            f"{target.option('use_agent')} is on, but there is no SSH agent: SSH_AUTH_SOCK is not set; start one, or turn it off",
            "no_credential",
        )
    try:
        agent = paramiko.Agent()
    except (paramiko.SSHException, OSError) as error:
        raise LoginError(
            f"{target.option('use_agent')} is on, but the SSH agent does not answer: {error}", "no_credential"
        ) from error
    try:
        yield _as_held(_chosen(target, list(agent.get_keys())))
    finally:
        agent.close()


def _chosen(target: Target, keys: list[paramiko.AgentKey]) -> paramiko.AgentKey:
    """Exactly one key: each key that is offered counts as an attempt to log in."""
    option = target.option("key_file")
    if target.key_file is not None:
        wanted = _public_half(target.key_file)
        for key in keys:
            if key.blob == wanted:
                return key
        raise LoginError(
            f"the SSH agent does not hold the key of {target.key_file} (it holds {len(keys)}); add it with ssh-add",
            "no_credential",
        )
    if not keys:
        raise LoginError(
            f"{target.option('use_agent')} is on, but the SSH agent holds no key; add one with ssh-add", "no_credential"
        )
    if len(keys) > 1:
        raise LoginError(
            f"the SSH agent holds {len(keys)} keys, and one attempt is made only; set {option} to the file of the key "
            "to use (its .pub file is enough)",
            "no_credential",
        )
    return keys[0]


def _as_held(key: Any) -> paramiko.AgentKey:
    """Have the agent sign with the very thing it holds: of a certificate, paramiko would show the plain key that is in it."""
    if "-cert-" in key.name:
        key.inner_key = None
    if key.inner_key is None:
        # paramiko 3.5 asks each key for it.
        key.public_blob = None
    held: paramiko.AgentKey = key
    return held


def _public_half(file: Path) -> bytes:
    """Return the bytes of the public key in a `.pub` file: the one named, or the one beside the private key named."""
    public = file if file.suffix == ".pub" else file.with_name(file.name + ".pub")
    try:
        return base64.b64decode(read_whole(public).decode("utf-8").split()[1], validate=True)
    except OSError as error:
        raise LoginError(f"key file {public} cannot be read: {error.strerror or error}", "key_file") from error
    except (UnicodeDecodeError, IndexError, binascii.Error) as error:
        raise LoginError(f"public key file {public} holds no key in OpenSSH's form", "key_file") from error
