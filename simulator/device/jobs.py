# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command asks of the world outside the engine. The front does it and tells the engine when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from .state import Mail


@dataclass(frozen=True)
class Ping:
    """Send echo requests to a host until it is told to stop, or has sent its five."""

    host: str


@dataclass(frozen=True)
class Lookup:
    """Ask the name servers for the address of a host."""

    host: str


@dataclass(frozen=True)
class Traceroute:
    """Find the way to a host."""

    host: str


@dataclass(frozen=True)
class Sniff:
    """Print the packets a filter lets through until it is told to stop, or has seen `count` (0: without end).

    level: 1, or 4 to name interface and direction. stamp: `a` for UTC, `l` for local time, "" for seconds since the start.
    """

    interface: str
    filter: str
    level: int = 1
    count: int = 0
    stamp: str = ""


@dataclass(frozen=True)
class SendMail:
    """Send this mail now and report the result as the test command does."""

    mail: Mail


@dataclass(frozen=True)
class Reboot:
    """Restart the device, which ends all sessions."""


Job = Ping | Lookup | Traceroute | Sniff | SendMail | Reboot
