# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH front of one device: who gets in, and how."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from ..device.clock import Clock
from ..specification.fleet import DeviceSpec
from ..specification.reading import FleetError
from .appliance import Appliance
from .channel import Terminal
from .host_keys import ssh_options
from .trace import Listener


@dataclass(frozen=True)
class LoginAttempt:
    """A credential that was received. `method` is SSH's word for its kind."""

    user: str
    method: str
    good: bool


class DeviceServer:
    """One listening device.

    `logins` holds every credential since the start, and `users` the name that came first on each connection: nothing else
    is sent before that. Raises FleetError for a value the device would refuse.
    """

    def __init__(
        self,
        spec: DeviceSpec,
        keys: Sequence[asyncssh.SSHKey],
        listener: Listener | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.spec = spec
        self.keys = keys
        self.appliance = Appliance(spec, listener, clock or Clock(), self.drop_connections)
        self.authorized = _authorized(spec)
        self.logins: list[LoginAttempt] = []
        self.users: list[str] = []
        self.forwarded: list[tuple[str, int]] = []
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    @property
    def fingerprint(self) -> str:
        """The first host key as OpenSSH prints it."""
        return self.keys[0].get_fingerprint()

    async def start(self, listener: socket.socket) -> None:
        """Serve whoever connects to a socket that listens."""
        self._acceptor = await asyncssh.listen(
            sock=listener,
            server_factory=lambda: _Login(self),
            encoding=None,
            line_editor=False,
            allow_scp=False,
            gss_host=None,
            server_version="SimulatedDevice",
            login_timeout=self.spec.switches.login_grace,
            **ssh_options(self.keys, self.spec.switches.ssh_algorithms),
        )

    async def stop(self) -> None:
        """Stop listening and cut all connections."""
        self.appliance.stop()
        self.drop_connections()
        if self._acceptor is not None:
            self._acceptor.close()

    def drop_connections(self) -> None:
        """Cut all connections, as a broken network does."""
        for connection in list(self.connections):
            connection.abort()


class _Login(asyncssh.SSHServer):
    """The login of one connection: one user, by password, keyboard-interactive or public key."""

    def __init__(self, server: DeviceServer) -> None:
        self._server = server
        self._switches = server.spec.switches
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.add(conn)
        if self._switches.ssh_algorithms == "legacy-userkey":
            # Such firmware does not know how to say which signatures it takes (RFC 8308).
            conn._send_ext_info = lambda: None  # type: ignore[method-assign]
        if self._server.appliance.triggers.drops():
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._server.users.append(username)
        if self._switches.prelogin_banner:
            self._banner(self._switches.prelogin_banner)
        return True

    def _banner(self, text: str) -> None:
        if self._connection is not None:
            self._connection.send_auth_banner(text if text.endswith("\n") else text + "\n")

    def password_auth_supported(self) -> bool:
        return self._switches.login_methods in ("both", "password")

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._valid(username, "password", password == self._server.spec.password)

    def kbdint_auth_supported(self) -> bool:
        return self._switches.login_methods in ("both", "keyboard-interactive")

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return (
            self._question()
            if self._switches.login_fault == "first-question"
            else ("", "", "", [("Password: ", False)])
        )

    async def validate_kbdint_response(
        self, username: str, responses: Sequence[str]
    ) -> bool | tuple[str, str, str, list[tuple[str, bool]]]:
        good = await self._valid(username, "keyboard-interactive", list(responses) == [self._server.spec.password])
        if self._switches.login_fault in ("first-question", "question"):
            return self._question() if good else False
        return good

    def _question(self) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """The text of the fault as an instruction, its last line as the question if it is one."""
        text = self._switches.login_text
        instruction, __, question = text.rpartition("\n") if text.rstrip().endswith(":") else (text, "", "")
        return "Login", instruction, "", [(f"{question} ", False)] if question else []

    def public_key_auth_supported(self) -> bool:
        return self._switches.login_methods == "publickey" or bool(self._switches.authorized_keys)

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        keys = self._server.authorized
        if self._switches.ssh_algorithms == "legacy-userkey" and key.algorithm == b"ssh-rsa":
            key.all_sig_algorithms = {b"ssh-rsa"}
        good = keys is not None and keys.validate(key, username, "", "") is not None
        return await self._valid(username, "publickey", good)

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        keys = self._server.authorized
        return keys is not None and keys.validate(key, username, "", "", ca=True) is not None

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return Terminal(self._server.appliance)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if not self._switches.allow_forwarding:
            # As OpenSSH says it.
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed")
        self._server.forwarded.append((dest_host, dest_port))
        return True

    async def _valid(self, username: str, method: str, good: bool) -> bool:
        good = good and username == self._server.spec.username
        self._server.logins.append(LoginAttempt(username, method, good))
        fault, text = self._switches.login_fault, self._switches.login_text
        if fault == "drop" and self._connection is not None:
            self._connection.abort()
            return False
        if fault == "disconnect" and self._connection is not None:
            self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, text)
            return False
        if good and fault == "change-request" and method == "password":
            raise asyncssh.PasswordChangeRequired(text)
        if good and fault == "banner":
            self._banner(text)
            return False
        if self._switches.login_delay:
            await asyncio.sleep(self._switches.login_delay)
        return good


def _authorized(spec: DeviceSpec) -> asyncssh.SSHAuthorizedKeys | None:
    """Return the public keys that may log in, None when there are none."""
    if not spec.switches.authorized_keys:
        return None
    try:
        return asyncssh.import_authorized_keys(spec.switches.authorized_keys)
    except ValueError as error:
        raise FleetError(f"{spec.name}: authorized_keys: {error}, expected a public key on each line") from None
