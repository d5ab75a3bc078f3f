# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What name servers say of a mail server, within a time limit."""

from __future__ import annotations

import importlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Any

from ..path.findings import is_address
from ..smtp.knowledge import recognise
from .result import Addresses, MailExchangers
from .wire import shown


def addresses(host: str, timeout: float) -> Addresses:
    """Return `ipv4` and `ipv6` addresses of a host; `cause` and `evidence` say why there are none."""
    if is_address(host):
        return _sorted([host])
    try:
        found = _within(timeout, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        return _none("dns_server_failure", f"no name server answered within {timeout:g} s")
    except (OSError, UnicodeError) as error:
        text = (error.strerror if isinstance(error, OSError) else "") or str(error)
        meaning = recognise(text)
        return _none(meaning.cause if meaning else "dns_name_not_found", text)
    return _sorted(list(dict.fromkeys(str(row[4][0]) for row in found)))


def mail_exchangers(host: str, timeout: float) -> MailExchangers:
    """Return the MX `records` of a host, each with preference and host, and a `note` why there are none."""
    if is_address(host):
        return {"records": [], "note": "an address has no MX records"}
    try:
        resolver = importlib.import_module("dns.resolver")
    except ImportError:
        return {"records": [], "note": "not looked up: the Python package dnspython is not installed"}
    try:
        answer = list(resolver.resolve(host, "MX", lifetime=timeout))
    except Exception as error:  # dnspython has a tree of its own, and an answer can be malformed in many ways
        return {"records": [], "note": shown(f"{type(error).__name__}: {error}".encode())[:300]}
    rows = sorted((int(row.preference), str(row.exchange).rstrip(".")) for row in answer)
    if rows == [(0, "")]:
        return {"records": [], "note": "the domain takes no mail (null MX)"}
    return {"records": [{"preference": number, "host": shown(name.encode())} for number, name in rows], "note": ""}


def local_name(address: str) -> str:
    """Return the name for EHLO: that of this host if it is fully qualified, else its address in brackets."""
    name = socket.gethostname()
    if "." in name:
        return name
    return f"[IPv6:{address}]" if isinstance(ipaddress.ip_address(address), ipaddress.IPv6Address) else f"[{address}]"


def _sorted(found: list[str]) -> Addresses:
    return {
        "ipv4": [each for each in found if ":" not in each],
        "ipv6": [each for each in found if ":" in each],
        "cause": None,
        "evidence": "",
    }


def _none(cause: str, evidence: str) -> Addresses:
    return {"ipv4": [], "ipv6": [], "cause": cause, "evidence": evidence}


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what the work returns. A resolver cannot be cancelled: one that takes longer keeps running in its thread."""
    results: list[Any] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
