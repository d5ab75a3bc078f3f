# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections and logins that fail: the cause, the sentence, the time, and nothing left open. Rows 1, 2 and 6."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import LimitError, SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.known_hosts import PublicKey
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.link import dial
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from . import logins
from .logins import PASSWORD, SHORT, ask, failure, reset, ssh_server, target, tcp_server

key_files, fleet, attempts = logins.key_files, logins.fleet, logins.attempts


# -- row 1: no connection ------------------------------------------------------------------------------------------


def test_row_01_refused() -> None:
    message = failure(Target("127.0.0.1", 1, password=PASSWORD), "refused")
    assert message.startswith("127.0.0.1 port 1 refuses connections; check ansible_port")


def test_row_01_filtered() -> None:
    """A listener whose queue is full drops what arrives, as a packet filter does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        waiting = [socket.socket() for __ in range(3)]
        for link in waiting:
            link.setblocking(False)
            link.connect_ex((host, port))
        message = failure(Target(host, port, password=PASSWORD), "limit_connect", SHORT)
        assert message == f"connect limit of 1 s ran out without an answer from {host} port {port}"
        for link in waiting:
            link.close()


@pytest.mark.parametrize("end", [reset, socket.socket.close])
def test_row_01_ended_before_the_greeting(end: Callable[[socket.socket], None]) -> None:
    with tcp_server(end) as server:
        assert "closed the connection before its SSH greeting" in failure(server, "ssh", SHORT)


GREETINGS = {
    b"220 mail.example.com ESMTP\r\n": ("ssh", "is no SSH server: it greets with '220 mail.example.com ESMTP'; check ansible_port"),
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n": ("ssh", "it greets with 'HTTP/1.1 400 Bad Request'"),
    b"\xff\xfd\x18\x1b]0;x\x07\r\n": ("ssh", "is no SSH server"),
    b"x" * 1_000_000: ("ssh", "is no SSH server: it greets with 'xxxx"),
    b"": ("limit_connect", "connect limit of 1 s ran out waiting for the SSH greeting of"),
    b"SSH-2.0-Silent\r\n": ("limit_connect", "connect limit of 1 s ran out in the SSH negotiation with"),
    b"SSH-1.5-Old\r\n": ("ssh_algorithms", "speaks only an SSH protocol of before 2006"),
    b"SSH-2.0-Odd\r\nnonsense instead of a packet": ("ssh", "broke off the SSH negotiation"),
}  # fmt: skip


@pytest.mark.parametrize("greeting", GREETINGS, ids=lambda text: repr(text[:24]))
def test_row_01_what_answers_is_no_ssh_server(greeting: bytes) -> None:
    cause, text = GREETINGS[greeting]
    with tcp_server(lambda link: link.sendall(greeting)) as server:
        message = failure(server, cause, SHORT)
    assert text in message
    assert message.isprintable()


def test_an_address_that_swallows_everything_does_not_hide_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as full, tcp_server(lambda link: None) as server:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for __ in range(3)]
        for link in waiting:
            link.setblocking(False)
            link.connect_ex(full.getsockname())
        rows = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname()),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (server.host, server.port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: rows)
        begin = time.monotonic()
        link = dial(server, 1)
        assert link.getpeername() == (server.host, server.port)
        assert time.monotonic() - begin < 1
        link.close()
        for each in waiting:
            each.close()


@pytest.mark.parametrize("role", ["device", "jump host"])
def test_row_02_name_servers_that_take_longer_than_the_limit_are_not_the_fault_of_the_device(
    monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    resolve = socket.getaddrinfo

    def slowly(*arguments: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return resolve(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with tcp_server(lambda link: None) as server, pytest.raises(LimitError) as caught:
        dial(replace(server, role=role), 0.2)

    assert str(caught.value) == f"connect limit of 0.2 s ran out while the name '127.0.0.1' of the {role} was resolved"
    assert caught.value.unreachable


@pytest.mark.parametrize("host", ["nonexistent.invalid", "a..b", "x" * 70 + ".example.com"])
def test_row_02_the_name_does_not_resolve(host: str) -> None:
    message = failure(Target(host, password=PASSWORD), "dns")
    assert f"the name {host!r} of the device does not resolve" in message and "check ansible_host" in message


def test_sockets_are_set_up_for_short_messages_and_dead_peers(fleet: RunningFleet) -> None:
    device = fleet.devices["plain"]
    link = dial(target(device), 5)
    options = link._stream
    assert options.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert options.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
    assert options.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    link.close()


# -- row 6: slow, full, or gone during the login -------------------------------------------------------------------


def test_row_06_a_slow_login_within_the_limit(fleet: RunningFleet) -> None:
    assert ask(target(fleet.devices["slow"]), Limits(connect=1, login=5)) == "SLOW"


def test_row_06_a_login_slower_than_the_limit(fleet: RunningFleet, attempts: Any) -> None:
    message = failure(target(fleet.devices["slow"]), "limit_login", Limits(connect=5, login=0.3))
    assert message.startswith("login limit of 0.3 s ran out")
    assert len(attempts("slow")) == 1


def test_row_06_too_many_sessions(fleet: RunningFleet) -> None:
    device = fleet.devices["full"]
    with Session(connect(target(device), logins.LIMITS), logins.LIMITS):
        message = failure(target(device), "busy")
    # The device's own words are in the message.
    assert "closed the session instead of showing a prompt: 'Too many concurrent" in message
    assert ask(target(device)) == "FULL"


@pytest.mark.parametrize(
    ("name", "cause", "end"),
    [
        ("drops", "session_refused", "admin"),
        ("disconnects", "busy", "admin: 'Too many logins, try later' (no session is left; "),
    ],
)
def test_closed_during_the_login(fleet: RunningFleet, attempts: Any, name: str, cause: str, end: str) -> None:
    message = failure(target(fleet.devices[name]), cause)
    assert f"closed the connection during the login of {end}" in message
    assert len(attempts(name)) == 1


class RefusesAndCloses(asyncssh.SSHServer):
    """Ends the connection right after the first refusal, as some devices do."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        asyncio.get_running_loop().call_later(0.02, self._connection.abort)
        return False


