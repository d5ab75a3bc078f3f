# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH front of one device: logins and sessions around the engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

import asyncssh

from .engine import Begin, Close, Effect, Engine, Screen, Stop, Write
from .fleet import DeviceSpec
from .jobs import Job, Ping, SendMail
from .mail.daemon import DaemonSettings, MailDaemon
from .mail.hosts import HostMap
from .models import models
from .network import PingRun
from .reading import FleetError
from .state import Device, Session
from .terminal import LINE_END
from .texts import CliError, say
from .trace import Heard, Listener, without_secret

_ROWS = 24


def make_device(spec: DeviceSpec) -> Device:
    """Return the device as described, its mail table filled. Raises FleetError for a value the device would refuse."""
    device = Device(spec.name, spec.hostname, models()[spec.model], spec.serial, utc_offset=spec.switches.utc_offset)
    for key, options in spec.mail.items():
        values: dict[str, str] = {}
        try:
            device.mail.check_key(key)
            # Options that exist only beside others come after those.
            for name in sorted(options, key=lambda name: _conditional(device, name)):
                device.mail.set(values, name, [options[name]])
        except CliError as error:
            raise FleetError(f"{spec.name}: mail: {key}: {error}") from None
        device.mail.entries[key] = values
    return device


def _conditional(device: Device, name: str) -> bool:
    return any(bool(option.when) for option in device.mail.schema.options if option.name == name)


class DeviceServer:
    """One listening device. `trace` holds every command received since the start."""

    def __init__(self, spec: DeviceSpec, key: asyncssh.SSHKey, listener: Listener | None = None) -> None:
        self.spec = spec
        self.device = make_device(spec)
        self.trace: list[Heard] = []
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.sessions: set[_Terminal] = set()
        self.hosts = HostMap(spec.hosts)
        self.daemon = MailDaemon(self.device, _daemon_settings(spec, self.hosts), self._debug)
        self._key = key
        self._listener = listener
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._last_session = 0

    @property
    def fingerprint(self) -> str:
        return self._key.get_fingerprint()

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
            server_host_keys=[self._key],
            encoding=None,
            line_editor=False,
            allow_scp=False,
            gss_host=None,
            public_key_auth=False,
            server_version="SimulatedDevice",
        )

    async def stop(self) -> None:
        """Stop listening and cut all connections."""
        self.daemon.close()
        self.drop_connections()
        if self._acceptor is not None:
            self._acceptor.close()

    def drop_connections(self) -> None:
        """Cut all connections, as a broken network does."""
        for connection in list(self.connections):
            connection.abort()

    def open_session(self, user: str) -> Session:
        self._last_session += 1
        return Session(self._last_session, user)

    def hear(self, session: Session, prompt: str, line: str) -> None:
        heard = Heard(self.spec.name, session.number, time.time(), prompt, without_secret(line))
        self.trace.append(heard)
        if self._listener is not None:
            self._listener(heard)

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
    )


class _Login(asyncssh.SSHServer):
    """The login of one connection: one user, by password or keyboard-interactive."""

    def __init__(self, server: DeviceServer) -> None:
        self._server = server
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
        banner = self._server.spec.switches.prelogin_banner
        if banner and self._connection is not None:
            self._connection.send_auth_banner(banner if banner.endswith("\n") else banner + "\n")
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._valid(username, password)

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return len(responses) == 1 and await self._valid(username, responses[0])

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Terminal(self._server, self._user)

    async def _valid(self, username: str, password: str) -> bool:
        spec = self._server.spec
        if spec.switches.login_delay:
            await asyncio.sleep(spec.switches.login_delay)
        return (username, password) == (spec.username, spec.password)


class _Terminal(asyncssh.SSHServerSession[bytes]):
    """One shell or exec channel: performs what the engine asks for."""

    def __init__(self, server: DeviceServer, user: str) -> None:
        self._server = server
        self._session = server.open_session(user)
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._engine: Engine | None = None
        self._pty = False
        self._rows = 0
        self._command: str | None = None
        self._job: asyncio.Task[None] | None = None
        self._ping: PingRun | None = None

    # -- what the client does ----------------------------------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        self._pty = True
        self._rows = term_size[1]
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        server, switches = self._server, self._server.spec.switches
        if switches.max_sessions and len(server.sessions) >= switches.max_sessions:
            self._write("".join(line + LINE_END for line in say("too_many_sessions")).encode())
            self._close(1)
            return
        server.sessions.add(self)
        single = self._command is not None
        screen = Screen(
            echo=self._pty and not single,
            rows=(self._rows or _ROWS) if self._pty and switches.console_output == "more" else 0,
            accept=switches.post_login_banner and not single,
            single=single,
        )
        self._engine = Engine(
            server.device, self._session, screen, lambda prompt, line: server.hear(self._session, prompt, line)
        )
        self._perform(self._engine.start())
        if self._command is not None:
            self._perform(self._engine.feed(self._command.encode()))
            self._perform(self._engine.end_of_input())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._engine is not None:
            self._perform(self._engine.feed(data))

    def eof_received(self) -> bool:
        if self._engine is not None:
            self._perform(self._engine.end_of_input())
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        # An entry being edited is dropped with the engine; what is set for the whole device stays.
        self._channel = None
        self._engine = None
        self._server.sessions.discard(self)
        if self._job is not None:
            self._job.cancel()

    # -- what the device does ----------------------------------------------------------------------------------------

    def debug(self, lines: Iterable[str]) -> None:
        if self._engine is not None:
            self._perform(self._engine.debug(lines))

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._write(effect.data)
            elif isinstance(effect, Begin):
                self._job = asyncio.create_task(self._do(effect.job))
            elif isinstance(effect, Stop):
                self._stop()
            elif isinstance(effect, Close):
                self._close(0)
        self._server.daemon.look()

    async def _do(self, job: Job) -> None:
        last: list[str] = []
        try:
            if isinstance(job, Ping):
                self._ping = PingRun(self._server.hosts, job.host, self._server.spec.switches.ping_interval)
                async for lines in self._ping.lines():
                    if self._engine is not None:
                        self._perform(self._engine.progress(lines))
                self._ping = None
            elif isinstance(job, SendMail):
                last = await self._server.daemon.test(job.mail)
        except asyncio.CancelledError:
            # Ctrl-C, or the session is gone, in which case there is nobody to tell.
            pass
        if self._engine is not None:
            self._perform(self._engine.finished(last))

    def _stop(self) -> None:
        if self._ping is not None:
            self._ping.stop()
        elif self._job is not None:
            self._job.cancel()

    def _write(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.write(data)

    def _close(self, status: int) -> None:
        if self._channel is not None:
            self._channel.exit(status)
