# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module batch_result: end a host as its device ended in a batch."""

from __future__ import annotations

from typing import Any

from ansible_collections.fortiops.mail.plugins.action._task import MailAction
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError


class ActionModule(MailAction):
    _without_secrets = True

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = options["result"]
        if not result:
            raise JobError("the batch has no result of this device: it was not worked on", "batch")
        if result.get("unreachable") and options["unreachable_fails"]:
            return {**result, "unreachable": False, "failed": True}
        if options["fail_msg"].strip() and not (result.get("failed") or result.get("unreachable")):
            return {**result, "failed": True, "msg": options["fail_msg"].strip()}
        return result
