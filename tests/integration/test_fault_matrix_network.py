# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the network itself, in a network namespace that has nothing but a loopback interface: nothing can leave it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

# What a network does to a session is the same in each Python.
pytestmark = pytest.mark.once

_LOOPBACK = """
import fcntl, json, os, socket, struct, time
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import link
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect

def loopback(up):
    request = struct.pack("16sh14x", b"lo", 1 if up else 0)  # IFF_UP
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS
"""


def in_a_network_of_its_own(script: str, directory: Path) -> Any:
    """Run Python code there and return what it prints as JSON. Needs no root where user namespaces are allowed."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    done = subprocess.run(
        ["unshare", "--net", *as_root, sys.executable, "-c", _LOOPBACK + textwrap.dedent(script)],
        check=False,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_row_01_no_way_to_the_device(tmp_path: Path) -> None:
    found = in_a_network_of_its_own(
        """
        loopback(True)
        begin = time.monotonic()
        try:
            connect(Target("192.0.2.1", password="canary-Login-5d1"), Limits(connect=5))
        except SessionError as error:
            print(json.dumps([error.cause, str(error), time.monotonic() - begin]))
        """,
        tmp_path,
    )
    cause, message, seconds = found
    assert (cause, message) == ("unreachable", "192.0.2.1 port 22 cannot be reached: Network is unreachable")
    assert seconds < 2


def test_row_15_a_peer_that_vanishes_while_nothing_is_sent_is_noticed(tmp_path: Path) -> None:
    found = in_a_network_of_its_own(
        """
        from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet
        from ansible_collections.fortiops.mail.simulator.running import running

        assert link._KEEPALIVE_SECONDS == 30
        link._DEAD_PEER_MILLISECONDS, link._KEEPALIVE_SECONDS = 3_000, 1  # as the limits, only sooner
        loopback(True)
        spec = DeviceSpec("faz", "FAZ", password="canary-Login-5d1")
        with running(Fleet((spec,))) as fleet:
            device = fleet.devices["faz"]
            target = Target(device.address, device.port, password=device.password, host_key_fingerprint=device.fingerprint)
            begin = 0.0
            try:
                with Session(connect(target, Limits()), Limits()) as session:
                    session.run("get system status")
                    loopback(False)
                    begin = time.monotonic()
                    ended = session.listen(40, max_bytes=10, max_lines=10)
            except SessionError as error:
                ended = error.cause
            print(json.dumps([ended, time.monotonic() - begin]))
            loopback(True)
        """,
        tmp_path,
    )
    ended, seconds = found
    assert ended == "session_closed"
    assert seconds < 15


def test_row_15_a_peer_that_vanished_is_noticed_long_before_the_limit_of_a_silent_one(tmp_path: Path) -> None:
    found = in_a_network_of_its_own(
        """
        from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet
        from ansible_collections.fortiops.mail.simulator.running import running

        assert link._DEAD_PEER_MILLISECONDS == 15_000
        link._DEAD_PEER_MILLISECONDS = 1_500  # as the limit, only sooner
        loopback(True)
        spec = DeviceSpec("faz", "FAZ", password="canary-Login-5d1")
        with running(Fleet((spec,))) as fleet:
            device = fleet.devices["faz"]
            target = Target(device.address, device.port, password=device.password, host_key_fingerprint=device.fingerprint)
            try:
                with Session(connect(target, Limits()), Limits(command_idle=60)) as session:
                    loopback(False)
                    begin = time.monotonic()
                    session.run("get system status")
            except SessionError as error:
                print(json.dumps([error.cause, str(error), time.monotonic() - begin]))
            loopback(True)
        """,
        tmp_path,
    )
    cause, message, seconds = found
    assert cause == "session_closed" and message.endswith("in 'get system status'")
    assert seconds < 15
