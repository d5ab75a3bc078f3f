# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of our own on simulated devices, without playbooks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import SshTransport, Target, connect
from ansible_collections.fortiops.mail.simulator.device.clock import ManualClock
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet, Switches

LIMITS = Limits(login=5, command_idle=5, command_total=20)
SECRET = "canary-Relay-5ecret"


@contextmanager
def fleet_of(switches: Switches | None = None, clock: ManualClock | None = None) -> Iterator[RunningFleet]:
    spec = DeviceSpec("faz", "FAZ-HQ", password=SECRET, switches=switches or Switches())
    with running(Fleet((spec,)), clock=clock) as fleet:
        yield fleet


def session_on(fleet: RunningFleet, limits: Limits = LIMITS, **options: Any) -> Session:
    device = fleet.devices["faz"]
    target = Target(
        device.address, device.port, device.username, device.password, host_key_fingerprint=device.fingerprint
    )
    return Session(connect(target, limits), limits, Redactor([SECRET]), **options)


def closed_on_device(fleet: RunningFleet) -> bool:
    """Whether no device has a session left; one that is being closed gets a moment."""
    deadline = time.monotonic() + 5
    while fleet.call(lambda: any(device.server.appliance.sessions for device in fleet.devices.values())):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class HurriedTransport:
    """A connection whose silence costs no time: waiting moves the clock of session and device instead."""

    def __init__(self, fleet: RunningFleet, transport: SshTransport) -> None:
        self.now = 0.0
        self._fleet = fleet
        self._transport = transport
        self.send = transport.send
        self.close = transport.close

    def clock(self) -> float:
        return self.now

    def receive(self, timeout: float) -> bytes:
        while True:
            try:
                return self._transport.receive(min(timeout, 0.03))
            except TimeoutError:
                if timeout <= 0:
                    raise
                step = min(timeout, 15.0)
                self.now += step
                self._fleet.advance(step)
                timeout -= step


def hurried(fleet: RunningFleet, limits: Limits) -> Session:
    device = fleet.devices["faz"]
    target = Target(
        device.address, device.port, device.username, device.password, host_key_fingerprint=device.fingerprint
    )
    transport = HurriedTransport(fleet, connect(target, LIMITS))
    return Session(transport, limits, clock=transport.clock)
