# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that are logged in to in different ways, and what the tests of logins ask of them."""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.host_keys import AcceptedKey
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet, Switches

PASSWORD = "canary-Login-5d1"
PASSPHRASE = "canary-Phrase-81c"
LIMITS = Limits(connect=5, login=5)
SHORT = Limits(connect=1, login=1.5)


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("keys")
    files = {}
    for kind, phrase in (("ed25519", ""), ("ecdsa", ""), ("rsa", ""), ("encrypted", PASSPHRASE), ("stranger", "")):
        files[kind] = directory / kind
        algorithm = kind if kind in ("ecdsa", "rsa") else "ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", algorithm, "-N", phrase, "-f", str(files[kind])], check=True)
    return files


@pytest.fixture(scope="module")
def fleet(key_files: dict[str, Path]) -> Iterator[RunningFleet]:
    authorized = "\n".join(
        file.with_suffix(".pub").read_text(encoding="utf-8") for name, file in key_files.items() if name != "stranger"
    )
    devices: dict[str, Switches | tuple[Switches, str]] = {
        "plain": Switches(),
        "password": Switches(login_methods="password"),
        "kbdint": Switches(login_methods="keyboard-interactive"),
        "keys": Switches(login_methods="publickey", authorized_keys=authorized),
        "both": Switches(authorized_keys=authorized),
        "bastion": Switches(allow_forwarding=True, authorized_keys=authorized),
        "closed": Switches(),
        "many": Switches(host_key="all"),
        "slow": Switches(login_delay=1.0),
        "full": Switches(max_sessions=1),
        "drops": Switches(login_fault="drop"),
        "disconnects": Switches(login_fault="disconnect"),
        "legacy-kex": Switches(ssh_algorithms="legacy-kex"),
        "legacy-hostkey": Switches(ssh_algorithms="legacy-hostkey"),
        "legacy-userkey": Switches(ssh_algorithms="legacy-userkey", authorized_keys=authorized),
    }
    specs = [
        DeviceSpec(name, name.upper(), password=PASSWORD, switches=switches)
        for name, switches in devices.items()
        if isinstance(switches, Switches)
    ]
    specs.append(DeviceSpec("six", "SIX", "::1", 0, password=PASSWORD))
    with running(Fleet(tuple(specs))) as fleet:
        yield fleet


def target(device: RunningDevice, **options: Any) -> Target:
    """How to log in to a device with the right password and its key pinned, unless told otherwise."""
    known: dict[str, Any] = {"password": PASSWORD, "host_key_fingerprint": device.fingerprint, **options}
    return Target(device.address, device.port, **known)


def ask(target: Target, limits: Limits = LIMITS, told: list[AcceptedKey] | None = None) -> str:
    """Log in, ask the device for its name, log out."""
    accepted = (lambda key: None) if told is None else told.append
    with Session(connect(target, limits, accepted), limits) as session:
        text = session.run("get system status").text
    return next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Hostname"))


def failure(target: Target, cause: str, limits: Limits = LIMITS) -> str:
    """The message of a login that fails; it is one line, comes in time, and shows no secret."""
    begin = time.monotonic()
    with pytest.raises(SessionError) as caught:
        ask(target, limits)
    message = str(caught.value)
    assert caught.value.cause == cause, message
    assert time.monotonic() - begin < limits.connect + limits.login + 5
    assert "\n" not in message and "canary" not in message
    return message


@pytest.fixture
def attempts(fleet: RunningFleet) -> Callable[[str], list[tuple[str, bool]]]:
    """The credentials a device has received since the test began, as method and whether it was right."""
    begin = {name: len(device.server.logins) for name, device in fleet.devices.items()}

    def since(name: str) -> list[tuple[str, bool]]:
        return [(each.method, each.good) for each in fleet.devices[name].server.logins[begin[name] :]]

    return since


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_files: dict[str, Path]) -> Iterator[Callable[..., None]]:
    """An SSH agent; call it with the names of the keys it holds."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it prints where it listens once it does
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))

    def holds(*names: str) -> None:
        subprocess.run(["ssh-add", "-q", "-D"], check=True, stderr=subprocess.DEVNULL)
        for name in names:
            subprocess.run(["ssh-add", "-q", str(key_files[name])], check=True)

    yield holds
    process.terminate()
    process.wait()
    process.stdout.close()


def openssh_line(device: RunningDevice, number: int = 0, name: str = "") -> str:
    key = device.server.keys[number].export_public_key().decode().split()
    return f"{name or f'[{device.address}]:{device.port}'} {key[0]} {key[1]}\n"


def reset(link: socket.socket) -> None:
    """Close a connection so that the other end is told of a reset."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


@contextmanager
def ssh_server(factory: Callable[[], asyncssh.SSHServer]) -> Iterator[tuple[str, int, str]]:
    """An SSH server that behaves as `factory` says: its address, port and fingerprint."""
    with running(Fleet()) as fleet:
        key = asyncssh.generate_private_key("ssh-ed25519")

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen("127.0.0.1", 0, server_factory=factory, server_host_keys=[key])

        acceptor = asyncio.run_coroutine_threadsafe(listen(), fleet.loop).result()
        try:
            yield "127.0.0.1", acceptor.get_port(), key.get_fingerprint()
        finally:
            fleet.call(acceptor.close)


@contextmanager
def tcp_server(serve: Callable[[socket.socket], None]) -> Iterator[Target]:
    """A TCP server that does `serve` to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    link, __ = listener.accept()
                    with suppress(OSError):
                        serve(link)
                    kept.append(link)

        kept: list[socket.socket] = []
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        yield Target(host, port, password=PASSWORD)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for link in kept:
        link.close()
