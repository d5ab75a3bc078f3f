# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module mail_path: check the path from a device to a mail server.

A sniffer prints until it is stopped and holds its session meanwhile, so the packets are watched in a second session. That is
the one exception to "one task is one login".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from ..analysis import analyse
from ..device.commands import lacks
from ..device.device import Device, UnreadValues, check_test_words
from ..device.stop import run_at_most, stoppable
from ..device.tables import mail_facts
from ..firmware import Firmware
from ..path.examine import examine
from ..path.findings import is_address
from ..path.packets import all_ended
from ..shell.errors import SessionError
from ..shell.result import Result
from ..shell.session import Session
from ..templates.records import parse_output
from .job import Context, JobError, Options, TaskResult, check_limits, check_sender

# Letters of host names, RFC 1123, and the underline that some networks use. Nothing of it means anything to the command line.
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,34}")
_LIMITS = {"port": 65535, "ping_seconds": 600, "traceroute_seconds": 600, "max_packets": 10_000}

# Only levels 1 and 4 show no contents: those hold passwords.
_LEVEL = 1
# Seconds at most: for the sniffer to begin, for the end of each connection to be printed after the test, and for what comes behind it.
_BEGIN, _END, _TAIL = 10.0, 3.0, 0.5
_STARTED = "filters=["


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Resolve, ping and connect to a mail server from the device; return what that tells of the path."""
    _check(options)
    unread = UnreadValues()
    status = unread.tried("firmware", device.status)
    entry = _entry(device, options, status.firmware if status else None, unread)
    host = _checked_host(str(entry["server"] if entry else options["host"]))
    port = int(entry["port"] if entry else options["port"])
    session = device.session
    # For the capture; a firmware that refuses it is no reason to stop.
    session.run("get system dns", check=False)
    watched: list[Result] = []
    so_far = len(session.results)
    if not context.check_mode:
        looked_up = _looked_up(session, host, status.firmware if status else None)
        address = _reached(session, host, options) or looked_up
        so_far = len(session.results)
        if options["attempt"] and entry:
            words = (str(entry["id"]), options["mail_from"] or "", options["mail_to"] or "")
            check_test_words(*words)
            if address:
                command = _sniffer(address, port, options)
                watched = _watch(context, command, device.session, lambda: device.test_mailserver(*words))
            else:
                device.test_mailserver(*words)
                context.warnings.append("packets were not watched: ping shows no address of the mail server")
        elif options["attempt"]:
            context.warnings.append(
                f"no connection was attempted: no entry of config system mail {'is known to lead' if unread else 'leads'} to {host} port {port}, "
                "so only its name and whether it answers a ping are known"
            )
    results = [*session.results[:so_far], *watched, *session.results[so_far:]]
    text, saved = context.capture(device, "mail_path", results)
    return {
        "path": examine(text, analyse(text, concluded=False), host, port, str(entry["id"]) if entry else ""),
        "unread": unread,
        **saved,
    }


def _check(options: Options) -> None:
    if (options["id"] is None) == (options["host"] is None):
        raise JobError("name the mail server either by id, an entry of config system mail, or by host (and port)")
    check_sender(options)
    check_limits(options, _LIMITS)
    if not _INTERFACE.fullmatch(options["interface"]):
        raise JobError(f"{options['interface']!r} is no interface: expected a name such as port1, or any")


def _entry(device: Device, options: Options, firmware: Firmware | None, unread: UnreadValues) -> dict[str, Any] | None:
    """Return the entry that is named, or the one that leads to the host and port."""

    def read() -> list[dict[str, Any]]:
        return mail_facts(device.mail_table(), firmware)

    if options["id"] is None:
        wanted = (options["host"], options["port"])
        entries = unread.tried("mail", read) or []
        return next((entry for entry in entries if (entry["server"], entry["port"]) == wanted), None)
    entries = read()
    for entry in entries:
        if entry["id"] == options["id"]:
            if not entry["server"]:
                raise JobError(f"entry {entry['id']!r} of config system mail has no server; set one with system_mail")
            return entry
    known = ", ".join(str(entry["id"]) for entry in entries) or "none"
    raise JobError(f"there is no entry {options['id']!r} in config system mail; there is {known}")


def _checked_host(host: str) -> str:
    """Return a host that a command can hold. Raises JobError."""
    if not is_address(host) and not _NAME.fullmatch(host):
        raise JobError(f"{host!r} is no host: expected a name such as mail.example.com, or an IPv4 or IPv6 address")
    if "%" in host:
        raise JobError(f"{host!r} names an interface; expected an address without it")
    return host


def _looked_up(session: Session, host: str, firmware: Firmware | None) -> str:
    """Ask the name servers, where the firmware can, and return the first address, or "": ping shows it, too."""
    command = f"execute nslookup {host}"
    if firmware is None or lacks(firmware, command) or is_address(host):
        return ""
    return _resolved(session.run(command, check=False))


def _reached(session: Session, host: str, options: Options) -> str:
    """Ping the host, trace the route to it, and return its address, or "" where ping shows none."""
    version = "6" if ":" in host else ""
    ping = run_at_most(session, f"execute ping{version} {host}", options["ping_seconds"])
    if options["traceroute"]:
        run_at_most(session, f"execute traceroute{version} {host}", options["traceroute_seconds"])
    return host if is_address(host) else _resolved(ping)


def _resolved(printed: Result) -> str:
    rows = parse_output(printed.command, printed.raw)
    address = str(rows[0].get("address", "")) if rows else ""
    return address if is_address(address) else ""


def _sniffer(address: str, port: int, options: Options) -> str:
    expression = f"host {ip_address(address)} and tcp port {int(port)}"
    return f"diagnose sniffer packet {options['interface']} '{expression}' {_LEVEL} {options['max_packets']} a"


def _watch(context: Context, command: str, session: Session, attempt: Callable[[], object]) -> list[Result]:
    """Make the attempt in a session while a second one watches; return what that printed.

    The sniffer ends by its count, with Ctrl-C behind the attempt, or with its session.
    """
    begun = attempted = False
    try:
        with context.open_session() as witness:
            with stoppable(witness, session) as stop, witness.start(command) as sniffer:
                try:
                    ended = sniffer.wait(_BEGIN, lambda text: _STARTED in text)
                    begun = True
                    attempt()
                    attempted = True
                    # A busy device prints the last packets late, and without them a connection looks as if it were stuck.
                    if not (ended or sniffer.wait(_END, all_ended)):
                        sniffer.wait(_TAIL)
                finally:
                    stop.hold()
            result = sniffer.stop()
            if result.error:
                context.warnings.append(f"packets were not watched: the device says {result.error}")
            return [result]
    except SessionError as error:
        if begun and not attempted:
            # The session of the attempt may be the one that has ended.
            raise
        if not attempted:
            attempt()
        how = "ended" if begun else "could not be opened"
        context.warnings.append(f"packets were not watched: a second session {how} ({error})")
        return []
