# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read sentences in which a client tells how far it is: resolved, connected, encrypted. None of them proves a success."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NEGATION = re.compile(r"\b(?:not|no|cannot|can't|could|unable|fail\w*|error|refused|lost|closed)\b", re.IGNORECASE)
_CONNECTED = re.compile(
    r"\bconnected to\b|\bconnection (?:to \S+ )?established\b|\bconnected\.?$|\bconnect \S+:\d+ ok$|\.\.\. connected$",
    re.IGNORECASE,
)
_RESOLVED = re.compile(r"\bresolved\b|\bhas address\b|\btrying [\d.:a-f\[\]]+", re.IGNORECASE)
_TLS_UP = re.compile(
    r"\b(?:ssl|tls)\b.{0,120}?\b(?:connection using|established|negotiated|up|started|handshake (?:ok|done|complete\w*|succe\w+))\b",
    re.IGNORECASE,
)
_OLD_TLS = re.compile(r"\bTLSv?1(?:\.[01])?(?![.\d])|\bSSLv[23]\b", re.IGNORECASE)
# curl -k goes on after a failed check, Postfix calls a connection by what is known of the peer, swaks 2024 says so.
_UNVERIFIED = re.compile(
    r"continuing anyway|\b(?:untrusted|anonymous) tls connection established|\bpeer\b.*\bnot verified\b"
    r"|\bcertificate (?:was |is )?(?:not (?:checked|verified)|unverified)|\bverif\w+ (?:is )?(?:disabled|skipped|switched off)",
    re.IGNORECASE,
)
_IMPLICIT_TLS = re.compile(r"\bport 465\b|[\w\]]:465\b|', 465\)", re.ASCII)
_ATTEMPT = re.compile(
    r"\bconnect(?:ing)?\b|\bdial\b|\bresolv|\bhost name\b|\brefused\b|\broute\b|\bunreachable\b", re.IGNORECASE
)
_BEGINS = re.compile(
    r"\b(?:trying|connecting to|connect to|resolving|looking up|start(?:s|ing)? (?:sending|to send))\b", re.IGNORECASE
)

_CONNECTS = re.compile(r"\b(?:connect\w*|trying|dial(?:ing)?|opening|reach|smtp server)\b", re.IGNORECASE)
# `connect to mx.example.com[192.0.2.1]:25`, `connecting to mx.example.com (192.0.2.1) port 25`, `dial tcp 192.0.2.1:25`.
_PEER = re.compile(
    r"(?<![\w.:/\\\[-])(?:\[(?P<ipv6>[0-9a-f]*:[0-9a-f:.]+)\]|(?P<host>\w[\w-]*(?:\.[\w-]+)*\.(?:\d+|[a-z][\w-]+)))(?: ?[(\[][0-9a-f.:]+[)\]])?"
    r"(?::|,? (?:on )?port[ =:] ?)(?P<port>\d{1,5})(?!\w|\.\d)",
    re.IGNORECASE | re.ASCII,
)

# `send mail done, task 1: ...`: a number that the client has for a mail.
_TASK = re.compile(r"\btask (\d+)\b")
# Each sentence that this module knows has what one of these needs.
TELLING = (_CONNECTED, _RESOLVED, _TLS_UP, _UNVERIFIED, _IMPLICIT_TLS, _BEGINS, _TASK)


@dataclass(slots=True, eq=False)
class Progress:
    """What a sentence tells of a session.

    resolved: the server's address is known. connected: its port is reached. encrypted: TLS is up. unverified: TLS goes on although
    the server's certificate did not pass a check, or had none. implicit_tls: it names port 465, which speaks TLS from the first
    byte (RFC 8314). begins: something begins, a search for a name, a connection (or that is up), a mail. task: the client's
    number for a mail.
    """

    resolved: bool = False
    connected: bool = False
    encrypted: bool = False
    unverified: bool = False
    implicit_tls: bool = False
    begins: bool = False
    task: str = ""


# Of what tells no outcome either.
NOTHING = Progress()


def progress_in(text: str) -> Progress:
    """Return how far a sentence tells that a client is. One that denies anything tells of no step that was made."""
    made = _NEGATION.search(text) is None
    connected = made and _CONNECTED.search(text) is not None
    task = _TASK.search(text)
    return Progress(
        made and _RESOLVED.search(text) is not None,
        connected,
        made and _TLS_UP.search(text) is not None,
        _UNVERIFIED.search(text) is not None,
        _IMPLICIT_TLS.search(text) is not None,
        connected or _BEGINS.search(text) is not None,
        task[1] if task else "",
    )


def peer_in(text: str) -> tuple[str, str] | None:
    """Return the host, by its name where that is told, and the port that a client connects to, if a sentence names both."""
    found = _PEER.search(text) if _CONNECTS.search(text) else None
    return (found["ipv6"] or found["host"], found["port"]) if found and int(found["port"]) < 1 << 16 else None


def tells_of_connection(text: str) -> bool:
    """Return whether a sentence on a timeout or an end may be about a connection that was up: it speaks of no attempt."""
    return _ATTEMPT.search(text) is None


def old_tls(text: str) -> bool:
    """Return whether a text names a version of SSL or TLS that is no longer to be used (RFC 8996)."""
    return _OLD_TLS.search(text) is not None
