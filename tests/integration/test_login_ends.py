# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At which host a login ended, and how far it got there: every cause, at the device and at a jump host before it."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.connection import cli
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.doctor import FAILED, OK, of_error
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import HostKeyError, SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.limits import Limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.meanings import meanings
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import link
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.open import open_session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.target import Target
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet, Switches

from .conftest import play, task
from .logins import PASSWORD, SHORT, target, tcp_server

WRONG_PIN = f"SHA256:{'A' * 43}"
NO_ROUTE = 2  # a port that nobody has


@dataclass(frozen=True)
class End:
    """A login that ends: why, at which step, at which server, and what is changed of the way to it."""

    cause: str
    step: str
    server: str = "good"
    changes: Mapping[str, Any] = field(default_factory=dict)


SAID = {cause: meaning.texts[-1].text for cause, meaning in meanings().items()}
ENDS = {
    "dns": End("dns", "connection", changes={"host": "nowhere.invalid"}),
    "refused": End("refused", "connection", changes={"port": 1}),
    "unreachable": End("unreachable", "connection", changes={"port": NO_ROUTE}),
    "silent": End("limit_connect", "connection", "silent"),
    "hangs up": End("ssh", "connection", "hangs up"),
    "another service": End("ssh", "connection", "another service"),
    "old protocol": End("ssh_algorithms", "connection", "old protocol"),
    "no proxy": End("proxy", "connection", changes={"proxy_command": "/nowhere/nc %h %p"}),
    "unknown key": End("host_key", "host_key", changes={"host_key_fingerprint": ""}),
    "another key": End("host_key", "host_key", changes={"host_key_fingerprint": WRONG_PIN}),
    "nowhere to keep a new key": End(
        "host_key", "host_key", changes={"host_key_fingerprint": "", "accept_new": True, "known_hosts": ()}
    ),
    "no credential": End("no_credential", "login", changes={"password": None}),
    "no agent": End("no_credential", "login", changes={"use_agent": True}),
    "no key file": End("key_file", "login", changes={"key_file": Path("/nowhere/key")}),
    "wrong password": End("login_refused", "login", changes={"password": "canary-wrong"}),
    "slow": End("limit_login", "login", "slow"),
    "drops": End("session_refused", "login", "drops"),
    "question": End("second_factor", "login", "question"),
    **{f"says {cause}": End(cause, "login", f"says-{cause}") for cause in SAID if cause != "second_factor"},
}
GREETINGS = {
    "silent": lambda link: None,
    "hangs up": socket.socket.close,
    "another service": lambda link: link.sendall(b"220 mail.example.com ESMTP\r\n"),
    "old protocol": lambda link: link.sendall(b"SSH-1.5-Old\r\n"),
}


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[str], Target]]:
    switches = {
        "good": Switches(allow_forwarding=True),
        "slow": Switches(login_delay=3.0),
        "drops": Switches(login_fault="drop"),
        "question": Switches(
            login_fault="first-question", login_methods="keyboard-interactive", login_text=SAID["second_factor"]
        ),
        **{f"says-{cause}": Switches(login_fault="disconnect", login_text=text) for cause, text in SAID.items()},
    }
    specs = tuple(DeviceSpec(name, "FAZ", password=PASSWORD, switches=each) for name, each in switches.items())
    with running(Fleet(specs)) as fleet, ExitStack() as stack:
        others = {name: stack.enter_context(tcp_server(serve)) for name, serve in GREETINGS.items()}
        yield lambda name: others.get(name) or target(fleet.devices[name])


def ended(at: Target, limits: Limits = SHORT) -> SessionError:
    with pytest.raises(SessionError) as caught:
        open_session(at, limits, Redactor(at.secrets), sleep=lambda seconds: None)
    assert "canary" not in str(caught.value)
    return caught.value


def rows(error: SessionError) -> list[tuple[str, str]]:
    return [(check.name, check.state) for check in of_error("faz", error)]


