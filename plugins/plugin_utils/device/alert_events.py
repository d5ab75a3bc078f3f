# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is mailed: the destinations of `config system alert-event`, and the old `config system alertemail`.

A mail server that no destination names mails nobody, and a destination that names none does not either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..shell.session import Session
from .mail_table import entry_of, shown_rows
from .plan import Entry
from .push import Target
from .schema import Table, alert_destination, system_alertemail


@dataclass(frozen=True)
class AlertEvents:
    """The names of all events, and the destinations of each by key_of(event, number), both in the device's order."""

    names: tuple[str, ...]
    destinations: dict[str, Entry]


def key_of(event: str, number: int | str) -> str:
    """Return the key of a destination in flat tables. The number has no slash, so the name of the event may have any."""
    return f"{event}/{number}"


def split_key(key: str) -> tuple[str, int]:
    """Return event and number of a destination."""
    event, _, number = key.rpartition("/")
    return event, int(number)


def called(key: str) -> str:
    """Return what messages call a destination."""
    event, number = split_key(key)
    return f"alert event {event!r} destination {number}"


def read_alert_events(session: Session) -> AlertEvents:
    """Read `config system alert-event`. Raises DeviceError for half a table, and what a session raises."""
    rows = shown_rows(session, "show system alert-event")
    names = dict.fromkeys(str(row["event"]) for row in rows)
    schema = alert_destination()
    destinations = {key_of(row["event"], row["id"]): entry_of(row, schema) for row in rows if "id" in row}
    return AlertEvents(tuple(names), destinations)


def read_alertemail(session: Session) -> Entry:
    """Read `config system alertemail`. Raises DeviceError for half of it, and what a session raises."""
    rows = shown_rows(session, "show system alertemail")
    return entry_of(rows[0], system_alertemail()) if rows else {}


DESTINATIONS = Target(lambda session: read_alert_events(session).destinations, alert_destination(), called)


def by_event(destinations: Mapping[str, Entry]) -> dict[str, dict[str, Entry]]:
    """Return destinations below the names of their events."""
    nested: dict[str, dict[str, Entry]] = {}
    for key, entry in destinations.items():
        event, number = split_key(key)
        nested.setdefault(event, {})[str(number)] = entry
    return nested


# -- facts ---------------------------------------------------------------------------------------------------------


def destination_facts(destinations: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Return destinations as facts: event, number as id, and every option under its Python name, defaults filled in."""
    facts = []
    for key, entry in destinations.items():
        event, number = split_key(key)
        facts.append({"event": event, "id": number, **_options(alert_destination(), entry)})
    return facts


def alertemail_facts(entry: Entry) -> dict[str, Any]:
    """Return `config system alertemail` as facts; the password is `smtppassword_set`, true or false."""
    return _options(system_alertemail(), entry)


def _options(schema: Table, entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for option in schema.options:
        value = entry.get(option.name, option.default or "")
        if option.secret:
            row[f"{option.python_name}_set"] = bool(value)
        else:
            row[option.python_name] = int(value) if option.type == "integer" else value
    return row


# -- questions about facts -----------------------------------------------------------------------------------------


def dangling(destinations: Iterable[Mapping[str, Any]], ids: Collection[str]) -> list[Mapping[str, Any]]:
    """Return the mail destinations whose smtp_name is none of the ids of the mail table. An empty name is none."""
    return [each for each in destinations if each["type"] == "mail" and each["smtp_name"] not in ids]


def mails_somebody(destination: Mapping[str, Any], ids: Collection[str]) -> bool:
    """Say whether a destination is a mail to somebody through a server that exists."""
    return destination["type"] == "mail" and bool(destination["to"]) and destination["smtp_name"] in ids


def references(destinations: Mapping[str, Entry], ids: Collection[str]) -> dict[str, list[str]]:
    """Return the keys of the destinations that name each of these ids, of whatever type they are; none where none does."""
    found: dict[str, list[str]] = {}
    for key, entry in destinations.items():
        server = entry.get("smtp-name")
        if server is not None and server in ids:
            found.setdefault(server, []).append(key)
    return found
