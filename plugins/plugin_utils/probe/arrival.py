# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the header of a mail that arrived says of its journey: hops, TLS, and how its sender was authenticated.

Anybody on the path can write a header. Only what the mailbox's own server wrote is taken for a result of authentication: the
field that stands above all others of its kind (RFC 8601, section 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal, TypedDict

# A header with more, or longer ones, is not one of an alert.
_MOST_HOPS = 50
_LONGEST = 4000
_CLAUSE = re.compile(r"(?:^|\s)(from|by|with|id)\s+(\S+)", re.IGNORECASE)
_TLS = re.compile(r"\b(?:TLS|SSL)v?_?(1[._][0-3]|1(?=\b)(?![._]))", re.IGNORECASE)
# RFC 3848, RFC 6531 and the registry "Mail Transmission Types": an S behind the name of the protocol is TLS.
_PROTOCOL = re.compile(r"(?:UTF8)?(?:E?SMTP|LMTP)(S?)A?", re.IGNORECASE)
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_SENDERS = ("From", "Return-Path", "Sender")
# What is read of a header.
FIELDS = ("Received", "Authentication-Results", *_RECIPIENTS, *_SENDERS, "Subject", "Message-ID")
# What shows that a message is the one that is waited for, the surest first.
_SIGNS = ("queue_id", "sender", "device")
# Of a reply such as `2.0.0 Ok: queued as 4F1B22A0C1`, the words that can be an identifier.
_IDENTIFIER = re.compile(r"<?([\w@.+/-]{6,})>?")


class Hop(TypedDict):
    """One server that passed the mail on. tls: whether it came to it over TLS, null where the server does not say so."""

    sender: str | None
    receiver: str | None
    protocol: str | None
    tls: bool | None
    tls_version: str | None
    id: str | None
    time: str | None


class Authentication(TypedDict):
    """What the server of the mailbox found of SPF, DKIM and DMARC, null where it says nothing; `server` is its name."""

    server: str | None
    spf: str | None
    dkim: str | None
    dmarc: str | None


class ArrivedMessage(TypedDict):
    """The message, and when the server of the mailbox took it."""

    subject: str
    sender: str
    message_id: str
    time: str


class Arrival(TypedDict):
    """Whether the mail arrived, how long that took, and its journey; see schemas/arrival.json."""

    schema: Literal["fortiops.mail/arrival/1"]
    arrived: bool
    found_by: str | None
    waited: float
    delay: float | None
    message: ArrivedMessage | None
    hops: list[Hop]
    authentication: Authentication | None


@dataclass(frozen=True)
class Wanted:
    """The mail that is waited for. since: not older. sender, device: when given, either must be found.

    reply: what the relay answered to the end of the message; an identifier in it finds the mail beyond doubt.
    """

    recipient: str
    since: datetime
    sender: str = ""
    device: str = ""
    reply: str = ""


@dataclass(frozen=True)
class Received:
    """A message in the mailbox: its header, and when the mailbox's server took it."""

    header: Message
    time: datetime

    @classmethod
    def from_bytes(cls, header: bytes, time: datetime) -> Received:
        """Make one of the bytes of a header."""
        return cls(message_from_bytes(header), time)


def found_by(message: Received, wanted: Wanted) -> str:
    """Return what shows that a message is the one that is waited for: `queue_id`, `sender` or `device`; "" if nothing does."""
    if message.time < wanted.since:
        return ""
    identifiers = set(_IDENTIFIER.findall(wanted.reply))
    if any((hop["id"] or "").strip("<>;") in identifiers for hop in hops(message)):
        return "queue_id"
    if wanted.recipient.lower() not in _recipients(message.header):
        return ""
    if wanted.sender and wanted.sender.lower() in _addresses(message.header, _SENDERS):
        return "sender"
    if wanted.device and _mentions(message.header, wanted.device):
        return "device"
    return ""


def best(messages: Iterable[Received], wanted: Wanted) -> Received | None:
    """Return the message that most surely is the one that is waited for, of equals the oldest; None where none is."""
    signs = [(message, found_by(message, wanted)) for message in messages]
    found = [(_SIGNS.index(sign), message.time, message) for message, sign in signs if sign]
    return min(found, key=lambda each: each[:2])[2] if found else None


def arrival(message: Received | None, wanted: Wanted, waited: float) -> Arrival:
    """Return the result for the message that was found, or for none, after waiting for some seconds."""
    passed = hops(message) if message else []
    first = next((hop["time"] for hop in passed if hop["time"]), None)
    return {
        "schema": "fortiops.mail/arrival/1",
        "arrived": message is not None,
        "found_by": found_by(message, wanted) if message else None,
        "waited": round(waited, 1),
        "delay": (message.time - datetime.fromisoformat(first)).total_seconds() if message and first else None,
        "message": _described(message) if message else None,
        "hops": passed,
        "authentication": authentication(message) if message else None,
    }


def hops(message: Received) -> list[Hop]:
    """Return the servers that passed a message on, the first one first."""
    fields = [_unfolded(field) for field in message.header.get_all("Received", [])][:_MOST_HOPS]
    return [_hop(field) for field in reversed(fields)]


def authentication(message: Received) -> Authentication | None:
    """Return what the server of the mailbox found, None where it says nothing."""
    fields = message.header.get_all("Authentication-Results", [])
    if not fields:
        return None
    text, __ = _without_comments(_unfolded(fields[0]))
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(text):
        # Of several signatures, one that passes is enough.
        if found.get(method.lower()) != "pass":
            found[method.lower()] = result.lower()
    server = text.partition(";")[0].split()
    return {
        "server": server[0] if server else None,
        "spf": found.get("spf"),
        "dkim": found.get("dkim"),
        "dmarc": found.get("dmarc"),
    }


def _described(message: Received) -> ArrivedMessage:
    return {
        "subject": _words(message.header, "Subject"),
        "sender": _words(message.header, "From"),
        "message_id": _words(message.header, "Message-ID"),
        "time": message.time.astimezone(UTC).isoformat(),
    }


def _hop(field: str) -> Hop:
    text, comments = _without_comments(field)
    head, __, date = text.rpartition(";")
    clauses: dict[str, str] = {}
    for name, value in _CLAUSE.findall(head or text):
        clauses.setdefault(name.lower(), value)
    version = next((match[1] for comment in comments if (match := _TLS.search(comment))), None)
    protocol = _PROTOCOL.fullmatch(clauses.get("with", ""))
    return {
        "sender": clauses.get("from"),
        "receiver": clauses.get("by"),
        "protocol": clauses.get("with"),
        "tls": True if version else bool(protocol[1]) if protocol else None,
        "tls_version": f"tlsv{version.replace('_', '.')}" if version else None,
        "id": clauses.get("id", "").rstrip(";") or None,
        "time": time.isoformat() if (time := moment(date)) else None,
    }


def _without_comments(field: str) -> tuple[str, list[str]]:
    """Return a field without what stands in parentheses, which may be nested, and that."""
    text: list[str] = []
    comments: list[str] = []
    depth, begin = 0, 0
    for match in re.finditer(r"\\.|[()]", field):
        if match[0] == "(":
            if depth == 0:
                text.append(field[begin : match.start()])
                begin = match.end()
            depth += 1
        elif match[0] == ")" and depth:
            depth -= 1
            if depth == 0:
                comments.append(field[begin : match.start()])
                begin = match.end()
    (comments if depth else text).append(field[begin:])
    return " ".join(text), comments


def moment(date: str) -> datetime | None:
    """Return the time that a date in a mail says (RFC 5322, section 3.3), in UTC; None where it says none."""
    try:
        found = parsedate_to_datetime(date.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _recipients(header: Message) -> set[str]:
    """The addresses a mail is for: those of its fields, and those that servers name in `for <...>`."""
    named = re.findall(r"\bfor\s+<([^<>\s]+)>", " ".join(_unfolded(field) for field in header.get_all("Received", [])))
    return _addresses(header, _RECIPIENTS) | {each.lower() for each in named}


def _addresses(header: Message, names: Sequence[str]) -> set[str]:
    fields = [_unfolded(field) for name in names for field in header.get_all(name, [])]
    return {address.lower() for __, address in getaddresses(fields)}


def _mentions(header: Message, device: str) -> bool:
    pattern = re.compile(rf"(?<![\w-]){re.escape(device)}(?![\w-])", re.IGNORECASE)
    return any(pattern.search(text) for text in _texts(header))


def _texts(header: Message) -> Iterator[str]:
    for name in ("From", "Subject", "Message-ID"):
        yield _words(header, name)
    # The first server names the client that gave it the mail.
    for field in header.get_all("Received", [])[-1:]:
        yield _unfolded(field).partition(" by ")[0]


def _words(header: Message, name: str) -> str:
    """A field as people read it, on one line."""
    text = _unfolded(header.get(name, ""))
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, UnicodeError, ValueError):
        return text


def _unfolded(field: object) -> str:
    return " ".join(str(field)[:_LONGEST].split())
