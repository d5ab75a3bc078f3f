# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows 1 to 6 of the fault matrix in a playbook: no connection, no login. The cases one by one are in test_login*.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import LoginError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session
from ansible_collections.fortiops.mail.plugins.plugin_utils.text.redact import Redactor
from ansible_collections.fortiops.mail.simulator.fleet import Switches
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from .sessions import SECRET, closed_on_device, fleet_of

LIMITS = Limits(connect=5, login=60)


class Waits:
    """Stands for `time.sleep`: remembers how long it should have waited, and does something else instead."""

    def __init__(self, meanwhile: dict[int, Callable[[], Any]] | None = None) -> None:
        self.seconds: list[float] = []
        self._meanwhile = meanwhile or {}

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._meanwhile.get(len(self.seconds), lambda: None)()


def open_on(
    fleet: RunningFleet, wait: Waits, limits: Limits = LIMITS, share: float | None = 1.0, **options: Any
) -> Session:
    device = fleet.devices["faz"]
    target = Target(
        device.address, device.port, password=options.pop("password", SECRET), host_key_fingerprint=device.fingerprint
    )
    if share is not None:
        options["share"] = lambda: share
    return open_session(target, limits, Redactor([SECRET]), sleep=wait, **options)


def test_row_06_a_session_that_becomes_free_is_waited_for() -> None:
    told: list[tuple[int, float]] = []
    with fleet_of(Switches(max_sessions=1)) as fleet:
        other = open_on(fleet, Waits())
        wait = Waits({2: lambda: (other.close(), closed_on_device(fleet))})
        with open_on(fleet, wait, busy=lambda tries, waited: told.append((tries, waited))) as session:
            assert session.prompt == "FAZ-HQ # "
        assert wait.seconds == [1, 2]
        assert told == [(2, 1), (3, 3)]
        assert closed_on_device(fleet)


def test_row_06_a_device_that_stays_busy_is_given_up() -> None:
    with fleet_of(Switches(max_sessions=1)) as fleet, open_on(fleet, Waits()):
        wait = Waits()
        with pytest.raises(LoginError, match=r"Too many concurrent sessions.* none to spare in 6 tries") as failed:
            open_on(fleet, wait)
        assert failed.value.cause == "busy"
        assert wait.seconds == [1, 2, 4, 8, 16]
        assert [each.good for each in fleet.devices["faz"].server.logins] == [True] * 7
        assert SECRET not in str(failed.value)


def test_row_06_waiting_never_goes_beyond_the_login_limit() -> None:
    with fleet_of(Switches(max_sessions=1)) as fleet, open_on(fleet, Waits()):
        wait = Waits()
        with pytest.raises(LoginError) as failed:
            open_on(fleet, wait, Limits(connect=5, login=3.9))
        assert failed.value.cause == "busy"
        # The waits are not really waited here, so all of the limit is left each time.
        assert wait.seconds == [1, 2]


def test_row_06_waits_differ_by_chance() -> None:
    with fleet_of() as fleet:
        fleet.misbehave("faz", busy_sessions=5)
        wait = Waits()
        with open_on(fleet, wait, share=None):
            pass
        shares = [seconds / 2**number for number, seconds in enumerate(wait.seconds)]
        assert len(set(shares)) == 5 and all(0.5 <= share <= 1 for share in shares)


@pytest.mark.parametrize("login_fault", ["none", "drop", "disconnect"])
def test_row_05_a_refused_credential_is_never_tried_again(login_fault: str) -> None:
    with fleet_of(Switches(login_fault=login_fault)) as fleet:
        wait = Waits()
        with pytest.raises(LoginError) as failed:
            open_on(fleet, wait, password="wrong-canary")
        assert failed.value.cause == ("login_refused" if login_fault == "none" else "session_refused")
        assert wait.seconds == [] and len(fleet.devices["faz"].server.logins) == 1
        assert "wrong-canary" not in str(failed.value)


def test_row_06_the_login_limit_is_one_for_all_steps() -> None:
    with fleet_of(Switches(login_delay=0.5)) as fleet:
        fleet.misbehave("faz", stall_before_prompt=0.7)
        begin = time.monotonic()
        with pytest.raises(Exception, match=r"login limit of 1 s ran out before the device showed a prompt"):
            open_on(fleet, Waits(), Limits(connect=5, login=1.0))
        # Half a second for the credential and the whole limit again for the prompt would be 1.5.
        assert time.monotonic() - begin < 1.4
        assert closed_on_device(fleet)
