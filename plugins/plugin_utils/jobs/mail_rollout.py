# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module mail_rollout: change the mail table, prove the change with test mails, or take it back.

Whatever happens, the device ends in one of the states of rollout_end, and the state is named. The entries as they were are on the
controller's disk before the first line is typed. Nothing that goes wrong on the controller after a mail was sent decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from ..device.alert_events import in_words
from ..device.desired import Entry, PlanError
from ..device.device import Device
from ..device.push import Pushed, PushError, push
from ..device.restore_point import Before, RestoreError, RestorePoint, before, plan_restored
from ..device.schema import system_mail
from ..device.tables import AlertEvents, entries_of, show
from ..errors import FazmailError
from ..shell.errors import CommandFailed, SessionError
from . import mail_test
from .job import Context, JobError, Options, TaskResult, check_primary
from .rollout_end import (
    ACCEPTED,
    NOT_REACHED,
    NOT_TAKEN_BACK,
    PLANNED,
    PROVED,
    REFUSED,
    TAKEN_BACK,
    UNCHANGED,
    UNKNOWN,
    RolloutError,
    ended,
    follow_error,
    not_accepted,
    sentence,
)
from .system_mail import MailChange, wanted_alerts

_QUOTED_LINES = 3


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Roll out `config`, or take back what an interrupted rollout began. Raises RolloutError."""
    result = _done(device, options, context)
    if result.pop("failed", False):
        raise RolloutError(result.pop("msg"), result.pop("cause", ""), **result)
    return result


def _done(device: Device, options: Options, context: Context) -> TaskResult:
    known: TaskResult = {}
    try:
        _check(options)
        known["identity"] = device.identity()
        point = RestorePoint(context.state_dir, known["identity"])
        with point.locked() as held, _Reach(device, context) as reach:
            if not held:
                raise JobError(
                    f"another task on this controller is changing this device (it holds {point.path})", "conflict"
                )
            return {**_with_point(reach, options, context, point), **known}
    except FazmailError as error:
        # Whatever goes wrong behind the first line that is typed is handled below.
        state = NOT_REACHED if _is_loss(error) else REFUSED
        return {
            **ended(state, str(error), context, follow=follow_error(error)),
            "cause": error.cause,
            **error.details,
            **known,
        }


def _is_loss(error: FazmailError) -> bool:
    """Return whether an error leaves the session unusable."""
    return isinstance(error, SessionError) and not isinstance(error, CommandFailed)


def _check(options: Options) -> None:
    if options["state"] == "recovered":
        return
    if not options["config"] and not options["alert_events"]:
        raise JobError("config is empty; expected the entries to roll out, in the playbook mail_servers")
    for entry in options["config"] or []:
        mail_test.check_options({**options, "id": entry["id"]})


def _with_point(reach: _Reach, options: Options, context: Context, point: RestorePoint) -> TaskResult:
    earlier = _read(point)
    if isinstance(earlier, RestoreError):
        return {**ended(NOT_TAKEN_BACK, str(earlier), context), "cause": earlier.cause}
    if earlier is None:
        if options["state"] == "recovered":
            return ended(UNCHANGED, "no interrupted rollout is known for this device", context)
        return _roll_out(reach, options, context, point, None)
    if context.check_mode:
        reason = f"an interrupted rollout would be taken back first, as kept in {point.path}"
        context.warnings.append(reason)
        if options["state"] == "recovered":
            return {**ended(PLANNED, reason, context), "changed": True}
        return _roll_out(reach, options, context, point, earlier)
    back = _take_back(reach, options, context, point, earlier, "an earlier rollout was interrupted")
    if options["state"] == "recovered" or back.state != TAKEN_BACK:
        result = {**ended(back.state, back.reason, context, kept=back.kept), **back.fields, "changed": True}
        if back.state == TAKEN_BACK:
            result.update(failed=False)
        return result
    context.warnings.append(f"{back.reason}; the rollout begins from these entries")
    return _roll_out(reach, options, context, point, None)


def _read(point: RestorePoint) -> Before | RestoreError | None:
    try:
        return point.read()
    except RestoreError as error:
        return error


# -- rolling out ---------------------------------------------------------------------------------------------------


def _roll_out(
    reach: _Reach, options: Options, context: Context, point: RestorePoint, interrupted: Before | None
) -> TaskResult:
    """Plan, push, and prove or take back. interrupted: what would be taken back first, in check mode."""
    device = reach.device
    shown = show(device.session, system_mail())
    observed, alerts = entries_of(shown, system_mail()), wanted_alerts(device, options)
    if interrupted:
        observed, alerts = _as_restored(interrupted, observed), _alerts_as_restored(interrupted, alerts)
    change = MailChange(device, options, observed, alerts)
    context.warnings += change.notes
    plan = change.plan
    named = {str(entry["id"]) for entry in options["config"]} if options["prove"] == "all" else set()
    named |= change.alerts.servers if change.alerts else set()
    proving = [key for key in plan.after if key in plan.touched or key in named]
    result = change.described(Pushed("", []), context)
    if change.changed:
        check_primary(device, context)
        if not (options["force"] or interrupted):
            _check_way_back(change, before(plan, shown, change.alerts), device, options)
    if context.check_mode:
        state = PLANNED if change.changed else UNCHANGED
        return {**result, **ended(state, "nothing is sent in check mode", context)}
    if not change.changed:
        tests = [_test(reach, key, options, context) for key in proving]
        wrong = not_accepted(tests)
        reason = sentence(wrong, result["passwords"]) if wrong else "the entries are as they should be"
        end = ended(UNCHANGED, reason, context, tests)
        return {**result, **end, **({"failed": True, "msg": reason} if wrong else {})}
    earlier = before(plan, shown, change.alerts)
    point.write(earlier)
    try:
        pushed = change.push(device, context)
    except PushError as error:
        result |= {"commands": error.sent, "reasons": result["reasons"][: len(error.sent)], "cause": error.cause}
        follow = follow_error(error)
        if error.applied == "no":
            _clear(point, context)
            state = TAKEN_BACK if error.cause == "connection" else REFUSED
            return {**_as_before(result), **ended(state, error.happened, context, follow=follow), "changed": False}
        back = _take_back(reach, options, context, point, earlier, error.happened)
        return {
            **_no_more(result),
            **ended(back.state, back.reason, context, kept=back.kept, follow=follow),
            **back.fields,
        }
    except FazmailError:
        # Refused before the first line.
        _clear(point, context)
        raise
    result = change.described(pushed, context)
    tests = []
    for key in proving:
        tests.append(_test(reach, key, options, context))
        if tests[-1]["outcome"] != ACCEPTED:
            break
    wrong = not_accepted(tests)
    if not wrong:
        _clear(point, context)
        change.record(context)
        proofs = ", ".join(map(repr, proving)) or "no entry, as none is left of those that changed"
        return {**result, **ended(PROVED, f"a test mail was accepted through {proofs}", context, tests)}
    if wrong[0]["outcome"] == UNKNOWN and options["on_unknown"] == "keep":
        _clear(point, context)
        reason = f"{sentence(wrong, result['passwords'])} The change was kept, as on_unknown says"
        return {**result, **ended(NOT_TAKEN_BACK, reason, context, tests), "failed": True}
    why = sentence(wrong, result["passwords"]).rstrip(".")
    back = _take_back(reach, options, context, point, earlier, why)
    return {**_no_more(result), **ended(back.state, back.reason, context, tests, back.kept), **back.fields}


def _check_way_back(change: MailChange, earlier: Before, device: Device, options: Options) -> None:
    """Raise PlanError where what a change replaces or deletes could not be typed again."""
    planned = change.alerts
    alerts = AlertEvents(planned.events.after, planned.destinations.after) if planned else None
    try:
        plan_restored(earlier, change.plan.after, alerts, device.status().firmware, _passwords_before(options))
    except PlanError as error:
        raise PlanError(
            f"the change could not be taken back, as what the device has now cannot be sent to it: {error}. Nothing was sent. "
            "Change that by hand first, or set force: true"
        ) from None


def _no_more(result: TaskResult) -> TaskResult:
    """Return the fields of a change that was to be taken back: its difference is not that of the device."""
    return {name: value for name, value in result.items() if name != "diff"}


def _as_before(result: TaskResult) -> TaskResult:
    """Return the fields of a change of which nothing was saved."""
    same = _no_more(result) | {"after": result["before"]}
    if events := result.get("alert_events"):
        same["alert_events"] = dict.fromkeys(events, events["before"])
    return same


def _as_restored(earlier: Before, observed: Mapping[str, Entry]) -> dict[str, Entry]:
    """The table as it will be once the entries of an interrupted rollout are restored."""
    secrets = {option.name for option in system_mail().options if option.secret}
    hidden = {
        key: {name: "ENC" if name in secrets else value for name, value in entry.items()}
        for key, entry in earlier.entries.items()
    }
    return _with_earlier(observed, hidden, earlier.touched)


def _alerts_as_restored(earlier: Before, observed: AlertEvents | None) -> AlertEvents | None:
    """The alert events as they will be then; None where the task names none."""
    if observed is None or earlier.alerts is None:
        return observed
    was = earlier.alerts
    return AlertEvents(
        _with_earlier(observed.events, was.observed.events, was.events),
        _with_earlier(observed.destinations, was.observed.destinations, was.destinations),
    )


def _with_earlier(now: Mapping[str, Entry], before: Mapping[str, Entry], touched: Sequence[str]) -> dict[str, Entry]:
    kept = {key: entry for key, entry in now.items() if key not in touched}
    return kept | {key: entry for key, entry in before.items() if key in touched}


# -- proof ---------------------------------------------------------------------------------------------------------


def _test(reach: _Reach, key: str, options: Options, context: Context) -> dict[str, Any]:
    """Send a test mail through an entry. What goes wrong with the test itself makes its outcome unknown."""
    row: dict[str, Any] = {"id": key, "outcome": UNKNOWN, "verdict": None, "reason": ""}
    try:
        device = reach.device
    except FazmailError as error:
        return {**row, "reason": str(error)}
    try:
        result = mail_test.send(device, {**options, "id": key}, context, since=len(device.session.results))
    except FazmailError as error:
        if _is_loss(error):
            device.session.close()
        return {**row, "reason": str(error)}
    if result["unread"]:
        missing = "; ".join(f"{name} ({why})" for name, why in result["unread"].items())
        context.warnings.append(f"the test of entry {key!r} had less evidence: {missing}")
    verdict = result["verdict"]
    reason = f"{verdict['cause']}: {verdict['explanation']}"
    if verdict["outcome"] == UNKNOWN:
        said = "; ".join(line.strip() for line in result["output"][-_QUOTED_LINES:] if line.strip()) or "nothing"
        reason = f'{verdict["explanation"].rstrip(".")}; the device answered "{said}"'
    return {**row, "outcome": verdict["outcome"], "verdict": verdict, "reason": reason}


# -- taking back ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Back:
    """How taking back ended. fields: what the result has of it. kept: the restore point stays for another try."""

    state: str
    reason: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    kept: RestorePoint | None = None


def _take_back(
    reach: _Reach, options: Options, context: Context, point: RestorePoint, earlier: Before, why: str
) -> _Back:
    """Restore the entries as they were, read them back, and prove them with test mails.

    The restore point stays as long as another try may help.
    """
    try:
        device = reach.device
        alerts = device.alert_events() if earlier.alerts else None
        firmware, passwords = device.status().firmware, _passwords_before(options)
        restoration = plan_restored(earlier, device.mail_table(), alerts, firmware, passwords)
        if restoration.changed:
            push(device.session, *restoration.plans, reconnect=context.open_session)
    except FazmailError as error:
        return _Back(NOT_TAKEN_BACK, f"{why}; taking it back failed: {error}", _as_it_is(reach, earlier), point)
    _clear(point, context)
    fields: TaskResult = {"after": restoration.plans[-1].after}
    if restoration.alerts:
        fields["alert_events"] = {"before": restoration.alerts.after, "after": restoration.alerts.after}
    if not restoration.changed:
        return _Back(TAKEN_BACK, f"{why}; the entries are as they were before, nothing had been saved", fields)
    tests = [_test(reach, key, options, context) for key in earlier.touched if key in earlier.entries]
    undelivered = {str(test["id"]): test for test in not_accepted(tests)}
    unproved = [key for key in earlier.secrets if key in undelivered]
    without = sorted({key for key, __ in restoration.lost})
    commands = [line.command for plan in restoration.plans for line in plan.lines]
    fields["taken_back"] = {"commands": commands, "tests": tests, "passwords_unknown": without}
    reason = f"{why}; the entries are as they were before"
    if without:
        reason += f", but the earlier password of {', '.join(map(repr, without))} is not known"
    elif unproved:
        reason += f", but their passwords could not be proved: {sentence(undelivered[key] for key in unproved)}"
    elif undelivered:
        reason += f", and did not deliver either: {sentence(undelivered.values())}"
    elif tests:
        reason += ", and a test mail was accepted through each of them"
    return _Back(NOT_TAKEN_BACK if without or unproved else TAKEN_BACK, reason.rstrip("."), fields)


def _as_it_is(reach: _Reach, earlier: Before) -> TaskResult:
    """Return the fields of what the device has when nobody knows how far it was brought; null for what cannot be read."""
    fields: TaskResult = {"after": None}
    was = earlier.alerts.observed if earlier.alerts else None
    if was is not None:
        fields["alert_events"] = {"before": in_words(was.events, was.destinations), "after": None}
    # Whoever does not answer any more is not called once more.
    with suppress(FazmailError):
        if not reach.closed:
            fields["after"] = reach.device.mail_table()
            if was is not None:
                now = reach.device.alert_events()
                fields["alert_events"]["after"] = in_words(now.events, now.destinations)
    return fields


def _passwords_before(options: Options) -> dict[tuple[str, str], str]:
    return {
        (str(row["id"]), option.name): str(row[option.python_name])
        for row in options["passwords_before"] or []
        for option in system_mail().options
        if option.secret and row.get(option.python_name) is not None
    }


def _clear(point: RestorePoint, context: Context) -> None:
    try:
        point.clear()
    except OSError as error:
        context.warnings.append(
            f"{point.path} cannot be emptied: {error.strerror}; remove it, or the next rollout takes this one back"
        )


class _Reach:
    """The device, over another session where the first one has ended. A context manager that logs the others out."""

    def __init__(self, device: Device, context: Context) -> None:
        self._device = device
        self._context = context
        self._sessions = ExitStack()

    def __enter__(self) -> _Reach:
        return self

    def __exit__(self, *__: object) -> None:
        self._sessions.close()

    @property
    def closed(self) -> bool:
        """Whether the session has ended."""
        return self._device.session.closed

    @property
    def device(self) -> Device:
        """The device at a prompt. Raises SessionError when it cannot be reached."""
        if self.closed:
            self._device = Device(self._sessions.enter_context(self._context.open_session()))
        return self._device
