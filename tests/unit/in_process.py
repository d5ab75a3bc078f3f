# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device without SSH: the session types into the simulator's engine directly, and time is made up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import Journal
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Begin, Close, Engine, Screen, Stop, Write
from ansible_collections.fortiops.mail.simulator.device.jobs import Job, Lookup, Ping, SendMail, Sniff, Traceroute
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice
from ansible_collections.fortiops.mail.simulator.device.state import Mail
from ansible_collections.fortiops.mail.simulator.device.state import Session as SimulatedSession
from ansible_collections.fortiops.mail.simulator.device.texts import say

ADDRESS = "192.0.2.25"
REPLY = "250 2.0.0 Ok: queued as 4F1B22A0C1"
# What the daemon's debug says of a mail, in one of the dialects of the simulator.
DIALOGUE = (
    "start to send mail, task 1, server mail.example.com:587.",
    f"connected to {ADDRESS} port 587.",
    "< 220 mail.example.com ESMTP",
    "> MAIL FROM:<faz@example.com>",
    "< 250 2.1.0 Ok",
    "> RCPT TO:<noc@example.com>",
    "< 250 2.1.5 Ok",
    "> DATA",
    "< 354 End data with <CR><LF>.<CR><LF>",
    "> .",
    f"< {REPLY}",
    f"send mail done, task 1: {REPLY}",
)
REFUSAL = "535 5.7.8 Error: authentication failed"
REFUSED = (
    *DIALOGUE[:3],
    "> AUTH PLAIN",
    f"< {REFUSAL}",
    f"send mail failed, task 1: {REFUSAL}",
)


class EngineTransport:
    """A Transport that is the simulator's engine. All mail is accepted, each host is ADDRESS.

    mail: what becomes of a mail in place of that, `accepted`, `failed` (the password is refused) or `silent`. cut_before: the connection breaks
    before a line with this text. lines: what was typed. heard: called with each line before it is carried out.
    """

    def __init__(
        self,
        state: SimulatedDevice,
        screen: Screen | None = None,
        denied: Sequence[str] = (),
        heard: Callable[[str], None] = lambda line: None,
        mail: Callable[[Mail], str] = lambda mail: "accepted",
    ) -> None:
        self.now = 0.0
        self.closed = False
        self.cut_before: str | None = None
        self.lines: list[str] = []
        self._heard = heard
        self._mail = mail
        self._state = state
        self._session = SimulatedSession(1, denied=tuple(denied))
        self._engine = Engine(state, self._session, screen, self._hear)
        self._waiting = b""
        self._take(self._engine.start())

    def clock(self) -> float:
        return self.now

    def send(self, data: bytes) -> None:
        if self.closed:
            raise OSError("closed")
        if self.cut_before is not None and self.cut_before.encode() in data:
            self.closed = True
            raise OSError("connection reset")
        self._take(self._engine.feed(data))

    def receive(self, timeout: float) -> bytes:
        if self.closed:
            return b""
        if not self._waiting:
            # However little is left to wait for: no clock stands still, and rounding must not make this one.
            self.now = math.nextafter(self.now + timeout, math.inf)
            raise TimeoutError
        data, self._waiting = self._waiting, b""
        return data

    def close(self) -> None:
        if not self.closed:
            self._engine.end_of_input()
        self.closed = True

    def _hear(self, _prompt: str, line: str) -> None:
        self.lines.append(line)
        self._heard(line)

    def _take(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._waiting += effect.data
            elif isinstance(effect, Begin):
                self._do(effect.job)
            elif isinstance(effect, Stop):
                self._take(self._engine.finished())
            elif isinstance(effect, Close):
                self.closed = True

    def _do(self, job: Job) -> None:
        """Do a job of the front at once. The sniffer goes on until it is stopped."""
        engine = self._engine
        if isinstance(job, SendMail):
            outcome = self._mail(job.mail)
            if outcome == "silent":
                self._take(engine.finished())
                return
            accepted = outcome == "accepted"
            reply, dialogue = (REPLY, DIALOGUE) if accepted else (REFUSAL, REFUSED)
            self._state.daemon.finish(accepted, self._state.clock())
            if self._state.debug.fazmaild:
                self._take(engine.debug([f"send_mail:1: {line}" for line in dialogue]))
            values = {"entry": job.mail.entry, "server": "mail.example.com", "port": 587, "reason": reply}
            text = "test_accepted" if accepted else "test_failed"
            self._take(engine.finished(say(text, recipient=job.mail.recipient, **values)))
        elif isinstance(job, Ping):
            self._take(engine.progress(say("ping_start", host=job.host, address=ADDRESS)))
            self._take(engine.finished())
        elif isinstance(job, Lookup):
            self._take(engine.finished([*say("lookup_server"), *say("lookup_answer", host=job.host, address=ADDRESS)]))
        elif isinstance(job, Traceroute):
            self._take(engine.finished([f"traceroute to {job.host} ({ADDRESS}), 32 hops max"]))
        elif isinstance(job, Sniff):
            self._take(engine.progress(say("sniffer_start", interface=job.interface, filter=job.filter)))


def simulated(model: str = "faz-7.4.2") -> SimulatedDevice:
    return SimulatedDevice("faz", "FAZ-HQ", models()[model], "SERIAL", random=Random(1))


def session_on(state: SimulatedDevice, **options: Any) -> Session:
    """A session that is logged in. options: those of EngineTransport."""
    transport = EngineTransport(state, **options)
    session = Session(transport, Limits(), clock=transport.clock)
    session.login()
    return session


def log_in(state: SimulatedDevice) -> Device:
    return Device(session_on(state))


def context_of(open_session: Callable[[], Session], directory: Path, **options: Any) -> Context:
    """What surrounds a job in a test."""
    return Context("faz", directory, partial(Journal, directory), open_session, **options)
