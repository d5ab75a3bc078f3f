# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements beside the playbooks: how quick one session is, and how many devices one simulator holds."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncssh
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from measure import pss
from simulated import Fleet, fleet

_QUICK = ("show system mail", "diagnose debug info", "get system status")


@dataclass(frozen=True)
class Latency:
    """Milliseconds, medians. login: from the TCP connection to the first prompt; three: three commands after it."""

    login: float
    three: float


def session_latency(work: Path, rounds: int = 200, logins: int = 20) -> Latency:
    """Time `rounds` rounds of three commands, spread over `logins` sessions."""
    opened, rounds_took = [], []
    with fleet(1, work / "session") as devices:
        host = next(iter(_hosts(devices).values()))
        target = Target(
            host["ansible_host"],
            host["ansible_port"],
            host["ansible_user"],
            host["ansible_password"],
            host_key_fingerprint=host["ansible_fortiops_mail_host_key_fingerprint"],
        )
        for __ in range(logins):
            begin = time.perf_counter()
            with Session(connect(target, Limits())) as session:
                opened.append(time.perf_counter() - begin)
                for __ in range(rounds // logins):
                    begin = time.perf_counter()
                    for command in _QUICK:
                        session.run(command)
                    rounds_took.append(time.perf_counter() - begin)
    return Latency(1000 * median(opened), 1000 * median(rounds_took))


@dataclass(frozen=True)
class Capacity:
    """seconds: until the last of the logins was at a prompt, all of them open. pss: MB of the simulator then."""

    devices: int
    seconds: float
    pss: float


def simulator_capacity(work: Path, size: int = 500) -> Capacity:
    """Log in to all devices of one simulator process with asyncssh in this process, and keep the sessions open."""
    with fleet(size, work / "capacity") as devices:
        seconds, memory = asyncio.run(_log_in_to_all(devices))
    return Capacity(size, seconds, memory / 1e6)


async def _log_in_to_all(devices: Fleet) -> tuple[float, int]:
    at_once = asyncio.Semaphore(50)

    async def log_in(host: dict[str, Any]) -> asyncssh.SSHClientConnection:
        async with at_once:
            connection = await asyncssh.connect(
                host["ansible_host"],
                host["ansible_port"],
                username=host["ansible_user"],
                password=host["ansible_password"],
                known_hosts=None,
                client_keys=None,
                agent_path=None,
                config=None,
            )
            process = await connection.create_process(term_type="vt100", term_size=(511, 1000))
            await process.stdout.readuntil("# ")
            return connection

    hosts = _hosts(devices)
    begin = time.perf_counter()
    connections = await asyncio.gather(*(log_in(host) for host in hosts.values()))
    seconds = time.perf_counter() - begin
    memory = pss(devices.process.pid)
    for connection in connections:
        connection.abort()
    return seconds, memory


def _hosts(devices: Fleet) -> dict[str, dict[str, Any]]:
    hosts: dict[str, dict[str, Any]] = yaml.safe_load(devices.inventory.read_text())["all"]["children"][
        "fortianalyzer"
    ]["hosts"]
    return hosts
