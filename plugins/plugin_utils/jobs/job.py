# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job is given, and how one is run: the same for a task of a playbook and for any other caller.

A job is a function of a file of this room, `work(device, options, context)`. It does its whole work in one session.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..device.debug import finish_interrupted
from ..device.device import PRIMARY, Device, UnreadValues, reasons
from ..device.journal import Journal
from ..device.restore_point import left_open
from ..device.tables import DeviceError
from ..errors import FazmailError
from ..logfile import capture
from ..redact.redactor import Redactor
from ..shell.errors import CommandFailed
from ..shell.result import Result
from ..shell.session import Session
from ..terminal.quoting import escaped_lines

Options = dict[str, Any]
TaskResult = dict[str, Any]


class JobError(FazmailError):
    """A job cannot be done as its options say."""

    cause = "option"


@dataclass
class Context:
    """What surrounds a job.

    name: the name of the device in captures. state_dir: for files that survive a task. journal_of: opens the journal of debug
    switches of a device, by its identity; `journal` is the one of this device. open_session: logs in once more. alone: returns
    whether no caller waits for the result any more. warnings: what else the caller should know, also when the job fails.
    """

    name: str
    state_dir: Path
    journal_of: Callable[[str], Journal]
    open_session: Callable[[], AbstractContextManager[Session]]
    check_mode: bool = False
    diff: bool = False
    capture_dir: Path | None = None
    alone: Callable[[], bool] = lambda: False
    warnings: list[str] = field(default_factory=list)
    journal: Journal = field(init=False)

    def capture(self, device: Device, job: str, results: Sequence[Result] | None = None) -> tuple[str, TaskResult]:
        """Return the text of the session so far, and the field `capture_file` if it was saved.

        A file that cannot be written gives `capture_error` and a warning, because the work on the device is done.
        results: what is captured instead, where that is more than one session.
        """
        results = device.session.results if results is None else results
        text = capture.render(self.name, device.firmware, results, device.session.redactor, device.identity())
        if self.capture_dir is None:
            return text, {}
        try:
            return text, {"capture_file": str(capture.save(text, self.capture_dir, self.name, job, results[0].started))}
        except OSError as error:
            problem = _unwritable(self.capture_dir, error)
            self.warnings.append(problem)
            return text, {"capture_error": problem}


Job = Callable[[Device, Options, Context], TaskResult]
# One of them is in a result whose session was saved, or should have been.
_SAVED = {"capture_file", "capture_error"}
# Fields whose texts are options of the device: only what is a secret as a whole is masked there.
_VALUES = (
    *("ansible_facts", "gathered", "entries", "events", "dangling", "approval_matrix", "alertemail"),
    *("before", "after", "alert_events"),
)


def run(job: Job, options: Options, context: Context) -> TaskResult:
    """Log in, finish what an interrupted debug run left, do the job and return its result without secrets.

    An error says that the device is unreachable only when it was so at the first login. `unread` of the result says why a field is null,
    in the device's words. Errors and warnings, which quote devices and servers, do nothing to a terminal. Raises FazmailError.
    """
    try:
        return _in_session(job, options, context)
    except FazmailError as error:
        error.args = (escaped_lines(str(error)),)
        raise
    finally:
        context.warnings[:] = map(escaped_lines, context.warnings)


def _in_session(job: Job, options: Options, context: Context) -> TaskResult:
    if context.capture_dir is not None and not context.check_mode:
        _prepare(context.capture_dir)
    with context.open_session() as session:
        redactor = session.redactor
        try:
            result = _done(job, session, options, context)
        except FazmailError as error:
            _mask(error, redactor)
            # The device has answered before: something may have been done there.
            error.unreachable = False
            error.details = _without_secrets(error.details, redactor, context)
            raise
        except Exception as error:
            # A fault in our code. A batch shows its text, and that of the errors behind it.
            _mask(error, redactor)
            raise
        finally:
            context.warnings[:] = redactor.data(context.warnings)
        return _without_secrets(result, redactor, context)


def _mask(error: BaseException, redactor: Redactor) -> None:
    """Take secrets out of what an error, and those that led to it, say."""
    each: BaseException | None = error
    while each is not None:
        each.args = (redactor.text(str(each)),)
        each = each.__cause__ or each.__context__


