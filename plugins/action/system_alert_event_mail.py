# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module system_alert_event_mail."""

from __future__ import annotations

from functools import partial
from typing import Any

import yaml
from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, secret_values
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import (
    by_event,
    new_events,
    plan_destinations,
    plan_destinations_deleted,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Plan
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import AlertEvents


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        observed = device.alert_events()
        plan = self._plan(device, observed, options)
        warnings = [
            f"alert event {event!r} does not exist and is created; what triggers it is left to the device's defaults"
            for event in new_events(plan, observed)
        ]
        if plan.changed and not self._task.check_mode:
            reconnect = partial(self._connection.open_session, secret_values(options))
            pushed = push(device.session, plan, reconnect=reconnect, force=options["force"])
            warnings += [pushed.remark] if pushed.remark else []
        return {
            "changed": plan.changed,
            "before": by_event(plan.before),
            "after": by_event(plan.after),
            "commands": [device.session.redactor.text(line.command) for line in plan.lines],
            "reasons": [line.reason for line in plan.lines],
            **({"diff": _diff(plan)} if self._task.diff else {}),
            **({"warnings": warnings} if warnings else {}),
        }

    def _plan(self, device: Device, observed: AlertEvents, options: dict[str, Any]) -> Plan:
        config, force = options["config"], options["force"]
        if options["state"] == "deleted":
            return plan_destinations_deleted(config, observed, force=force)
        return plan_destinations(config, observed, device.mail_table(), device.status().firmware, force=force)


def _diff(plan: Plan) -> dict[str, str]:
    before, after = by_event(plan.before), by_event(plan.after)
    return {
        "before_header": "config system alert-event",
        "after_header": "config system alert-event",
        "before": yaml.safe_dump(before, sort_keys=True) if before else "",
        "after": yaml.safe_dump(after, sort_keys=True) if after else "",
    }
