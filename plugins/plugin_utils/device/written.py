# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as they are read become rows as they are written: what a task returned, or a filter found, can be given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..templates.records import integer
from .desired import Entry
from .schema import Table, alert_destination, system_alert_event, system_mail
from .tables import AlertEvents, destination_key, nested

# The options that hold rows of a table.
_ROWS = {
    "mail_rollout": {"config": system_mail(), "alert_events": system_alert_event()},
    "system_alert_event_mail": {"config": system_alert_event()},
    "system_mail": {"config": system_mail(), "alert_events": system_alert_event()},
}


def written_options(module: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the options of a module with rows in the form that it takes, and a sentence on what had no effect."""
    changed = dict(options)
    notes = []
    for name, table in _ROWS.get(module, {}).items():
        if isinstance(options.get(name), list):
            changed[name], ignored, kept = _rows(table, options[name])
            if ignored:
                notes.append(f"{name}: {', '.join(sorted(ignored))} can only be read, and had no effect")
            notes += [f"{name}: {each}" for each in kept]
    return changed, notes


def written(table: Table, rows: list[Any]) -> list[Any]:
    """Return rows of a table without what can only be read. What is no row stays as it is, for others to refuse."""
    return _rows(table, rows)[0]


def _rows(table: Table, rows: list[Any], around: str = "") -> tuple[list[Any], set[str], list[str]]:
    """Return the rows, the names of what can only be read, and a sentence for each row that is left alone."""
    kept: list[Any] = []
    ignored: set[str] = set()
    left: list[str] = []
    read_only = _read_only(table)
    for row in rows:
        if not isinstance(row, Mapping):
            kept.append(row)
            continue
        where = f"{around}{table.noun} {row.get(table.task_key)!r}"
        if table.path == alert_destination().path and row.get("type", "mail") != "mail":
            left.append(f"{where} is of type {row['type']}, and is left alone")
            continue
        own = {name: value for name, value in row.items() if name not in read_only}
        ignored |= row.keys() & read_only
        for inner in table.tables:
            if isinstance(own.get(inner.task_name), list):
                own[inner.task_name], more, others = _rows(inner, own[inner.task_name], f"{where} ")
                ignored |= more
                left += others
        kept.append(own)
    return kept, ignored, left


def _read_only(table: Table) -> set[str]:
    if table.path == system_mail().path:
        return {"auth_enabled"}
    # A task makes nothing but mail of a destination.
    return {"type"} if table.path == alert_destination().path else set()


def mail_rows(entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Return entries of the mail table as tasks take them, with what is set and nothing else; a password is `<name>_set`: true."""
    return [{"id": key, **named(system_mail(), entry)} for key, entry in entries.items()]


def event_rows(alerts: AlertEvents) -> list[dict[str, Any]]:
    """Return alert events as tasks take them, with what is set and their destinations."""
    events = {name: named(system_alert_event(), entry) for name, entry in alerts.events.items()}
    destinations = alerts.destinations.items()
    return nested(
        events, [{**destination_key(key), **named(alert_destination(), entry)} for key, entry in destinations]
    )


def named(table: Table, entry: Entry) -> dict[str, Any]:
    """Return what is set in an entry by Python names, with numbers where an option is a number; a password is `<name>_set`: true."""
    row: dict[str, Any] = {}
    for option in table.options:
        if option.name in entry:
            value = entry[option.name]
            name = f"{option.python_name}_set" if option.secret else option.python_name
            row[name] = True if option.secret else integer(value) if option.type == "integer" else value
    return row
