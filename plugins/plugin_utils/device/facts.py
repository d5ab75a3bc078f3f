# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the device's words into facts that playbooks assert on: numbers and booleans beside the raw words."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ..shell.errors import CommandFailed
from .debug import read_state
from .device import Device
from .tables import alertemail_facts, destination_facts, mail_facts


class FirmwareFacts(TypedDict):
    """What `get system status` says about the software. `raw` is its line `Version`."""

    family: str
    version: str
    version_tuple: list[int]
    build: int | None
    maturity: str
    platform: str
    raw: str


class HaFacts(TypedDict):
    """Whether the device is one of a cluster, and the device's own word for it."""

    enabled: bool
    mode: str


class DebugFacts(TypedDict):
    """The switches of debug output: the level of fazmaild, and whether any other daemon is debugged."""

    level: int
    on: bool
    timestamps: bool
    other_daemons: bool


class Facts(TypedDict):
    """All facts of a device, see schemas/facts.json. Rows of tables have the options of the table's schema."""

    hostname: str
    firmware: FirmwareFacts
    ha: HaFacts
    mail: list[dict[str, Any]]
    alert_destinations: NotRequired[list[dict[str, Any]]]
    alertemail: NotRequired[dict[str, Any]]
    fazmaild: dict[str, Any]
    debug: DebugFacts


def gather(device: Device) -> Facts:
    """Return all facts of a device.

    Who alerts mail is left out where the device refuses the command: no table of firmware says that all of it has them.
    """
    status = device.status()
    firmware = status.firmware
    mode = str(status.fields.get("ha_mode", ""))
    debug = read_state(device.session)
    facts: Facts = {
        "hostname": status.hostname,
        "firmware": {
            "family": firmware.family,
            "version": firmware.version_text,
            "version_tuple": list(firmware.version),
            "build": firmware.build,
            "maturity": firmware.maturity,
            "platform": firmware.platform,
            "raw": str(status.fields["version"]),
        },
        "ha": {"enabled": mode not in ("", "Stand Alone"), "mode": mode},
        "mail": mail_facts(device.mail_table(), firmware),
        "fazmaild": {**device.fazmaild_status(), **device.fazmaild_statistics()},
        "debug": {
            "level": debug.level,
            "on": not debug.off,
            "timestamps": debug.timestamps,
            "other_daemons": debug.others,
        },
    }
    try:
        facts["alert_destinations"] = destination_facts(device.alert_events().destinations)
        facts["alertemail"] = alertemail_facts(device.alertemail())
    except CommandFailed:
        # Whatever was read before the refusal is a fact all the same.
        pass
    return facts
