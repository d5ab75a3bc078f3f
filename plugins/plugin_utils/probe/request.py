# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shall be probed, checked once so that nothing behind it has to."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import FazmailError
from .tls import ca_problem

PORTS = (25, 465, 587)
SECURITY = ("auto", "none", "starttls", "smtps")
_MOST_PORTS = 20
_LONGEST = 255


class RequestError(FazmailError):
    """An option that cannot be used; the message names it, what was expected and what to do."""

    cause = "option"


@dataclass(frozen=True)
class Request:
    """What shall be probed and how; the options of fortiops.mail.smtp_probe. `timeout` is in seconds for each port."""

    host: str
    ports: tuple[int, ...] = PORTS
    security: str = "auto"
    timeout: float = 15
    helo: str = ""
    user: str = ""
    passwd: str = ""
    mail_from: str = ""
    mail_to: str = ""
    ca_file: str = ""
    validate_certs: bool = True


def request(
    host: str,
    port: Sequence[int] = PORTS,
    security: str = "auto",
    timeout: float = 15,
    helo: str | None = None,
    user: str | None = None,
    passwd: str | None = None,
    mail_from: str | None = None,
    mail_to: str | None = None,
    ca_file: str | None = None,
    validate_certs: bool = True,
) -> Request:
    """Return the request that these options make. Raises RequestError."""
    words = {"host": host, "helo": helo, "user": user, "mail_from": mail_from, "mail_to": mail_to}
    for name, value in words.items():
        _check_word(name, value or "")
    if not host:
        raise RequestError("host is empty; expected the name or the address of a mail server")
    if not 0 < len(port) <= _MOST_PORTS or not all(0 < each < 65536 for each in port):
        raise RequestError(f"port is {list(port)}; expected 1 to {_MOST_PORTS} numbers from 1 to 65535")
    if security not in SECURITY:
        raise RequestError(f"security is {security!r}; expected one of {', '.join(SECURITY)}")
    if not 0 < timeout <= 600:
        raise RequestError(f"timeout is {timeout}; expected seconds, more than 0 and at most 600")
    if bool(user) != bool(passwd):
        raise RequestError("user and passwd belong together; give both to try a login, or neither")
    if mail_to and not mail_from:
        raise RequestError("mail_to needs mail_from: a server is told the sender first")
    if ca_file and (wrong := ca_problem(ca_file)):
        raise RequestError(wrong)
    return Request(
        host=host.strip("[]"),
        ports=tuple(dict.fromkeys(port)),
        security=security,
        timeout=timeout,
        helo=helo or "",
        user=user or "",
        passwd=passwd or "",
        mail_from=mail_from or "",
        mail_to=mail_to or "",
        ca_file=ca_file or "",
        validate_certs=validate_certs,
    )


def _check_word(name: str, value: str) -> None:
    if len(value) > _LONGEST:
        raise RequestError(f"{name} has {len(value)} characters; expected at most {_LONGEST}")
    if any(character.isspace() or unicodedata.category(character)[0] == "C" for character in value):
        raise RequestError(f"{name} is {value!r}; expected a word without spaces and control characters")
