# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How commands log in to a device: the options, and the password from the environment or the terminal."""

from __future__ import annotations

import argparse
import getpass
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from .input import InputError

if TYPE_CHECKING:
    from ..shell.ssh.target import Target

PASSWORD_VARIABLE = "FAZMAIL_PASSWORD"
# What messages call the options of a connection.
_OPTIONS = {
    "host": "HOST",
    "port": "--port",
    "user": "--user",
    "password": PASSWORD_VARIABLE,
    "key_file": "--key-file",
    "passphrase": "--key-file to one without a passphrase",
    "host_key_fingerprint": "--fingerprint",
    "known_hosts": "--known-hosts",
}
_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


def add_login(parser: argparse.ArgumentParser, host: bool = True) -> None:
    """Add the argument HOST, unless the command has its own, and the options of a login to a command."""
    if host:
        parser.add_argument("host", metavar="HOST", help="name or address of the device")
    parser.add_argument("--user", default="admin", help="administrator to log in as (default: admin)")
    parser.add_argument("--port", type=int, default=22, help="TCP port of its SSH service (default: 22)")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="private key, instead of a password")
    parser.add_argument("--fingerprint", default="", metavar="SHA256:...", help="the host key it must have")
    parser.add_argument(
        "--known-hosts", type=Path, action="append", metavar="FILE", help=f"default: {' and '.join(_KNOWN_HOSTS)}"
    )


def target_of(options: argparse.Namespace) -> Target:
    """Return where to log in; asks for the password, which is never an argument, unless a key or the environment has it.

    Raises InputError for bytes that are no text, and LoginError when nobody can be asked for the password.
    """
    from ..shell.ssh.target import Target

    password = None if options.key_file else _password(options.user, options.host)
    for name, value in (("HOST", options.host), ("--user", options.user), (PASSWORD_VARIABLE, password or "")):
        if any("\udc80" <= each <= "\udcff" for each in value):
            raise InputError(f"{name}: its bytes are no UTF-8; expected text in the encoding of the device")
    return Target(
        options.host,
        options.port,
        options.user,
        password,
        key_file=options.key_file,
        host_key_fingerprint=options.fingerprint,
        known_hosts=tuple(options.known_hosts or [Path(name).expanduser() for name in _KNOWN_HOSTS]),
        options=_OPTIONS,
    )


def _password(user: str, host: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    from ..shell.errors import LoginError

    with warnings.catch_warnings():
        # Without a terminal it would ask all the same, and echo what is typed.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"Password of {user} on {host}: ")
        except (EOFError, getpass.GetPassWarning):
            raise LoginError(
                f"there is no terminal to ask for the password; set {PASSWORD_VARIABLE}, or name a --key-file",
                "no_credential",
            ) from None
