# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the device's words into facts that playbooks assert on: numbers and booleans beside the raw words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from ..shell.errors import CommandFailed
from .debug import read_state
from .device import Device
from .schema import approval_matrix, system_dns, system_global
from .tables import (
    DeviceError,
    alertemail_facts,
    approval_facts,
    destination_facts,
    mail_facts,
    object_facts,
    read_entries,
    read_object,
)

Value = TypeVar("Value")


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


# A keyword of Python cannot be a field of a class.
_Global = TypedDict("_Global", {"global": dict[str, Any] | None})


class Facts(_Global):
    """All facts of a device, see schemas/facts.json. Rows of tables have the options of the table's schema.

    A fact that could not be read is None; `unread` has the reason by the name of the fact, in the device's words.
    """

    hostname: str
    firmware: FirmwareFacts
    ha: HaFacts
    mail: list[dict[str, Any]]
    alert_destinations: list[dict[str, Any]] | None
    alertemail: dict[str, Any] | None
    approval_matrix: list[dict[str, Any]] | None
    dns: dict[str, Any] | None
    fazmaild: dict[str, Any]
    debug: DebugFacts
    unread: dict[str, str]


def gather(device: Device) -> Facts:
    """Return all facts of a device."""
    unread: dict[str, str] = {}

    def tried(name: str, read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except (CommandFailed, DeviceError) as error:
            unread[name] = str(error)
            return None

    session = device.session
    status = device.status()
    firmware = status.firmware
    mode = str(status.fields.get("ha_mode", ""))
    debug = read_state(device.session)
    return {
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
        "alert_destinations": tried(
            "alert_destinations", lambda: destination_facts(device.alert_events().destinations)
        ),
        "alertemail": tried("alertemail", lambda: alertemail_facts(device.alertemail())),
        "approval_matrix": tried("approval_matrix", lambda: approval_facts(read_entries(session, approval_matrix()))),
        "dns": tried("dns", lambda: object_facts(system_dns(), read_object(session, system_dns()))),
        "global": tried(
            "global", lambda: object_facts(system_global(), read_object(session, system_global()), firmware)
        ),
        "fazmaild": {**device.fazmaild_status(), **device.fazmaild_statistics()},
        "debug": {
            "level": debug.level,
            "on": not debug.off,
            "timestamps": debug.timestamps,
            "other_daemons": debug.others,
        },
        "unread": unread,
    }