@pytest.mark.parametrize("role", ["device", "jump host"])
@pytest.mark.parametrize("name", ENDS)
def test_the_error_says_at_which_host_and_step(
    servers: Callable[[str], Target], monkeypatch: pytest.MonkeyPatch, name: str, role: str
) -> None:
    opened = link._open

    def without_route(family: int, address: Any, patience: float) -> socket.socket:
        if address[1] == NO_ROUTE:
            raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
        return opened(family, address, patience)

    monkeypatch.setattr(link, "_open", without_route)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    end = ENDS[name]
    failing = replace(servers(end.server), role=role, **end.changes)
    way = failing if role == "device" else replace(servers("good"), jump=failing)

    error = ended(way)

    assert error.cause == end.cause, str(error)
    assert error.details["stopped_at"] == {
        "role": role.replace(" ", "_"),
        "host": failing.host,
        "port": failing.port,
        "step": end.step,
    }
    assert ("jump host" in str(error)) == (role == "jump host")
    assert role == "device" or failing.host in str(error)
    steps = ["reachable", "host key", "login"]
    reached = ["connection", "host_key", "login"].index(end.step) if role == "device" else 0
    assert rows(error) == [*((step, OK) for step in steps[:reached]), (steps[reached], FAILED)]


def test_the_ends_above_have_every_cause_that_is_documented() -> None:
    notes = yaml.safe_load(cli.DOCUMENTATION)["notes"]
    documented = {cause for note in notes for cause in re.findall(r"V\((\w+)\)", note) if note.startswith("No ")}

    assert {end.cause for end in ENDS.values()} == documented - {"option"}


def test_a_jump_host_that_does_not_reach_the_device_says_nothing_of_it(servers: Callable[[str], Target]) -> None:
    good = servers("good")
    bastion = replace(good, role="jump host")
    where = {"role": "jump_host", "host": good.host, "port": good.port, "step": "forwarding"}

    for jump in (bastion, replace(bastion, jump=bastion)):
        error = ended(replace(good, port=1, jump=jump))
        assert (error.cause, error.details["stopped_at"]) == ("unreachable", where)
        assert rows(error) == [("reachable", FAILED)]
    closed = replace(servers("slow"), role="jump host")
    error = ended(replace(good, jump=closed), Limits(connect=5, login=10))
    assert error.cause == "proxy"
    assert error.details["stopped_at"] == {**where, "host": closed.host, "port": closed.port}


def test_where_no_host_was_asked_nothing_is_called_good(servers: Callable[[str], Target], tmp_path: Path) -> None:
    unreadable = replace(servers("good"), host_key_fingerprint="", known_hosts=(tmp_path,))

    error = ended(unreadable)

    assert isinstance(error, HostKeyError) and "stopped_at" not in error.details
    assert rows(error) == [("session", FAILED)]


def test_tasks_batches_and_the_doctor_name_the_jump_host(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet: RunningFleet = start(
        {"name": "faz", "vars": {"ansible_fortiops_mail_proxy_jump": "ops@{{ bastion.host }}:{{ bastion.port }}"}},
        {"name": "bastion", "username": "ops", "allow_forwarding": True},
    )
    bastion = fleet.devices["bastion"]
    variables = {
        "bastion": {"host": bastion.address, "port": bastion.port},
        "ansible_fortiops_mail_proxy_jump_password": "canary-wrong",
        "ansible_fortiops_mail_proxy_jump_host_key_fingerprint": bastion.fingerprint,
    }
    expected = {"role": "jump_host", "host": bastion.address, "port": bastion.port, "step": "login"}
    rollout = {"config": [{"id": "relay", "server": "mail.example.com"}], "mail_from": "a@b.example", "mail_to": "c@d.example"}  # fmt: skip
    batch: dict[str, Any] = {
        "fortiops.mail.batch": {"module": "mail_rollout", "options": "rollout"},
        "run_once": True,
        "delegate_to": "localhost",
        "register": "batch",
        "vars": {"rollout": rollout},
    }
    of_batch = task("batch_result", batch="batch")
    tasks = [{**task("faz_facts"), "ignore_errors": True}, batch, of_batch]
    run = playbook(play(*tasks, hosts="faz"), fleet, variables=variables)

    for name in ("faz_facts", "batch_result"):
        (result,) = run.of("faz", name)
        assert (result["cause"], result["stopped_at"]) == ("login_refused", expected)
        assert f"jump host {bastion.address} port {bastion.port} refused the login of ops" in result["msg"]
    assert run.of("faz", "batch_result")[0]["state"] == "not_reached"

    command = [sys.executable, "-m", "ansible_collections.fortiops.mail.plugins.plugin_utils.command.main"]
    done = subprocess.run(
        [*command, "doctor", "-i", str(tmp_path / "inventory.yml"), "faz"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "300"},
    )
    of_device = done.stdout.partition("\n\nfaz\n")[2]
    assert done.returncode == 1
    assert " ok " not in of_device
    assert re.search(rf"^  failed +reachable +jump host {bastion.address} port ", of_device)
    assert "Check user, password or key for the jump host." in of_device
