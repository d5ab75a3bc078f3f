# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interactive shell over SSH, with paramiko: dial, check the host key, log in once, start the shell."""

# In some runs pylint does not see that the errors of other files are exceptions.
# pylint: disable=bad-exception-cause

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...libraries import paramiko
from ..errors import ConnectError, LimitError, UnreachableError
from ..limits import Countdown, Limits
from . import authenticate
from .host_keys import AcceptedKey, HostKeys
from .known_hosts import PublicKey
from .link import Link, dial
from .negotiate import Connection, negotiate
from .proxy import ProxyCommand
from .target import Target

__all__ = ["AcceptedKey", "SshTransport", "Target", "connect"]

# Wide enough that no line the device prints is wrapped.
_COLUMNS, _ROWS = 511, 1000
_CONNECT_FAILED = 2  # RFC 4254, 5.1
# For a device to make room for what is typed.
_SEND_SECONDS = 15.0


class SshTransport:
    """A Transport over one SSH channel. host_key: the fingerprint of the device's host key, such as `SHA256:...`."""

    def __init__(self, connection: Connection, channel: paramiko.Channel, host_key: str) -> None:
        self._connection = connection
        self._channel = channel
        self.host_key = host_key

    def send(self, data: bytes) -> None:
        # The time of the latest `receive`, which may be none, is not meant for a device that takes a line in pieces.
        self._channel.settimeout(_SEND_SECONDS)
        self._channel.sendall(data)

    def receive(self, timeout: float) -> bytes:
        self._channel.settimeout(timeout)
        return self._channel.recv(65536)

    def close(self) -> None:
        self._connection.end()


def connect(
    target: Target,
    limits: Limits,
    accepted: Callable[[AcceptedKey], None] = lambda key: None,
    login: Countdown | None = None,
) -> SshTransport:
    """Open the connection, check the host key, log in once, and start a shell on a wide terminal.

    `accepted` is called with each new host key. `login` is what is left of the login limit, when that began
    before. Raises ConnectError, HostKeyError (before any credential is sent), LoginError and LimitError; nothing stays
    open then.
    """
    login = login or Countdown("login", limits.login)
    connection, key = _logged_in(target, limits, login, accepted)
    with (
        target.at("login"),
        _or_end(connection, login, f"before {target.where} started a shell", target, accepted=True),
    ):
        try:
            channel = connection.open_session(timeout=max(0.001, login.left))
        except paramiko.ChannelException as error:
            raise authenticate.no_channel(error, target) from error
        try:
            channel.get_pty("vt100", _COLUMNS, _ROWS)
            channel.invoke_shell()
        except paramiko.SSHException as error:
            # The connection is still there where it is the request that was refused.
            if login.left <= 0 or not connection.is_active():
                raise
            raise authenticate.no_shell(target) from error
    return SshTransport(connection, channel, key.fingerprint)


def _logged_in(
    target: Target, limits: Limits, login: Countdown, accepted: Callable[[AcceptedKey], None]
) -> tuple[Connection, PublicKey]:
    """Connect, check the host key and log in; return the connection and the key."""
    keys = HostKeys(target, accepted)
    if target.proxy_command:
        with target.at("connection"):
            connection = _through_command(target, limits, login, keys)
    else:
        if target.jump is not None:
            link = _through_jump(target, target.jump, limits, login, accepted)
        else:
            with target.at("connection"), _connecting(limits, login) as seconds:
                link = dial(target, seconds)
        with target.at("connection"), _connecting(limits, login) as seconds:
            connection = negotiate(link, target, seconds, keys.algorithms)
    with (
        target.at("host_key"),
        _or_end(connection, login, f"while the host key of {target.where} was checked", target),
    ):
        shown = connection.get_remote_server_key()
        key = PublicKey(shown.get_name(), shown.asbytes())
        keys.check(key)
    with target.at("login"), _or_end(connection, login, f"during the login to {target.where}", target):
        authenticate.log_in(connection, target, login)
    return connection, key


@contextmanager
def _connecting(limits: Limits, login: Countdown) -> Iterator[float]:
    """Yield the seconds a step of connecting may take: the connect limit, or what is left of the login limit."""
    seconds = max(0.001, min(limits.connect, login.left))
    try:
        yield seconds
    except LimitError as error:
        if error.limit == "connect" and seconds < limits.connect:
            late = login.error(error.doing)
            late.unreachable = True
            raise late from error
        raise


def _through_command(target: Target, limits: Limits, login: Countdown, keys: HostKeys) -> Connection:
    proxy = ProxyCommand(target)
    try:
        with _connecting(limits, login) as seconds:
            return negotiate(proxy.link, target, seconds, keys.algorithms)
    except (ConnectError, LimitError) as error:
        # Once something has answered, it is that which failed.
        if not proxy.link.opening and (complaint := proxy.complaint()):
            late = f"; {error}" if isinstance(error, LimitError) else ""
            raise UnreachableError(
                f"proxy_command {proxy.name!r} gave no SSH connection to {target.where}: {complaint}{late}", "proxy"
            ) from error
        raise
    finally:
        proxy.release()


def _through_jump(
    target: Target, jump: Target, limits: Limits, login: Countdown, accepted: Callable[[AcceptedKey], None]
) -> Link:
    """Log in to the jump host and have it open a TCP connection to the device."""
    connection, __ = _logged_in(jump, limits, login, accepted)
    with (
        jump.at("forwarding"),
        _connecting(limits, login) as seconds,
        _or_end(
            connection,
            Countdown("connect", seconds),
            f"while {jump.where} connected to {target.where}",
            jump,
            accepted=True,
        ),
    ):
        try:
            channel = connection.open_channel(
                "direct-tcpip",
                (target.host, target.port),
                ("127.0.0.1", 0),
                timeout=seconds,
            )
        except paramiko.ChannelException as error:
            failed = error.code == _CONNECT_FAILED
            raise UnreachableError(
                f"{jump.where} {'cannot reach' if failed else 'does not forward connections to'} {target.where}: "
                f"{' '.join(error.text.split())[:200]}",
                "unreachable" if failed else "proxy",
            ) from error
    return Link(channel, connection.end)


@contextmanager
def _or_end(
    connection: Connection, countdown: Countdown, doing: str, target: Target, *, accepted: bool = False
) -> Iterator[None]:
    """End the connection when the block fails or takes longer than a limit. accepted: the credential was.

    Some requests of paramiko wait for an answer for ever; ending the connection wakes them.
    """
    late = threading.Event()

    def give_up() -> None:
        late.set()
        connection.end()

    watch = threading.Timer(max(0.001, countdown.left), give_up)
    watch.daemon = True
    watch.start()
    try:
        yield
        watch.cancel()
        if late.is_set():
            raise paramiko.SSHException("too late")
    except BaseException as error:
        slow = late.is_set() or (isinstance(error, paramiko.SSHException) and "timeout" in str(error).lower())
        connection.end()
        if slow and isinstance(error, Exception):
            raise countdown.error(doing) from error
        if isinstance(error, paramiko.SSHException | OSError | EOFError):
            raise authenticate.closed(connection, target, error, accepted=accepted) from error
        raise
    finally:
        watch.cancel()
        watch.join()
