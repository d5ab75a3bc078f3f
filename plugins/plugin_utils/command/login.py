# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How commands log in to a device: the options, and the password from the environment or the terminal."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    "use_agent": "--agent",
    "passphrase": "--key-file to one without a passphrase",
    "host_key_fingerprint": "--fingerprint",
    "known_hosts": "--known-hosts",
}
# What `ssh` and URLs put before or behind a host.
_MORE_THAN_A_HOST = re.compile(r"@|^(?:[^:]*|\[.*\]):\d*$")
# All of a jump host is in the configuration of OpenSSH.
_JUMP_OPTIONS = {
    "host": "its HostName in --ssh-config",
    "port": "its Port in --ssh-config",
    "user": "its User in --ssh-config",
    "password": "--agent",
    "key_file": "its IdentityFile in --ssh-config",
    "use_agent": "--agent",
    "passphrase": "its IdentityFile in --ssh-config to one without a passphrase",
    "host_key_fingerprint": "",
    "known_hosts": "--known-hosts",
}
# Of commands that Ansible cannot do: it runs modules.
WITHOUT_INVENTORY = "there is no -i, as no module does what this command does"
_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


def add_login(parser: argparse.ArgumentParser, when: str, host: bool = True) -> None:
    """Add the argument HOST, unless the command has its own, and the options of a login to a command.

    when: which devices the options are for, and why there is no other way to name one.
    """
    if host:
        parser.add_argument("host", metavar="HOST", help="name or address of the device")
    login = parser.add_argument_group("login", f"{when}; the password is taken from {PASSWORD_VARIABLE}, or asked for")
    login.add_argument("--user", metavar="NAME", help="administrator to log in as (default: admin)")
    login.add_argument("--port", type=int, metavar="PORT", help="TCP port of its SSH service (default: 22)")
    login.add_argument("--key-file", type=Path, metavar="FILE", help="private key, instead of a password")
    login.add_argument(
        "--agent",
        action="store_true",
        help="log in with the key of the SSH agent; --key-file says which if it has several",
    )
    login.add_argument(
        "--ssh-config",
        type=Path,
        metavar="FILE",
        help="configuration of OpenSSH, such as ~/.ssh/config, in which HOST and the way to it are looked up (default: none)",
    )
    login.add_argument("--fingerprint", default="", metavar="SHA256:...", help="the host key it must have")
    login.add_argument(
        "--known-hosts",
        type=Path,
        action="append",
        metavar="FILE",
        help=f"file with known host keys; may be given several times (default: {' and '.join(_KNOWN_HOSTS)})",
    )


def target_of(options: argparse.Namespace) -> Target:
    """Return where to log in; asks for the password, which is never an argument, unless a key or the environment has it.

    Raises InputError for bytes that are no text, ConnectError for a configuration that cannot be used, and LoginError when
    nobody can be asked for the password.
    """
    from ..shell.ssh.ssh_config import HostSettings, SshConfig
    from ..shell.ssh.target import Target
    from ..shell.ssh.way import jumps_to

    config = SshConfig(options.ssh_config)
    asked = HostSettings(port=options.port, user=options.user, key_file=options.key_file)
    way = asked.over(config.of(options.host))
    if not way.host and _MORE_THAN_A_HOST.search(options.host):
        raise InputError(f"HOST {options.host}: expected a name or an address; --user has the user, --port the port")
    user = way.user or "admin"
    password = None if way.key_file or options.agent else _password(user, options.host)
    for name, value in (("HOST", options.host), ("--user", user), (PASSWORD_VARIABLE, password or "")):
        if any("\udc80" <= each <= "\udcff" for each in value):
            raise InputError(f"{name}: its bytes are no UTF-8; expected text in the encoding of the device")
    shared: dict[str, Any] = {
        "use_agent": options.agent,
        "known_hosts": tuple(options.known_hosts or [Path(name).expanduser() for name in _KNOWN_HOSTS]),
    }
    return Target(
        way.host or options.host,
        22 if way.port is None else way.port,
        user,
        password,
        key_file=way.key_file,
        host_key_fingerprint=options.fingerprint,
        jump=jumps_to(way.jumps or (), config, user, {**shared, "options": _JUMP_OPTIONS}),
        proxy_command=way.proxy_command or "",
        options=_OPTIONS,
        **shared,
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
                "no_terminal",
            ) from None
