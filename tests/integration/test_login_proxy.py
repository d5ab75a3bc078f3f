# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reaching a device through a jump host or a proxy command."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.host_keys import AcceptedKey
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from . import logins
from .logins import PASSPHRASE, ask, failure, openssh_line, target

key_files, fleet, attempts = logins.key_files, logins.fleet, logins.attempts


def jump(fleet: RunningFleet, name: str = "bastion", **options: Any) -> Target:
    return replace(target(fleet.devices[name], role="jump host"), **options)


def test_a_jump_host_leads_to_the_device(fleet: RunningFleet, attempts: Any, key_files: dict[str, Path]) -> None:
    device = fleet.devices["plain"]
    with_key = jump(fleet, password=None, key_file=key_files["encrypted"], passphrase=PASSPHRASE)
    for way in (jump(fleet), with_key):
        assert ask(target(device, jump=way)) == "PLAIN"
        assert fleet.devices["bastion"].server.forwarded[-1] == (device.address, device.port)
    assert attempts("plain") == [("password", True)] * 2
    assert attempts("bastion")[-1] == ("publickey", True)
    assert fleet.devices["bastion"].commands == []


def test_the_host_keys_of_both_are_checked(fleet: RunningFleet, attempts: Any, tmp_path: Path) -> None:
    device, bastion = fleet.devices["plain"], fleet.devices["bastion"]
    file = tmp_path / "known_hosts"
    files: dict[str, Any] = {"known_hosts": (file,), "host_key_fingerprint": ""}
    message = failure(target(device, jump=jump(fleet, **files)), "host_key")
    assert bastion.address in message and "ansible_fortiops_mail_proxy_jump_host_key_fingerprint" in message
    assert attempts("bastion") == []
    message = failure(target(device, jump=jump(fleet), **files), "host_key")
    assert device.address in message
    assert attempts("plain") == []
    told: list[AcceptedKey] = []
    way = jump(fleet, accept_new=True, **files)
    assert ask(target(device, jump=way, accept_new=True, **files), told=told) == "PLAIN"
    assert [(each.role, each.key.fingerprint) for each in told] == [
        ("jump host", bastion.fingerprint),
        ("device", device.fingerprint),
    ]
    assert file.read_text(encoding="utf-8") == openssh_line(bastion) + openssh_line(device)


def test_a_jump_host_that_does_not_lead_there(fleet: RunningFleet, attempts: Any) -> None:
    device = fleet.devices["plain"]
    where = f"jump host {fleet.devices['bastion'].address} port"
    message = failure(target(device, jump=jump(fleet, password="canary-wrong")), "login_refused")
    assert f"{where} 2222 refused the login of admin" in message
    assert attempts("bastion") == [("password", False)]
    message = failure(target(device, jump=jump(fleet, password=None)), "no_credential")
    assert "ansible_fortiops_mail_proxy_jump_password" in message
    message = failure(target(device, jump=jump(fleet, port=1)), "refused")
    assert f"{where} 1 refuses connections; check ansible_fortiops_mail_proxy_jump" in message
    message = failure(replace(target(device, jump=jump(fleet)), port=1), "unreachable")
    assert f"{where} 2222 cannot reach {device.address} port 1" in message
    message = failure(target(device, jump=jump(fleet, "closed")), "proxy")
    assert "does not forward connections" in message
    assert attempts("plain") == []


RELAY = """
import os, socket, sys, threading
link = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def up():
    while data := os.read(0, 65536):
        link.sendall(data)
threading.Thread(target=up, daemon=True).start()
while data := link.recv(65536):
    os.write(1, data)
"""


def test_a_proxy_command_leads_to_the_device_and_ends_with_the_session(fleet: RunningFleet, tmp_path: Path) -> None:
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY, encoding="utf-8")
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    command = f'{sys.executable} -c \'held = open("{alive}", "w"); exec(open("{relay}").read())\' %h %p'
    ended: list[bytes] = []
    # The end of the pipe comes when the command is gone.
    watch = threading.Thread(target=lambda: ended.append(alive.read_bytes()), daemon=True)
    watch.start()
    assert ask(target(fleet.devices["plain"], proxy_command=command)) == "PLAIN"
    watch.join(5)
    assert ended == [b""]


@pytest.mark.parametrize(
    ("script", "cause", "message"),
    [
        ("import sys; sys.exit('first line\\nno route to that host')", "proxy", "ended with status 1: no route to that host"),
        ("pass", "proxy", "ended with status 0"),
        ("import time; print('220 mail ESMTP', flush=True); time.sleep(60)", "ssh", "is no SSH server: it greets with '220 mail ESMTP'"),
        ("import time; time.sleep(60)", "limit_connect", "connect limit of 1 s ran out waiting for the SSH greeting"),
    ],
)  # fmt: skip
def test_a_proxy_command_that_does_not_lead_there(
    fleet: RunningFleet, tmp_path: Path, script: str, cause: str, message: str
) -> None:
    file = tmp_path / "proxy.py"
    file.write_text(script, encoding="utf-8")
    proxied = target(fleet.devices["plain"], proxy_command=f"{sys.executable} {file} canary")
    assert message in failure(proxied, cause, Limits(connect=1, login=5))


def test_a_proxy_command_that_does_not_exist(fleet: RunningFleet) -> None:
    message = failure(target(fleet.devices["plain"], proxy_command="/nowhere/nc canary"), "proxy")
    assert "cannot run '/nowhere/nc': No such file or directory; it is run without a shell" in message


def test_several_jump_hosts_are_taken_one_after_the_other(fleet: RunningFleet) -> None:
    device, bastion = fleet.devices["plain"], fleet.devices["bastion"]
    through = len(bastion.server.forwarded)
    assert ask(target(device, jump=jump(fleet, jump=jump(fleet)))) == "PLAIN"
    assert bastion.server.forwarded[through:] == [(bastion.address, bastion.port), (device.address, device.port)]
