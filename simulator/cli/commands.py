# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands at the top level: what they need and what they print. The engine finds them by their words."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from ..device.jobs import Job, Lookup, Ping, Reboot, SendMail, Sniff, Traceroute
from ..device.models import status_lines
from ..device.state import Device, Session
from ..device.texts import refuse, say
from ..network.sniffer import FilterError, read_filter
from .command import Ask, Command, Logout, Reply, Run
from .table_commands import check_exists, show_all, table_commands

_SNIFF = (
    ("<interface>", "Interface, or any."),
    ("<filter>", "Filter expression, or none."),
    ("<level>", "1 for headers, 4 for headers with the interface."),
    ("<count>", "Number of packets, 0 for no end."),
    ("<timestamp>", "a for UTC, l for local time."),
)
_SNIFF_DEFAULTS = ("any", "", "1", "0", "")


@cache
def commands() -> tuple[Command, ...]:
    """Return all commands of the top level."""
    entry = (("<id>", "Mail server entry."),)
    event = (("<name>", "Alert event."),)
    route = (("<id>", "Static route."),)
    adom = (("<name>", "ADOM."),)
    host = (("<string>", "Host name or address."),)
    level = (("<integer>", "Debug level, 0 to 255."),)
    mailserver = (("<id>", "Mail server entry."), ("<from>", "Sender address."), ("<to>", "Recipient address."))
    return (
        *table_commands("system alert-event", "Alert events.", lambda device: device.alert_event, event),
        *table_commands("system alertemail", "Alert emails.", lambda device: device.alertemail),
        *table_commands("system dns", "Name servers.", lambda device: device.dns),
        *table_commands("system global", "Global settings.", lambda device: device.settings),
        *table_commands("system mail", "Mail servers.", lambda device: device.mail, entry),
        *table_commands("system route", "Static routes.", lambda device: device.route, route),
        *table_commands("system workflow approval-matrix", "Approvals.", lambda device: device.approval_matrix, adom),
        Command(("show",), "The whole configuration.", show_all),
        Command(("get", "system", "status"), "System status.", get_status),
        Command(("diagnose", "system", "print", "route"), "Print the routing table.", print_routes),
        Command(("diagnose", "ha", "status"), "Cluster.", ha_status),
        Command(("execute", "nslookup"), "Look a name up.", nslookup, host),
        Command(("execute", "ping"), "Send ICMP echo requests.", on_host(Ping), host),
        Command(("execute", "ping6"), "Send ICMPv6 echo requests.", on_host(Ping), host),
        Command(("execute", "traceroute"), "Find the way to a host.", on_host(Traceroute), host),
        Command(("execute", "traceroute6"), "Find the way to a host by IPv6.", on_host(Traceroute), host),
        Command(("diagnose", "sniffer", "packet"), "Print packets.", sniff, _SNIFF),
        Command(("diagnose", "test", "connection", "mailserver"), "Send a test mail.", test_mailserver, mailserver),
        Command(
            ("diagnose", "test", "application", "fazmaild"),
            "Mail daemon.",
            test_fazmaild,
            usage=lambda device: _stamped(device, say("usage")),
        ),
        Command(("diagnose", "debug", "application", "fazmaild"), "Mail daemon.", debug_level, level),
        Command(("diagnose", "debug", "timestamp", "enable"), "Enable timestamps.", timestamps(True)),
        Command(("diagnose", "debug", "timestamp", "disable"), "Disable timestamps.", timestamps(False)),
        Command(("diagnose", "debug", "enable"), "Enable debug output.", debug_output(True)),
        Command(("diagnose", "debug", "disable"), "Disable debug output.", debug_output(False)),
        Command(("diagnose", "debug", "reset"), "Reset all debug levels.", debug_reset),
        Command(("diagnose", "debug", "info"), "Show debug settings.", debug_info),
        Command(("execute", "reboot"), "Restart the device.", reboot),
        Command(("exit",), "Log out.", leave),
        Command(("quit",), "Log out.", leave),
    )


