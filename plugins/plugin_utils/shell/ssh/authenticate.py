# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in with one credential and one attempt: devices lock an account after a few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...libraries import auth_handler, paramiko
from ..errors import LoginError, SessionError
from ..limits import Countdown
from ..meanings import meaning_of, refusal
from .keys import login_key
from .negotiate import OLD_PARAMIKO, RSA_SIGNATURES, Connection, offered_algorithms
from .target import Target

# What a first question may be about instead of the password.
_DEMANDS = ("password_change_required", "second_factor")
_ONLY_SHA1 = (
    f"takes RSA keys only with signatures of SHA-1 (ssh-rsa), which paramiko {paramiko.__version__} does not make"
)
_OTHER_KEY = f"log in with an Ed25519 or ECDSA key, update the firmware, or install a paramiko that still makes them: {OLD_PARAMIKO}"
_RESOURCE_SHORTAGE = 4  # RFC 4254, 5.1


def log_in(connection: Connection, target: Target, countdown: Countdown) -> None:
    """Log in before the time is up. Raises LoginError and LimitError."""
    if not (target.use_agent or target.key_file or target.password is not None):
        raise LoginError(
            f"no credential for {target.user} on {target.where}; expected {target.option('password')} or "
            f"{target.option('key_file')}",
            "no_credential",
        )
    connection.auth_timeout = max(0.001, countdown.left)
    ask = _Asker(connection, target)
    with login_key(target) as key:
        try:
            left = _give(ask, target, key)
        except SessionError:
            raise
        except paramiko.BadAuthenticationType as error:
            how = "a key" if key is not None else "a password"
            raise LoginError(
                f"{target.where} does not let {target.user} log in with {how}; it takes "
                f"{', '.join(error.allowed_types) or 'nothing'}"
            ) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _explained(error, ask, connection, target, countdown) from error
    if left:
        raise refusal(
            f"{target.where} accepted the {'key' if key is not None else 'password'} of {target.user} and asks for more "
            f"({', '.join(left)})",
            "",
            "second_factor",
        )


def _give(ask: _Asker, target: Target, key: paramiko.PKey | None) -> Sequence[str]:
    """Give the credential by the one method that fits: trying a second one after a refusal would be a second attempt."""
    try:
        # Asking costs a round trip. Every OpenSSH client asks, so devices do not count it.
        return ask.wait(ask.auth_none, target.user)
    except paramiko.BadAuthenticationType as offer:
        # A banner for everybody comes with this. What is said from now on is said of this login.
        ask.said.clear()
        if key is not None:
            if "publickey" in offer.allowed_types:
                return ask.wait(ask.auth_publickey, target.user, key)
        elif "password" in offer.allowed_types:
            return ask.wait(ask.auth_password, target.user, target.password or "")
        elif "keyboard-interactive" in offer.allowed_types:
            answer = _Answer(target, ask.said)
            return ask.wait(lambda user, event: ask.auth_interactive(user, answer, event), target.user)
        raise


class _Asker(auth_handler.AuthHandler):
    """Several requests within one authentication service.

    paramiko asks for the service again with each request, and servers may disconnect then; its ServiceRequestingTransport
    does not, but waits 0.1 s each time and may miss the answer. `said` is what the server said beside its questions, `doubt` why a
    refusal may be no fault of the key.
    """

    def __init__(self, connection: Connection, target: Target) -> None:
        super().__init__(connection)
        self.said: list[str] = []
        self.doubt = ""
        self._connection = connection
        self._target = target
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

    def _finalize_pubkey_algorithm(self, key_type: str) -> str:
        if key_type != "ssh-rsa":
            algorithm: str = super()._finalize_pubkey_algorithm(key_type)  # type: ignore[misc]
            return algorithm
        ours = [name for name in self._connection.preferred_pubkeys if name in RSA_SIGNATURES]
        extensions: Mapping[str, bytes] = self._connection.server_extensions  # type: ignore[attr-defined]
        told = extensions.get("server-sig-algs", b"").decode("ascii", "replace")
        if told:
            common = [name for name in ours if name in told.split(",")]
            if not common:
                raise LoginError(f"{self._target.where} {_ONLY_SHA1}; {_OTHER_KEY}", "ssh_algorithms")
            return common[0]
        # The server does not say (RFC 8308). One that signs with RSA and SHA-2 itself can check that, too; of another one, all
        # that is known is that servers without this extension knew SHA-1 (RFC 8332, 3.3).
        offered = offered_algorithms(self._connection.link.opening)
        if not offered or not set(offered[1]) & set(RSA_SIGNATURES[:-1]):
            if "ssh-rsa" in ours:
                return "ssh-rsa"
            self.doubt = f"; or the server {_ONLY_SHA1}: {_OTHER_KEY}"
        return ours[0]

    def _parse_userauth_banner(self, m: paramiko.Message) -> None:
        self.said.append(m.get_string().decode("utf-8", "replace"))

    def _parse_userauth_info_request(self, m: paramiko.Message) -> None:
        # After a password, this number (60) is that of another message: SSH_MSG_USERAUTH_PASSWD_CHANGEREQ (RFC 4252, 8).
        if self.auth_method == "password":
            words = m.get_string().decode("utf-8", "replace")
            demand = f"{self._target.where} demands a new password of {self._target.user}"
            raise refusal(demand, words, "password_change_required", certain=True)
        super()._parse_userauth_info_request(m)  # type: ignore[misc]


