# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one answer of the device tells several facts of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device, reasons
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import gather
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import faz_facts
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import run
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.simulator.cli import commands
from ansible_collections.fortiops.mail.simulator.device.models import models, status_lines

from ..in_process import context_of, log_in, session_on, simulated


@pytest.mark.parametrize("model", list(models()))
def test_the_serial_number_is_a_fact_of_every_firmware(model: str) -> None:
    state = simulated(model)

    facts: Any = gather(log_in(state))

    assert (facts["serial"], facts["hostname"], facts["unread"]) == (state.serial, state.hostname, {})


def test_a_line_that_the_status_lacks_is_null_and_the_others_are_read() -> None:
    state = simulated()
    state.serial = " "

    facts: Any = gather(log_in(state))

    assert facts["serial"] is None
    assert facts["unread"] == {"serial": "get system status shows no serial number"}
    assert (facts["hostname"], facts["firmware"]["family"]) == (state.hostname, "FortiAnalyzer")


@pytest.mark.parametrize(
    "lack", [line.name for line in status_lines() if line.name not in ("Version", "Platform Full Name")]
)
def test_a_line_that_the_status_lacks_is_null_wherever_a_task_returns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    monkeypatch.setattr(commands, "status_lines", lambda: [line for line in status_lines() if line.name != lack])

    def logged_in() -> Session:
        session = session_on(simulated())
        session.host_key = "SHA256:of-the-device"
        return session

    result = run(faz_facts.work, {}, context_of(logged_in, tmp_path))

    facts, device = result["ansible_facts"]["faz"], result["device"]
    firmware = {f"firmware.{name}": value for name, value in facts["firmware"].items()}
    told = {"hostname": facts["hostname"], "serial": facts["serial"]} | firmware
    told |= {f"device.{name}": value for name, value in device.items()}
    unread = {**facts["unread"], **result["unread"]}
    assert {name for name, value in told.items() if value is None} == set(unread)
    assert set(unread.values()) <= {f"get system status shows no {lack.lower()}"}
    assert "" not in told.values()
    assert lack not in ("Hostname", "Platform Type", "Serial Number") or unread


def test_a_status_that_is_denied_is_the_reason_for_each_fact_of_it() -> None:
    facts: Any = gather(Device(session_on(simulated(), denied=["get system status"])))

    told = ("firmware", "hostname", "serial", "ha")
    assert [facts[name] for name in told] == [None] * len(told)
    assert set(facts["unread"]) == set(told)
    assert reasons(facts["unread"]) == f"{', '.join(told)} ({facts['unread']['serial']})"
    assert "No permission" in facts["unread"]["serial"]