def test_a_refusal_is_one_although_the_connection_is_closed_with_it() -> None:
    with ssh_server(RefusesAndCloses) as (address, port, fingerprint):
        failure(Target(address, port, password=PASSWORD, host_key_fingerprint=fingerprint), "login_refused")


class NeverStartsShells(paramiko.ServerInterface):
    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *arguments: Any) -> bool:
        self._ended.wait(10)
        return False


def test_a_device_that_never_starts_the_shell() -> None:
    """paramiko would wait for ever."""
    ended = threading.Event()
    key = paramiko.ECDSAKey.generate()
    started: list[paramiko.Transport] = []

    def serve(link: socket.socket) -> None:
        transport = paramiko.Transport(link)
        transport.set_log_channel("quiet")
        transport.add_server_key(key)
        transport.start_server(event=threading.Event(), server=NeverStartsShells(ended))
        started.append(transport)

    with tcp_server(serve) as server:
        pin = PublicKey(key.get_name(), key.asbytes()).fingerprint
        message = failure(
            Target(server.host, server.port, password=PASSWORD, host_key_fingerprint=pin), "limit_login", SHORT
        )
        assert "before" in message and "started a shell" in message
        ended.set()
        for transport in started:
            transport.close()


class TakesFewBytes(asyncssh.SSHServer):
    """Takes a few bytes at a time of what is typed, as SSH lets a server do."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True

    def session_requested(self) -> Any:
        channel = self._connection.create_server_channel("utf-8", "strict", 16, 16)
        return channel, Echo()


class Echo(asyncssh.SSHServerSession[str]):
    def connection_made(self, chan: Any) -> None:
        self._channel = chan

    def pty_requested(self, *terminal: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._channel.set_line_mode(False)  # it echoes by itself
        self._channel.write("FAZ # ")

    def data_received(self, data: str, datatype: Any) -> None:
        self._channel.write(data.replace("\n", "\r\n\r\nFAZ # "))


def test_a_long_line_is_typed_whole_where_the_device_takes_it_in_pieces() -> None:
    with ssh_server(TakesFewBytes) as (address, port, fingerprint):
        at = Target(address, port, password=PASSWORD, host_key_fingerprint=fingerprint)
        line = f'show "{"x" * 500}"'
        with Session(connect(at, logins.LIMITS), logins.LIMITS) as session:
            assert session.run("show a").text == ""
            assert session.run(line).command == line


class TakesNoMore(TakesFewBytes):
    def session_requested(self) -> Any:
        channel = self._connection.create_server_channel("utf-8", "strict", 16, 16)
        return channel, Deaf()


class Deaf(Echo):
    """Reads nothing behind the first prompts."""

    def data_received(self, data: str, datatype: Any) -> None:
        super().data_received(data, datatype)
        if "get" in data:
            self._channel.pause_reading()


def test_a_device_that_takes_nothing_any_more_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{connect.__module__}._SEND_SECONDS", 0.3)
    with ssh_server(TakesNoMore) as (address, port, fingerprint):
        at = Target(address, port, password=PASSWORD, host_key_fingerprint=fingerprint)
        with (
            Session(connect(at, logins.LIMITS), logins.LIMITS) as session,
            pytest.raises(SessionError, match="the device does not take what is typed"),
        ):
            session.run("get " + "x" * 100)


def test_the_host_key_is_known_also_when_the_connection_is_gone(fleet: RunningFleet) -> None:
    device = fleet.devices["plain"]
    transport = connect(target(device), logins.LIMITS)
    transport.close()

    assert transport.host_key == device.fingerprint


# -- nothing stays -------------------------------------------------------------------------------------------------

COUNT = """
import json, os, sys, threading
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
def count():
    for thread in threading.enumerate():
        # A thread that was told to end may need a moment; one that was not is still there after the time.
        if thread is not threading.main_thread():
            thread.join(0.2)
    return [len(os.listdir("/proc/self/fd")), threading.active_count()]
