# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the device's words into facts that playbooks assert on: numbers and booleans beside the raw words."""

from __future__ import annotations

from typing import Any

from ..shell.errors import CommandFailed
from .debug import read_state
from .device import Device
from .tables import alertemail_facts, destination_facts, mail_facts


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
        "mail": mail_facts(device.mail_table(), firmware),
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
