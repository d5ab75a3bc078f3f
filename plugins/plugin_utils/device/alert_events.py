# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is mailed: the mail destinations of alert events, and what depends on them.

A mail server that no destination names mails nobody, and a destination that names none does not either. Refused before
anything is sent: a mail server that does not exist, a destination that would mail nobody, and a number that a destination
of another type has. What triggers an event is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..firmware import Firmware
from .plan import Entry, Plan, PlanError, key_of, plan_deleted, plan_entries
from .schema import alert_destination
from .tables import AlertEvents


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
    table = alert_destination()
    mails = [{**wanted, "type": "mail"} for wanted in desired]
    plan = plan_entries(table, mails, observed.destinations, firmware, outer=observed.names, force=force)
    if not force:
        for wanted in desired:
            key = key_of(table, wanted)
            _check_type(key, observed.destinations.get(key, {}))
            _check_mails_somebody(key, wanted, plan.after[key], servers)
    return plan


def plan_destinations_deleted(
    desired: Sequence[Mapping[str, Any]], observed: AlertEvents, *, force: bool = False
) -> Plan:
    """Plan to delete destinations; those that do not exist are left as they are, and so are the events around them.

    force: also those of another type than mail. Raises PlanError.
    """
    plan = plan_deleted(alert_destination(), desired, observed.destinations, outer=observed.names)
    if not force:
        for key in observed.destinations.keys() - plan.after.keys():
            _check_type(key, observed.destinations[key])
    return plan


def new_events(plan: Plan, observed: AlertEvents) -> list[str]:
    """Return the events a plan creates."""
    events = dict.fromkeys(plan.table.split(key)[0] for key in plan.after)
    return [event for event in events if event not in observed.names]


def by_event(destinations: Mapping[str, Entry]) -> dict[str, dict[str, Entry]]:
    """Return destinations below the names of their events."""
    nested: dict[str, dict[str, Entry]] = {}
    for key, entry in destinations.items():
        event, number = alert_destination().split(key)
        nested.setdefault(event, {})[number] = entry
    return nested


def _check_mails_somebody(key: str, wanted: Mapping[str, Any], new: Entry, servers: Collection[str]) -> None:
    called = alert_destination().called(key)
    server = wanted.get("smtp_name")
    if server and server not in servers:
        known = ", ".join(repr(each) for each in servers) or "which is empty"
        raise PlanError(
            f"{called}: smtp_name {server!r} is no entry of config system mail ({known}); create the entry first with "
            "system_mail (force: true sends it all the same)"
        )
    for name in ("to", "smtp-name"):
        if not new.get(name):
            raise PlanError(
                f"{called}: {name.replace('-', '_')} would be empty, so that nobody is mailed; name it "
                "(force: true sends it all the same)"
            )


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
