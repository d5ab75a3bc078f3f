# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a mail server, checked on the device: name servers, ping, traceroute, and the packets of an attempt to send.

A sniffer prints until it is stopped and holds its session meanwhile, so the packets are watched in a second session. That is
the one exception to "one task is one login".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import ip_address

from ..path.findings import is_address
from ..shell.errors import SessionError
from ..shell.result import Result
from ..shell.session import Session
from ..templates.records import parse_output
from .device import Device
from .stop import stoppable
from .tables import DeviceError

# Letters of host names, RFC 1123, and the underline that some networks use. Nothing of it means anything to the command line.
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,34}")

# Only levels 1 and 4 show no contents: those hold passwords.
_LEVEL = 1
# Seconds: for the sniffer to begin, and for the last packets behind the end of the test.
_BEGIN, _TAIL = 10.0, 0.5
_STARTED = "filters=["

OpenSession = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Checks:
    """What to check, and how long each may take. Seconds; `traceroute` 0 leaves that out."""

    ping: float = 15.0
    traceroute: float = 0.0
    interface: str = "any"
    max_packets: int = 500


@dataclass(frozen=True)
class WayChecked:
    """What the device printed, in the order in which it makes sense, and why something was left out."""

    results: Sequence[Result]
    warnings: Sequence[str] = ()


def checked_host(host: str) -> str:
    """Return a host that may stand in a command. Raises DeviceError."""
    if not is_address(host) and not _NAME.fullmatch(host):
        raise DeviceError(f"{host!r} is no host: expected a name such as mail.example.com, or an IPv4 or IPv6 address")
    if "%" in host:
        raise DeviceError(f"{host!r} names an interface; expected an address without it")
    return host


def checked_interface(interface: str) -> str:
    """Return an interface that may stand in a command. Raises DeviceError."""
    if not _INTERFACE.fullmatch(interface):
        raise DeviceError(f"{interface!r} is no interface: expected a name such as port1, or any")
    return interface


def read_name_servers(device: Device) -> None:
    """Read `config system dns`, for the capture. A firmware that refuses it is no reason to stop."""
    device.session.run("get system dns", check=False)


def check_way(
    device: Device,
    open_session: OpenSession,
    host: str,
    port: int,
    checks: Checks,
    attempt: Callable[[], object] | None,
) -> WayChecked:
    """Check the way to a mail server and return what was printed. Raises DeviceError for a host no command can name.

    attempt: makes the device connect to the server; its packets are watched. None leaves that out.
    """
    session = device.session
    checked_host(host)
    checked_interface(checks.interface)
    version = "6" if ":" in host else ""
    _bounded(session, f"execute ping{version} {host}", checks.ping)
    address = host if is_address(host) else _resolved(session.results[-1])
    if checks.traceroute:
        _bounded(session, f"execute traceroute{version} {host}", checks.traceroute)
    if attempt is None:
        return WayChecked(session.results)
    if not address:
        attempt()
        return WayChecked(session.results, ["packets were not watched: ping shows no address of the mail server"])
    so_far = len(session.results)
    watched, warnings = _watch(open_session, _sniffer(address, port, checks), attempt)
    return WayChecked([*session.results[:so_far], *watched, *session.results[so_far:]], warnings)


def _bounded(session: Session, command: str, seconds: float) -> Result:
    """Run a command that may go on for ever; stop it after so many seconds."""
    with stoppable() as stop, session.start(command) as running:
        try:
            running.wait(seconds)
        finally:
            stop.hold()
    return running.stop()


def _resolved(ping: Result) -> str:
    rows = parse_output(ping.command, ping.text)
    address = str(rows[0].get("address", "")) if rows else ""
    return address if is_address(address) else ""


def _sniffer(address: str, port: int, checks: Checks) -> str:
    expression = f"host {ip_address(address)} and tcp port {int(port)}"
    return f"diagnose sniffer packet {checks.interface} '{expression}' {_LEVEL} {int(checks.max_packets)} a"


def _watch(open_session: OpenSession, command: str, attempt: Callable[[], object]) -> tuple[list[Result], list[str]]:
    """Make the attempt while a second session watches; return what that printed, and warnings.

    The sniffer ends by its count, with Ctrl-C behind the attempt, or with its session.
    """
    begun = False
    try:
        with open_session() as witness:
            with stoppable() as stop, witness.start(command) as sniffer:
                try:
                    ended = sniffer.wait(_BEGIN, lambda text: _STARTED in text)
                    begun = True
                    attempt()
                    if not ended:
                        sniffer.wait(_TAIL)
                finally:
                    stop.hold()
            result = sniffer.stop()
            problem = [f"packets were not watched: the device says {result.error}"] if result.error else []
            return [result], problem
    except SessionError as error:
        if begun:
            raise
        attempt()
        return [], [f"packets were not watched: a second session could not be opened ({error})"]
