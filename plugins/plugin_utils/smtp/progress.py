# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read sentences in which a client tells how far it is: resolved, connected, encrypted. None of them proves a success."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

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


# Longer texts hardly ever come twice, and would fill the memory.
_LONGEST = 512
# Each sentence that this module knows has what one of these needs.
TELLING = (_CONNECTED, _RESOLVED, _TLS_UP, _UNVERIFIED, _IMPLICIT_TLS, _BEGINS)


class Progress(NamedTuple):
    """What a sentence tells of a session; the fields are the functions below."""

    resolved: bool
    connected: bool
    encrypted: bool
    unverified: bool
    implicit_tls: bool


def progress_in(text: str) -> Progress:
    """Return how far a sentence tells that a client is. One that denies anything tells of no step that was made."""
    return (_read if len(text) > _LONGEST else _known)(text)


def _read(text: str) -> Progress:
    made = not denied(text)
    return Progress(
        made and resolved(text),
        made and connected(text),
        made and encrypted(text),
        unverified(text),
        implicit_tls(text),
    )


# Clients say the same of each mail.
_known = lru_cache(maxsize=1024)(_read)


def denied(text: str) -> bool:
    """Return whether a sentence tells that something is not so."""
    return _NEGATION.search(text) is not None


def resolved(text: str) -> bool:
    """Return whether a sentence tells that the server's address is known."""
    return _RESOLVED.search(text) is not None


def connected(text: str) -> bool:
    """Return whether a sentence tells that the server's port is reached."""
    return _CONNECTED.search(text) is not None


def encrypted(text: str) -> bool:
    """Return whether a sentence tells that TLS is up."""
    return _TLS_UP.search(text) is not None


def unverified(text: str) -> bool:
    """Return whether a sentence tells that TLS goes on although the server's certificate did not pass a check, or had none."""
    return _UNVERIFIED.search(text) is not None


def implicit_tls(text: str) -> bool:
    """Return whether a sentence names port 465, which speaks TLS from the first byte (RFC 8314)."""
    return _IMPLICIT_TLS.search(text) is not None


def tells_of_connection(text: str) -> bool:
    """Return whether a sentence on a timeout or an end may be about a connection that was up: it speaks of no attempt."""
    return _ATTEMPT.search(text) is None


def begins(text: str) -> bool:
    """Return whether a sentence tells that something begins: a search for a name, a connection (or that it is up), a mail."""
    return _BEGINS.search(text) is not None or (connected(text) and not denied(text))


def old_tls(text: str) -> bool:
    """Return whether a text names a version of SSL or TLS that is no longer to be used (RFC 8996)."""
    return _OLD_TLS.search(text) is not None
