# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as clients see it: OpenSSH, asyncssh and paramiko type every command."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import netmiko
import paramiko
import pytest
from ansible_collections.fortiops.mail.simulator.places import SimulationError
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import (
    DeviceSpec,
    Fleet,
    MailServerSpec,
    Switches,
    make_fleet,
)

PASSWORD = "canary-Dev1ce"
# A client that waits longer than this waits for nothing.
PATIENCE = 10.0

# Every command a person can type, with a text its answer holds.
SCRIPT = [
    ("get system status", "Platform Full Name              : FortiManager-VM64-KVM"),
    ("config system mail", ""),
    ('edit "1"', ""),
    ("get", "server              : (null)"),
    ("set secure-option starttls", ""),
    ("set auth enable", ""),
    ("set user alerts", ""),
    ("set passwd canary-Mail", ""),
    ("set port 587", ""),
    ("set server mail.example.com", ""),
    ("show", "set passwd ENC "),
    ("next", ""),
    ("edit 2", ""),
    ("set port 99999", "value parse error before '99999'"),
    ("unset port", ""),
    ("abort", ""),
    ("show system mail", 'set server "mail.example.com"'),
    ("get system mail", "== [ 1 ]"),
    ("config system mail", ""),
    ("edit 3", ""),
    ("next", ""),
    ("delete 3", ""),
    ("end", ""),
    ("execute ping mail.example.com", "5 packets transmitted, 5 received, 0% packet loss"),
    ("execute ping nosuch.example.com", "unknown host nosuch.example.com"),
    ("diagnose test application fazmaild 1", "running"),
    ("diagnose test application fazmaild 90", "paused"),
    ("diagnose test application fazmaild 91", "resumed"),
    ("diagnose test application fazmaild 99", "restart"),
    ("diagnose debug application fazmaild 255", ""),
    ("diagnose debug timestamp enable", ""),
    ("diagnose debug info", "fazmaild debug level:           255"),
    ("diagnose test connection mailserver 1 faz@example.com ops@example.com", "250 2.0.0 Ok: queued as"),
    ("diagnose test application fazmaild 2", "total sent mail count:     1"),
    ("diagnose debug reset", ""),
    ("diagnose debug disable", ""),
    ("get system status | grep Version", "command parse error before '|'"),
    ("nosuch", "Unknown action 0"),
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    first = DeviceSpec(
        "first",
        "FMG-HQ",
        model="fmg-7.6.7",
        password=PASSWORD,
        hosts={"mail.example.com": "mail", "silent.example.com": "blackhole"},
        switches=Switches(ping_interval=0.001, idle_line_interval=0.05),
    )
    banners = replace(
        first,
        name="banners",
        switches=Switches(prelogin_banner="##### Keep out #####", post_login_banner=True, console_output="more"),
    )
    limited = replace(first, name="limited", switches=Switches(max_sessions=1))
    patient = replace(first, name="patient")
    server = MailServerSpec("mail", users={"alerts": "canary-Mail"}, domains=("example.com",), auth_required=True)
    with running(Fleet((first, banners, limited, patient), (server,))) as fleet:
        yield fleet


@pytest.fixture
def device(fleet: RunningFleet) -> RunningDevice:
    device = fleet.devices["first"]

    def as_new() -> None:
        device.state.mail.entries.clear()
        device.state.daemon.restart(1)
        device.state.debug.fazmaild = 0
        device.state.debug.timestamps = False

    fleet.call(as_new)
    return device


@pytest.fixture
def askpass(tmp_path: Path) -> dict[str, str]:
    script = tmp_path / "askpass"
    script.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
    script.chmod(0o700)
    return {**os.environ, "SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}


def openssh(device: RunningDevice, *options: str) -> list[str]:
    if shutil.which("ssh") is None:
        pytest.fail("the OpenSSH client is not installed")
    files = ["-F", "/dev/null", "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no"]
    login = ["-o", "LogLevel=ERROR", "-p", str(device.port), f"{device.username}@{device.address}"]
    return ["ssh", *files, *options, *login]


class Terminal:
    """A person at a terminal in which `ssh` runs."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)

    def wait_for(self, pattern: str) -> str:
        """Return what appears up to the end of a match."""
        seen, deadline = "", time.monotonic() + PATIENCE
        while not re.search(pattern, seen):
            ready, __, __ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{pattern!r} did not appear in {seen!r}")
            seen += os.read(self._master, 65536).decode()
        return seen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def close(self) -> int:
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            os.close(self._master)


PROMPT = r"(?:FMG-HQ |\(\w+\))# $"


def test_openssh_person_at_a_terminal(device, askpass):
    terminal = Terminal(openssh(device), askpass)
    terminal.wait_for(PROMPT)
    for command, expected in SCRIPT:
        terminal.type(command + "\r")
        shown = terminal.wait_for(re.escape(command) + r"\r+\n[\s\S]*" + PROMPT)
        assert expected in shown, command
    terminal.type("diagnose test application fazmaild ?")
    assert "  90: pause sending mail" in terminal.wait_for(r"FMG-HQ # diagnose test application fazmaild $")
    terminal.type("\x15exit\r")
    assert terminal.close() == 0


def test_openssh_forced_terminal_with_piped_input(device, askpass):
    lines = [*(command for command, __ in SCRIPT), "exit"]
    done = subprocess.run(
        openssh(device, "-tt"),
        check=False,
        input="\r".join(lines) + "\r",
        env=askpass,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0
    for command, expected in SCRIPT:
        assert command in done.stdout
        assert expected in done.stdout, command


def test_openssh_without_a_terminal(device, askpass):
    done = subprocess.run(
        openssh(device, "-T"),
        check=False,
        input=b"diagnose debug enable\nget system status\n",
        env=askpass,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"FMG-HQ # \r\nFMG-HQ # Platform Type  ")


def test_openssh_exec_channel(device, askpass):
    done = subprocess.run(
        [*openssh(device), "get system status"], check=False, env=askpass, capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"FMG-HQ # Platform Type                   : FMG-VM64-KVM\r\n")
    assert b"get system status" not in done.stdout


def test_openssh_banners_and_pager(fleet, askpass):
    device = fleet.devices["banners"]
    terminal = Terminal([part.replace("LogLevel=ERROR", "LogLevel=INFO") for part in openssh(device)], askpass)
    assert "##### Keep out #####" in terminal.wait_for(re.escape("(Press 'a' to accept):"))
    terminal.type("a")
    terminal.wait_for(PROMPT)
    fleet.call(lambda: device.state.mail.entries.update({str(number): {} for number in range(40)}))
    terminal.type("show system mail\r")
    terminal.wait_for("--More-- $")
    terminal.type(" ")
    assert terminal.wait_for(r"--More-- $").startswith("\r         \r")
    terminal.type("q")
    terminal.wait_for(PROMPT)
    terminal.type("exit\r")
    assert terminal.close() == 0


def paramiko_client(device: RunningDevice, password: str = PASSWORD) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        device.address,
        device.port,
        device.username,
        password,
        look_for_keys=False,
        allow_agent=False,
        timeout=PATIENCE,
    )
    return client


def read_until(channel: paramiko.Channel, pattern: str) -> str:
    channel.settimeout(PATIENCE)
    seen = ""
    while not re.search(pattern, seen):
        data = channel.recv(65536)
        assert data, f"{pattern!r} did not appear in {seen!r}"
        seen += data.decode()
    return seen


def test_paramiko_types_every_command(device):
    client = paramiko_client(device)
    try:
        key = client.get_transport().get_remote_server_key()
        assert key.fingerprint == device.fingerprint
        channel = client.invoke_shell(width=511)
        read_until(channel, PROMPT)
        for command, expected in SCRIPT:
            channel.send(command.encode() + b"\n")
            shown = read_until(channel, re.escape(command) + r"\r+\n[\s\S]*" + PROMPT)
            assert expected in shown, command
        channel.send(b"exit\n")
        channel.settimeout(PATIENCE)
        while channel.recv(1024):
            pass
    finally:
        client.close()


@pytest.mark.parametrize("command", ["diagnose test connection mailserver 1", "execute ping silent.example.com"])
def test_ctrl_c_ends_a_command_that_waits(fleet, command):
    # A device of its own: the mail goes on waiting for its server, and the idle lines would tell.
    device = fleet.devices["patient"]
    fleet.call(lambda: device.state.mail.entries.update({"1": {"server": "silent.example.com"}}))
    client = paramiko_client(device)
    try:
        channel = client.invoke_shell()
        read_until(channel, PROMPT)
        channel.send(command.encode() + b"\n")
        read_until(channel, re.escape(command) + r"\r+\n")
        channel.send(b"\x03")
        read_until(channel, PROMPT)
        channel.send(b"diagnose debug info\n")
        assert "cli debug level" in read_until(channel, r"\n\r\n" + PROMPT)
    finally:
        client.close()


def test_debug_text_reaches_the_sessions_that_asked(device):
    client, other = paramiko_client(device), paramiko_client(device)
    try:
        watching, quiet = client.invoke_shell(), other.invoke_shell()
        read_until(watching, PROMPT)
        read_until(quiet, PROMPT)
        watching.send(b"diagnose debug application fazmaild 8\ndiagnose debug enable\n")
        text = read_until(watching, r"last sendmail time \d+\r\n")
        assert re.search(r"FMG-HQ # (sendmail_loop:\d+: total pending tasks: 0\.)\r\n", text)
        quiet.send(b"diagnose debug info\n")
        text = read_until(quiet, PROMPT)
        assert "fazmaild debug level:           8" in text
        assert "console debug output:           disable" in text
        assert "sendmail_loop" not in text
    finally:
        client.close()
        other.close()


def test_a_lost_connection_leaves_levels_and_drops_the_entry(fleet, device):
    client = paramiko_client(device)
    channel = client.invoke_shell()
    read_until(channel, PROMPT)
    channel.send(b"diagnose debug application fazmaild 8\nconfig system mail\nedit 1\nset port 26\n")
    read_until(channel, r"set port 26\r+\n\r\n\(1\)# $")
    fleet.drop_connections("first")
    channel.settimeout(PATIENCE)
    assert channel.recv(1) == b""
    client.close()
    assert device.state.mail.entries == {}
    assert device.state.debug.fazmaild == 8


def test_wrong_password_and_session_limit(fleet, device):
    with pytest.raises(paramiko.AuthenticationException):
        paramiko_client(device, "wrong")
    limited = fleet.devices["limited"]
    first, second = paramiko_client(limited), paramiko_client(limited)
    try:
        channel = first.invoke_shell()
        read_until(channel, PROMPT)
        assert "Too many concurrent sessions" in read_until(second.invoke_shell(), r"\n")
    finally:
        first.close()
        second.close()


def test_asyncssh_types_every_command(device):
    async def talk() -> str:
        async with asyncssh.connect(
            device.address,
            device.port,
            username=device.username,
            password=device.password,
            preferred_auth="keyboard-interactive",
            known_hosts=None,
            config=None,
        ) as connection:
            assert connection.get_server_host_key().get_fingerprint() == device.fingerprint
            process = await connection.create_process(term_type="vt100", encoding=None)
            process.stdin.write("".join(f"{command}\r\n" for command, __ in SCRIPT).encode() + b"exit\r\n")
            return bytes(await asyncio.wait_for(process.stdout.read(), PATIENCE)).decode()

    text = asyncio.run(talk())
    for __, expected in SCRIPT:
        assert expected in text
    assert "canary-Mail" not in "\n".join(device.commands)
    assert "set passwd ***" in device.commands


def test_netmiko_types_every_command(device):
    with netmiko.ConnectHandler(
        device_type="generic",
        host=device.address,
        port=device.port,
        username=device.username,
        password=device.password,
        conn_timeout=PATIENCE,
        fast_cli=True,
    ) as connection:
        for command, expected in SCRIPT:
            text = connection.send_command(command, expect_string=r"[#$] $", read_timeout=PATIENCE, strip_prompt=False)
            assert expected in text
    assert "set passwd ***" in device.commands


def test_an_address_in_use_is_one_clear_line(fleet, device):
    taken = Fleet((DeviceSpec("again", "AGAIN", device.address, device.port),))
    with (
        pytest.raises(SimulationError, match=rf"again: cannot listen on {device.address}:{device.port}: .+"),
        running(taken),
    ):
        pass


def test_host_keys_stay_the_same(tmp_path):
    fleet = make_fleet(2)
    seen = []
    for __ in range(2):
        with running(fleet, keys=tmp_path / "keys") as now:
            seen.append([device.fingerprint for device in now.devices.values()])
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
