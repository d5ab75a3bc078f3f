# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action of this collection shares: options from the documentation, one session, a redacted result."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.fortiops.mail.plugins.action._preload import preload
from ansible_collections.fortiops.mail.plugins.connection.cli import NAME as CONNECTION
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import orphaned
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.written import written_options
from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import Context, Job, JobError, run
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import escaped_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.yaml_file import parse as parse_yaml

COLLECTION = "ansible_collections.fortiops.mail.plugins"
_SECRETS = {"token", *(option.python_name for option in system_mail().options if option.secret)}
# Its defaults are for whichever modules have them.
_ALL = "group/fortiops.mail.all"


class MailAction(ActionBase):
    """An action whose options are those its module documents."""

    _supports_check_mode = True
    _supports_async = False
    # What `work` returns is without secrets already.
    _without_secrets: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        # The file of an action is called as its module, and read before Ansible forks.
        name = cls.__module__.rpartition(".")[2]
        if not name.startswith("_"):
            argument_spec(name)
            preload(name)

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        redactor = Redactor(secret_values(self._task.args))
        try:
            options = self._options()
            # Entries may be written as one text, key=value, in which nothing was found before.
            redactor = Redactor(secret_values(options))
            result = self.work(options)
        except FazmailError as error:
            how = "unreachable" if error.unreachable else "failed"
            result = redactor.data({how: True, "msg": escaped_lines(str(error)), "cause": error.cause, **error.details})
        else:
            result = result if self._without_secrets else redactor.data(result)
        if self._task.until and "msg" not in result:
            # Ansible fails a task whose last try does not satisfy `until`, and has nothing else to say of it.
            result["msg"] = _summary(result)
        if self._shows_secret(task_vars or {}, redactor):
            result["_ansible_no_log"] = True
            Display().warning(
                f"{self._task.action}: the item of the loop holds a password, so its result is not shown; give the module "
                "all entries at once, in one task without a loop"
            )
        return result

    def _shows_secret(self, task_vars: Mapping[str, Any], redactor: Redactor) -> bool:
        """Return whether Ansible would print a secret with the result: it adds the item of a loop to it."""
        item = task_vars.get(str(task_vars.get("ansible_loop_var")))
        if self._task.loop is None or self._task.no_log or item is None:
            return False
        return bool(secret_values(item)) or redactor.data(native(item)) != native(item)

    def _options(self) -> dict[str, Any]:
        """Return the options of the task as plain Python values, checked and with their defaults. Raises JobError."""
        name = self._task.action.rpartition(".")[2]
        spec = argument_spec(name)
        arguments, self._remarks = written_options(name, self._own_arguments(spec))
        validated = ArgumentSpecValidator(spec).validate(_named(arguments, spec))
        for error in validated.errors:
            where = f"Unsupported parameters for (fortiops.mail.{name}) module: "
            raise JobError(f"{where if isinstance(error, UnsupportedError) else ''}{error}")
        options: dict[str, Any] = native(validated.validated_parameters)
        return options

    def _own_arguments(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the task, but for defaults of the group of all modules that this one does not have."""
        others = {name for each in self._task.module_defaults for name in each.get(_ALL, {}) if name not in spec}
        return {name: value for name, value in self._task.args.items() if name not in others}

    _remarks: Sequence[str] = ()

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do the task and return its result."""
        raise NotImplementedError


class DeviceAction(MailAction):
    """An action that does its whole work in one session on the device."""

    _without_secrets = True
    job: ClassVar[Job]  # what is done on the device
    _warnings: list[str]  # what else the user should know, also when the task fails

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        connection = self._connection
        if connection.transport != CONNECTION:
            other = self._task.delegate_to
            what = f"delegate the task to a device, not to {other}," if other else "run it on a device"
            raise JobError(
                f"ansible_connection is {connection.transport!r}, but {self._task.action} needs the device's command "
                f"line: {what} with ansible_connection: {CONNECTION}"
            )
        directory = options.get("capture_dir")
        context = Context(
            name=self._task_host or str(connection.get_option("host")),
            state_dir=Path(connection.get_option("state_dir")),
            journal_of=connection.journal,
            open_session=partial(connection.open_session, secret_values(options)),
            check_mode=self._task.check_mode,
            diff=self._task.diff,
            capture_dir=Path(directory) if directory else None,
            alone=orphaned(),
        )
        self._warnings = context.warnings
        return run(type(self).job, options, context)

    _task_host: str | None = None

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        # The name of a delegated task's variables is still that of the host it was delegated for.
        self._task_host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")
        result = super().run(tmp, task_vars)
        # These are facts also when the task failed.
        if login := getattr(self._connection, "login", {}):
            result["login"] = login
        if warnings := [*self._remarks, *getattr(self, "_warnings", [])]:
            result.setdefault("warnings", []).extend(warnings)
        for accepted in getattr(self._connection, "accepted_host_keys", []):
            if accepted.role == "device":
                result["host_key"] = {"fingerprint": accepted.key.fingerprint, "accepted_new": True}
            result.setdefault("warnings", []).append(str(accepted))
        return result


def _summary(result: Mapping[str, Any]) -> str:
    """Return in a few words what a task has found that did not fail by itself."""
    verdict = result.get("verdict")
    if isinstance(verdict, Mapping):
        return f"the verdict is {verdict['outcome']}: {verdict['cause']} ({verdict['explanation']})"
    return "the task was done; `until` asks for something else than its result"


@cache
def argument_spec(module: str) -> dict[str, Any]:
    """Return the argument spec of a module of this collection, read from its documentation and its fragments."""
    documentation = parse_yaml(importlib.import_module(f"{COLLECTION}.modules.{module}").DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in documentation.get("extends_documentation_fragment", []):
        name, __, part = fragment.removeprefix("fortiops.mail.").partition(".")
        shared = importlib.import_module(f"{COLLECTION}.doc_fragments.{name}").ModuleDocFragment
        options.update(parse_yaml(getattr(shared, part.upper() or "DOCUMENTATION")).get("options", {}))
    options.update(documentation.get("options", {}))
    return _spec(options)


def _spec(options: Mapping[str, Any]) -> dict[str, Any]:
    spec = {}
    for name, option in options.items():
        row = {
            key: option[key]
            for key in ("type", "required", "default", "choices", "elements", "aliases")
            if key in option
        }
        if name in _SECRETS:
            row["no_log"] = True
        if "suboptions" in option:
            row["options"] = _spec(option["suboptions"])
        spec[name] = row
    return spec


def _named(options: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return options without those that are null, which count as left out: many a template has no other word for it."""
    named = {}
    for name, value in options.items():
        inner = spec.get(name, {}).get("options")
        if inner and isinstance(value, list):
            value = [_named(each, inner) if isinstance(each, Mapping) else each for each in value]
        elif inner and isinstance(value, Mapping):
            value = _named(value, inner)
        if value is not None:
            named[name] = value
    return named


def native(value: Any) -> Any:
    """Copy options into plain Python values: Ansible's own strings carry tags that YAML and others cannot represent."""
    if isinstance(value, Mapping):
        return {native(key): native(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [native(each) for each in value]
    for kind in (str, int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return str.__str__(value) if kind is str else kind(value)
    return value


def secret_values(options: Any) -> list[str]:
    """Return the values of all options that are secret, however deep they are."""
    return list(_walk(options))


def _walk(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _walk(each, str(key))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each, name)
    elif name in _SECRETS and value is not None:
        yield str(value)
