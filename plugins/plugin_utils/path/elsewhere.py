# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools on a computer other than the device show of the way to a mail server: nslookup, ping, traceroute, telnet and the like.

That computer has its own name servers, routes and firewalls. So this says who is affected, as the controller's own view does,
and never decides what became of a mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..templates.records import integer
from .findings import Found, findings

Record: TypeAlias = Mapping[str, Any]

LOOKUP, PING, ROUTE, CONNECT = "tool_lookup", "tool_ping", "tool_route", "tool_connect"
NOT_FOUND, SILENT = "elsewhere_name_not_found", "elsewhere_name_servers_silent"
NO_ROUTE, REFUSED, NOT_REACHED = "elsewhere_no_route", "elsewhere_refused", "elsewhere_not_reached"
RESOLVED, REACHED = "elsewhere_resolved", "elsewhere_reached"

# What these programs say, in the order in which it counts; of a connection everything else is no answer.
_MEANINGS = (
    (
        NOT_FOUND,
        r"NXDOMAIN|non-existent domain|name does not exist|not known|unknown host|no such host|not find host|nicht finden"
        r"|nicht gefunden|name resolution of|resolve target|nodename nor servname",
    ),
    (SILENT, r"SERVFAIL|temporary failure|no servers could be reached|request to|no response|server failed"),
    (NO_ROUTE, r"unreachable|nicht erreichbar|no route to host|\bno route\b"),
    (REFUSED, r"refused|verweigert|errno=111"),
)
# What speaks for a fault of the device or of its network alone, with the causes it is about.
_WORKS = {
    RESOLVED: frozenset({"dns_name_not_found", "dns_server_failure"}),
    REACHED: frozenset({"connect_refused", "connect_timeout", "no_route"}),
}
SAME_ELSEWHERE, WORKS_ELSEWHERE = "same_elsewhere", "works_elsewhere"
_PORTS = {"smtp": 25, "smtps": 465, "submission": 587, "submissions": 465}


@dataclass
class AskedServer:
    """A mail server as these tools were asked for it: its name or address, the port (0: none was named), its records."""

    host: str
    port: int = 0
    addresses: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.addresses[0] if self.addresses else ""

    def is_called(self, name: str) -> bool:
        """Return whether this is its name, in capitals or not, or one of its addresses."""
        return name.lower() == self.host.lower() or name in self.addresses


def targets(records: Sequence[Record]) -> list[AskedServer]:
    """Return what was asked for, in that order. A record that names nothing is about what was asked for before it."""
    found: list[AskedServer] = []
    for record in records:
        name = str(record.get("host") or record.get("name") or record.get("address") or "")
        if "hop" in record:
            name = found[-1].host if found else ""
        target = next((each for each in reversed(found) if each.is_called(name)), None)
        if target is None and (name or not found):
            target = AskedServer(name)
            found.append(target)
        target = target or found[-1]
        target.records.append(record)
        if record.get("address") and "hop" not in record and record["address"] not in target.addresses:
            target.addresses.append(str(record["address"]))
        if record.get("port"):
            port = integer(str(record["port"]))
            target.port = port if isinstance(port, int) else _PORTS.get(port, 0)
    return [each for each in found if each.host and any(map(_has_news, each.records))]


def find_elsewhere(target: AskedServer) -> Iterator[Found]:
    """Yield the findings that hold for a target, in the order of the path."""
    meant: dict[str, list[int]] = {}
    for record in target.records:
        for name in _meanings(record):
            meant.setdefault(name, []).append(record["line"])
    if RESOLVED in meant:  # another name server, or another kind of address, gave none
        meant.pop(NOT_FOUND, None)
        meant.pop(SILENT, None)
    if REACHED in meant:
        for name in (NO_ROUTE, REFUSED, NOT_REACHED):
            meant.pop(name, None)
    for name in (NOT_FOUND, SILENT, RESOLVED, NO_ROUTE, REFUSED, NOT_REACHED, REACHED):
        if name in meant:
            yield name, meant[name]


def warnings_of(cause: str, server: str, seen: Sequence[AskedServer]) -> list[str]:
    """Return the warnings of reasons.yml on a send that failed with a cause: others have the same trouble, or have none.

    server: the mail server of the send, "" if it is not known; then the only target counts.
    """
    about = [each for each in seen if each.is_called(server)] if server else seen if len(seen) == 1 else []
    names = [name for target in about for name, __ in find_elsewhere(target)]
    same = any(findings()[name]["cause"] == cause for name in names)
    works = any(cause in _WORKS.get(name, ()) for name in names)
    return [SAME_ELSEWHERE] * same + [WORKS_ELSEWHERE] * works


def _has_news(record: Record) -> bool:
    """Return whether there is more in a record than what was asked for."""
    return not {"template", "line", "host", "name", "port", "server"}.issuperset(record)


def _meanings(record: Record) -> Iterator[str]:
    template, error = record["template"], str(record.get("error", ""))
    if template == CONNECT and record.get("open"):
        yield REACHED
    elif error:
        yield from _of_error(template, error)
    if record.get("mark"):
        yield NO_ROUTE
    asked = str(record.get("host") or record.get("name") or "")
    if record.get("address") and "hop" not in record and asked not in ("", record["address"]):
        yield RESOLVED


def _of_error(template: str, error: str) -> Iterator[str]:
    for name, words in _MEANINGS:
        if re.search(words, error, re.IGNORECASE):
            # A name server that refuses is no mail server that does.
            yield SILENT if name == REFUSED and template == LOOKUP else name
            return
    if template == CONNECT:
        yield NOT_REACHED
    elif template == LOOKUP:
        yield SILENT