targets = [({**options, "jump": Target(**options["jump"]) if options.get("jump") else None}) for options in json.load(sys.stdin)]
limits = Limits(connect=0.5, login=0.8)
causes, counts = set(), [count()]
for number in range(20):
    try:
        with Session(connect(Target(**targets[number % len(targets)]), limits), limits):
            causes.add("none")
    except SessionError as error:
        causes.add(error.cause)
    counts.append(count())
print(json.dumps({"causes": sorted(causes), "counts": counts}))
"""


def test_failed_logins_leave_no_socket_no_thread_and_no_noise(fleet: RunningFleet, tmp_path: Path) -> None:
    def options(name: str, **changes: Any) -> dict[str, Any]:
        device = fleet.devices[name]
        return {
            "host": device.address,
            "port": device.port,
            "password": PASSWORD,
            "host_key_fingerprint": device.fingerprint,
            **changes,
        }

    relay = f"{sys.executable} -c 'import time; time.sleep(60)'"
    with tcp_server(lambda link: link.sendall(b"220 mail\r\n")) as smtp, tcp_server(reset) as resets:
        wrong = [
            options("plain", password="wrong"),
            options("plain", host_key_fingerprint="SHA256:" + "A" * 43),
            options("plain", port=1),
            options("kbdint", password="wrong"),
            options("drops"),
            options("disconnects"),
            options("slow"),
            options("legacy-kex"),
            options("plain", host=smtp.host, port=smtp.port),
            options("plain", host=resets.host, port=resets.port),
            options("plain", proxy_command=relay),
            options("plain", proxy_command="/nowhere"),
            options("plain", port=1, jump=options("bastion")),
            options("plain", password="wrong", jump=options("bastion")),
            options("plain", jump=options("closed")),
            options("plain"),
        ]
        done = subprocess.run(
            [sys.executable, "-c", COUNT],
            check=False,
            input=json.dumps(wrong),
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    # paramiko would print tracebacks of its own.
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert set(found["causes"]) == {
        "none", "login_refused", "host_key", "refused", "session_refused", "limit_login", "ssh_algorithms", "ssh",
        "limit_connect", "proxy", "unreachable", "busy",
    }  # fmt: skip
    assert found["counts"] == [found["counts"][0]] * 21
