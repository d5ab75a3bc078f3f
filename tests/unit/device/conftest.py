# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device without SSH: the session types into the simulator's engine directly."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.simulator.cli.engine import Close, Engine, Write
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice
from ansible_collections.fortiops.mail.simulator.device.state import Session as SimulatedSession


class EngineTransport:
    """A Transport that is the simulator's engine. `answer` may replace what the device prints for a line, or cut it."""

    def __init__(self, state: SimulatedDevice) -> None:
        self.now = 0.0
        self.closed = False
        self.cut_before: str | None = None
        self.lines: list[str] = []
        self._engine = Engine(state, SimulatedSession(1), None, lambda prompt, line: self.lines.append(line))
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
            self.now += timeout
            raise TimeoutError
        data, self._waiting = self._waiting, b""
        return data

    def close(self) -> None:
        if not self.closed:
            self._engine.end_of_input()
        self.closed = True

    def _take(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._waiting += effect.data
            elif isinstance(effect, Close):
                self.closed = True


def simulated(model: str = "faz-7.4.2") -> SimulatedDevice:
    return SimulatedDevice("faz", "FAZ-HQ", models()[model], "SERIAL", random=Random(1))


def log_in(state: SimulatedDevice) -> Device:
    transport = EngineTransport(state)
    session = Session(transport, Limits(), clock=transport.clock)
    session.login()
    return Device(session)


@pytest.fixture
def connect() -> Callable[[SimulatedDevice], Device]:
    return log_in
