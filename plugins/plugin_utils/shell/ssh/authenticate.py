# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in with one credential and one attempt: devices lock an account after a few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import paramiko
from paramiko.auth_handler import AuthHandler

from ..errors import LoginError, SessionError
from ..limits import Countdown
from ..login import no_session
from .keys import login_key
from .negotiate import Connection
from .target import Target


def log_in(connection: Connection, target: Target, countdown: Countdown) -> None:
    """Log in before the time is up. Raises LoginError and LimitError."""
    if not (target.use_agent or target.key_file or target.password is not None):
        raise LoginError(
            f"no credential for {target.user} on {target.where}; expected {target.option('password')} or "
            f"{target.option('key_file')}",
            "no_credential",
        )
    connection.auth_timeout = max(0.001, countdown.left)
    ask = _Asker(connection)
    with login_key(target) as key:
        try:
            left = ask.wait(ask.auth_publickey, target.user, key) if key is not None else _by_password(ask, target)
        except SessionError:
            raise
        except paramiko.BadAuthenticationType as error:
            how = "a key" if key is not None else "a password"
            raise LoginError(
                f"{target.where} does not let {target.user} log in with {how}; it takes "
                f"{', '.join(error.allowed_types) or 'nothing'}"
            ) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _explained(error, connection, target, countdown) from error
    if left:
        raise LoginError(
            f"{target.where} accepted the {'key' if key is not None else 'password'} of {target.user} but wants a second "
            f"factor ({', '.join(left)}), which a program cannot give"
        )


def _by_password(ask: _Asker, target: Target) -> Sequence[str]:
    """Use the one method that fits: trying a second one after a refusal would be a second attempt."""
    password = target.password or ""
    try:
        # Asking costs a round trip. Every OpenSSH client asks, so devices do not count it.
        return ask.wait(ask.auth_none, target.user)
    except paramiko.BadAuthenticationType as offer:
        if "password" in offer.allowed_types:
            return ask.wait(ask.auth_password, target.user, password)
        if "keyboard-interactive" in offer.allowed_types:
            return ask.wait(lambda user, event: ask.auth_interactive(user, _Answer(target), event), target.user)
        raise


class _Asker(AuthHandler):
    """Several requests within one authentication service.

    paramiko asks for the service again with each request, and servers may disconnect then; its ServiceRequestingTransport
    does not, but waits 0.1 s each time and may miss the answer.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._open = False
        connection.auth_handler = self

    def wait(self, request: Callable[..., None], *arguments: Any) -> Sequence[str]:
        """Send a request and return the methods that must follow it, none when the login is complete."""
        answered = threading.Event()
        request(*arguments, answered)
        left: Sequence[str] = self.wait_for_response(answered)
        return left

    def _request_auth(self) -> None:
        if not self._open:
            super()._request_auth()  # type: ignore[misc]
            return
        again = paramiko.Message()
        again.add_string("ssh-userauth")
        again.rewind()
        self._parse_service_accept(again)

    def _parse_service_accept(self, m: paramiko.Message) -> None:
        self._open = True
        super()._parse_service_accept(m)  # type: ignore[misc]


class _Answer:
    """AnswerReader the one question a server asks for the password, and no other."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._given = False

    def __call__(self, title: str, instructions: str, questions: list[tuple[str, bool]]) -> list[str]:
        if not questions:
            # Servers may send a text without a question, before or after.
            return []
        if self._given or len(questions) > 1:
            asked = " ".join(str(questions[-1][0]).split())[:80]
            raise LoginError(
                f"{self._target.where} asks {self._target.user} for more than the password ({asked!r}), which a program "
                "cannot answer; nothing was answered to that"
            )
        self._given = True
        return [self._target.password or ""]


def _explained(error: Exception, connection: Connection, target: Target, countdown: Countdown) -> SessionError:
    if connection.refused:
        # Also when the connection is closed by now: some servers close it right after a refusal.
        return LoginError(
            f"{target.where} refused the login of {target.user}: wrong user, password or key, or access is restricted "
            "by a trusted host; one attempt was made"
        )
    if connection.is_active():
        if "timeout" in str(error).lower():
            return countdown.error(f"while {target.where} checked the credential of {target.user}")
        # Signing failed on our side, as when an agent refuses to.
        return LoginError(f"cannot log in to {target.where} as {target.user}: {error}", "no_credential")
    return closed(connection, target, error)


def closed(
    connection: Connection, target: Target, error: Exception | None = None, *, accepted: bool = False
) -> LoginError:
    """The error for a server that ended the connection between the host key and the shell.

    accepted: it had accepted the credential before.
    """
    reason = connection.farewell
    if not reason and isinstance(error, OSError):
        reason = error.strerror or str(error)
    if not reason and isinstance(error, paramiko.ChannelException):
        reason = " ".join(error.text.split())[:200]
    if not accepted:
        return LoginError(
            f"{target.where} closed the connection during login: {reason or 'no reason given'}", "session_refused"
        )
    return no_session(f"{target.where} accepted the login but gave no session: {reason or 'no reason given'}", reason)
