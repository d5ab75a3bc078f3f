# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where to log in, as whom, on which way, and how to know the host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConnectError, SessionError

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
# [user@]host[:port], where an IPv6 address with a port is in brackets.
_JUMP = re.compile(
    r"(?:(?P<user>[^@\s,/]+)@)?"
    r"(?:\[(?P<bracketed>[^\[\]\s]+)\]|(?P<host>[^\[\]@\s:,/]+|[0-9A-Fa-f:.]+(?:%\w+)?))"
    r"(?::(?P<port>[0-9]{1,6}))?"
)


@dataclass(frozen=True)
class Target:
    """One SSH server: a device, or the jump host before it (`role`).

    host_key_fingerprint: pinned, several of them (an HA pair, a key that is changed) with commas or blanks between them; when empty,
    known_hosts decides. accept_new: add an unknown key to the first file.
    key_file: private key, or with `use_agent` the public half of a key the agent holds; passphrase: of the key file.
    options: what the fields are called where the user sets them, for the advice in messages; default: Ansible's variables.
    At most one of `jump` and `proxy_command` may be set. Raises ConnectError with the cause `option` for a value that
    cannot be used.
    """

    host: str
    port: int = 22
    user: str = "admin"
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    passphrase: str | None = field(default=None, repr=False)
    use_agent: bool = False
    host_key_fingerprint: str = ""
    known_hosts: tuple[Path, ...] = ()
    accept_new: bool = False
    jump: Target | None = None
    proxy_command: str = ""
    role: str = "device"
    options: Mapping[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        host = self.host.strip()
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        if not host:
            # The resolver takes an empty name for this machine.
            raise ConnectError(f"the address of the {self.role} is empty; set {self.option('host')}", "option")
        object.__setattr__(self, "host", host)
        if not 1 <= self.port <= 65535:
            raise ConnectError(f"port {self.port} is out of range 1-65535; check {self.option('port')}", "option")
        for pin in self.pins:
            if not _FINGERPRINT.fullmatch(pin):
                raise ConnectError(
                    f"the fingerprint {pin[:60]!r} is not of the form SHA256:<43 characters>, as ssh-keygen -lf prints it; "
                    f"check {self.option('host_key_fingerprint')}",
                    "option",
                )
        if self.jump is not None and self.proxy_command:
            raise ConnectError("proxy_jump and proxy_command exclude each other; set one of them", "option")

    @property
    def pins(self) -> tuple[str, ...]:
        """The fingerprints of which the host key must have one; empty when none is pinned."""
        return tuple(pin.rstrip("=") for pin in self.host_key_fingerprint.replace(",", " ").split())

    @property
    def where(self) -> str:
        """The server as messages call it, such as `192.0.2.10 port 22` or `jump host bastion port 22`."""
        prefix = "" if self.role == "device" else f"{self.role} "
        return f"{prefix}{self.host} port {self.port}"

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Note in the error of a block that the way to the device ended at this host, and at which step.

        step: `connection`, `host_key`, `login`, and behind the login to a jump host `forwarding`. Those before it succeeded.
        """
        try:
            yield
        except SessionError as error:
            role = self.role.replace(" ", "_")
            error.details["stopped_at"] = {"role": role, "host": self.host, "port": self.port, "step": step}
            raise

    @property
    def secrets(self) -> list[str]:
        """Everything a message about this login must not show."""
        own = [each for each in (self.password, self.passphrase) if each]
        return own + (self.jump.secrets if self.jump else [])

    def option(self, name: str) -> str:
        """Return what a field is called where the user sets it, for the advice in messages; "" for one that cannot be set."""
        return (self.options or _VARIABLES[self.role])[name]


@dataclass(frozen=True)
class JumpHost:
    """A jump host as somebody names it; None for what is left out."""

    host: str
    port: int | None = None
    user: str | None = None


def jump_hosts(text: str) -> tuple[JumpHost, ...]:
    """Read `[user@]host[:port]`, several with commas between them, the first one first. Raises ConnectError (`option`)."""
    return tuple(_jump_host(each.strip()) for each in text.split(","))


def _jump_host(text: str) -> JumpHost:
    match = _JUMP.fullmatch(text)
    if not match:
        raise ConnectError(
            f"proxy_jump {text[:60]!r} is not of the form [user@]host[:port] (an IPv6 address with a port in brackets; "
            "several with commas between them)",
            "option",
        )
    port = match["port"]
    return JumpHost(match["bracketed"] or match["host"], int(port) if port is not None else None, match["user"])


_VARIABLES = {
    "device": {
        "host": "ansible_host",
        "port": "ansible_port",
        "user": "ansible_user",
        "password": "ansible_password",
        "key_file": "ansible_ssh_private_key_file",
        "use_agent": "ansible_fortiops_mail_use_agent",
        "passphrase": "ansible_fortiops_mail_private_key_passphrase",
        "host_key_fingerprint": "ansible_fortiops_mail_host_key_fingerprint",
        "known_hosts": "ansible_fortiops_mail_known_hosts",
    },
    "jump host": {
        "host": "ansible_fortiops_mail_proxy_jump",
        "port": "ansible_fortiops_mail_proxy_jump",
        "user": "ansible_fortiops_mail_proxy_jump",
        "password": "ansible_fortiops_mail_proxy_jump_password",
        "key_file": "ansible_fortiops_mail_proxy_jump_private_key_file",
        "use_agent": "ansible_fortiops_mail_use_agent",
        "passphrase": "ansible_fortiops_mail_proxy_jump_private_key_passphrase",
        "host_key_fingerprint": "ansible_fortiops_mail_proxy_jump_host_key_fingerprint",
        "known_hosts": "ansible_fortiops_mail_known_hosts",
    },
}
