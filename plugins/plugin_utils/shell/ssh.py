# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interactive shell over SSH, with paramiko.

The socket is ours, for two reasons that were measured: without TCP_NODELAY each small exchange waits for Nagle's
algorithm (95 instead of 10 ms for a session), and without TCP_USER_TIMEOUT a peer that vanished is noticed only when
some other limit runs out.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

from .errors import ConnectError, HostKeyError, LimitError, LoginError
from .host_keys import HostKeys
from .session import Limits

# Wide enough that no line the device prints is wrapped.
_COLUMNS, _ROWS = 511, 1000
_DEAD_PEER_MILLISECONDS = 15_000
_KEY_TYPES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@dataclass(frozen=True)
class Target:
    """Where to log in, as whom, and how to know the host."""

    host: str
    port: int = 22
    user: str = "admin"
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    host_key_fingerprint: str = ""
    known_hosts: tuple[Path, ...] = ()


class SshTransport:
    """A Transport over one SSH channel."""

    def __init__(self, connection: paramiko.Transport, channel: paramiko.Channel) -> None:
        self._connection = connection
        self._channel = channel

    def send(self, data: bytes) -> None:
        self._channel.sendall(data)

    def receive(self, timeout: float) -> bytes:
        self._channel.settimeout(timeout)
        return self._channel.recv(65536)

    def close(self) -> None:
        self._connection.close()


def connect(target: Target, limits: Limits) -> SshTransport:
    """Open the TCP connection, check the host key, log in once, and start a shell on a wide terminal.

    Raises ConnectError, HostKeyError (before any credential is sent), LoginError and LimitError.
    """
    keys = HostKeys(target.host, target.port, target.host_key_fingerprint, target.known_hosts)
    connection = _negotiate(_dial(target, limits), target, limits, keys)
    try:
        keys.check(connection.get_remote_server_key())
        connection.auth_timeout = limits.login
        _log_in(connection, target)
        channel = connection.open_session(timeout=limits.login)
        channel.get_pty("vt100", _COLUMNS, _ROWS)
        channel.invoke_shell()
    except (HostKeyError, LoginError):
        connection.close()
        raise
    except (paramiko.SSHException, OSError, EOFError) as error:
        connection.close()
        raise LoginError(
            f"{target.host} closed the connection during login: {error or 'no reason given'}", "session_refused"
        ) from error
    except BaseException:
        connection.close()
        raise
    return SshTransport(connection, channel)


def _dial(target: Target, limits: Limits) -> socket.socket:
    where = f"{target.host} port {target.port}"
    try:
        link = socket.create_connection((target.host, target.port), timeout=limits.connect)
    except socket.gaierror as error:
        raise ConnectError(
            f"the name {target.host!r} of the device does not resolve ({error.strerror}); check ansible_host", "dns"
        ) from error
    except TimeoutError as error:
        raise LimitError("connect", limits.connect, f"without an answer from {where}") from error
    except ConnectionRefusedError as error:
        raise ConnectError(
            f"{where} refuses connections; check ansible_port and the device's SSH access", "refused"
        ) from error
    except OSError as error:
        raise ConnectError(f"{where} cannot be reached: {error.strerror or error}", "unreachable") from error
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MILLISECONDS)
    return link


def _negotiate(link: socket.socket, target: Target, limits: Limits, keys: HostKeys) -> paramiko.Transport:
    where = f"{target.host} port {target.port}"
    connection = paramiko.Transport(link)
    connection.banner_timeout = limits.connect
    if wanted := [name for name in keys.algorithms if name in connection.get_security_options().key_types]:
        options = connection.get_security_options()
        options.key_types = wanted + [name for name in options.key_types if name not in wanted]
    try:
        connection.start_client(timeout=limits.connect)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        connection.close()
        raise ConnectError(
            f"{where} and paramiko {paramiko.__version__} share no algorithm ({error}); firmware that speaks only SHA-1 needs "
            "paramiko>=3.5,<5",
            "ssh_algorithms",
        ) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        connection.close()
        if "timeout" in str(error).lower() or "banner" in str(error).lower():
            message = f"{where} is no SSH server, or too slow: {error}"
        else:
            message = f"{where} broke off the SSH negotiation: {error or 'connection closed'}"
        raise ConnectError(message, "ssh") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: paramiko.Transport, target: Target) -> None:
    """Log in with one attempt only: devices lock an account after a few."""
    try:
        if target.key_file is not None:
            connection.auth_publickey(target.user, _private_key(target.key_file, target.password))
        elif target.password is not None:
            connection.auth_password(target.user, target.password)
        else:
            raise LoginError(
                f"no credential for {target.user} on {target.host}; set ansible_password or ansible_ssh_private_key_file",
                "no_credential",
            )
    except paramiko.BadAuthenticationType as error:
        raise LoginError(
            f"{target.host} does not take this kind of login (it takes {', '.join(error.allowed_types)})"
        ) from error
    except paramiko.AuthenticationException as error:
        raise LoginError(
            f"{target.host} refused the login of {target.user}: wrong user, password or key, or access is restricted by a "
            "trusted host; one attempt was made"
        ) from error


def _private_key(file: Path, passphrase: str | None) -> paramiko.PKey:
    for kind in _KEY_TYPES:
        try:
            return kind.from_private_key_file(str(file), passphrase)
        except paramiko.PasswordRequiredException as error:
            raise LoginError(
                f"private key file {file} is encrypted; set ansible_password to its passphrase", "key_file"
            ) from error
        except OSError as error:
            raise LoginError(f"private key file {file} cannot be read: {error.strerror}", "key_file") from error
        except (paramiko.SSHException, ValueError):
            continue
    raise LoginError(
        f"private key file {file} holds no Ed25519, ECDSA or RSA key, or the passphrase is wrong", "key_file"
    )
