# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module system_mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..device.alert_events import AlertPlan, plan_alert_events, references
from ..device.desired import Entry
from ..device.device import Device, UnreadValues
from ..device.fingerprints import FingerprintError, Fingerprints
from ..device.plan import Plan, plan_deleted, plan_entries
from ..device.push import Pushed, push
from ..device.relays import with_presets
from ..device.schema import alert_destination, approval_matrix, system_mail
from ..device.tables import AlertEvents, DeviceError
from ..device.written import event_rows, mail_rows
from ..firmware import Firmware
from .job import Context, Diff, JobError, Options, TaskResult, check_change
from .system_alert_event_mail import alert_diff
from .system_alert_event_mail import notes as alert_notes

# What may name a mail server and cannot be seen over the command line.
NOT_SEEN = ["report outputs", "event handlers"]
_NOT_SEEN = "Report outputs and event handlers, which may name a mail server, cannot be read over the command line"


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Bring `config system mail`, and the alert events that are named, to the state that is asked for."""
    if options["state"] == "gathered":
        return _gathered(device)
    if options["config"] is None:
        raise JobError("missing required arguments: config")
    wanted = MailChange(device, options, device.mail_table(), wanted_alerts(device, options))
    pushed = Pushed("", [])
    if wanted.changed:
        check_change(device, context)
    if wanted.changed and not context.check_mode:
        pushed = wanted.push(device, context)
        wanted.record(context)
    context.warnings += wanted.notes
    return wanted.described(pushed, context)


def _gathered(device: Device) -> TaskResult:
    """Return what the device has, in the form that a task takes."""
    unread = UnreadValues()
    servers = mail_rows(device.mail_table())
    return {
        "gathered": {
            "mail_servers": servers,
            "alert_events": unread.tried("alert_events", lambda: event_rows(device.alert_events())),
        },
        "unread": unread,
    }


def wanted_alerts(device: Device, options: Options) -> AlertEvents | None:
    """Return the alert events as they are, where the task names any; they are not read for nothing."""
    return device.alert_events() if options["alert_events"] else None


class MailChange:
    """A change of the mail table, and of alert events, as a task wants it: planned, refused where it must be, and ready to be pushed.

    Alert events are planned on the mail table as it will be, and written between new entries and the deletion of old ones, so
    that no line names an entry that is not there. observed: the mail table as it was read; alerts: the alert events, where the
    task names any. Raises PlanError and JobError.
    """

    def __init__(
        self, device: Device, options: Options, observed: Mapping[str, Entry], alerts: AlertEvents | None = None
    ) -> None:
        self._options = options
        self._fingerprints = _fingerprints(device, options)
        firmware = device.status().firmware
        if options["state"] != "deleted":
            options["config"] = [with_presets(entry, firmware) for entry in options["config"] or []]
        edits, deletions = _plans(observed, firmware, options, self._fingerprints)
        self.plan = replace(edits, after=deletions.after, lines=(*edits.lines, *deletions.lines))
        self.alerts: AlertPlan | None = None
        if alerts is not None:
            force = options["force"]
            self.alerts = plan_alert_events(options["alert_events"], alerts, self.plan.after, firmware, force=force)
        self.plans = (edits, *(self.alerts.plans if self.alerts else ()), deletions)
        deleted = deletions.touched
        if not options["force"]:
            _refuse_referenced(device, deleted, self.alerts)
        self._deletes = bool(deleted)

    @property
    def changed(self) -> bool:
        return any(plan.changed for plan in self.plans)

    @property
    def notes(self) -> list[str]:
        """What an operator should know about the change."""
        return [
            *([_NOT_SEEN] if self._deletes else []),
            *(alert_notes(self.alerts) if self.alerts else []),
            *(self._fingerprints.notes if self._fingerprints else []),
        ]

    def push(self, device: Device, context: Context) -> Pushed:
        """Push the plans. Raises PushError, and FingerprintError before anything is sent."""
        if self._fingerprints is not None:
            self._fingerprints.check()
        pushed = push(device.session, *self.plans, reconnect=context.open_session, force=self._options["force"])
        context.warnings += [pushed.remark] if pushed.remark else []
        context.warnings += [
            f"entry {key!r}: {name} was sent, and the device does not show that it is stored; a test mail tells"
            for key, name in pushed.unverifiable
        ]
        return pushed

    def record(self, context: Context) -> None:
        """Remember the passwords that were sent, if there is a file for that."""
        if self._fingerprints is not None:
            try:
                self._fingerprints.record(_sent_passwords(self.plan, self._options))
            except FingerprintError as error:
                context.warnings.append(f"the password was sent and is sent once more by the next task: {error}")

    def _after(self, pushed: Pushed) -> dict[str, Entry]:
        """The table as it is planned, with the values that the plan has brought to light: the device had kept them."""
        after = {key: dict(entry) for key, entry in self.plan.after.items()}
        found = pushed.found[0] if pushed.found else {}
        for key, names in self.plan.uncovered.items():
            if key in after:
                after[key] |= {name: value for name, value in found.get(key, {}).items() if name in names}
        return after

    def described(self, pushed: Pushed, context: Context) -> TaskResult:
        """Return the fields of a result that tell of the change."""
        alerts = self.alerts
        lines = [line for plan in self.plans for line in plan.lines]
        result = {
            "changed": self.changed,
            "before": self.plan.before,
            "after": self._after(pushed),
            "commands": [line.command for line in lines],
            "reasons": [line.reason for line in lines],
            "passwords": _states(self.plan, pushed),
        }
        if self._deletes:
            result["not_seen"] = NOT_SEEN
        if alerts:
            result["alert_events"] = {"before": alerts.before, "after": alerts.after}
        if context.diff:
            result["diff"] = [_diff(self.plan), alert_diff(alerts)] if alerts else _diff(self.plan)
        return result


def _plans(
    observed: Mapping[str, Entry], firmware: Firmware, options: Options, fingerprints: Fingerprints | None
) -> tuple[Plan, Plan]:
    """Return the plan of what is created and changed, and that of what is deleted afterwards."""
    table, config, state = system_mail(), options["config"], options["state"]
    edits = plan_entries(
        table,
        [] if state == "deleted" else config,
        observed,
        firmware,
        state="merged" if state == "deleted" else "replaced" if state == "overridden" else state,
        update_password=options["update_password"],
        force=options["force"],
        known=fingerprints.known if fingerprints else lambda key, name, value: False,
    )
    gone = config if state == "deleted" else []
    if state == "overridden":
        named = {entry["id"] for entry in config}
        gone = [{"id": key} for key in observed if key not in named]
    return edits, plan_deleted(table, gone, edits.after)


def _fingerprints(device: Device, options: Options) -> Fingerprints | None:
    file = options["fingerprint_file"]
    if options["update_password"] == "on_change" and not file:
        raise JobError(
            "update_password: on_change needs fingerprint_file, a file on the controller to remember passwords by"
        )
    return Fingerprints(Path(file), device.identity()) if file else None


def _refuse_referenced(device: Device, deleted: list[str], planned: AlertPlan | None) -> None:
    """Refuse to delete what other tables name: the device may allow it, and their mails would stop without a word.

    planned: alert events as the same task leaves them.
    """
    if not deleted:
        return
    ids = ", ".join(map(repr, deleted))
    alerts, matrix = alert_destination(), approval_matrix()
    try:
        destinations = planned.destinations.after if planned else device.alert_events().destinations
        by_alerts = references(destinations, "smtp-name", deleted)
        by_approvals = references(device.approval_matrix(), "mail-server", deleted)
    except DeviceError as error:
        raise JobError(
            f"whether other tables use {ids} cannot be read ({error}); nothing was sent. Set force: true to delete all the same",
            "referenced",
            applied="no",
            commands=[],
        ) from error
    used: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for key, places in by_alerts.items():
        used[key] = [(alerts.called(each), _destination(each)) for each in places]
    for key, adoms in by_approvals.items():
        used.setdefault(key, []).extend((matrix.called(each), {"adom": each}) for each in adoms)
    if used:
        list_of = "; ".join(
            f"entry {key!r} is used by {', '.join(called for called, __ in places)}" for key, places in used.items()
        )
        raise JobError(
            f"{list_of}; nothing was sent. Name another entry there first (system_alert_event_mail does it for alert events), or "
            f"set force: true to delete it all the same. {_NOT_SEEN}",
            "referenced",
            applied="no",
            commands=[],
            not_seen=NOT_SEEN,
            references={key: [place for __, place in places] for key, places in used.items()},
        )


def _destination(key: str) -> dict[str, Any]:
    event, number = alert_destination().split(key)
    return {"event": event, "id": int(number)}


def _states(plan: Plan, pushed: Pushed) -> dict[str, dict[str, str]]:
    states = {key: dict(each) for key, each in plan.passwords.items()}
    for key, name in pushed.unverifiable:
        if states.get(key, {}).get(name.replace("-", "_")) == "set":
            states[key][name.replace("-", "_")] = "unverifiable"
    return states


def _sent_passwords(plan: Plan, options: Options) -> dict[tuple[str, str], str]:
    return {
        (entry["id"], name.replace("_", "-")): entry[name]
        for entry in options["config"]
        for name, state in plan.passwords.get(entry["id"], {}).items()
        if state == "set"
    }


def _diff(plan: Plan) -> Diff:
    after = {key: dict(entry) for key, entry in plan.after.items()}
    for key, states in plan.passwords.items():
        for name, state in states.items():
            if state == "set":
                option = name.replace("_", "-")
                after[key][option] = "<set again>" if option in plan.before.get(key, {}) else "<set>"
    return Diff("config system mail", plan.before, after)
