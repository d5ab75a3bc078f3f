# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between a login and a logout. Every error carries one cause and one sentence for the operator."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FazmailError


@dataclass(frozen=True)
class CliError:
    """An error the device printed: its last line, the reason lines above it, and the return code if there is one."""

    message: str
    reason: str = ""
    code: int | None = None

    def __str__(self) -> str:
        return f"{self.message} ({self.reason})" if self.reason else self.message


class SessionError(FazmailError):
    """Base of all errors of a session. `again`: another try, a little later, may do better, and cannot lock an account."""

    cause = "session"
    again = False


class ConnectError(SessionError):
    """The TCP or SSH connection could not be made."""


class GreetingError(ConnectError):
    """The connection ended before the SSH greeting, as where too many connect at once. Nothing was sent."""

    cause = "ssh"
    again = True


class UnreachableError(ConnectError):
    """Nothing answered at the address of the device: no name, no route, no service, no way through a proxy."""

    unreachable = True


class HostKeyError(SessionError):
    """The host key is unknown or is not the expected one. No credential has been sent."""

    cause = "host_key"


class LoginError(SessionError):
    """The device refused the credentials, or waits for something a program must not answer."""

    cause = "login_refused"


class LimitError(SessionError):
    """A named limit ran out. `limit` is a field of `Limits`; `seconds` its length, in `unit` when that is not seconds.

    The device is unreachable where that was the limit for connecting.
    """

    def __init__(self, limit: str, seconds: float, doing: str, unit: str = "s") -> None:
        super().__init__(f"{limit} limit of {round(seconds, 2):.12g} {unit} ran out {doing}", f"limit_{limit}")
        self.limit = limit
        self.doing = doing
        self.seconds = seconds
        self.unreachable = limit == "connect"


class ClosedError(SessionError):
    """The device ended the session."""

    cause = "session_closed"


class EchoError(SessionError):
    """The device showed something else than what was typed. The typed line was taken back, not submitted."""

    cause = "echo"


class CommandFailed(SessionError):
    """The device answered a command with an error."""

    cause = "command"

    def __init__(self, command: str, error: CliError) -> None:
        super().__init__(f"the device refused {command!r}: {error}")
        self.command = command
        self.error = error