def leave(_device: Device, _session: Session, _words: list[str]) -> Reply:
    return Logout()


# -- device ------------------------------------------------------------------------------------------------------


def print_routes(device: Device, _session: Session, _words: list[str]) -> Reply:
    """`diagnose system print route`. The command is documented; the form of what it prints is assumed."""
    lines = say("routes")
    for route in device.route.entries.values():
        values = {option.name: route.get(option.name, option.default) for option in device.route.schema.options}
        destination, mask = str(values["dst"]).split()[:2] if " " in str(values["dst"]) else (values["dst"], "")
        lines += say("route", destination=destination, mask=mask, gateway=values["gateway"], device=values["device"])
    return lines


def get_status(device: Device, _session: Session, _words: list[str]) -> Reply:
    firmware = device.model.firmware
    now = device.local(device.clock())
    values = {
        "platform_type": device.model.platform_type,
        "platform_full_name": device.model.platform_full_name,
        "version": device.model.version,
        "serial": device.serial,
        "hostname": device.hostname,
        "build": f"{firmware.build or 0:04d}",
        "maturity": firmware.maturity,
        "time": f"{time.strftime('%a %b', now)} {now.tm_mday:2d} {time.strftime('%H:%M:%S', now)} "
        f"{device.zone.short} {now.tm_year}",
        "zone": device.zone.long,
        "ha_mode": "A-P" if device.ha else "Stand Alone",
    }
    return [f"{line.name:<32}: {line.value.format_map(values)}" for line in status_lines() if line.on(device.model)]


def ha_status(device: Device, _session: Session, _words: list[str]) -> Reply:
    if not device.ha:
        return say("ha_alone")
    roles = ("Primary (active)", "Secondary") if device.ha == "primary" else ("Secondary", "Primary")
    serial = f"{device.serial[:-1]}{(int(device.serial[-1]) + 1) % 10 if device.serial[-1].isdigit() else 1}"
    return say(
        "ha_status",
        role=roles[0],
        serial=device.serial,
        hostname=device.hostname,
        peer_role=roles[1],
        peer_serial=serial,
        peer=device.ha_peer,
    )


# -- mail daemon ---------------------------------------------------------------------------------------------------


def test_mailserver(device: Device, _session: Session, words: list[str]) -> Reply:
    """`diagnose test connection mailserver <id> [from] [to]`. What is left out comes from the entry (assumed)."""
    if not words:
        raise refuse("incomplete")
    entry, sender, recipient = [*words, "", ""][:3]
    check_exists(device.mail, entry)
    values = dict(device.mail.entries[entry])
    sender = sender or values.get("from") or values.get("user") or f"{device.hostname}@localhost"
    daemon = device.daemon
    mail = daemon.request(entry, values, sender, recipient or sender, device.clock())
    if not daemon.paused:
        return SendMail(mail)
    if not daemon.enqueue(mail):
        return say("test_discarded")
    full = device.mail.effective(values)
    return say("test_queued", entry=entry, server=full["server"], port=full["port"])


def test_fazmaild(device: Device, _session: Session, words: list[str]) -> Reply:
    """`diagnose test application fazmaild <integer>`. An unassigned integer prints the usage (documented)."""
    _has_daemon(device)
    daemon = device.daemon
    number = words[0] if words else ""
    if number == "1":
        lines = say("daemon_status", pid=daemon.pid, state="paused" if daemon.paused else "running")
    elif number == "2":
        lines = say(
            "statistics",
            sent=daemon.sent,
            failed=daemon.failed,
            discarded=daemon.discarded,
            last_sent=device.ctime(daemon.last_sent),
            last_request=device.ctime(daemon.last_request),
            queued=len(daemon.queue),
            limit=daemon.limit,
            timeout=daemon.timeout,
        )
    elif number == "90":
        daemon.paused = True
        lines = say("paused")
    elif number == "91":
        daemon.paused = False
        lines = say("resumed")
    elif number == "99":
        return Ask(say("question"), lambda: restart(device)) if device.confirm_restart else restart(device)
    else:
        lines = say("usage")
    return _stamped(device, lines)


