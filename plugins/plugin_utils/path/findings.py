# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of the path to a mail server mean. findings.yml says it in words; here is when each of them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Any

from ..smtp.classify import classify
from ..smtp.knowledge import causes
from ..yaml_file import read_beside
from .packets import FINE, RECOVERED, REFUSED, RESET, STUCK, UNANSWERED, TcpConnection

FAILURE, HINT = "failure", "hint"

# Less than this is lost by chance; more at once is what a path carries that does not take full packets. Bytes.
_LARGE = 500
_SILENT = re.compile(r"(?i)no servers could be reached|SERVFAIL|: REFUSED")
_NO_SERVER = ("", "0.0.0.0", "::")

Found = tuple[str, Sequence[int]]  # the name of a finding, and the numbers of the lines that show it


@dataclass(frozen=True)
class Seen:
    """What the checks have shown; None means that a check was not made or not understood.

    host: what the mail server is called. dns, lookups, ping, hops: records of `system_dns`, `nslookup`, `ping` and
    `traceroute`, with their `line`. attempted: a connection was attempted while the sniffer ran.
    """

    host: str
    dns: Mapping[str, Any] | None = None
    lookups: Sequence[Mapping[str, Any]] = ()
    ping: Mapping[str, Any] | None = None
    hops: Sequence[Mapping[str, Any]] = ()
    connections: Sequence[TcpConnection] = field(default_factory=tuple)
    attempted: bool = False


@cache
def findings() -> dict[str, dict[str, Any]]:
    """Return the rows of findings.yml by name. What a row leaves out is that of its cause."""
    return {row["finding"]: {**_of_cause(row["cause"]), **row} for row in read_beside(__file__, "findings.yml")}


def _of_cause(name: str) -> dict[str, Any]:
    cause = causes().get(name)
    return {"stage": cause.stage, "owner": cause.owner, "remedy": list(cause.remedy)} if cause else {}


def find(seen: Seen) -> list[Found]:
    """Return the findings that hold, in the order of the path: name, route, connection."""
    found = dict(_of_name(seen))
    if not found:
        found |= dict(_of_route(seen))
        for name, lines in _of_connections(seen):
            found[name] = sorted({*found.get(name, ()), *lines})
    if seen.attempted and not seen.connections and not any(findings()[name]["severity"] == FAILURE for name in found):
        found["nothing_sent"] = []
    return list(found.items())


def is_address(host: str) -> bool:
    """Return whether a host is given by its address, IPv4 or IPv6."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def name_servers(dns: Mapping[str, Any]) -> list[str]:
    """Return the name servers that are set."""
    names = ("primary", "secondary", "ip6_primary", "ip6_secondary")
    return [str(dns[name]) for name in names if dns.get(name, "") not in _NO_SERVER]


def _of_name(seen: Seen) -> Iterator[Found]:
    if is_address(seen.host) or _resolved(seen):
        return
    rows = [each for each in (*seen.lookups, *([seen.ping] if seen.ping else [])) if each.get("error")]
    causes = [_cause(str(each["error"])) for each in rows]
    # A name server that answers knows better than ping, which has one text for all that goes wrong.
    cause = next((each for each in causes if each.startswith("dns_")), "")
    lines = [each["line"] for each in rows]
    if cause.startswith("dns_") and seen.dns is not None and not name_servers(seen.dns):
        yield "no_dns_server", [seen.dns["line"], *lines]
    elif cause == "dns_server_failure":
        yield "name_servers_silent", lines
    elif cause == "dns_name_not_found":
        yield "name_not_found", lines


def _cause(error: str) -> str:
    # No mail server was asked here: whoever does not answer is a name server.
    return "dns_server_failure" if _SILENT.search(error) else classify(error)["cause"]


def _resolved(seen: Seen) -> bool:
    return any("address" in each for each in (*seen.lookups, *([seen.ping] if seen.ping else [])))


def _of_route(seen: Seen) -> Iterator[Found]:
    ping = seen.ping or {}
    if ping.get("received"):
        if ping["received"] < ping["transmitted"]:
            yield "some_packets_lost", [ping["line"]]
        return
    marked = [hop["line"] for hop in seen.hops if hop.get("mark")]
    if ping.get("error") and classify(str(ping["error"]))["stage"] == "route":
        yield "no_route", [ping["line"]]
    elif marked:
        yield "route_rejected", marked
    elif ping.get("transmitted"):
        yield "ping_lost", [ping["line"]]


def _of_connections(seen: Seen) -> Iterator[Found]:
    # Of several addresses one may answer: then the others are no failure.
    good = any(each.state in (FINE, RECOVERED) for each in seen.connections)
    for connection in seen.connections:
        state = connection.state
        if state == RECOVERED:
            yield "some_packets_lost", connection.repeated_lines
        elif state == RESET:
            yield "reset_later", connection.reset_lines
        elif good:
            continue
        elif state == UNANSWERED:
            yield "syn_unanswered", connection.syn_lines
        elif state == REFUSED:
            yield "reset", connection.reset_lines
        elif state == STUCK:
            yield _stuck(connection, seen), connection.stuck_lines


def _stuck(connection: TcpConnection, seen: Seen) -> str:
    facts = connection.facts()
    if facts["missing"] >= _LARGE and facts["missing"] > facts["largest_answered"] > 0:
        return "mtu_black_hole"
    ping = seen.ping or {}
    if 0 < ping.get("received", 0) < ping.get("transmitted", 0):
        return "packets_lost"
    return "asymmetric_route"
