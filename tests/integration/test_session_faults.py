# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session over real SSH against a device that misbehaves. Byte by byte cases are in tests/unit/shell."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import (
    ClosedError,
    CommandFailed,
    LimitError,
    LoginError,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits
from ansible_collections.fortiops.mail.simulator.device.clock import ManualClock
from ansible_collections.fortiops.mail.simulator.running import RunningFleet
from ansible_collections.fortiops.mail.simulator.specification.fleet import Switches

from .sessions import SECRET, closed_on_device, fleet_of, hurried, session_on


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningFleet]:
    with fleet_of() as fleet:
        yield fleet


@pytest.fixture
def fleet(shared: RunningFleet) -> Iterator[RunningFleet]:
    yield shared
    shared.misbehave("faz")
    shared.call(shared.devices["faz"].state.reboot)
    shared.devices["faz"].trace.clear()


FAULTS: list[dict[str, Any]] = [
    {"motd": "\x1b[2J\x1b[1;31m#####\x1b[0m Welcome #\n# Keep out # \n####\x1b[0m"},
    {"look_alikes": True},
    {"segment": 1},
    {"split": ("crlf", "prompt", "utf8"), "delay": 0.001},
    {"segment": 7, "delay": 0.0005, "look_alikes": True},
    {"stall_before_prompt": 0.05},
    {"denied": ("config",)},
    {"wrap": True, "mask_passwords": True},
]


@pytest.mark.parametrize("faults", FAULTS, ids=",".join)
def test_a_device_is_read_right(fleet: RunningFleet, faults: dict[str, Any]) -> None:
    fleet.misbehave("faz", **faults)
    with session_on(fleet) as session:
        assert session.prompt == ("FAZ-HQ $ " if faults.get("denied") else "FAZ-HQ # ")
        assert Device(session).status_line("hostname") == "FAZ-HQ"
        text = session.run("diagnose debug info").text
        assert text.startswith("General\n")
        assert text.endswith("fgfmsd debug filter:            disable")
    assert closed_on_device(fleet)
    assert [command for command in fleet.devices["faz"].commands if command] == [
        "get system status",
        "diagnose debug info",
        "exit",
    ]


@pytest.mark.parametrize("faults", [{}, *FAULTS[1:6], FAULTS[7]], ids=lambda faults: ",".join(faults) or "none")
def test_a_push_arrives_as_typed(fleet: RunningFleet, faults: dict[str, Any]) -> None:
    fleet.misbehave("faz", **faults)
    value = 'Müller "at" 漢字\\relay ' + "x" * 20
    with session_on(fleet) as session:
        for command in ("config system mail", 'edit "1"', 'set user "Müller \\"at\\" 漢字\\\\relay ' + "x" * 20 + '"'):
            session.run(command)
        session.run(f'set passwd "{SECRET}"')
        session.run("end")
        assert session.context == ""
    entry = fleet.devices["faz"].state.mail.entries.pop("1")
    assert entry["user"] == value
    assert SECRET not in repr(session.results)


def test_the_session_of_a_reader_is_refused_configuration(fleet: RunningFleet) -> None:
    fleet.misbehave("faz", denied=("config",))
    with session_on(fleet) as session, pytest.raises(CommandFailed, match=r"No permission to 'config system\.mail'"):
        session.run("config system mail")


def test_a_forced_password_change_stops_everything(fleet: RunningFleet) -> None:
    fleet.misbehave("faz", must_change_password=True, motd="\x1b[1mHello\x1b[0m")
    with pytest.raises(LoginError) as failed, session_on(fleet):
        pass
    assert failed.value.cause == "password_change_required"
    assert fleet.devices["faz"].commands == []
    assert closed_on_device(fleet)


def test_acceptance_banner_and_pager(fleet: RunningFleet) -> None:
    switches = Switches(prelogin_banner="#" * 40 + "\n# FAZ-HQ # \n", post_login_banner=True, console_output="more")
    with fleet_of(switches) as banners:
        banners.misbehave("faz", motd="# " * 30)
        entries = {str(number): {"server": f"mail{number}.example.com"} for number in range(400)}
        banners.call(lambda: banners.devices["faz"].state.mail.entries.update(entries))
        with session_on(banners) as session:
            assert list(Device(session).mail_table()) == list(entries)


def test_a_question_is_answered_no_and_nothing_is_done(fleet: RunningFleet) -> None:
    fleet.misbehave("faz", confirm_restart=True)
    pid = fleet.devices["faz"].state.daemon.pid
    with session_on(fleet) as session:
        with pytest.raises(CommandFailed, match=r"asked 'Do you want to continue\? \(y/n\)' and was answered n"):
            session.run("diagnose test application fazmaild 99")
        assert fleet.devices["faz"].state.daemon.pid == pid
        assert session.run("diagnose debug info").error is None
        assert session.run("diagnose test application fazmaild 99", answer="y").error is None
    assert fleet.devices["faz"].state.daemon.pid != pid


