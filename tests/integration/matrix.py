# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the fault matrix share: what is asked of the devices, and what holds for every row."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from .canaries import leaks
from .conftest import ENTRY, MAIL_PASSWORD, Run, play, task
from .sessions import closed_on_device

LOGIN_PASSWORD = "canary-Adm1n-password"


@pytest.fixture
def devices(start: Any) -> Callable[..., RunningFleet]:
    """Start devices, each with its faults; other keys as in a fleet file."""

    def started(**faults: dict[str, Any]) -> RunningFleet:
        rows = []
        for name, given in faults.items():
            others = given.pop("device", {})
            rows.append({"name": name, "password": LOGIN_PASSWORD, **others, "faults": given})
        fleet: RunningFleet = start(*rows)
        return fleet

    return started


def finished(run: Run, fleet: RunningFleet, status: int = 0) -> Run:
    """What holds for every row; `status` is the exit status of the playbook."""
    assert run.status == status, run.output
    assert closed_on_device(fleet)
    assert "Traceback" not in run.output
    assert leaks((MAIL_PASSWORD, LOGIN_PASSWORD), [("output", run.output), ("results", json.dumps(run.results))]) == []
    return run


def typed(fleet: RunningFleet, name: str) -> list[str]:
    """The commands a device received; empty lines only ask for a prompt."""
    return [command for command in fleet.devices[name].commands if command]


CONFIGURE = play(task("system_mail", config=[ENTRY]))
READ = play(task("system_mail_info"))
