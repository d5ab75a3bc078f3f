# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module batch: another module of this collection on many devices, in threads of one process.

For each device this does what Ansible does for a task of its own: variables, options, connection, action. Only the process
is shared.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.fortiops.mail.plugins.action import mail_rollout as _rollout  # noqa: F401  read before the fork
from ansible_collections.fortiops.mail.plugins.action._task import COLLECTION, MailAction, native
from ansible_collections.fortiops.mail.plugins.connection.cli import NAME as CONNECTION
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import orphaned
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.fleet import (
    Work,
    broken_off,
    processes_for,
    run_all,
    share,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError, TaskResult

# The result of a device when its process was ended by somebody, such as the kernel for want of memory.
_LOST = broken_off("its process was ended")
# What works on several devices by itself.
_NOT_IN_A_BATCH = {"batch", "batch_result", "compliance_report", "run_document"}


class ActionModule(MailAction):
    # Strategies that cannot run a task once for all hosts refuse it then.
    BYPASS_HOST_LOOP = True
    _without_secrets = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._variables = task_vars or {}
        return super().run(tmp, task_vars)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if not self._task.run_once or self._task.delegate_to != "localhost" or self._task.loop:
            raise JobError("set run_once: true, delegate_to: localhost, and the option loop in place of the keyword")
        if options["at_once"] < 1:
            raise JobError(f"at_once is {options['at_once']}; expected a number of devices, 1 or more")
        module = options["module"].removeprefix("fortiops.mail.")
        if module not in _modules():
            raise JobError(f"module is {options['module']!r}; expected one of {', '.join(sorted(_modules()))}")
        hosts = list(
            dict.fromkeys(self._variables["ansible_play_batch"] if options["hosts"] is None else options["hosts"])
        )
        tasks = _HostTasks(self, module, options["options"], options["loop"])
        count = min(processes_for(len(hosts)), options["at_once"])
        shares = [hosts[each::count] for each in range(count)]
        works = [partial(tasks.run, names, (options["at_once"] + each) // count) for each, names in enumerate(shares)]
        results, logins = {}, {}
        for names, returned in zip(shares, share(works, orphaned()), strict=True):
            found, users = returned or (dict.fromkeys(names, _LOST), {})
            results |= found
            logins |= users
        # With -v the results of all devices would be one line.
        return {
            "changed": False,
            "results": {name: results[name] for name in hosts if name in results},
            "logins": logins,
            "_ansible_verbose_override": True,
        }


def _modules() -> set[str]:
    names = {file.stem for file in Path(__file__).parent.glob("*.py") if not file.stem.startswith("_")}
    return names - _NOT_IN_A_BATCH


class _HostTasks:
    """The tasks that the hosts would have had by themselves.

    module: its name in this collection. options, loop: names of the variables that hold its options, and the list to repeat it
    for; "" for no loop. logins: whom each host that was prepared is logged in to as.
    """

    def __init__(self, batch: ActionModule, module: str, options: str, loop: str) -> None:
        self._batch = batch
        self._action: type[MailAction] = importlib.import_module(f"{COLLECTION}.action.{module}").ActionModule
        self._options, self._loop = options, loop
        self.logins: dict[str, str] = {}
        self._manager = batch._task.get_variable_manager()
        self._task = batch._task.copy()
        self._task.action, self._task.delegate_to = f"fortiops.mail.{module}", None
        self._keywords = {name: value for name, value in batch._task.dump_attrs().items() if name != "retries"}
        variables = batch._variables
        self._hosts = {"_hosts": variables["ansible_play_batch"], "_hosts_all": variables["ansible_play_hosts_all"]}

    def run(self, names: Sequence[str], at_once: int) -> tuple[dict[str, TaskResult], dict[str, str]]:
        """Do the tasks of some hosts, and return their results and as whom each is logged in to."""
        works = ((name, work) for name in names if (work := self.work(name)) is not None)
        return run_all(works, at_once, orphaned()), self.logins

    def work(self, name: str) -> Work | None:
        """Prepare the task of a host and return its work, None where it has no options.

        What is wrong with the variables of a host is its own failure.
        """
        try:
            variables = self._variables(name)
            if not self._loop:
                return self._one(variables)
            items = self._templated(self._loop, variables)
            if not isinstance(items, list):
                raise AnsibleError(f"{self._loop} is {items!r:.80}; expected a list")
            works = [(item, self._one({**variables, "item": item})) for item in items]
            return partial(_in_turn, [(item, work) for item, work in works if work is not None])
        except AnsibleError as error:
            return partial(dict, failed=True, msg=str(error))

    def _variables(self, name: str) -> dict[str, Any]:
        host = self._manager._inventory.get_host(name)
        if host is None:
            raise AnsibleError(f"hosts names {name!r}, which is not in the inventory")
        found: dict[str, Any] = self._manager.get_vars(play=self._task.play, host=host, task=self._task, **self._hosts)
        return found

    def _templated(self, variable: str, variables: Mapping[str, Any]) -> Any:
        if variable not in variables:
            raise AnsibleError(f"the variable {variable!r} is not defined")
        return native(Templar(loader=self._batch._loader, variables=variables).template(variables[variable]))

    def _one(self, variables: Mapping[str, Any]) -> Work | None:
        options = self._templated(self._options, variables)
        if options is None:
            return None
        if not isinstance(options, dict):
            raise AnsibleError(f"{self._options} is {options!r:.80}; expected options as a dictionary")
        batch, templar = self._batch, Templar(loader=self._batch._loader, variables=variables)
        task = self._task.copy(exclude_parent=True)
        task.args = {**self._defaults(templar), **options}
        connection = self._connection(templar, variables)
        action = self._action(task, connection, batch._play_context, batch._loader, templar, batch._shared_loader_obj)
        return partial(action.run, task_vars=variables)

    def _defaults(self, templar: Templar) -> dict[str, Any]:
        """Return what `module_defaults` says for the module, as Ansible would: a group before the module itself."""
        named: dict[str, Any] = {}
        for each in self._task.module_defaults:
            named |= each
        groups = [f"group/{name}" for name in self._task.play._action_groups.get(self._task.action, ())]
        found: dict[str, Any] = {}
        for name in [*(name for name in named if name in groups), self._task.action]:
            found |= native(templar.template(named.get(name, {})))
        return found

    def _connection(self, templar: Templar, variables: Mapping[str, Any]) -> Any:
        name = templar.template(variables.get("ansible_connection") or self._task.connection)
        connection = connection_loader.get(name, self._batch._play_context)
        if connection is None:
            raise AnsibleError(f"the connection plugin {name!r} was not found")
        if connection.transport == CONNECTION:
            # As Ansible's executor does; which variables these are is in the documentation of the connection plugin.
            options = connection._resolve_option_variables(variables, templar)
            connection.set_options(task_keys=self._keywords, var_options=options)
            self.logins[variables["inventory_hostname"]] = str(connection.get_option("remote_user"))
        return connection


def _in_turn(works: Sequence[tuple[Any, Work]]) -> TaskResult:
    """Do one after another, and return the results as Ansible does those of a loop."""
    results: list[TaskResult] = []
    for item, work in works:
        results.append({**work(), "item": item})
        if results[-1].get("unreachable"):
            break
    ended = {"changed": any(result.get("changed") for result in results), "results": results}
    for how in ("unreachable", "failed"):
        for result in results:
            if result.get(how):
                return {**ended, how: True, "msg": result.get("msg", "")}
    return ended
