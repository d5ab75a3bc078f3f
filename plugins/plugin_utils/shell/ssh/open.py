# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a session on a device that may be busy: one that has none to spare now is asked again a little later."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from ...libraries import need
from ...redact.redactor import Redactor
from ..errors import LimitError, SessionError
from ..limits import Countdown, Limits
from ..session import Session
from .connect import connect
from .host_keys import AcceptedKey
from .target import Target

_MOST_TRIES = 6
_FIRST_WAIT = 1.0


def open_session(
    target: Target,
    limits: Limits,
    redactor: Redactor,
    accepted: Callable[[AcceptedKey], None] = lambda key: None,
    *,
    busy: Callable[[int, float], None] = lambda tries, waited: None,
    watch: Callable[[bytes], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    share: Callable[[], float] = lambda: random.uniform(0.5, 1.0),
    expected_prompt: str = "",
) -> Session:
    """Connect, log in and return the session at its first prompt, all within the login limit.

    A device that accepts the credential and then has no session to spare, or that drops the connection before its greeting, is
    tried again, after waits that double and are shortened by chance (`share` of each), so that those who wait do not come back
    together. Nothing else is tried again: devices lock an account after a few refused credentials. `busy` is called with the
    number of the next try and the seconds waited until then. Raises the errors of `connect` and of `Session.login`; where a later
    try has no time left, that of the one before, which says what the device did.
    """
    need("paramiko")
    _keep_memory_private()
    login = Countdown("login", limits.login)
    waited = 0.0
    earlier: list[SessionError] = []
    for tries in range(1, _MOST_TRIES + 1):
        try:
            transport = connect(target, limits, accepted, login)
            session = Session(
                transport,
                limits,
                redactor,
                watch=watch,
                countdown=login,
                host_key=transport.host_key,
                expected_prompt=expected_prompt,
            )
            with target.at("login"):
                return session.__enter__()
        except SessionError as error:
            # Messages quote what servers and proxies say.
            error.args = (redactor.text(str(error)),)
            wait = _FIRST_WAIT * 2 ** (tries - 1) * share()
            if earlier and isinstance(error, LimitError) and error.limit == "login":
                earlier[-1].args = (f"{earlier[-1]}; then the login limit of {limits.login:g} s ran out",)
                raise earlier[-1] from None
            if not error.again:
                raise
            if tries == _MOST_TRIES or wait >= login.left:
                error.args = (f"{error}; so it was in all {tries} tries within {waited:.1f} s",)
                raise
            earlier.append(error)
            waited += wait
            busy(tries + 1, waited)
        sleep(wait)
    raise AssertionError("the last try returns or raises")


def _keep_memory_private() -> None:
    """From now on this process holds a password: when it crashes, it must not write its memory to a file."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows writes no such file
        return
    __, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
