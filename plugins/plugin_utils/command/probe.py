# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail probe`: what a mail server offers, seen from here."""

from __future__ import annotations

import argparse
import json

from .input import opened
from .parser import Commands, complain, show

_EPILOG = """\
exit status of `probe`:
  0  at least one port works
  1  no port works
  2  the command was wrong
"""


def add(commands: Commands) -> None:
    """Add the command to those of `fazmail`."""
    parser = commands.add_parser(
        "probe",
        help="examine a mail server from this machine",
        description="Examine a mail server: greeting, extensions, TLS versions, certificate, ways to log in. No mail is sent.",
        epilog=_EPILOG,
    )
    parser.add_argument("host", metavar="HOST[:PORT]", help="name or address; an IPv6 address with port in brackets")
    parser.add_argument(
        "--port",
        type=int,
        action="append",
        metavar="PORT",
        help="TCP port; may be given several times (default: 25, 465 and 587)",
    )
    parser.add_argument("--security", default="auto", metavar="HOW", help="auto (default), none, starttls or smtps")
    parser.add_argument(
        "--timeout", type=float, default=15, metavar="SECONDS", help="time limit for each port (default: 15)"
    )
    parser.add_argument("--helo", metavar="NAME", help="name to send in EHLO")
    parser.add_argument("--user", metavar="NAME", help="try a login; needs --passwd-file")
    parser.add_argument(
        "--passwd-file", metavar="FILE", help="file with the password in its first line; - is standard input"
    )
    parser.add_argument("--mail-from", metavar="ADDRESS", help="sender to send in MAIL FROM; no mail is sent")
    parser.add_argument("--mail-to", metavar="ADDRESS", help="recipient to send in RCPT TO; no mail is sent")
    parser.add_argument("--ca-file", metavar="FILE", help="trusted CAs, in PEM (default: those of this machine)")
    parser.add_argument(
        "--no-verify", action="store_true", help="report the certificate, but do not require a valid one"
    )
    parser.add_argument("--format", choices=["table", "json"], default="table", help="default: table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Probe the server, print what was found and return the exit status."""
    from ..probe.probe import probe
    from ..probe.request import PORTS, RequestError, request

    try:
        host, ports = _target(options.host)
        wanted = request(
            host=host,
            port=[*ports, *(options.port or ())] or list(PORTS),
            security=options.security,
            timeout=options.timeout,
            helo=options.helo,
            user=options.user,
            passwd=_password(options.passwd_file),
            mail_from=options.mail_from,
            mail_to=options.mail_to,
            ca_file=options.ca_file,
            validate_certs=not options.no_verify,
        )
    except RequestError as error:
        return complain(str(error))
    found = probe(wanted)
    if options.format == "json":
        show(json.dumps(found, indent=2))
    else:
        from ..report.probe import probe_report
        from .output import shown_width

        show(probe_report(found, shown_width()))
    return 0 if any(port["outcome"] == "ok" for port in found["ports"]) else 1


def _target(text: str) -> tuple[str, list[int]]:
    """Split HOST[:PORT]; an IPv6 address with a port is in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")) or text.endswith("]"):
        return text, []
    from ..probe.request import RequestError

    if not port.isascii() or not port.isdigit():
        raise RequestError(f"port is {port!r}; expected a number from 1 to 65535, as in smtp.example.com:587")
    return host, [int(port)]


def _password(file: str | None) -> str | None:
    if not file:
        return None
    with opened(file, "a file with the password in its first line", "--passwd-file") as lines:
        return lines.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
