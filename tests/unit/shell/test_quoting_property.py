# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever value is allowed, the device sees exactly `set`, the option and the value: no more words, no other command."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import UnsafeValueError, quote
from ansible_collections.fortiops.mail.simulator.cli import engine as engine_module
from ansible_collections.fortiops.mail.simulator.cli.engine import Engine, Screen, Write
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device
from ansible_collections.fortiops.mail.simulator.device.state import Session as Administrator
from hypothesis import given, settings
from hypothesis import strategies as st

from .peer import LIMITS

OPTIONS = ("server", "user", "from", "passwd")


class EngineTransport:
    """The simulator's engine as the peer of a session, without a network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._coming = self._bytes(engine.start())

    def send(self, data: bytes) -> None:
        self._coming += self._bytes(self._engine.feed(data))

    def receive(self, timeout: float) -> bytes:
        if not self._coming:
            raise TimeoutError
        coming, self._coming = self._coming, b""
        return coming

    def close(self) -> None:
        pass

    @staticmethod
    def _bytes(effects: Any) -> bytes:
        return b"".join(effect.data for effect in effects if isinstance(effect, Write))


def logged_in(screen: Screen | None = None) -> Session:
    device = Device("faz", "FAZ-HQ", models()["faz-7.4.2"], random=Random(7))
    session = Session(EngineTransport(Engine(device, Administrator(1), screen)), LIMITS)
    session.login()
    session.run("config system mail")
    session.run('edit "1"')
    return session


# Characters that mean something to some shell come more often than chance would have it.
MEANING = "\"'\\ $#|;&<>(){}[]*~`!%^=,-"
ACTED_UPON = "?\t\r\n\x00\x03\x08\x15\x1b\x7f\x85\u2028\u2029"
ALLOWED = st.text(
    st.sampled_from(MEANING)
    | st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"), exclude_characters="?"),
    max_size=40,
)


@settings(deadline=None, max_examples=300)
@given(
    option=st.sampled_from(OPTIONS),
    value=ALLOWED,
    screen=st.sampled_from([Screen(), Screen(columns=23), Screen(mask_passwords=True)]),
)
def test_the_device_sees_set_option_and_value(option: str, value: str, screen: Screen) -> None:
    session = logged_in(screen)
    seen: list[list[str]] = []
    real = engine_module.tokenize
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "tokenize", lambda line: seen.append(real(line)) or seen[-1])
        session.run(f"set {option} {quote(value)}", check=False)
    assert seen == [["set", option, value]]
    assert session.context == "1"


@given(before=ALLOWED, character=st.sampled_from(ACTED_UPON), after=ALLOWED)
def test_what_the_terminal_acts_upon_is_refused(before: str, character: str, after: str) -> None:
    with pytest.raises(UnsafeValueError):
        quote(before + character + after)
