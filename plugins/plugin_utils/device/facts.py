# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the device's words into facts that playbooks assert on: numbers and booleans beside the raw words."""

from __future__ import annotations

from typing import Any, TypedDict

from .debug import read_debug
from .device import PRIMARY, Device, Status, UnreadValues
from .journal import DebugState
from .schema import approval_matrix, system_dns, system_global
from .tables import (
    alertemail_facts,
    approval_facts,
    destination_facts,
    mail_facts,
    object_facts,
    read_entries,
    read_object,
)

# What the tests 1 and 2 of the mail daemon print, by the names of their templates.
DAEMON = (
    *("pid", "state", "sent", "failed", "discarded", "queue_length", "queue_limit", "queue_timeout"),
    *("last_sent_time", "last_request_time", "last_sent_age"),
)


class FirmwareFacts(TypedDict):
    """What `get system status` says about the software. `raw` is its line `Version`."""

    family: str
    version: str
    version_tuple: list[int]
    build: int | None
    maturity: str
    platform: str | None
    raw: str


class HaFacts(TypedDict):
    """Whether the device is one of a cluster, and the device's own word for it.

    role: what it is there; primary: the name of the primary unit; units: all units, this one first. They are None where the
    device stands alone, and where they could not be read.
    """

    enabled: bool
    mode: str
    role: str | None
    primary: str | None
    units: list[dict[str, str]] | None


class DebugFacts(TypedDict):
    """The switches of debug output: the level of fazmaild, and whether any other daemon is debugged."""

    level: int | None
    on: bool | None
    timestamps: bool | None
    other_daemons: bool | None


# A keyword of Python cannot be a field of a class.
_Global = TypedDict("_Global", {"global": dict[str, Any] | None})


# pylint takes that for no class in some runs, and in others not.
class Facts(_Global):  # pylint: disable=inherit-non-class
    """All facts of a device, see schemas/facts.json. Rows of tables have the options of the table's schema.

    A fact that could not be read is None; `unread` has the reason by the name of the fact, in the device's words.
    """

    hostname: str | None
    serial: str | None
    firmware: FirmwareFacts | None
    ha: HaFacts | None
    mail: list[dict[str, Any]] | None
    alert_destinations: list[dict[str, Any]] | None
    alertemail: dict[str, Any] | None
    approval_matrix: list[dict[str, Any]] | None
    dns: dict[str, Any] | None
    fazmaild: dict[str, Any]
    debug: DebugFacts
    unread: dict[str, str]


def gather(device: Device) -> Facts:
    """Return all facts of a device. What could not be read is None, and `unread` says why in the device's words."""
    unread = UnreadValues()
    session = device.session
    status = unread.tried("firmware", device.status)
    firmware = status.firmware if status else None
    debug = read_debug(session)
    if debug.unread:
        unread["debug"] = debug.unread
    return {
        "hostname": unread.tried("hostname", lambda: device.status_line("hostname")),
        "serial": unread.tried("serial", lambda: device.status_line("serial_number")),
        "firmware": _firmware(device, status, unread) if status else None,
        "ha": _ha(device, unread),
        "mail": unread.tried("mail", lambda: mail_facts(device.mail_table(), firmware)),
        "alert_destinations": unread.tried(
            "alert_destinations", lambda: destination_facts(device.alert_events().destinations)
        ),
        "alertemail": unread.tried("alertemail", lambda: alertemail_facts(device.alertemail())),
        "approval_matrix": unread.tried(
            "approval_matrix", lambda: approval_facts(read_entries(session, approval_matrix()))
        ),
        "dns": unread.tried("dns", lambda: object_facts(system_dns(), read_object(session, system_dns()))),
        "global": unread.tried(
            "global", lambda: object_facts(system_global(), read_object(session, system_global()), firmware)
        ),
        "fazmaild": _daemon(device, unread),
        "debug": {
            "level": debug.state.level,
            "on": _on(debug.state),
            "timestamps": debug.state.timestamps,
            "other_daemons": debug.state.others,
        },
        "unread": unread,
    }


def _firmware(device: Device, status: Status, unread: UnreadValues) -> FirmwareFacts:
    firmware = status.firmware
    return {
        "family": firmware.family,
        "version": firmware.version_text,
        "version_tuple": list(firmware.version),
        "build": firmware.build,
        "maturity": firmware.maturity,
        "platform": unread.tried("firmware.platform", lambda: device.status_line("platform_type")),
        "raw": str(status.fields["version"]),
    }


def _ha(device: Device, unread: UnreadValues) -> HaFacts | None:
    status = unread.tried("ha", device.status)
    if status is None:
        return None
    units = unread.tried("ha.role", device.ha_units) if status.in_cluster else None
    return {
        "enabled": status.in_cluster,
        "mode": status.ha_mode,
        "role": units[0]["role"] if units else None,
        "primary": next((each["hostname"] for each in units or () if each["role"] == PRIMARY), None),
        "units": units,
    }


def _daemon(device: Device, unread: UnreadValues) -> dict[str, Any]:
    """Return what the tests 1 and 2 of the mail daemon print, None for each number and word that was not read."""
    state = unread.tried("fazmaild.state", device.fazmaild_status) or {}
    counters = unread.tried("fazmaild.counters", device.fazmaild_statistics) or {}
    return {**dict.fromkeys(DAEMON), **state, **counters}


def _on(state: DebugState) -> bool | None:
    """Return whether debug is on, in one way or the other; None where that cannot be said."""
    if state.level or state.output:
        return True
    return None if None in (state.level, state.output) else False
