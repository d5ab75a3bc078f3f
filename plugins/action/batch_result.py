# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module batch_result: end a host as its device ended in a batch."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.fortiops.mail.plugins.action._task import argument_spec

# It runs once for each host, and hands on what is checked and without secrets already: so it does as little as it can. It is
# given a name, because Ansible would copy a result twice that is an option of the task. Ansible
# reads this file when the results are there; the processes that it forks for them must not visit, and so copy, them all.
gc.freeze()


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(argument_spec("batch_result"))

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        name, fail_msg = str(self._task.args.get("batch")), str(self._task.args.get("fail_msg") or "").strip()
        batch = variables.get(name)
        if not isinstance(batch, Mapping) or not isinstance(batch.get("results"), Mapping):
            return {
                "failed": True,
                "msg": f"batch is {name!r:.80}; expected the name of a variable with the result of fortiops.mail.batch",
                "cause": "option",
            }
        result = batch["results"].get(variables.get("inventory_hostname"))
        if not result:
            return {
                "failed": True,
                "msg": fail_msg or "the batch has no result of this device: it was not worked on",
                "cause": "batch",
            }
        if result.get("unreachable") and boolean(self._task.args.get("unreachable_fails", False)):
            return {**result, "unreachable": False, "failed": True}
        if fail_msg and not (result.get("failed") or result.get("unreachable")):
            return {**result, "failed": True, "msg": fail_msg}
        return dict(result)