def test_a_client_that_does_not_log_in_is_cut_after_the_grace_time() -> None:
    with fleet_of(Switches(login_grace=0.3)) as fleet:
        device = fleet.devices["faz"]
        with socket.create_connection((device.address, device.port), 5) as link:
            assert link.recv(100).startswith(b"SSH-2.0-")
            link.sendall(b"SSH-2.0-Idle\r\n")
            while link.recv(4096):
                pass
        assert device.server.users == []


def test_the_last_words_before_an_idle_session_ends(fleet: RunningFleet) -> None:
    clock = ManualClock()
    with fleet_of(clock=clock) as idle:
        idle.misbehave("faz", idle_timeout=300)
        with session_on(idle) as session:
            session.run("diagnose debug info")
            idle.advance(299)
            session.run("diagnose debug info")
            idle.advance(300)
            with pytest.raises(ClosedError, match=r"closed the session.*: Your session has timed out"):
                while True:  # the end of the session is on its way
                    session.run("diagnose debug info")
        assert closed_on_device(idle)


def test_a_device_that_answers_after_90_seconds_is_waited_for_and_asked_once() -> None:
    with fleet_of(clock=ManualClock()) as slow:
        slow.misbehave("faz", stall_before_prompt=90)
        with hurried(slow, Limits(login=400, command_idle=100, command_total=200)) as session:
            session.run("config system mail")
            session.run('edit "1"')
            session.run("set port 26")
            session.run("end")
        assert slow.devices["faz"].commands == ["", "config system mail", 'edit "1"', "set port 26", "end", "exit"]
        assert slow.devices["faz"].state.mail.entries == {"1": {"port": "26"}}


def test_a_stall_longer_than_the_limit_ends_with_its_name() -> None:
    with fleet_of(clock=ManualClock()) as slow:
        slow.misbehave("faz", silent_after="get system")
        with (
            hurried(slow, Limits(command_idle=60)) as silent,
            pytest.raises(LimitError, match="command_idle limit of 60 s ran out in 'get system status'"),
        ):
            silent.run("get system status")
        assert slow.devices["faz"].commands.count("get system status") == 1
        assert closed_on_device(slow)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"disconnect_after_commands": 2}, "in 'get system status'"),
        ({"disconnect_after_bytes": 400}, "in 'get system status'"),
        ({"half_close_after": "get"}, "the device closed the session in 'get system status'"),
    ],
)
def test_a_cut_names_the_command(fleet: RunningFleet, faults: dict[str, Any], error: str) -> None:
    fleet.misbehave("faz", **faults)
    with pytest.raises(ClosedError, match=error), session_on(fleet) as session:
        session.run("get system status")
    assert closed_on_device(fleet)


def test_row_23_a_flood_is_bounded_in_memory_and_debug_can_be_switched_off(fleet: RunningFleet) -> None:
    fleet.misbehave("faz", debug_flood=200_000)
    with session_on(fleet) as session:
        session.run("diagnose debug application fazmaild 8")
        session.run("diagnose debug enable")
        assert session.listen(10, max_bytes=2_000_000, max_lines=10**9) == "bytes"
        session.run("diagnose debug disable")
        session.run("diagnose debug reset")
        assert "fazmaild debug level:           disable" in session.run("diagnose debug info").text
    assert sum(len(result.text) for result in session.results) < 12_000_000
    assert fleet.devices["faz"].state.debug.fazmaild == 0


def test_one_command_may_not_print_more_than_its_limit(fleet: RunningFleet) -> None:
    entries = {str(number): {"server": "mail.example.com"} for number in range(2000)}
    fleet.call(lambda: fleet.devices["faz"].state.mail.entries.update(entries))
    try:
        with (
            session_on(fleet, Limits(command_bytes=20_000)) as session,
            pytest.raises(LimitError, match="command_bytes limit of 20000 bytes ran out in 'show system mail'"),
        ):
            session.run("show system mail")
    finally:
        fleet.call(fleet.devices["faz"].state.mail.entries.clear)


def test_two_sessions_share_table_and_debug_and_a_reboot_ends_both(fleet: RunningFleet) -> None:
    with session_on(fleet) as first, session_on(fleet) as second:
        for command in ("config system mail", 'edit "shared"', "set port 26", "end"):
            first.run(command)
        assert 'edit "shared"' in second.run("show system mail").text
        second.run("diagnose debug application fazmaild 8")
        assert "fazmaild debug level:           8" in first.run("diagnose debug info").text
        fleet.reboot("faz")
        for session in (first, second):
            with pytest.raises(ClosedError):
                session.run("diagnose debug info")
    assert fleet.devices["faz"].state.debug.fazmaild == 0
    assert list(fleet.devices["faz"].state.mail.entries) == ["shared"]
    fleet.call(fleet.devices["faz"].state.mail.entries.clear)


def test_row_23_ctrl_c_is_typed_only_while_a_command_runs(fleet: RunningFleet) -> None:
    heard: list[bytes] = []
    session = session_on(fleet)
    send: Callable[[bytes], None] = session.transport.send
    session.transport.send = lambda data: (heard.append(data), send(data))[1]  # type: ignore[method-assign]
    with session:
        session.run("diagnose debug info")
        session.interrupt()
        assert b"\x03" not in b"".join(heard)
