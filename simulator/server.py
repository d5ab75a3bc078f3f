# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH front of one device: logins and sessions around the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncssh

from .channel import Terminal
from .clock import Clock
from .config_tree import ConfigTable, Inner
from .faults import Faults, Triggers
from .fleet import DeviceSpec
from .flood import Flood
from .host_keys import ssh_options
from .mail.daemon import DaemonSettings, MailDaemon
from .mail.hosts import HostMap
from .models import models
from .packets import Wire
from .reading import FleetError
from .state import Device, Session
from .texts import CliError
from .trace import Heard, Listener, without_secret


def make_device(spec: DeviceSpec) -> Device:
    """Return the device as described, its tables filled. Raises FleetError for a value the device would refuse."""
    device = Device(spec.name, spec.hostname, models()[spec.model], spec.serial, utc_offset=spec.switches.utc_offset)
    _fill(spec, "mail", device.mail, spec.mail)
    for event, destinations in spec.alert_event.items():
        _, inner = device.alert_event.working_copy(event)
        _fill(spec, f"alert_event: {event}", inner["alert-destination"], destinations)
        _fill(spec, "alert_event", device.alert_event, {event: {}}, inner)
    _fill(spec, "alertemail", device.alertemail, {"": spec.alertemail})
    _fill(spec, "dns", device.dns, {"": spec.dns})
    return device


def _fill(
    spec: DeviceSpec,
    where: str,
    table: ConfigTable,
    entries: Mapping[str, Mapping[str, str]],
    inner: Inner | None = None,
) -> None:
    for key, options in entries.items():
        try:
            table.fill(key, options, inner)
        except CliError as error:
            place = f"{where}: {key}" if key else where
            raise FleetError(f"{spec.name}: {place}: {error}") from None


@dataclass(frozen=True)
class LoginAttempt:
    """A credential that was received. `method` is SSH's word for its kind."""

    user: str
    method: str
    good: bool


class DeviceServer:
    """One listening device.

    `trace` holds every command received since the start, `logins` every credential, and `users` the name that came
    first on each connection: nothing else is sent before that.
    """

    def __init__(
        self,
        spec: DeviceSpec,
        keys: Sequence[asyncssh.SSHKey],
        listener: Listener | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.spec = spec
        self.clock = clock or Clock()
        self.device = make_device(spec)
        self.device.clock = lambda: self.clock.now() + self.faults.clock_offset
        self.recording = spec.recording
        self.trace: list[Heard] = []
        self.logins: list[LoginAttempt] = []
        self.users: list[str] = []
        self.forwarded: list[tuple[str, int]] = []
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.sessions: set[Terminal] = set()
        self.hosts = HostMap(spec.hosts, lambda: self.device.has_name_server)
        self.wire = Wire(
            lambda: self.device.clock(), self.device.random, spec.address, spec.switches.retransmit_interval
        )
        self.daemon = MailDaemon(self.device, _daemon_settings(spec, self.hosts), self._debug, self.wire)
        self._flood: Flood | None = None
        self.misbehave(spec.faults)
        self.keys = keys
        self._listener = listener
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._last_session = 0

    @property
    def fingerprint(self) -> str:
        """The first host key as OpenSSH prints it."""
        return self.keys[0].get_fingerprint()

    @property
    def port(self) -> int:
        """The port listened on; after the start it is never 0."""
        return self._acceptor.get_port() if self._acceptor else self.spec.port

    async def start(self) -> None:
        """Listen. Raises OSError."""
        self._acceptor = await asyncssh.listen(
            self.spec.address,
            self.spec.port,
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
        self.daemon.close()
        if self._flood is not None:
            self._flood.close()
        self.drop_connections()
        if self._acceptor is not None:
            self._acceptor.close()

    def drop_connections(self) -> None:
        """Cut all connections, as a broken network does."""
        for connection in list(self.connections):
            connection.abort()

    def misbehave(self, faults: Faults) -> None:
        """Have these faults from now on: those of the connection begin with the next session."""
        self.faults = faults
        self.triggers = Triggers(faults)
        self.device.confirm_restart = faults.confirm_restart
        self.device.mail.shorten, self.device.mail.lower_case = faults.shorten, faults.lower_case
        if self._flood is not None:
            self._flood.close()
        self._flood = Flood(self.device, faults.debug_flood, self.clock, self._flooding)

    def reboot(self) -> None:
        """Start the device anew, which ends all sessions."""
        self.device.reboot()
        self.drop_connections()
        self.look()

    def look(self) -> None:
        """The state may have changed: let those that run by themselves see it."""
        self.daemon.look()
        if self._flood is not None:
            self._flood.look()

    def open_session(self, user: str) -> Session:
        self._last_session += 1
        return Session(self._last_session, user)

    def hear(self, session: Session, prompt: str, line: str) -> None:
        heard = Heard(self.spec.name, session.number, self.clock.now(), prompt, without_secret(line))
        self.trace.append(heard)
        if self._listener is not None:
            self._listener(heard)

    def _flooding(self, lines: list[str]) -> None:
        for session in list(self.sessions):
            if not session.full:
                session.debug(lines)

    def _debug(self, lines: list[str]) -> None:
        for session in list(self.sessions):
            session.debug(lines)


def _daemon_settings(spec: DeviceSpec, hosts: HostMap) -> DaemonSettings:
    switches = spec.switches
    return DaemonSettings(
        hosts=hosts,
        dialect=switches.dialect,
        clear_secrets=switches.debug_secrets == "clear",
        idle_line_interval=switches.idle_line_interval,
        smtp_timeout=switches.smtp_timeout,
        debug_delay=switches.debug_delay,
        trusted=switches.trusted_certificates,
    )


class _Login(asyncssh.SSHServer):
    """The login of one connection: one user, by password, keyboard-interactive or public key."""

    def __init__(self, server: DeviceServer) -> None:
        self._server = server
        self._switches = server.spec.switches
        self._connection: asyncssh.SSHServerConnection | None = None
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._user = username
        self._server.users.append(username)
        banner = self._switches.prelogin_banner
        if banner and self._connection is not None:
            self._connection.send_auth_banner(banner if banner.endswith("\n") else banner + "\n")
        return True

    def password_auth_supported(self) -> bool:
        return self._switches.login_methods in ("both", "password")

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._valid(username, "password", password == self._server.spec.password)

    def kbdint_auth_supported(self) -> bool:
        return self._switches.login_methods in ("both", "keyboard-interactive")

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return await self._valid(username, "keyboard-interactive", list(responses) == [self._server.spec.password])

    def public_key_auth_supported(self) -> bool:
        return self._switches.login_methods == "publickey" or bool(self._switches.authorized_keys)

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        keys = (
            asyncssh.import_authorized_keys(self._switches.authorized_keys) if self._switches.authorized_keys else None
        )
        good = keys is not None and keys.validate(key, username, "", "") is not None
        return await self._valid(username, "publickey", good)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return Terminal(self._server, self._user)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if not self._switches.allow_forwarding:
            # As OpenSSH says it.
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed")
        self._server.forwarded.append((dest_host, dest_port))
        return True

    async def _valid(self, username: str, method: str, good: bool) -> bool:
        good = good and username == self._server.spec.username
        self._server.logins.append(LoginAttempt(username, method, good))
        if self._switches.login_fault != "none" and self._connection is not None:
            if self._switches.login_fault == "drop":
                self._connection.abort()
            else:
                self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many logins, try later")
            return False
        if self._switches.login_delay:
            await asyncio.sleep(self._switches.login_delay)
        return good
