# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module system_alert_event_mail."""

from __future__ import annotations

import yaml

from ..device.alert_events import by_event, new_events, plan_destinations, plan_destinations_deleted
from ..device.device import Device
from ..device.plan import Plan
from ..device.push import push
from ..device.tables import AlertEvents
from .job import Context, Options, TaskResult


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Bring the mail destinations of alert events to the state that is asked for."""
    observed = device.alert_events()
    plan = _plan(device, observed, options)
    context.warnings += [
        f"alert event {event!r} does not exist and is created; what triggers it is left to the device's defaults"
        for event in new_events(plan, observed)
    ]
    if plan.changed and not context.check_mode:
        pushed = push(device.session, plan, reconnect=context.open_session, force=options["force"])
        context.warnings += [pushed.remark] if pushed.remark else []
    return {
        "changed": plan.changed,
        "before": by_event(plan.before),
        "after": by_event(plan.after),
        "commands": [line.command for line in plan.lines],
        "reasons": [line.reason for line in plan.lines],
        **({"diff": _diff(plan)} if context.diff else {}),
    }


def _plan(device: Device, observed: AlertEvents, options: Options) -> Plan:
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
