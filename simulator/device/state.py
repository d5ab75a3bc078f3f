# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one device, shared by all its sessions. No input or output happens here."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from ...plugins.plugin_utils.device.schema import (
    approval_matrix,
    system_alert_event,
    system_alertemail,
    system_dns,
    system_global,
    system_mail,
    system_route,
)
from .config_tree import ConfigTable, Values
from .models import Model, Zone, zones
from .texts import say

Clock = Callable[[], float]  # seconds since 1970, in UTC


@dataclass
class DebugSwitches:
    """What `diagnose debug ...` sets for the whole device. It outlives the session that set it.

    The fazmaild level is 0 (off) to 255. Which sessions print debug text is kept by the sessions.
    """

    fazmaild: int = 0
    timestamps: bool = False


@dataclass(frozen=True)
class Mail:
    """A mail the daemon has been asked to send through the entry of the mail table with this key."""

    number: int
    entry: str
    values: Values
    sender: str
    recipient: str


@dataclass
class Daemon:
    """What fazmaild counts and keeps. Times are seconds since 1970, 0 for never."""

    pid: int
    sent: int = 0
    failed: int = 0
    discarded: int = 0
    last_sent: int = 0
    last_request: int = 0
    paused: bool = False
    queue: deque[Mail] = field(default_factory=deque)
    sending: int = 0
    limit: int = 5000
    timeout: int = 1800
    last_number: int = 0

    def request(self, entry: str, values: Values, sender: str, recipient: str, now: float) -> Mail:
        """Note that a mail is to be sent, and return it with a number of its own."""
        self.last_request = int(now)
        self.last_number += 1
        return Mail(self.last_number, entry, values, sender, recipient)

    def enqueue(self, mail: Mail) -> bool:
        """Keep a mail for later; a full queue discards it and returns False."""
        if len(self.queue) >= self.limit:
            self.discarded += 1
            return False
        self.queue.append(mail)
        return True

    def finish(self, accepted: bool, now: float) -> None:
        """Count a mail that was taken by its server, or was not."""
        if accepted:
            self.sent += 1
            self.last_sent = int(now)
        else:
            self.failed += 1

    def restart(self, pid: int) -> None:
        """Start again with another process id: a restart empties the queue and the counters (assumed)."""
        self.pid = pid
        self.sent = self.failed = self.discarded = self.last_sent = self.last_request = 0
        self.paused = False
        self.queue.clear()


@dataclass
class Session:
    """What belongs to one login.

    denied: beginnings of commands that the administrator's profile does not allow. own_mark: what its prompts end with, in place of
    the usual mark. shows_host: the prompts of shells begin with the host name. longest_name: longer names in them are cut in the middle.
    """

    number: int
    debug_output: bool = False
    denied: tuple[str, ...] = ()
    own_mark: str = ""
    shows_host: bool = False
    longest_name: int = 0

    @property
    def mark(self) -> str:
        """What the prompt ends with: `$` for an administrator who may not do everything."""
        return self.own_mark or ("$" if self.denied else "#")

    def prompt(self, hostname: str, shell: str = "") -> str:
        """Return the prompt at the top level, or in a shell of this name."""
        if not shell:
            return f"{hostname} {self.mark} "
        if self.longest_name and len(shell) > self.longest_name:
            shell = f"{shell[: self.longest_name - 4]}~{shell[-3:]}"
        return f"{hostname} ({shell}) {self.mark} " if self.shows_host else f"({shell}){self.mark} "

    def may_not(self, words: Sequence[str]) -> bool:
        """Return whether a command, by its words, is denied."""
        return any(f"{' '.join(words)} ".startswith(f"{each} ") for each in self.denied)


@dataclass
class Device:
    """One FortiAnalyzer or FortiManager.

    `clock` may be replaced by tests; `random` makes tokens and pids and may be seeded. confirm_restart: test 99 of the
    mail daemon asks before it restarts the daemon. ha: `primary` or `secondary` in a cluster of two, `ha_peer` being the host
    name of the other unit.
    """

    name: str
    hostname: str
    model: Model
    serial: str = ""
    utc_offset: int = 0
    clock: Clock = time.time
    random: Random = field(default_factory=lambda: Random(os.urandom(16)))
    confirm_restart: bool = False
    ha: str = ""
    ha_peer: str = "FAZ-PEER"

    def __post_init__(self) -> None:
        self.serial = self.serial or f"{self.model.serial_prefix}{self.random.randrange(10**8):08d}"
        self.mail = ConfigTable(system_mail(), self.model.firmware, self.random)
        self.alert_event = ConfigTable(system_alert_event(), self.model.firmware, self.random)
        self.alertemail = ConfigTable(system_alertemail(), self.model.firmware, self.random)
        self.dns = ConfigTable(system_dns(), self.model.firmware, self.random)
        self.route = ConfigTable(system_route(), self.model.firmware, self.random)
        self.approval_matrix = ConfigTable(approval_matrix(), self.model.firmware, self.random)
        self.settings = ConfigTable(system_global(), self.model.firmware, self.random)
        if self.model.family == "FortiManager":
            # There is a mail daemon where the features of FortiAnalyzer are on.
            self.settings.fill("", {"faz-status": "enable"})
        self.debug = DebugSwitches()
        self.daemon = Daemon(pid=self.new_pid())

    def reboot(self) -> None:
        """Restart: the configuration stays, everything else is lost. The sessions are ended by the front."""
        self.debug = DebugSwitches()
        self.daemon.restart(self.new_pid())

    @property
    def tables(self) -> tuple[ConfigTable, ...]:
        """All tables in the order in which `show` prints them."""
        return (
            *(self.settings, self.dns, self.route, self.mail, self.alert_event, self.alertemail),
            self.approval_matrix,
        )

    @property
    def has_mail_daemon(self) -> bool:
        """Whether there is a mail daemon; on a FortiManager without the features of FortiAnalyzer there is none (assumed)."""
        return self.model.family != "FortiManager" or self.settings.entries[""].get("faz-status") == "enable"

    @property
    def has_name_server(self) -> bool:
        """Whether any name server is set."""
        return bool(self.dns.entries[""])

    @property
    def zone(self) -> Zone:
        return zones()[self.utc_offset]

    def new_pid(self) -> int:
        return self.random.randrange(700, 32000)

    def local(self, seconds: float) -> time.struct_time:
        """Return the device's local time."""
        return time.gmtime(seconds + self.utc_offset * 3600)

    def ctime(self, seconds: float) -> str:
        """Return a time as C prints it, such as `Fri Oct 11 12:56:20 2024`; day of month padded with a blank."""
        return time.asctime(self.local(seconds))

    def stamped(self, text: str) -> str:
        """Return debug text with the time before it when timestamps are on."""
        if not self.debug.timestamps:
            return text
        return f"{time.strftime('%Y-%m-%d %H:%M:%S', self.local(self.clock()))} {text}"

    def idle_lines(self) -> list[str]:
        """Return what the mail daemon's loop prints by itself every few seconds."""
        daemon = self.daemon
        pending = len(daemon.queue) + daemon.sending
        lines = say("idle_pending", pending=pending)
        if not pending:
            lines += say("idle_no_request", last_request=daemon.last_request, last_sent=daemon.last_sent)
        return lines
