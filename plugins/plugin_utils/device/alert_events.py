# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is mailed of what: alert events, their mail destinations, and what depends on them.

A mail server that no destination names mails nobody, and a destination that names none does not either. Refused before
anything is sent: a mail server that does not exist, a destination that would mail nobody, and a number that a destination
of another type has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..firmware import Firmware
from .desired import Entry, PlanError, key_of
from .plan import Plan, PlannedLine, plan_deleted, plan_entries
from .schema import Table, alert_destination, system_alert_event
from .tables import AlertEvents

# What tasks call the destinations of an event.
_DESTINATIONS = system_alert_event().tables[0].task_name


@dataclass(frozen=True)
class AlertPlan:
    """A change of alert events. `events` and `destinations` are the plans of the two tables, which share their lines.

    idle: the destinations that are wanted as the device has them already, and mail nobody, by key, with the reason.
    """

    events: Plan
    destinations: Plan
    idle: Mapping[str, str] = field(default_factory=dict)

    @property
    def plans(self) -> tuple[Plan, Plan]:
        """The plans to push, the first of which has the lines of both."""
        return self.events, self.destinations

    @property
    def changed(self) -> bool:
        return self.events.changed

    @property
    def before(self) -> dict[str, dict[str, Any]]:
        """The events before, in the device's words, with their destinations by number."""
        return in_words(self.events.before, self.destinations.before)

    @property
    def after(self) -> dict[str, dict[str, Any]]:
        """The events afterwards, as `before`."""
        return in_words(self.events.after, self.destinations.after)

    @property
    def new(self) -> list[str]:
        """The events that the plan creates."""
        return [event for event in self.events.after if event not in self.events.before]

    @property
    def servers(self) -> set[str]:
        """The mail servers that the changed destinations name."""
        after = self.destinations.after
        return {after[key]["smtp-name"] for key in self.destinations.touched if after.get(key, {}).get("smtp-name")}


def plan_alert_events(
    desired: Sequence[Mapping[str, Any]],
    observed: AlertEvents,
    servers: Collection[str],
    firmware: Firmware,
    *,
    force: bool = False,
) -> AlertPlan:
    """Plan to create or complete alert events and their mail destinations.

    desired: mappings with `event`, the options that trigger it, and `destinations`, a list of mappings with `id`, `from`, `to` and
    `smtp_name`; None means not named, "" means unset. servers: ids of the mail table. force: send also what would mail nobody,
    and change destinations of another type. What mails nobody on the device already may be given back as it is. Raises PlanError.
    """
    events = plan_entries(
        system_alert_event(),
        [{name: value for name, value in wanted.items() if name != _DESTINATIONS} for wanted in desired],
        observed.events,
        firmware,
        force=force,
    )
    destinations = plan_destinations(_flat(desired), observed, servers, firmware, force=force)
    table = destinations.table
    kept = {key: wanted for wanted in _flat(desired) if (key := key_of(table, wanted)) not in destinations.touched}
    idle = {key: _mails_nobody(wanted, destinations.after[key], servers) for key, wanted in kept.items()}
    return replace(_joined(events, destinations), idle={key: why for key, why in idle.items() if why})


def plan_alert_events_deleted(
    desired: Sequence[Mapping[str, Any]], observed: AlertEvents, *, force: bool = False
) -> AlertPlan:
    """Plan to delete destinations; those that do not exist are left as they are, and so are the events around them.

    force: also those of another type than mail. Raises PlanError.
    """
    for wanted in desired:
        event = key_of(system_alert_event(), wanted)
        if not wanted.get(_DESTINATIONS):
            raise PlanError(
                f"alert event {event!r}: expected the destinations to delete; an event is never deleted with them"
            )
    plan = plan_destinations_deleted(_flat(desired), observed, force=force)
    return _joined(plan_deleted(system_alert_event(), [], observed.events), plan)


def plan_alert_events_restored(
    earlier: AlertEvents,
    events: Collection[str],
    destinations: Collection[str],
    observed: AlertEvents,
    firmware: Firmware,
) -> AlertPlan:
    """Plan to bring some events and destinations, by key, back to what they were, whatever they are now."""
    tables = (system_alert_event(), alert_destination())
    new = [event for event in events if event not in earlier.events]
    plans = []
    for table, keys, before, now in zip(
        tables,
        (events, [key for key in destinations if tables[1].split(key)[0] not in new]),
        (earlier.events, earlier.destinations),
        (observed.events, observed.destinations),
        strict=True,
    ):
        desired = [_row(table, key, before[key]) for key in keys if key in before]
        gone = [key for key in keys if key not in before]
        plans.append(
            plan_entries(
                table, desired, now, firmware, outer=observed.events, deleted=gone, state="replaced", force=True
            )
        )
    return _joined(*plans)


def _row(table: Table, key: str, entry: Entry) -> dict[str, Any]:
    *outer, own = table.split(key)
    row: dict[str, Any] = {table.task_key: int(own) if table.key_type == "integer" else own}
    if table.outer:
        # The type is not shown at its default, which is assumed: it is named for a destination that is made again.
        row |= {table.outer.task_key: outer[0], "type": "mail"}
    return row | {table.option(name).python_name: value for name, value in entry.items()}


def _flat(desired: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "event": wanted.get("event")} for wanted in desired for row in wanted.get(_DESTINATIONS) or ()]


