# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action of this collection shares: options from the documentation, one session, a redacted result."""

from __future__ import annotations

import errno
import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible_collections.fortiops.mail.plugins.action._preload import preload
from ansible_collections.fortiops.mail.plugins.connection.cli import NAME as CONNECTION
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import DebugError, finish_interrupted, orphaned
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.fingerprints import FingerprintError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import PushError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import DeviceError
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import capture
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.result import Result

preload()

_COLLECTION = "ansible_collections.fortiops.mail.plugins"
_SECRETS = {option.python_name for option in system_mail().options if option.secret}


class Failure(Exception):
    """A task that ends with `failed`; `details` are added to the result."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class MailAction(ActionBase):
    """An action whose options are those its module documents."""

    _supports_check_mode = True
    _supports_async = False

    def __init_subclass__(cls) -> None:
        # The file of an action is called as its module; its options, too, are read before Ansible forks.
        name = cls.__module__.rpartition(".")[2]
        if not name.startswith("_"):
            argument_spec(name)

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        redactor = Redactor(secret_values(self._task.args))
        try:
            options = self._options()
            # Entries may be written as one text, key=value, in which nothing was found before.
            redactor = Redactor(secret_values(options))
            result = self.work(options)
        except Failure as error:
            result = {"failed": True, "msg": str(error), **error.details}
        except PushError as error:
            result = {
                "failed": True,
                "msg": str(error),
                "cause": error.cause,
                "applied": error.applied,
                "commands": error.sent,
            }
        except SessionError as error:
            result = {"failed": True, "msg": str(error), "cause": error.cause}
        except (DeviceError, DebugError, FingerprintError, PlanError) as error:
            result = {"failed": True, "msg": str(error)}
        return redactor.data(result)

    def _options(self) -> dict[str, Any]:
        """Return the options of the task as plain Python values, checked and with their defaults. Raises Failure."""
        name = self._task.action.rpartition(".")[2]
        spec = argument_spec(name)
        validated = ArgumentSpecValidator(spec).validate(_named(self._task.args, spec))
        for error in validated.errors:
            where = f"Unsupported parameters for (fortiops.mail.{name}) module: "
            raise Failure(f"{where if isinstance(error, UnsupportedError) else ''}{error}")
        options: dict[str, Any] = _native(validated.validated_parameters)
        return options

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do the task and return its result."""
        raise NotImplementedError


class DeviceAction(MailAction):
    """An action that does its whole work in one session on the device."""

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if self._connection.transport != CONNECTION:
            raise Failure(
                f"ansible_connection is {self._connection.transport!r}, but {self._task.action} needs the device's command "
                f"line: set ansible_connection: {CONNECTION} for this host"
            )
        if options.get("capture_dir") and not self._task.check_mode:
            _prepare(Path(options["capture_dir"]))
        self.alone = orphaned()
        self.remarks = []
        with self._connection.open_session(secret_values(options)) as session:
            restored = finish_interrupted(session, self._connection.journal())
            if restored is not None:
                self.remarks.append(
                    "an earlier debug run was interrupted; the mail daemon's debug level is "
                    f"{restored.level} again, as it was before that run"
                )
            device = Device(session)
            result = {"changed": False, **self.on_device(device, options)}
            result.setdefault("device", _describe(device))
            return result

    remarks: list[str]  # what happened on the way; said also when the task fails after it
    alone: Callable[[], bool]  # has the process died that waits for this task

    def on_device(self, device: Device, options: dict[str, Any]) -> dict[str, Any]:
        """Do the work on a logged-in device and return the result."""
        raise NotImplementedError

    def capture(
        self, device: Device, options: Mapping[str, Any], job: str, results: Sequence[Result] | None = None
    ) -> tuple[str, str | None]:
        """Return the text of the session so far, and the file it was saved to if `capture_dir` is set.

        results: what is captured instead, where that is more than one session.
        """
        results = device.session.results if results is None else results
        name = str(self._connection.get_option("host")) if self._task_host is None else self._task_host
        text = capture.render(name, str(device.status().firmware), results, device.session.redactor)
        if not options.get("capture_dir"):
            return text, None
        try:
            return text, str(capture.save(text, Path(options["capture_dir"]), name, job, results[0].started))
        except OSError as error:
            raise _unwritable(options["capture_dir"], error) from error

    _task_host: str | None = None

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        # The name of a delegated task's variables is still that of the host it was delegated for.
        self._task_host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")
        result = super().run(tmp, task_vars)
        # All this is said also when the task failed: it happened all the same.
        if login := getattr(self._connection, "login", {}):
            result["login"] = login
        if remarks := getattr(self, "remarks", []):
            result.setdefault("warnings", []).extend(remarks)
        for accepted in getattr(self._connection, "accepted_host_keys", []):
            if accepted.role == "device":
                result["host_key"] = {"fingerprint": accepted.key.fingerprint, "accepted_new": True}
            result.setdefault("warnings", []).append(str(accepted))
        return result


@cache
def argument_spec(module: str) -> dict[str, Any]:
    """Return the argument spec of a module of this collection, read from its documentation and its fragments."""
    documentation = _yaml(importlib.import_module(f"{_COLLECTION}.modules.{module}").DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in documentation.get("extends_documentation_fragment", []):
        name, _, part = fragment.removeprefix("fortiops.mail.").partition(".")
        shared = importlib.import_module(f"{_COLLECTION}.doc_fragments.{name}").ModuleDocFragment
        options.update(_yaml(getattr(shared, part.upper() or "DOCUMENTATION")).get("options", {}))
    options.update(documentation.get("options", {}))
    return _spec(options)


def _yaml(text: str) -> dict[str, Any]:
    # The loader of libyaml, where it is there, is as safe as safe_load and much faster.
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


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


def check_limits(options: Mapping[str, Any], limits: Mapping[str, float], may_be_zero: Sequence[str] = ()) -> None:
    """Raise Failure for an option that is negative, above its limit, or zero where it may not be."""
    for name, highest in limits.items():
        if not (0 < options[name] <= highest or (options[name] == 0 and name in may_be_zero)):
            lowest = "0 or more" if name in may_be_zero else "more than 0"
            raise Failure(f"{name} is {options[name]}; expected {lowest} and at most {highest}")


def _prepare(capture_dir: Path) -> None:
    """Find out before anything is done on the device, such as a mail sent, that nothing could be saved. Raises Failure."""
    try:
        capture_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(capture_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _unwritable(capture_dir, error) from error


def _unwritable(capture_dir: Path | str, error: OSError) -> Failure:
    return Failure(
        f"the capture cannot be written to capture_dir {capture_dir}: {error.strerror}; it must be a directory this user "
        "may write to"
    )


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


def _native(value: Any) -> Any:
    """Copy options into plain Python values: Ansible's own strings carry tags that YAML and others cannot represent."""
    if isinstance(value, Mapping):
        return {_native(key): _native(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_native(each) for each in value]
    for kind in (str, int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return str.__str__(value) if kind is str else kind(value)
    return value


def secret_values(options: Any) -> list[str]:
    """Return the values of all options that are secret, however deep they stand."""
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


def _describe(device: Device) -> dict[str, Any]:
    status = device.status()
    firmware = status.firmware
    return {
        "hostname": status.hostname,
        "family": firmware.family,
        "version": firmware.version_text,
        "build": firmware.build,
        "platform": firmware.platform,
    }
