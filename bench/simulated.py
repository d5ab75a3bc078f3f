# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets for the benchmark: the simulator in a process of its own, what it heard, and devices that are broken."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import yaml

PASSWORD = "bench-admin"
MAIL_PASSWORD = "bench-mail-password"
MAIL_SERVERS = [
    {
        "id": "relay",
        "server": "mail.example.com",
        "port": 587,
        "secure_option": "starttls",
        "auth": "enable",
        "user": "alerts",
        "passwd": MAIL_PASSWORD,
    }
]
_FIRST = IPv4Address("127.21.0.1")
_BROKEN = IPv4Address("127.21.100.1")
_PORT = 2222
_MAIL = ("127.21.200.1", 2587)
_START_LIMIT = 60.0


@dataclass(frozen=True)
class Heard:
    """What the devices counted. logins: sessions that came to a prompt; healthy_end: seconds since 1970 of the last
    command of any device."""

    logins: int
    commands: int
    healthy_end: float


@dataclass
class Fleet:
    """A running fleet. `broken` tells what is wrong with each broken device, by name."""

    directory: Path
    process: subprocess.Popen[bytes]
    names: list[str]
    broken: dict[str, str] = field(default_factory=dict)

    @property
    def inventory(self) -> Path:
        return self.directory / "inventory.yml"

    def sessions(self) -> dict[tuple[str, int], list[str]]:
        """Return the commands of each session, by device and number of the session."""
        found: dict[tuple[str, int], list[str]] = {}
        for line in self._trace():
            found.setdefault((line["device"], line["session"]), []).append(line["command"])
        return found

    def heard(self) -> Heard:
        """Count what the devices were asked so far."""
        lines = self._trace()
        return Heard(
            logins=len({(line["device"], line["session"]) for line in lines}),
            commands=len(lines),
            healthy_end=max((line["time"] for line in lines), default=0.0),
        )

    def _trace(self) -> list[dict[str, Any]]:
        with (self.directory / "trace.jsonl").open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]


@contextlib.contextmanager
def fleet(size: int, directory: Path, *, login_delay: float = 0.0, broken: bool = False) -> Iterator[Fleet]:
    """Run `size` devices and the mail server they all use; with `broken`, 4 % of them (at least 4, one of each kind) do not work.

    Each fleet starts with empty mail tables. Raises RuntimeError when the simulator does not start.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = [f"faz-{number:03d}" for number in range(1, size + 1)]
    faults = _faults(names) if broken else {}
    devices = [
        {"name": name, "address": str(_FIRST + number), **_stuck(faults.get(name))}
        for number, name in enumerate(names)
        if faults.get(name, "stuck") == "stuck"
    ]
    (directory / "fleet.yml").write_text(yaml.safe_dump(_description(devices, login_delay)))
    # One set of host keys for all runs: making them is not what is measured.
    command = [_fazmail(), "simulate", "fleet.yml", "--keys", "../keys"]
    command += ["--trace", "trace.jsonl", "--inventory", "inventory.yml"]
    with (directory / "simulator.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(directory / "simulator.log", len(devices), process)
        with _impostors(faults) as addresses:
            _add_hosts(directory / "inventory.yml", addresses)
            yield Fleet(directory, process, names, faults)
    finally:
        process.terminate()
        process.wait(30)


def _description(devices: list[dict[str, Any]], login_delay: float) -> dict[str, Any]:
    address, port = _MAIL
    return {
        "hosts": {"mail.example.com:587": f"{address}:{port}"},
        "defaults": {"password": PASSWORD, "port": _PORT, "model": "faz-7.4.2", "login_delay": login_delay},
        "devices": devices,
        "mail_servers": [
            {
                "name": "mail",
                "address": address,
                "port": port,
                "users": {"alerts": MAIL_PASSWORD},
                "domains": ["example.com"],
            }
        ],
    }


def _fazmail() -> str:
    return str(Path(sys.executable).with_name("fazmail"))


def _wait_for(log: Path, lines: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the simulator has named all its devices."""
    deadline = time.monotonic() + _START_LIMIT
    while log.read_bytes().count(b"\n") < lines:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the simulator has not started: {log.read_text().strip()[-300:]}")
        time.sleep(0.02)


# -- broken devices ------------------------------------------------------------------------------------------------


def _faults(names: list[str]) -> dict[str, str]:
    """Spread the faults over the fleet, each kind as often as the others."""
    kinds = ("stuck", "silent", "refused", "cut")
    count = max(len(kinds), len(names) * 4 // 100)
    step = len(names) // count
    return {names[number * step + step // 2]: kinds[number % len(kinds)] for number in range(count)}


def _stuck(fault: str | None) -> dict[str, Any]:
    """A device that takes the password and shows no prompt."""
    return {"login_delay": 3600} if fault == "stuck" else {}


@contextlib.contextmanager
def _impostors(faults: dict[str, str]) -> Iterator[dict[str, str]]:
    """Stand in for the broken devices: `silent` accepts and says nothing, `cut` hangs up, `refused` does not listen.

    Yields the address of each.
    """
    addresses = {
        name: str(_BROKEN + number) for number, (name, fault) in enumerate(sorted(faults.items())) if fault != "stuck"
    }
    with contextlib.ExitStack() as stack:
        for name, address in addresses.items():
            if faults[name] in ("silent", "cut"):
                stack.callback(_Listener(address, hang_up=faults[name] == "cut").close)
        yield addresses


class _Listener:
    """Accepts connections in a thread; hangs up at once, or keeps them and never speaks."""

    def __init__(self, address: str, *, hang_up: bool) -> None:
        self._socket = socket.create_server((address, _PORT))
        self._hang_up = hang_up
        self._kept: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, __ = self._socket.accept()
                if self._hang_up:
                    connection.close()
                else:
                    self._kept.append(connection)

    def close(self) -> None:
        # shutdown() wakes the thread that accepts; close() alone does not.
        self._socket.shutdown(socket.SHUT_RDWR)
        for each in (self._socket, *self._kept):
            each.close()


def _add_hosts(inventory: Path, addresses: dict[str, str]) -> None:
    """Add the devices that the simulator does not know of."""
    data = yaml.safe_load(inventory.read_text())
    hosts = data["all"]["children"]["fortianalyzer"]["hosts"]
    some = next(iter(hosts.values()))
    hosts.update({name: {**some, "ansible_host": address} for name, address in addresses.items()})
    inventory.write_text(yaml.safe_dump(data, sort_keys=False))