def in_words(events: Mapping[str, Entry], destinations: Mapping[str, Entry]) -> dict[str, dict[str, Any]]:
    """Return alert events in the device's words, with their destinations by number."""
    nested: dict[str, dict[str, Any]] = {name: dict(entry) for name, entry in events.items()}
    for key, entry in destinations.items():
        event, number = alert_destination().split(key)
        nested.setdefault(event, {}).setdefault(alert_destination().name, {})[number] = entry
    return nested


def plan_destinations(
    desired: Sequence[Mapping[str, Any]],
    observed: AlertEvents,
    servers: Collection[str],
    firmware: Firmware,
    *,
    force: bool = False,
) -> Plan:
    """Plan to create or complete mail destinations, each a mapping with its `event`; see plan_alert_events."""
    table = alert_destination()
    mails = [{**wanted, "type": "mail"} for wanted in desired]
    plan = plan_entries(table, mails, observed.destinations, firmware, outer=observed.events, force=force)
    if not force:
        for wanted in desired:
            key = key_of(table, wanted)
            _check_type(key, observed.destinations.get(key, {}))
            if key in plan.touched and (why := _mails_nobody(wanted, plan.after[key], servers)):
                raise PlanError(f"{table.called(key)}: {why} (force: true sends it all the same)")
    return plan


def plan_destinations_deleted(
    desired: Sequence[Mapping[str, Any]], observed: AlertEvents, *, force: bool = False
) -> Plan:
    """Plan to delete destinations, each a mapping with its `event`; see plan_alert_events_deleted."""
    plan = plan_deleted(alert_destination(), desired, observed.destinations, outer=observed.events)
    if not force:
        for key in observed.destinations.keys() - plan.after.keys():
            _check_type(key, observed.destinations[key])
    return plan


def _joined(events: Plan, destinations: Plan) -> AlertPlan:
    """Put the lines of both plans into one edit of each event, so that the device saves it as a whole."""
    changes, inner = _bodies(events), _bodies(destinations)
    body: list[PlannedLine] = []
    for command in dict.fromkeys([*changes, *inner]):
        of_event, of_destinations = changes.get(command, []), inner.get(command, [])
        begin = (of_event or of_destinations)[:1]
        end = (of_event or of_destinations)[1:][-1:]
        body += [*begin, *of_event[1:-1], *of_destinations[1:-1], *end]
    around = (events if events.lines else destinations).lines
    lines = (around[0], *body, around[-1]) if body else ()
    # The destinations of a deleted event go with it.
    left = {key: each for key, each in destinations.after.items() if destinations.table.split(key)[0] in events.after}
    return AlertPlan(replace(events, lines=lines), replace(destinations, lines=(), after=left))


def _bodies(plan: Plan) -> dict[str, list[PlannedLine]]:
    """Return what a plan does with each event, by the command that begins it: `edit` to `next`, or a deletion."""
    bodies: dict[str, list[PlannedLine]] = {}
    begin, inside = "", False
    for line in plan.lines[1:-1]:
        inside = line.command.startswith("config ") or (inside and line.command != "end")
        if not begin:
            begin = line.command
        bodies.setdefault(begin, []).append(line)
        if begin.startswith("delete ") or (line.command == "next" and not inside):
            begin = ""
    return bodies


def _mails_nobody(wanted: Mapping[str, Any], new: Entry, servers: Collection[str]) -> str:
    """Return why a destination that is wanted would mail nobody, and what to do; "" where it mails somebody."""
    server = wanted.get("smtp_name")
    if server and server not in servers:
        known = ", ".join(repr(each) for each in servers) or "which is empty"
        return (
            f"smtp_name {server!r} is no entry of config system mail ({known}); create the entry first with system_mail"
        )
    for name in ("to", "smtp-name"):
        if not new.get(name):
            return f"{name.replace('-', '_')} is empty, so that nobody is mailed; name it"
    return ""


def _check_type(key: str, entry: Entry) -> None:
    kind = entry.get("type", "mail")
    if kind != "mail":
        raise PlanError(
            f"{alert_destination().called(key)} is of type {kind}, not mail; name another id (force: true changes or deletes "
            "it all the same)"
        )


# -- questions about facts -----------------------------------------------------------------------------------------


def dangling(destinations: Iterable[Mapping[str, Any]], ids: Collection[str]) -> list[Mapping[str, Any]]:
    """Return the mail destinations whose smtp_name is none of the ids of the mail table. An empty name is none."""
    return [each for each in destinations if each["type"] == "mail" and each["smtp_name"] not in ids]


def mails_somebody(destination: Mapping[str, Any], ids: Collection[str]) -> bool:
    """Return whether a destination is a mail to somebody through a server that exists."""
    return destination["type"] == "mail" and bool(destination["to"]) and destination["smtp_name"] in ids


def references(entries: Mapping[str, Entry], option: str, ids: Collection[str]) -> dict[str, list[str]]:
    """Return the keys of the entries that name each of these mail servers in an option; none where none does."""
    found: dict[str, list[str]] = {}
    for key, entry in entries.items():
        server = entry.get(option)
        if server is not None and server in ids:
            found.setdefault(server, []).append(key)
    return found


def moved(events: Iterable[Mapping[str, Any]], old: str, new: str) -> list[dict[str, Any]]:
    """Return what tasks need to name another mail server in the destinations that name one: rows of events, as they were read."""
    rows = []
    for event in events:
        there = [each for each in event.get(_DESTINATIONS) or () if each.get("smtp_name") == old]
        mails = [{"id": each["id"], "smtp_name": new} for each in there if each.get("type", "mail") == "mail"]
        if mails:
            rows.append({"event": event["event"], _DESTINATIONS: mails})
    return rows
