# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan changes of mail destinations of alert events: (desired, observed) become ordered commands with reasons.

Refused before anything is sent: a mail server that does not exist, a destination that would mail nobody, and a number that
a destination of another type has. What triggers an event is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..firmware import Firmware
from ..terminal.quoting import quote
from .alert_events import AlertEvents, called, key_of, split_key
from .plan import Entry, Line, Plan, PlanError, assignment, check_quotable, checked_value
from .schema import Option, alert_destination, system_alert_event


def plan_destinations(
    desired: Sequence[Mapping[str, Any]],
    observed: AlertEvents,
    servers: Collection[str],
    firmware: Firmware,
    *,
    force: bool = False,
) -> Plan:
    """Plan to create or complete mail destinations.

    desired: mappings with `event`, `id` and the options `from`, `to`, `smtp_name`; None means not named, "" means unset.
    servers: ids of the mail table. force: send also what would mail nobody, and change destinations of another type.
    Raises PlanError.
    """
    schema = alert_destination()
    after = {key: dict(entry) for key, entry in observed.destinations.items()}
    changes: dict[str, list[Line]] = {}
    for wanted in _keyed(desired):
        key = key_of(wanted["event"], wanted["id"])
        old = observed.destinations.get(key)
        given = {
            option.name: checked_value(called(key), option, str(wanted[option.python_name]), firmware)
            for option in schema.options
            if wanted.get(option.python_name) is not None
        } | {"type": "mail"}
        new = _without_defaults({**(old or {}), **given})
        if not force:
            _check(key, old or {}, given, new, servers)
        steps = [
            Line(
                assignment(option, given[option.name]),
                f"{option.name}: {was or '(empty)'} -> {given[option.name] or '(empty)'}",
            )
            for option in schema.options
            if option.name in given and (was := _value(option, old)) != (given[option.name] or option.default)
        ]
        if not steps and old is not None:
            continue
        reason = f"{called(key)} {'does not exist' if old is None else 'changes'}"
        changes[key] = [Line(f"edit {wanted['id']}", reason), *steps, Line("next", "keep the destination")]
        after[key] = new
    return _plan(changes, observed, after)


def plan_destinations_deleted(
    desired: Sequence[Mapping[str, Any]], observed: AlertEvents, *, force: bool = False
) -> Plan:
    """Plan to delete destinations; those that do not exist are left as they are, and so are the events around them.

    force: also those of another type than mail. Raises PlanError.
    """
    after = {key: dict(entry) for key, entry in observed.destinations.items()}
    changes: dict[str, list[Line]] = {}
    for wanted in _keyed(desired):
        key = key_of(wanted["event"], wanted["id"])
        entry = after.pop(key, None)
        if entry is None:
            continue
        if not force:
            _check_type(key, entry)
        changes[key] = [Line(f"delete {wanted['id']}", f"{called(key)} exists")]
    return _plan(changes, observed, after)


def new_events(plan: Plan, observed: AlertEvents) -> list[str]:
    """Return the events a plan creates."""
    events = dict.fromkeys(split_key(key)[0] for key in plan.after)
    return [event for event in events if event not in observed.names]


def _plan(changes: Mapping[str, Sequence[Line]], observed: AlertEvents, after: dict[str, Entry]) -> Plan:
    table, inner = system_alert_event(), alert_destination()
    lines: list[Line] = []
    for event in dict.fromkeys(split_key(key)[0] for key in changes):
        exists = event in observed.names
        lines.append(Line(f"edit {quote(event)}", f"alert event {event!r} {'changes' if exists else 'does not exist'}"))
        lines.append(Line(f"config {inner.name}", "open its destinations"))
        for key, steps in changes.items():
            lines += steps if split_key(key)[0] == event else []
        lines += [Line("end", "leave its destinations"), Line("next", "save the event")]
    if lines:
        lines = [Line(f"config {' '.join(table.path)}", "open the table"), *lines, Line("end", "leave the table")]
    return Plan(tuple(lines), {key: dict(entry) for key, entry in observed.destinations.items()}, after, {})


def _keyed(desired: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the desired destinations, the keys of which are found good and given once each."""
    table, inner = system_alert_event(), alert_destination()
    seen = set()
    for wanted in desired:
        event, number = wanted.get("event"), wanted.get("id")
        if not isinstance(event, str) or not event or event != event.strip() or len(event) > table.key_max_length:
            raise PlanError(
                f"event {event!r}: expected a name of 1 to {table.key_max_length} characters without blanks around it"
            )
        check_quotable(f"event {event!r}", event)
        low, high = inner.key_minimum, inner.key_maximum
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise PlanError(f"alert event {event!r}: id {number!r} is not a whole number from {low} to {high}")
        if (event, number) in seen:
            raise PlanError(f"{called(key_of(event, number))} is named twice; expected each once")
        seen.add((event, number))
    return list(desired)


def _check(key: str, old: Entry, given: Entry, new: Entry, servers: Collection[str]) -> None:
    _check_type(key, old)
    server = given.get("smtp-name", "")
    if server and server not in servers:
        known = ", ".join(repr(each) for each in servers) or "which is empty"
        raise PlanError(
            f"{called(key)}: smtp_name {server!r} is no entry of config system mail ({known}); create the entry first with "
            "system_mail (force: true sends it all the same)"
        )
    for name in ("to", "smtp-name"):
        if not new.get(name):
            raise PlanError(
                f"{called(key)}: {name.replace('-', '_')} would be empty, so that nobody is mailed; name it "
                "(force: true sends it all the same)"
            )


def _check_type(key: str, entry: Entry) -> None:
    kind = entry.get("type", "mail")
    if kind != "mail":
        raise PlanError(
            f"{called(key)} is of type {kind}, not mail; name another id (force: true changes or deletes it all the same)"
        )


def _value(option: Option, entry: Entry | None) -> str:
    # A new destination gets its type in any case: that mail is the default is documented for old firmware only.
    if entry is None and option.name == "type":
        return ""
    return (entry or {}).get(option.name, option.default or "")


def _without_defaults(values: Mapping[str, str]) -> Entry:
    return {
        option.name: values[option.name]
        for option in alert_destination().options
        if values.get(option.name, "") not in ("", option.default)
    }
