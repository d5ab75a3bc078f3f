# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device says instead of giving a session means the same in SSH's own messages, in its questions, and in the shell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.meanings import meanings
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet, Switches

from .logins import LIMITS, PASSWORD, ask, target

PLACES = {
    "banner": Switches(login_fault="banner"),
    "disconnect": Switches(login_fault="disconnect"),
    "message 60": Switches(login_fault="change-request", login_methods="password"),
    "first question": Switches(login_fault="first-question", login_methods="keyboard-interactive"),
    "next question": Switches(login_fault="question", login_methods="keyboard-interactive"),
    "shell": Switches(login_fault="shell"),
    "end of the shell": Switches(login_fault="shell-closed"),
}


def places(cause: str, text: str) -> Iterator[str]:
    """The places where a text can stand."""
    asks = text.endswith(":")
    yield "next question"
    yield "shell" if asks else "end of the shell"
    if asks:
        yield "first question"
    else:
        yield from ("banner", "disconnect")
    if cause == "password_change_required":
        yield "message 60"


CASES = [
    (f"{cause}-{number}-{place}", cause, text.text, place)
    for cause, meaning in meanings().items()
    for number, text in enumerate(meaning.texts)
    for place in places(cause, text.text)
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    specs = [
        DeviceSpec(name.replace(" ", "-"), "FAZ", password=PASSWORD, switches=replace(PLACES[place], login_text=text))
        for name, __, text, place in CASES
    ]
    others = {"notice": "Please change your password in 3 days.", "no-terminal": "", "no-shell": ""}
    faults = {"notice": "none"}
    specs += [
        DeviceSpec(
            name, "FAZ", password=PASSWORD, switches=Switches(login_fault=faults.get(name, name), prelogin_banner=text)
        )
        for name, text in others.items()
    ]
    with running(Fleet(tuple(specs))) as fleet:
        yield fleet


def failure(device: RunningDevice) -> SessionError:
    """The error of a login, with all the tries that are made, and no secret in it."""
    waits: list[float] = []
    with pytest.raises(SessionError) as caught:
        open_session(target(device), LIMITS, Redactor([PASSWORD]), sleep=waits.append)
    assert PASSWORD not in str(caught.value)
    # What the device may have counted as a refused attempt is not tried again.
    assert len(device.server.logins) in (0, len(waits) + 1)
    return caught.value


@pytest.mark.parametrize(("name", "cause", "text", "place"), CASES, ids=[case[0] for case in CASES])
def test_row_08_a_meaning_is_the_same_wherever_it_stands(
    fleet: RunningFleet, name: str, cause: str, text: str, place: str
) -> None:
    device = fleet.devices[name.replace(" ", "-")]
    error = failure(device)
    assert error.cause == cause, str(error)
    assert text.splitlines()[-1] in str(error)
    assert meanings()[cause].advice in str(error)
    tries = len(device.server.logins)
    if place == "first question":
        assert tries == 0  # nothing was answered
    else:
        assert (tries > 1) == (cause == "busy" and place == "end of the shell")
    assert device.commands == []


@pytest.mark.parametrize("name", ["no-terminal", "no-shell"])
def test_a_session_that_is_refused_is_no_busy_device(fleet: RunningFleet, name: str) -> None:
    device = fleet.devices[name]
    error = failure(device)
    assert error.cause == "no_command_line"
    assert "accepted the login of admin and refuses a shell (this account has no command line" in str(error)
    assert len(device.server.logins) == 1


def test_a_notice_stops_nobody(fleet: RunningFleet) -> None:
    device = fleet.devices["notice"]
    fleet.misbehave("notice", motd="Your password will expire in 3 days.\nPlease change your password.")
    assert ask(target(device)) == "FAZ"


def test_connections_dropped_before_the_greeting_are_tried_again() -> None:
    with running(Fleet((DeviceSpec("faz", "FAZ", password=PASSWORD),))) as fleet:
        device, waits = fleet.devices["faz"], []
        fleet.misbehave("faz", dropped_greetings=2)
        with open_session(target(device), LIMITS, Redactor(), sleep=waits.append, share=lambda: 1.0) as session:
            assert session.prompt == "FAZ # "
        assert waits == [1.0, 2.0]
        assert len(device.server.logins) == 1
        fleet.misbehave("faz", dropped_greetings=100)
        with pytest.raises(SessionError, match=r"before its SSH greeting.*in all 3 tries") as failed:
            open_session(target(device), replace(LIMITS, login=3.9), Redactor(), sleep=waits.append, share=lambda: 1.0)
        assert (failed.value.cause, failed.value.unreachable) == ("ssh", False)