def _done(job: Job, session: Session, options: Options, context: Context) -> TaskResult:
    device = Device(session)
    context.journal = context.journal_of(device.identity())
    remark = finish_interrupted(session, context.journal)
    context.warnings += [*context.journal.notes, *([remark] if remark else [])]
    begun = len(session.results)
    try:
        result = {"changed": False, **job(device, options, context)}
    except FazmailError as error:
        # What the device has printed is what shows why.
        if len(session.results) > begun and context.capture_dir is not None and not _SAVED & error.details.keys():
            error.details.update(context.capture(device, job.__module__.rpartition(".")[2])[1])
        raise
    unread = UnreadValues(result.pop("unread", {}))
    result["device"] = _describe(device, unread)
    result["unread"] = unread
    if unread:
        context.warnings.append(f"not everything was read: {reasons(unread)}")
    return result


def _without_secrets(result: TaskResult, redactor: Redactor, context: Context) -> TaskResult:
    shown: TaskResult = {}
    for name, value in result.items():
        if name in _VALUES:
            shown[name], masked = redactor.values(value, name)
            context.warnings += [f"{place} is masked: it is equal to a secret of this task" for place in masked]
        elif name == "diff":
            shown[name] = (
                _written(value, redactor) if isinstance(value, Diff) else [_written(each, redactor) for each in value]
            )
        else:
            shown[name] = redactor.data(value)
    return shown


@dataclass(frozen=True)
class Diff:
    """What a change makes of a table: its entries before and after, without passwords."""

    path: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def _written(diff: Diff, redactor: Redactor) -> dict[str, str]:
    """Return a diff as Ansible shows it. YAML may escape or fold a secret, which is masked before that."""

    def text(entries: Mapping[str, Any]) -> str:
        return redactor.text(yaml.safe_dump(redactor.data(entries), sort_keys=True)) if entries else ""

    return {
        "before_header": diff.path,
        "after_header": diff.path,
        "before": text(diff.before),
        "after": text(diff.after),
    }


def check_limits(options: Mapping[str, Any], limits: Mapping[str, float], may_be_zero: Sequence[str] = ()) -> None:
    """Raise JobError for an option that is negative, above its limit, or zero where it may not be."""
    for name, highest in limits.items():
        if not (0 < options[name] <= highest or (options[name] == 0 and name in may_be_zero)):
            lowest = "0 or more" if name in may_be_zero else "more than 0"
            raise JobError(f"{name} is {options[name]}; expected {lowest} and at most {highest}")


def check_sender(options: Mapping[str, Any]) -> None:
    """Raise JobError for a recipient without a sender."""
    if options["mail_to"] and not options["mail_from"]:
        raise JobError("mail_to needs mail_from: the device tells sender and recipient apart by their position")


def check_primary(device: Device, context: Context) -> None:
    """Raise JobError on the secondary unit of a cluster, which takes its configuration from the primary.

    Where the role cannot be read, a warning says so: the device itself decides then.
    """
    try:
        if not device.status().in_cluster:
            return
        units = device.ha_units()
    except (DeviceError, CommandFailed) as error:
        context.warnings.append(f"whether this is the primary unit of a cluster was not read ({error})")
        return
    if units[0]["role"] != PRIMARY:
        names = [f"{each['hostname']} ({each['address']})" for each in units if each["role"] == PRIMARY]
        raise JobError(
            f"this is a secondary unit of a cluster, which takes its configuration from the primary, {names[0] if names else 'which it does not name'}; "
            "nothing was sent. Run the task on the primary",
            "secondary",
        )


def check_change(device: Device, context: Context) -> None:
    """Raise JobError where a change makes no sense, and warn of a rollout that would undo it."""
    check_primary(device, context)
    # A device without an identity has no rollouts.
    with suppress(DeviceError):
        if open_rollout := left_open(context.state_dir, device.identity()):
            context.warnings.append(open_rollout)


def _prepare(capture_dir: Path) -> None:
    """Make the directory before anything is done on the device, such as a mail sent. Raises JobError."""
    try:
        capture_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(capture_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise JobError(_unwritable(capture_dir, error)) from error


def _unwritable(capture_dir: Path, error: OSError) -> str:
    return (
        f"the capture cannot be written to capture_dir {capture_dir}: {error.strerror}; it must be a directory this user "
        "may write to"
    )


def _describe(device: Device, unread: UnreadValues) -> dict[str, Any] | None:
    status = unread.tried("device", device.status)
    if status is None:
        return None
    firmware = status.firmware
    return {
        "hostname": unread.tried("device.hostname", lambda: device.status_line("hostname")),
        "family": firmware.family,
        "version": firmware.version_text,
        "build": firmware.build,
        "platform": unread.tried("device.platform", lambda: device.status_line("platform_type")),
    }
