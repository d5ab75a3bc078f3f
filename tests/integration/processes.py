# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that a test has started, and what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from .conftest import play, task


def children(pid: int) -> list[int]:
    """All processes below one, however deep: Ansible gives its workers sessions of their own."""
    below = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return below + [each for child in below for each in children(child)]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail after half a minute."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def debugging(playbook: Callable[..., Any], fleet: RunningFleet, **options: Any) -> Popen[str]:
    """Start a task that debugs the device `faz` for ten minutes, and return its process as soon as debug is on."""
    process: Popen[str] = playbook(play(task("fazmaild_debug", seconds=600, **options)), fleet, wait=False)
    wait_for(lambda: "diagnose debug enable" in fleet.devices["faz"].commands, "debug is on")
    return process
