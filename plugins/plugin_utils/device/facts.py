# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the device's words into facts that playbooks assert on: numbers and booleans beside the raw words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..firmware import Firmware
from ..shell.errors import CommandFailed
from .alert_events import alertemail_facts, destination_facts
from .debug import read_state
from .device import Device
from .plan import Entry
from .schema import system_mail


def mail_entries(table: Mapping[str, Entry], firmware: Firmware) -> list[dict[str, Any]]:
    """Return the mail table with every option this firmware has, defaults filled in, under Python names.

    Passwords become `<name>_set`: true or false; `auth_enabled` says in a boolean what `auth` says in a word. Options
    the firmware should not have are kept when the device shows them. Options that are hidden beside the entry's other
    values are left out.
    """
    known = system_mail().options_on(firmware)
    facts = []
    for key, entry in table.items():
        values = {option.name: entry.get(option.name, option.default or "") for option in known} | entry
        row: dict[str, Any] = {"id": key}
        for option in system_mail().options:
            if option.name not in values or not option.visible(values):
                continue
            value = values[option.name]
            if option.secret:
                row[f"{option.python_name}_set"] = bool(value)
            else:
                row[option.python_name] = int(value) if option.type == "integer" and value.isdigit() else value
        row["auth_enabled"] = values.get("auth") == "enable"
        facts.append(row)
    return facts


def gather(device: Device) -> dict[str, Any]:
    """Return all facts of a device; their form is schemas/facts.json.

    Who alerts mail is left out where the device refuses the command: no table of firmware says that all of it has them.
    """
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
        "mail": mail_entries(device.mail_table(), firmware),
        **_alerts(device),
        "fazmaild": {**device.fazmaild_status(), **device.fazmaild_statistics()},
        "debug": {
            "level": debug.level,
            "on": not debug.off,
            "timestamps": debug.timestamps,
            "other_daemons": debug.others,
        },
    }


def _alerts(device: Device) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    try:
        facts["alert_destinations"] = destination_facts(device.alert_events().destinations)
        facts["alertemail"] = alertemail_facts(device.alertemail())
    except CommandFailed:
        # Whatever was read before the refusal is a fact all the same.
        pass
    return facts
