# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module system_mail."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, Failure, secret_values
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.alert_events import references
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.fingerprints import Fingerprints
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Entry, Plan, plan_deleted, plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import Pushed, push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.relays import with_presets
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import alert_destination, system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import read_mail_table, unmasked
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import CommandFailed
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        fingerprints = self._fingerprints(options)
        firmware = device.status().firmware
        if options["state"] != "deleted":
            options["config"] = [with_presets(entry, firmware) for entry in options["config"]]
        desired = {entry["id"]: _entry(entry) for entry in options["config"]}

        def read(session: Session) -> dict[str, Entry]:
            return unmasked(read_mail_table(session), desired, session.redactor.text)

        plan = self._plan(read(device.session), firmware, options, fingerprints)
        if not options["force"]:
            _refuse_referenced(device, [key for key in plan.before if key not in plan.after])
        pushed = Pushed("", [])
        if plan.changed and not self._task.check_mode:
            reconnect = partial(self._connection.open_session, secret_values(options))
            if fingerprints is not None:
                fingerprints.check()
            pushed = push(device.session, plan, read=read, reconnect=reconnect, force=options["force"])
            if fingerprints is not None:
                fingerprints.record(_sent_passwords(plan, options))
        return {
            "changed": plan.changed,
            "before": _masked_ids(plan.before, device),
            "after": _masked_ids(plan.after, device),
            "commands": [device.session.redactor.text(line.command) for line in plan.lines],
            "reasons": [line.reason for line in plan.lines],
            "passwords": _masked_ids(_states(plan, pushed), device),
            **({"diff": _diff(plan)} if self._task.diff else {}),
            **({"warnings": [pushed.remark]} if pushed.remark else {}),
        }

    def _plan(
        self,
        observed: Mapping[str, Entry],
        firmware: Firmware,
        options: dict[str, Any],
        fingerprints: Fingerprints | None,
    ) -> Plan:
        if options["state"] == "deleted":
            return plan_deleted(system_mail(), options["config"], observed)
        return plan_entries(
            system_mail(),
            options["config"],
            observed,
            firmware,
            state=options["state"],
            update_password=options["update_password"],
            force=options["force"],
            **({"known": fingerprints.known} if fingerprints else {}),
        )

    def _fingerprints(self, options: dict[str, Any]) -> Fingerprints | None:
        file = options["fingerprint_file"]
        if options["update_password"] == "on_change" and not file:
            raise Failure(
                "update_password: on_change needs fingerprint_file, a file on the controller to remember passwords by"
            )
        # Several devices may stand behind one address, each on a port of its own.
        device = f"{self._connection.get_option('host')} port {self._connection.get_option('port')}"
        return Fingerprints(Path(file), device) if file else None


def _entry(wanted: Mapping[str, Any]) -> Entry:
    """A desired entry in the device's words."""
    return {
        option.name: str(wanted[option.python_name])
        for option in system_mail().options
        if wanted.get(option.python_name) is not None
    }


def _refuse_referenced(device: Device, deleted: list[str]) -> None:
    """Refuse to delete what alert destinations name: the device may allow it, and the alerts would stop without a word."""
    if not deleted:
        return
    try:
        used = references(device.alert_events().destinations, deleted)
    except CommandFailed as error:
        raise Failure(
            f"whether alert events use {', '.join(map(repr, deleted))} cannot be read ({error}); nothing was sent. Set force: true "
            "to delete all the same",
            cause="referenced",
            applied="no",
            commands=[],
        ) from error
    if used:
        list_of = "; ".join(
            f"entry {key!r} is used by {', '.join(map(alert_destination().called, keys))}" for key, keys in used.items()
        )
        raise Failure(
            f"{list_of}; nothing was sent. Name another entry there with system_alert_event_mail first, or set force: true to "
            "delete it all the same",
            cause="referenced",
            applied="no",
            commands=[],
            references={
                key: [dict(zip(("event", "id"), alert_destination().split(each), strict=True)) for each in keys]
                for key, keys in used.items()
            },
        )


def _masked_ids(table: Mapping[str, Any], device: Device) -> dict[str, Any]:
    """A part of the result without secrets in its ids; those in values are masked in every result."""
    return {device.session.redactor.text(key): value for key, value in table.items()}


def _states(plan: Plan, pushed: Pushed) -> dict[str, dict[str, str]]:
    states = {key: dict(each) for key, each in plan.passwords.items()}
    for key, name in pushed.unverifiable:
        if states.get(key, {}).get(name.replace("-", "_")) == "set":
            states[key][name.replace("-", "_")] = "unverifiable"
    return states


def _sent_passwords(plan: Plan, options: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (entry["id"], name.replace("_", "-")): entry[name]
        for entry in options["config"]
        for name, state in plan.passwords.get(entry["id"], {}).items()
        if state == "set"
    }


def _diff(plan: Plan) -> dict[str, str]:
    after = {key: dict(entry) for key, entry in plan.after.items()}
    for key, states in plan.passwords.items():
        for name, state in states.items():
            if state == "set":
                after[key][name.replace("_", "-")] = "<set anew>"
    return {
        "before_header": "config system mail",
        "after_header": "config system mail",
        "before": yaml.safe_dump(plan.before, sort_keys=True) if plan.before else "",
        "after": yaml.safe_dump(after, sort_keys=True) if after else "",
    }
