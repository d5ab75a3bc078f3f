# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table is what the device shows as a whole, or it was not read."""

from __future__ import annotations

import re

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import DeviceError
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import log_in, session_on, simulated

SETUP = (
    "config system mail",
    'edit "relay"',
    'set server "mail.example.com"',
    "set port 587",
    'set passwd "a secret"',
    "next",
    'edit "spare"',
    'set server "spare.example.com"',
    "end",
)
DEBUG = "sendmail_loop:1143: total pending tasks: 0."


def shown() -> list[str]:
    """What the device prints for the table."""
    state = simulated()
    session = session_on(state)
    for line in SETUP:
        session.run(line)
    return log_in(state).session.run("show system mail").raw.split("\n")


LINES = shown()


def device_showing(lines: list[str]) -> Device:
    return Device(session_on(simulated(), screen=Screen(answers={"show system mail": "\n".join(lines)})))


@pytest.mark.parametrize("place", range(len(LINES) + 1))
def test_a_line_about_something_else_is_quoted_and_the_table_is_not_read(place: int) -> None:
    device = device_showing([*LINES[:place], "Cannot show all of ENC hunter2+secret== now.", *LINES[place:]])
    with pytest.raises(DeviceError, match="Cannot show all of ENC <redacted> now") as error:
        device.mail_table()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("place", range(len(LINES) + 1))
def test_debug_of_a_daemon_between_the_lines_is_no_such_line(place: int) -> None:
    table = device_showing([*LINES[:place], DEBUG, *LINES[place:]]).mail_table()
    assert table == device_showing(LINES).mail_table()
    assert list(table) == ["relay", "spare"]


@pytest.mark.parametrize("place", [place for place, line in enumerate(LINES) if not re.search("set|config", line)])
def test_a_table_with_a_hole_is_not_read(place: int) -> None:
    with pytest.raises(DeviceError, match="expected a table"):
        device_showing([*LINES[:place], *LINES[place + 1 :]]).mail_table()
