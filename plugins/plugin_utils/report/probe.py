# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what a mail server offers to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .table import shortened, table, visible, wrapped


def probe_report(found: Mapping[str, Any], width: int | None = None) -> str:
    """Return a readable report of a document of schema fortiops.mail/probe/1. width: of a terminal, to which it is fitted."""
    return "\n".join(_lines(found, width))


def _lines(found: Mapping[str, Any], width: int | None) -> Iterator[str]:
    known = found["addresses"]
    addresses = ", ".join([*known["ipv4"], *known["ipv6"]]) or f"no address ({known['cause']}: {known['evidence']})"
    yield f"{visible(found['host'])}: {visible(addresses)}"
    exchangers = ", ".join(f"{row['preference']} {row['host']}" for row in found["mx"]["records"])
    yield f"MX: {visible(exchangers or found['mx']['note'] or 'none')}"
    yield ""
    names = ("port", "state", "security", "outcome", "cause", "owner")
    yield table(
        ["port", "state", "security", "result", "cause", "who must act"],
        [[port[name] for name in names] for port in found["ports"]],
        width=width,
    )
    for port in found["ports"]:
        yield from _port(port, width)


def _port(port: Mapping[str, Any], width: int | None) -> Iterator[str]:
    rows = [(name, text) for name, text in _facts(port) if text]
    if rows:
        yield ""
        yield f"port {port['port']}, {port['seconds']:g} s"
    for name, text in rows:
        shown = shortened(visible(text), 200)
        yield from wrapped(shown, width, f"  {name:<12}", " " * 14) if width else [f"  {name:<12}{shown}"]


def _facts(port: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "evidence", port["evidence"]
    yield "greeting", port["greeting"]
    yield "offers", ", ".join(port["extensions"])
    if port["tls"]:
        yield "TLS", " ".join(filter(None, (port["tls"]["version"], port["tls"]["cipher"])))
        yield "versions", ", ".join(f"{name} {state}" for name, state in port["tls"]["versions"].items())
    if port["certificate"]:
        yield from _certificate(port["certificate"])
    if port["starttls"] is not None:
        yield "login", _login(port["auth"])
    for limit in port["limits"]:
        yield "limit", f"{limit['cause']}: {limit['detail']}"


def _certificate(certificate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    key = f"{certificate['key_type']} {certificate['key_bits']}"
    yield "certificate", f"{certificate['subject']}, issued by {certificate['issuer']}, {key}"
    yield "names", ", ".join(certificate["names"])
    state = "trusted" if certificate["chain_verified"] else certificate["verify_error"]
    fits = "fits the host" if certificate["name_matches"] else "does not fit the host"
    yield "valid", f"{certificate['days_left']} days more, {fits}, {state}"


def _login(auth: Mapping[str, Any]) -> str:
    offered = " ".join(auth["after_tls"] or auth["before_tls"]) or "not offered"
    if auth["login"] is None:
        return offered
    outcome = "accepted" if auth["login"]["accepted"] else "refused"
    return f"{offered}; {auth['login']['mechanism']} was {outcome}"
