# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A console to type at, without SSH."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from ansible_collections.fortiops.mail.simulator.cli.engine import Begin, Close, Effect, Engine, Screen, Stop, Write
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device, Session

NOON = 1_728_676_580.0  # Fri Oct 11 19:56:20 2024 UTC


def make_device(model: str = "fmg-7.6.7", hostname: str = "FMG-HQ", utc_offset: int = 0) -> Device:
    return Device("device", hostname, models()[model], "SERIAL", utc_offset, clock=lambda: NOON, random=Random(7))


class Console:
    """One session; `screen` is everything shown so far, `effects` whatever was not text."""

    def __init__(self, device: Device, screen: Screen | None = None, number: int = 1) -> None:
        self.heard: list[tuple[str, str]] = []
        self.effects: list[Effect] = []
        self.screen = ""
        self.engine = Engine(device, Session(number), screen, lambda prompt, line: self.heard.append((prompt, line)))
        self.take(self.engine.start())

    def take(self, effects: list[Effect]) -> str:
        text = ""
        for effect in effects:
            if isinstance(effect, Write):
                text += effect.data.decode()
            else:
                self.effects.append(effect)
        self.screen += text
        return text

    def keys(self, text: str) -> str:
        """Press keys; return what appears."""
        return self.take(self.engine.feed(text.encode()))

    def run(self, *commands: str) -> str:
        """Type commands; return what the last one printed, without echo and prompt, lines ended by LF."""
        shown = ""
        for command in commands:
            shown = self.keys(command + "\n")
        __, __, shown = shown.partition("\r\r\n")
        return shown.removesuffix("\r\n" + self.engine.prompt).replace("\r\n", "\n")

    @property
    def jobs(self) -> list[object]:
        return [effect.job for effect in self.effects if isinstance(effect, Begin)]

    @property
    def stopped(self) -> bool:
        return any(isinstance(effect, Stop) for effect in self.effects)

    @property
    def closed(self) -> bool:
        return any(isinstance(effect, Close) for effect in self.effects)


@pytest.fixture
def device() -> Device:
    return make_device()


@pytest.fixture
def console(device: Device) -> Console:
    return Console(device)


@pytest.fixture
def new_device() -> Callable[..., Device]:
    return make_device


@pytest.fixture
def new_console() -> type[Console]:
    return Console
