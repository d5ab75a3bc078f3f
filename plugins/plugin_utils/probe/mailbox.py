# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox, read by IMAP (RFC 3501) over TLS. Nothing in it is changed: no mail becomes read, none is deleted."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import FazmailError
from .arrival import FIELDS, Arrival, Received, Wanted, arrival, best, moment
from .tls import ca_problem, context

# Newer mail comes last. An alert that is older than so many others is not looked for.
_MOST_MESSAGES = 200
_HEADER = f"(INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})])"
_INTERNAL = re.compile(rb'INTERNALDATE "([^"]+)"')


class MailboxError(FazmailError):
    """A mailbox that cannot be read. The message quotes the server and says what to do."""

    cause = "mailbox_unreadable"


@dataclass(frozen=True)
class Account:
    """A mailbox and how to get in: with a password, or with an OAuth 2.0 access token."""

    host: str
    port: int
    user: str
    passwd: str = ""
    token: str = ""
    security: str = "imaps"
    mailbox: str = "INBOX"
    ca_file: str = ""
    validate_certs: bool = True
    timeout: float = 15


def wait_for(wanted: Wanted, account: Account, wait: float, interval: float) -> Arrival:
    """Return what arrived within some seconds, or that nothing did. Looks every `interval` seconds. Raises MailboxError."""
    begun = time.monotonic()
    with _opened(account) as imap:
        while True:
            if message := best(_messages(imap, wanted.since), wanted):
                return arrival(message, wanted, time.monotonic() - begun)
            left = wait - (time.monotonic() - begun)
            if left <= 0:
                return arrival(None, wanted, time.monotonic() - begun)
            time.sleep(min(interval, left))
            _answer(imap.noop(), "NOOP")


@contextlib.contextmanager
def _opened(account: Account) -> Iterator[imaplib.IMAP4]:
    """A mailbox that is logged in to, for reading only. All errors inside become a MailboxError."""
    where = f"{account.host}:{account.port}"
    imap: imaplib.IMAP4 | None = None
    try:
        imap = _connected(account)
        _log_in(imap, account)
        _answer(imap.select(f'"{_quoted(account.mailbox)}"', readonly=True), account.mailbox)
        yield imap
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(
            f"{where}: the certificate was not accepted: {error.verify_message}; expected one for {account.host} from a CA that "
            "is trusted here, or name its CA with ca_file",
            "tls_cert_rejected",
        ) from None
    except ssl.SSLError as error:
        raise MailboxError(
            f"{where}: no TLS: {error.reason or error}; expected IMAP with security {account.security}"
        ) from None
    except UnicodeError as error:
        raise MailboxError(
            f"{where}, mailbox {account.mailbox!r}: {error}; expected names in ASCII, as the server spells them",
            "option",
        ) from None
    except OSError as error:
        raise MailboxError(
            f"{where}: {error.strerror or error}; expected an IMAP server that the controller can reach",
            "mailbox_unreachable",
        ) from None
    except imaplib.IMAP4.error as error:
        raise MailboxError(f"{where}: the server answered {_said(error)}") from None
    finally:
        if imap is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                imap.logout()


def _connected(account: Account) -> imaplib.IMAP4:
    if not account.host:
        # The resolver takes an empty name for this machine.
        raise MailboxError("imap.host is empty; expected the name of an IMAP server", "option")
    if not 0 < account.port < 65536:
        raise MailboxError(f"imap.port is {account.port}; expected a number from 1 to 65535", "option")
    if account.ca_file and (wrong := ca_problem(account.ca_file)):
        raise MailboxError(f"imap.{wrong}", "option")
    tls = context(account.ca_file, account.validate_certs)
    tls.check_hostname = account.validate_certs
    if account.security == "imaps":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=tls, timeout=account.timeout)
    imap = imaplib.IMAP4(account.host, account.port, timeout=account.timeout)
    if "STARTTLS" not in imap.capabilities:
        imap.shutdown()
        raise MailboxError(f"{account.host}:{account.port} offers no STARTTLS, and a password is sent only over TLS")
    imap.starttls(tls)
    return imap


def _log_in(imap: imaplib.IMAP4, account: Account) -> None:
    """Log in; a password may have any letters, which LOGIN cannot send (RFC 3501, section 6.2.3)."""
    try:
        if account.token:
            text = f"user={account.user}\1auth=Bearer {account.token}\1\1".encode()
            # A server says why it refuses in a challenge, which is answered with an empty line.
            answers = iter([text, b""])
            imap.authenticate("XOAUTH2", lambda __: next(answers, b""))
        elif "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda __: f"\0{account.user}\0{account.passwd}".encode())
        else:
            imap.login(account.user, account.passwd)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        raise MailboxError(
            f"{account.host}:{account.port}: the login of {account.user} was refused: {_said(error)}",
            "mailbox_login_refused",
        ) from None


def _messages(imap: imaplib.IMAP4, since: datetime) -> Iterator[Received]:
    """Yield the headers of the newest messages. SEARCH knows days only, in the server's own time zone."""
    day = (since - timedelta(days=1)).astimezone(UTC)
    numbers = _answer(imap.uid("SEARCH", f"SINCE {day.day:02}-{_MONTHS[day.month - 1]}-{day.year}"), "SEARCH")
    newest = (numbers[0] or b"").split()[: -_MOST_MESSAGES - 1 : -1]
    if not newest:
        return
    parts = _answer(imap.uid("FETCH", b",".join(newest).decode(), _HEADER), "FETCH")
    for part, behind in zip(parts, [*parts[1:], b""], strict=True):
        if isinstance(part, tuple):
            # Servers choose whether they name the time before the header or behind it.
            found = _INTERNAL.search(part[0] + (behind if isinstance(behind, bytes) else b""))
            taken = moment(found[1].decode("utf-8", "replace")) if found else None
            if taken is None:
                raise MailboxError(
                    f"FETCH: the server does not say when it took a mail; expected INTERNALDATE, found {_said(part[0])[:200]!r}"
                )
            yield Received.from_bytes(part[1], taken)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _answer(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise MailboxError(f"{what}: the server answered {status} {_said(data[0] if data else b'')}".rstrip())
    return data


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _said(words: object) -> str:
    text = words.args[0] if isinstance(words, Exception) and words.args else words
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
