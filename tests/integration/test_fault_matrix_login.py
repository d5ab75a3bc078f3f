# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows 1 to 6 of the fault matrix in a playbook, and a busy device. The cases one by one are in test_login*.py."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ConnectError, LimitError, LoginError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session
from ansible_collections.fortiops.mail.simulator.device.clock import ManualClock
from ansible_collections.fortiops.mail.simulator.running import RunningFleet
from ansible_collections.fortiops.mail.simulator.specification.fleet import Switches

from . import matrix
from .logins import reset, tcp_server
from .matrix import READ, finished
from .sessions import SECRET, closed_on_device, fleet_of, hurried

devices = matrix.devices
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
        with pytest.raises(
            LoginError, match=r"Too many concurrent sessions.*so it was in all 6 tries within 31"
        ) as failed:
            open_on(fleet, wait)
        assert failed.value.cause == "busy"
        assert wait.seconds == [1, 2, 4, 8, 16]
        assert [each.good for each in fleet.devices["faz"].server.logins] == [True] * 7
        assert SECRET not in str(failed.value)


def test_row_06_what_the_device_did_is_told_where_the_last_try_has_no_time_left() -> None:
    connections: list[socket.socket] = []

    def serve(link: socket.socket) -> None:
        connections.append(link)
        if len(connections) == 1:
            reset(link)

    with tcp_server(serve) as server, pytest.raises(ConnectError) as failed:
        open_session(
            Target(server.host, server.port, password=SECRET),
            Limits(connect=5, login=1),
            Redactor([]),
            sleep=Waits(),
            share=lambda: 0.5,
        )

    assert failed.value.cause == "ssh"
    assert "closed the connection before its SSH greeting" in str(failed.value)
    assert str(failed.value).endswith("then the login limit of 1 s ran out")
    assert len(connections) == 2


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
        assert (
            failed.value.cause
            == {"none": "login_refused", "drop": "session_refused", "disconnect": "busy"}[login_fault]
        )
        assert wait.seconds == [] and len(fleet.devices["faz"].server.logins) == 1
        assert "wrong-canary" not in str(failed.value)


def test_row_06_the_login_limit_is_one_for_all_steps() -> None:
    with fleet_of(Switches(login_delay=1.5)) as fleet:
        # Within the limit by itself, and beyond it with what the credential took.
        fleet.misbehave("faz", stall_before_prompt=1.0)
        with pytest.raises(Exception, match=r"login limit of 2 s ran out before the device showed a prompt"):
            open_on(fleet, Waits(), Limits(connect=5, login=2.0))
        assert closed_on_device(fleet)


def test_row_06_a_login_of_40_seconds_is_waited_for() -> None:
    with fleet_of(clock=ManualClock()) as fleet:
        fleet.misbehave("faz", stall_before_prompt=40)
        with hurried(fleet, Limits(login=100)) as session:
            assert session.prompt == "FAZ-HQ # " and session.clock() >= 40
        with pytest.raises(LimitError, match="login limit of 30 s ran out"), hurried(fleet, Limits(login=30)):
            pass
        assert closed_on_device(fleet)


def test_row_06_a_playbook_says_how_long_a_busy_device_was_waited_for(devices: Any, playbook: Any) -> None:
    fleet = devices(free={"busy_sessions": 2}, full={"busy_sessions": 1000, "device": login_limit(2)})
    run = finished(playbook(READ, fleet, "-vvvv"), fleet, 2)
    result = run.of("free", "system_mail_info")[0]
    assert result["login"]["tries"] == 3 and 1.5 <= result["login"]["waited"] <= 3
    failed = run.of("full", "system_mail_info")[0]
    assert failed["cause"] == "busy" and failed["login"]["tries"] >= 2
    assert "Too many concurrent sessions" in failed["msg"] and "so it was in all" in failed["msg"]
    assert "login" not in playbook(READ, fleet).of("free", "system_mail_info")[0]


def login_limit(seconds: float) -> dict[str, Any]:
    return {"vars": {"ansible_fortiops_mail_login_limit": seconds}}


def test_rows_01_to_05_in_a_playbook(devices: Any, playbook: Any, tmp_path: Path) -> None:
    quick = {"ansible_fortiops_mail_connect_limit": 1, "ansible_fortiops_mail_login_limit": 3}
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text("", encoding="utf-8")
    unknown = {
        "ansible_fortiops_mail_host_key_fingerprint": "",
        "ansible_fortiops_mail_known_hosts": [str(known_hosts)],
    }
    with tcp_server(lambda link: None) as silent, tcp_server(reset) as resets:
        cases: dict[str, tuple[str, str, dict[str, Any]]] = {
            "refused": ("refused", "refuses connections; check ansible_port", {"ansible_port": 1}),
            "filtered": ("limit_connect", "connect limit of 1 s", {**quick, **at(silent)}),
            "reset": ("ssh", "closed the connection before its SSH greeting", {**quick, **at(resets)}),
            "nameless": ("dns", "does not resolve", {"ansible_host": "no-such-device.invalid"}),
            "changed": (
                "host_key",
                "is pinned in",
                {"ansible_fortiops_mail_host_key_fingerprint": "SHA256:" + "A" * 43},
            ),
            "unknown": ("host_key", "is unknown (", unknown),
            "wrong": ("login_refused", "one attempt was made", {"ansible_password": "wrong-canary-password"}),
            "none": (
                "no_credential",
                "expected ansible_password or ansible_ssh_private_key_file",
                {"ansible_password": None},
            ),
        }
        fleet = devices(**{name: {"device": {"vars": variables}} for name, (__, __, variables) in cases.items()})
        run = finished(playbook(READ, fleet, "-vvvv"), fleet, 4)
    assert len(run.results) == len(cases)
    for name, (cause, words, __) in cases.items():
        result = run.of(name, "system_mail_info")[0]
        assert result["cause"] == cause and words in result["msg"], result
        assert fleet.devices[name].commands == []
        # Not even the user name is sent to a host whose key is not the right one.
        assert len(fleet.devices[name].server.users) == (name == "wrong")
    assert "wrong-canary-password" not in run.output
    for name in ("changed", "unknown"):
        assert fleet.devices[name].fingerprint in run.of(name, "system_mail_info")[0]["msg"]
    assert known_hosts.read_text(encoding="utf-8") == ""


def at(target: Target) -> dict[str, Any]:
    return {"ansible_host": target.host, "ansible_port": target.port}
