# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module system_alert_event_mail_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import (
    dangling,
    mails_somebody,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import (
    alertemail_facts,
    destination_facts,
)


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        observed = device.alert_events()
        destinations = destination_facts(observed.destinations)
        servers = device.mail_table()
        return {
            "events": list(observed.names),
            "destinations": destinations,
            "dangling": dangling(destinations, servers),
            "mailed": any(mails_somebody(each, servers) for each in destinations),
            "alertemail": alertemail_facts(device.alertemail()),
        }
