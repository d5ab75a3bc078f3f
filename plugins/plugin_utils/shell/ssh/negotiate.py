# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a byte stream to an encrypted one, up to the moment the server has shown its host key. Nothing of ours is sent."""

from __future__ import annotations

import logging
import struct
import time
from contextlib import suppress
from typing import Any

from ...libraries import paramiko
from ..errors import ConnectError, LimitError
from .link import Link, ended_early
from .target import Target

# paramiko prints tracebacks to a logger, and a logger without a handler prints to the user's terminal.
_LOGGER = "fortiops.mail.paramiko"
logging.getLogger(_LOGGER).propagate = False
logging.getLogger(_LOGGER).addHandler(logging.NullHandler())

_THREAD_END_SECONDS = 2.0
_KEXINIT = 20
_PARTS = ("key exchange", "host key", "cipher", "cipher", "MAC", "MAC")
# Signals between programs that are in the list of key exchanges, RFC 8308 among others.
_NO_ALGORITHMS = ("ext-info-", "kex-strict-")
# What paramiko 5 removed and paramiko 4 still has: all of it rests on SHA-1.
_SHA1 = {
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "ssh-rsa",
}
# The last one is that of SHA-1.
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
OLD_PARAMIKO = "pip install 'paramiko>=3.5,<5'"


class Connection(paramiko.Transport):
    """An SSH connection that is quiet and can be ended for good.

    farewell: the text of the server's disconnect message, if it sent one. refused: whether it refused a credential.
    """

    def __init__(self, link: Link) -> None:
        super().__init__(link)  # type: ignore[arg-type]
        self.link = link
        self.farewell = ""
        self.refused = False
        self.set_log_channel(_LOGGER)

    def _log(self, level: int, msg: Any, *args: Any) -> None:
        # There is no other way to learn the text of the server's disconnect message, and whether a credential was
        # refused before it.
        text = str(msg)
        if text.startswith("Disconnect (code"):
            self.farewell = " ".join(text.partition(": ")[2].split())[:200]
        elif text.startswith("Authentication (") and "failed" in text and "(none)" not in text:
            self.refused = True

    def end(self) -> None:
        """Close everything and wait for the thread to end. Never raises, never takes longer than a few seconds."""
        self.active = False
        self.packetizer.close()
        self.link.close()
        with suppress(RuntimeError):
            # A thread that never started cannot be waited for.
            self.join(_THREAD_END_SECONDS)
        # paramiko watches the handshake with a timer thread, and forgets it when the handshake fails.
        self.packetizer.complete_handshake()


def negotiate(link: Link, target: Target, limit: float, prefer: list[str]) -> Connection:
    """Agree on algorithms within `limit` seconds, the host key algorithms in `prefer` first.

    Raises ConnectError (`ssh`, `ssh_algorithms`) and LimitError; the link is closed then.
    """
    connection = None
    deadline = time.monotonic() + limit
    try:
        connection = Connection(link)
        options = connection.get_security_options()
        if wanted := [name for name in prefer if name in options.key_types]:
            options.key_types = wanted + [name for name in options.key_types if name not in wanted]
        connection.banner_timeout = limit
        connection.handshake_timeout = limit
        connection.start_client(timeout=limit)
        if not connection.initial_kex_done:
            # paramiko returns as if nothing were wrong when the time is up.
            raise EOFError
    except (paramiko.SSHException, OSError, EOFError) as error:
        out_of_time = time.monotonic() >= deadline - 0.05
        _end(connection, link)
        raise _explained(error, link.opening, target, limit, out_of_time, connection) from error
    except BaseException:
        _end(connection, link)
        raise
    return connection


def _end(connection: Connection | None, link: Link) -> None:
    if connection is None:
        link.close()
    else:
        connection.end()


def _explained(
    error: Exception, opening: bytes, target: Target, limit: float, out_of_time: bool, connection: Connection | None
) -> ConnectError | LimitError:
    where = target.where
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer) and connection is not None:
        return _incompatible(error, opening, target, connection)
    lines = [line.strip() for line in opening.splitlines() if line.strip()]
    if any(line.startswith(b"SSH-") for line in lines):
        if out_of_time:
            return LimitError("connect", limit, f"in the SSH negotiation with {where}")
        reason = (connection.farewell if connection is not None else "") or str(error) or "connection closed"
        return ConnectError(f"{where} broke off the SSH negotiation: {reason}", "ssh")
    if lines:
        greeting = lines[0][:80].decode("ascii", "backslashreplace")
        return ConnectError(
            f"{where} is no SSH server: it greets with {greeting!r}; check {target.option('port')}", "ssh"
        )
    if out_of_time:
        return LimitError("connect", limit, f"waiting for the SSH greeting of {where}")
    return ended_early(target)


def _incompatible(error: Exception, opening: bytes, target: Target, connection: Connection) -> ConnectError:
    if "version" in str(error):
        return ConnectError(
            f"{target.where} speaks only an SSH protocol of before 2006 ({error}); update its firmware",
            "ssh_algorithms",
        )
    options = connection.get_security_options()
    ours = (options.kex, options.key_types, options.ciphers, options.ciphers, options.digests, options.digests)
    for part, offered, known in zip(_PARTS, offered_algorithms(opening), ours, strict=False):
        if offered and not set(offered) & set(known):
            names = ", ".join(name for name in offered if not name.startswith(_NO_ALGORITHMS))
            missing = (
                f"{target.where} offers for {part} only {names}, which paramiko {paramiko.__version__} does not have"
            )
            if _SHA1 & set(offered):
                advice = f"update the firmware, or install a paramiko that still speaks SHA-1: {OLD_PARAMIKO}"
            else:
                advice = "allow current algorithms on it, or update its firmware"
            return ConnectError(f"{missing}; {advice}", "ssh_algorithms")
    return ConnectError(
        f"{target.where} and paramiko {paramiko.__version__} share no algorithm ({error}); firmware that speaks only SHA-1 "
        f"needs {OLD_PARAMIKO}",
        "ssh_algorithms",
    )


def offered_algorithms(opening: bytes) -> list[list[str]]:
    """Return the lists of algorithm names in a server's first packet (RFC 4253, 7.1), which is sent in clear.

    The order is key exchange, host key, ciphers to the server and back, MACs to the server and back. Empty when the
    bytes hold no such packet.
    """
    start = opening.find(b"\n", opening.find(b"SSH-")) + 1
    packet = opening[start:]
    try:
        length, __, kind = struct.unpack_from(">IBB", packet)
        if kind != _KEXINIT or len(packet) < length:
            return []
        place = 22  # the header and a cookie of 16 bytes
        lists = []
        for __ in range(6):
            (size,) = struct.unpack_from(">I", packet, place)
            lists.append(packet[place + 4 : place + 4 + size].decode("ascii", "replace").split(","))
            place += 4 + size
        return lists
    except struct.error:
        return []
