# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one answer of the device tells several facts of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device, reasons
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import gather
from ansible_collections.fortiops.mail.simulator.device.models import models

from ..in_process import log_in, session_on, simulated


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


def test_a_status_that_is_denied_is_the_reason_for_each_fact_of_it() -> None:
    facts: Any = gather(Device(session_on(simulated(), denied=["get system status"])))

    told = ("firmware", "hostname", "serial", "ha")
    assert [facts[name] for name in told] == [None] * len(told)
    assert set(facts["unread"]) == set(told)
    assert reasons(facts["unread"]) == f"{', '.join(told)} ({facts['unread']['serial']})"
    assert "No permission" in facts["unread"]["serial"]
