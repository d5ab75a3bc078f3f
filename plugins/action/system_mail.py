# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of the module system_mail."""

from __future__ import annotations

from functools import partial
from typing import Any

import yaml
from ansible_collections.fortiops.mail.plugins.action._task import DeviceAction, secret_values
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import Plan, plan_deleted, plan_merged
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push


class ActionModule(DeviceAction):
    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        firmware = device.status().firmware
        observed = device.mail_table()
        if options["state"] == "deleted":
            plan = plan_deleted([entry["id"] for entry in options["config"]], observed)
        else:
            plan = plan_merged(options["config"], observed, firmware, options["update_password"])
        remark = None
        if plan.changed and not self._task.check_mode:
            reconnect = partial(self._connection.open_session, secret_values(options))
            remark = push(device.session, plan, reconnect=reconnect, force=options["force"])
        return {
            "changed": plan.changed,
            "before": plan.before,
            "after": plan.after,
            "commands": [device.session.redactor.text(line.command) for line in plan.lines],
            "reasons": [line.reason for line in plan.lines],
            "passwords": plan.passwords,
            **({"diff": _diff(plan)} if self._task.diff else {}),
            **({"warnings": [remark]} if remark else {}),
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