class _Answer:
    """Answers the one question a server asks for the password, and no other. What it says without a question goes to `said`."""

    def __init__(self, target: Target, said: list[str]) -> None:
        self._target = target
        self._said = said
        self._given: str | None = None

    def __call__(self, title: str, instructions: str, questions: list[tuple[str, bool]]) -> list[str]:
        asked = " ".join(str(question) for question, __ in questions)
        words = "\n".join(filter(None, (title, instructions, " ".join(asked.split()))))
        meaning = meaning_of(words)
        where, user = self._target.where, self._target.user
        if self._given is not None and (meaning or questions):
            # A question that comes once more has not been answered to the server's liking.
            refused = asked == self._given
            happened = (
                f"{where} refused the login of {user}" if refused else f"{where} asks {user} for more than the password"
            )
            raise _for_good(refusal(happened, words, "login_refused" if refused else "second_factor"))
        if not questions:
            # Servers may send a text without a question, before or after.
            self._said.append(words)
            return []
        if len(questions) > 1 or (meaning and meaning.cause in _DEMANDS):
            raise refusal(f"{where} asks {user} for more than the password", words, "second_factor")
        self._given = asked
        return [self._target.password or ""]


def _explained(
    error: Exception, ask: _Asker, connection: Connection, target: Target, countdown: Countdown
) -> SessionError:
    if connection.refused:
        # Also when the connection is closed by now: some servers close it right after a refusal.
        words = "\n".join([*ask.said, connection.farewell])
        refused = refusal(f"{target.where} refused the login of {target.user}", words, "login_refused")
        refused.args = (f"{refused}{ask.doubt}",)
        return _for_good(refused)
    if connection.is_active():
        if "timeout" in str(error).lower():
            return countdown.error(f"while {target.where} checked the credential of {target.user}")
        # Signing failed on our side, as when an agent refuses to.
        return LoginError(f"cannot log in to {target.where} as {target.user}: {error}", "no_credential")
    return closed(connection, target, error, said=ask.said)


def closed(
    connection: Connection,
    target: Target,
    error: Exception | None = None,
    *,
    accepted: bool = False,
    said: Sequence[str] = (),
) -> LoginError:
    """The error for a server that ended the connection between the host key and the shell.

    accepted: it had accepted the credential before. said: its banners.
    """
    words = "\n".join(filter(None, [*said, connection.farewell]))
    if not words and isinstance(error, OSError):
        words = error.strerror or str(error)
    if not accepted:
        happened = f"{target.where} closed the connection during the login of {target.user}"
        return _for_good(refusal(happened, words, "session_refused"))
    return refusal(
        f"{target.where} accepted the login and closed the connection", words, "session_refused" if words else "busy"
    )


def _for_good(error: LoginError) -> LoginError:
    """An attempt that the server may have counted is not made again, whatever it said."""
    error.again = False
    return error


def no_channel(error: paramiko.ChannelException, target: Target) -> LoginError:
    """The error for a server that accepted the login and opens no session."""
    busy = error.code == _RESOURCE_SHORTAGE
    return refusal(
        f"{target.where} accepted the login of {target.user} and opens no session",
        error.text,
        "busy" if busy else "session_refused",
    )


def no_shell(target: Target) -> LoginError:
    """The error for a server that accepted the login and refuses a terminal or a shell."""
    return refusal(f"{target.where} accepted the login of {target.user} and refuses a shell", "", "no_command_line")
