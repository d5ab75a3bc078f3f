# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command in place of the TCP connection, as OpenSSH's ProxyCommand: what it reads and writes is the byte stream."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from typing import IO

from ..errors import ConnectError, UnreachableError
from .link import Link
from .target import Target

_END_SECONDS = 1.0
_TOKEN = re.compile(r"%(.?)")


class ProxyCommand:
    """A running proxy command. `link` is the byte stream; closing that ends the command, too."""

    def __init__(self, target: Target) -> None:
        """Start the command, without a shell. Raises ConnectError (`option`) and UnreachableError (`proxy`)."""
        words = arguments(target)
        self.name = words[0]
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        ours, its = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                words, stdin=its.fileno(), stdout=its.fileno(), stderr=self._errors, start_new_session=True
            )
        except OSError as error:
            ours.close()
            self._errors.close()
            raise UnreachableError(
                f"proxy_command to {target.where} cannot run {self.name!r}: {error.strerror or error}; it is run without a shell",
                "proxy",
            ) from error
        finally:
            its.close()
        self.link = Link(ours, self._end)

    def complaint(self) -> str:
        """Return how the command ended and the last line it printed as an error; empty while it runs and is silent."""
        with suppress(subprocess.TimeoutExpired):
            # It closes its end of the stream a moment before it ends.
            self._process.wait(_END_SECONDS)
        self._errors.seek(0)
        lines = self._errors.read()[-4096:].decode("utf-8", "replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        code = self._process.returncode
        # A negative status is the signal we sent.
        ended = f"ended with status {code}" if code is not None and code >= 0 else ""
        return ": ".join(part for part in (ended, last[:200]) if part)

    def release(self) -> None:
        """Give up the errors it printed; after that there is no complaint to ask for."""
        self._errors.close()

    def _end(self) -> None:
        """End the command and its children: politely, then for good."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            # The group may outlive its first process.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)


def arguments(target: Target) -> list[str]:
    """Split the command into words, then put host, port and user in the place of %h, %p and %r within them.

    In this order, so that no host name can add a word. Raises ConnectError with the cause `option`.
    """
    values = {"h": target.host, "p": str(target.port), "r": target.user, "%": "%"}

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ConnectError(
                f"proxy_command holds {match[0]!r}, expected %h (host), %p (port), %r (user) or %%", "option"
            )
        return values[match[1]]

    try:
        words = [_TOKEN.sub(value, word) for word in shlex.split(target.proxy_command)]
    except ValueError as error:
        raise ConnectError(f"proxy_command cannot be split into words: {error}", "option") from error
    if not words:
        raise ConnectError("proxy_command is empty", "option")
    return words
