# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module system_alert_event_mail."""

from __future__ import annotations

from ..device.alert_events import AlertPlan, plan_alert_events, plan_alert_events_deleted
from ..device.device import Device
from ..device.push import push
from .job import Context, Diff, Options, TaskResult, check_change


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Bring alert events and their mail destinations to the state that is asked for."""
    plan = _plan(device, options)
    context.warnings += notes(plan)
    if plan.changed:
        check_change(device, context)
    if plan.changed and not context.check_mode:
        pushed = push(device.session, *plan.plans, reconnect=context.open_session, force=options["force"])
        context.warnings += [pushed.remark] if pushed.remark else []
    return {
        "changed": plan.changed,
        "before": plan.before,
        "after": plan.after,
        "commands": [line.command for line in plan.events.lines],
        "reasons": [line.reason for line in plan.events.lines],
        **({"diff": alert_diff(plan)} if context.diff else {}),
    }


def _plan(device: Device, options: Options) -> AlertPlan:
    observed, config, force = device.alert_events(), options["config"], options["force"]
    if options["state"] == "deleted":
        return plan_alert_events_deleted(config, observed, force=force)
    return plan_alert_events(config, observed, device.mail_table(), device.status().firmware, force=force)


def notes(plan: AlertPlan) -> list[str]:
    """Return what an operator should know about a change of alert events."""
    return [
        f"alert event {event!r} does not exist and is created; what the task does not name of it is at the device's defaults"
        for event in plan.new
    ] + [
        f"{plan.destinations.table.called(key)} is left as it is on the device: {why}" for key, why in plan.idle.items()
    ]


def alert_diff(plan: AlertPlan) -> Diff:
    """Return what a change makes of the alert events."""
    return Diff("config system alert-event", plan.before, plan.after)