def restart(device: Device) -> Reply:
    device.daemon.restart(device.new_pid())
    return _stamped(device, say("restarted"))


def reboot(_device: Device, _session: Session, _words: list[str]) -> Reply:
    return Ask(say("reboot_question"), Reboot)


def _stamped(device: Device, lines: list[str]) -> list[str]:
    """The daemon prints through its debug: the one sample with timestamps on has them on all lines but the first."""
    return [lines[0], *(device.stamped(line) for line in lines[1:])]


# -- debug ---------------------------------------------------------------------------------------------------------


def debug_level(device: Device, _session: Session, words: list[str]) -> Reply:
    """`diagnose debug application fazmaild [level]`. -1 switches off, as a public playbook says; without one it is shown."""
    _has_daemon(device)
    if not words:
        return say("debug_level", level=device.debug.fazmaild)
    if words[0] == "-1":
        device.debug.fazmaild = 0
    elif words[0].isascii() and words[0].isdigit() and int(words[0]) <= 255:
        device.debug.fazmaild = int(words[0])
    else:
        raise refuse("parse_error", word=words[0])
    return []


def timestamps(on: bool) -> Run:
    def run(device: Device, _session: Session, _words: list[str]) -> Reply:
        device.debug.timestamps = on
        return []

    return run


def debug_output(on: bool) -> Run:
    def run(_device: Device, session: Session, _words: list[str]) -> Reply:
        session.debug_output = on
        return []

    return run


def debug_reset(device: Device, _session: Session, _words: list[str]) -> Reply:
    """Levels and timestamps return to off; the output switch stays, as there is a command of its own (assumed)."""
    device.debug.fazmaild = 0
    device.debug.timestamps = False
    return []


def debug_info(device: Device, session: Session, _words: list[str]) -> Reply:
    return say(
        "debug_info",
        cli_level=3,
        output=_word(session.debug_output),
        timestamps=_word(device.debug.timestamps),
        fazmaild=device.debug.fazmaild or "disable",
    )


# -- network -------------------------------------------------------------------------------------------------------


def on_host(job: Callable[[str], Job]) -> Run:
    """A command whose one word is a host."""

    def run(_device: Device, _session: Session, words: list[str]) -> Reply:
        if not words:
            raise refuse("incomplete")
        return job(words[0])

    return run


def nslookup(device: Device, session: Session, words: list[str]) -> Reply:
    """`execute nslookup <host>`, which is documented from 8.0 on."""
    if device.model.firmware.version < (8,):
        raise refuse("parse_error", word="nslookup")
    return on_host(Lookup)(device, session, words)


def sniff(_device: Device, _session: Session, words: list[str]) -> Reply:
    """`diagnose sniffer packet <interface> <filter> <level> <count> <timestamp>`.

    Levels that print the contents of packets are not simulated: there are no packets.
    """
    if not words:
        raise refuse("incomplete")
    given = [*words, *_SNIFF_DEFAULTS[len(words) :]]
    interface, expression, level, count, stamp = given
    try:
        read_filter(expression)
    except FilterError as error:
        raise refuse("parse_error", word=str(error)) from None
    if level not in ("1", "4"):
        raise refuse("parse_error", word=level)
    if not (count.isascii() and count.isdigit()):
        raise refuse("parse_error", word=count)
    return Sniff(interface, expression, int(level), int(count), stamp)


def _has_daemon(device: Device) -> None:
    if not device.has_mail_daemon:
        raise refuse("parse_error", word="fazmaild")


def _word(on: bool) -> str:
    return "enable" if on else "disable"
