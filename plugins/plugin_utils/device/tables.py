# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the tables of the device as `show` prints them, and make facts of their entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import FazmailError
from ..firmware import Firmware
from ..shell.result import answered, words
from ..shell.session import Session
from ..shell.terminal import shown_last
from ..templates.records import integer
from ..terminal.configuration import Block, NoBlockError, read_block, strays
from .desired import PASSWORD_SET, Entry
from .schema import Table, alert_destination, approval_matrix, system_alert_event, system_alertemail, system_mail

# What a device says of words that its firmware does not have.
_NOT_UNDERSTOOD = re.compile(r"(?i)command parse error|unknown action|no tablename")


class DeviceError(FazmailError):
    """The device answered something that cannot be used. The message says what was expected."""

    cause = "device"


class NoTableError(DeviceError):
    """The firmware does not have this table: the device does not understand the command."""


@dataclass(frozen=True)
class AlertEvents:
    """What triggers each event, by its name, and the destinations by `event/number`, both in the device's order."""

    events: dict[str, Entry]
    destinations: dict[str, Entry]


def alert_events_of(block: Block) -> AlertEvents:
    """Return the alert events in the block `config system alert-event`."""
    return AlertEvents(entries_of(block, system_alert_event()), entries_of(block, alert_destination()))


def read_object(session: Session, table: Table) -> Entry:
    """Return the options of an object of which there is one, as entry_of() does. Raises as show() does."""
    return entry_of(show(session, table).options, table)


def read_entries(session: Session, table: Table) -> dict[str, Entry]:
    """Return the entries of a table by key, as entry_of() does. Raises as show() does."""
    return entries_of(show(session, table.outer or table), table)


def entries_of(block: Block, table: Table) -> dict[str, Entry]:
    """Return the entries of a table by key. block: the table, or the one around it."""
    if table.outer is None:
        return {key: entry_of(entry.options, table) for key, entry in block.entries.items()}
    return {
        f"{around}/{key}": entry_of(entry.options, table)
        for around, outer in block.entries.items()
        if table.name in outer.blocks
        for key, entry in outer.blocks[table.name].entries.items()
    }


def entry_of(options: Mapping[str, str], table: Table) -> Entry:
    """Return options as `show` prints them, in the device's words, without those at their default; a password is PASSWORD_SET."""
    entry: Entry = {}
    for option in table.options:
        value = options.get(option.name, "")
        if value not in ("", option.default):
            entry[option.name] = PASSWORD_SET if option.secret else value
    return entry


def show(session: Session, table: Table) -> Block:
    """Return a table as the device shows it.

    Raises DeviceError, which quotes the device, when the table is refused or not complete, and what a session raises.
    """
    path = " ".join(table.path)
    result = session.run(f"show {path}", check=False)
    try:
        block, others = read_block(result.raw, path), strays(result.raw)
    except NoBlockError as error:
        if result.error is not None and _NOT_UNDERSTOOD.search(str(result.error)):
            raise NoTableError(f"show {path}: {result.said}") from None
        ends = f"the table has no end{shown_last(result.text)}" if error.begun else result.said
        raise DeviceError(f"show {path}: {ends}; expected a table that is closed by `end`") from None
    if result.error is not None:
        raise DeviceError(f"show {path}: {result.said}; expected a table and nothing else")
    # A daemon may print its debug between the lines.
    if said := words(session.redactor.text("\n".join(others))):
        raise DeviceError(f"show {path}: {answered(said[0])}; expected a table and nothing else")
    return block


# -- facts ---------------------------------------------------------------------------------------------------------


def mail_facts(entries: Mapping[str, Entry], firmware: Firmware | None) -> list[dict[str, Any]]:
    """Return the mail table as facts: id, and every option this firmware has under its Python name, defaults filled in.

    Passwords become `<name>_set`: true or false; `auth_enabled` says in a boolean what `auth` says in a word. Options
    the firmware should not have are kept when the device shows them. Options that are hidden beside the entry's other
    values are left out. firmware: None where it is not known; defaults are those that every firmware has then.
    """
    return [
        {"id": key, **object_facts(system_mail(), entry, firmware), "auth_enabled": entry.get("auth") == "enable"}
        for key, entry in entries.items()
    ]


def destination_facts(destinations: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Return destinations as facts: event, number as id, and every option under its Python name, defaults filled in."""
    return [{**destination_key(key), **object_facts(alert_destination(), entry)} for key, entry in destinations.items()]


def destination_key(key: str) -> dict[str, Any]:
    """Return the key of a destination as tasks have it: event, and its number as id."""
    event, number = alert_destination().split(key)
    return {"event": event, "id": integer(number)}


def nested(events: Mapping[str, dict[str, Any]], destinations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of events, by name, with the rows of their destinations inside."""
    inside: dict[str, list[dict[str, Any]]] = {}
    for row in destinations:
        inside.setdefault(row.pop("event"), []).append(row)
    return [{"event": name, **event, "destinations": inside.get(name, [])} for name, event in events.items()]


def event_facts(observed: AlertEvents) -> list[dict[str, Any]]:
    """Return alert events as facts, in the form that tasks take: event, what triggers it, and its `destinations`."""
    events = {name: object_facts(system_alert_event(), entry) for name, entry in observed.events.items()}
    return nested(events, destination_facts(observed.destinations))


def approval_facts(entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Return `config system workflow approval-matrix` as facts: adom, and every option under its Python name."""
    return [{"adom": key, **object_facts(approval_matrix(), entry)} for key, entry in entries.items()]


def alertemail_facts(entry: Entry) -> dict[str, Any]:
    """Return `config system alertemail` as facts; the password is `smtppassword_set`, true or false."""
    return object_facts(system_alertemail(), entry)


def object_facts(table: Table, entry: Entry, firmware: Firmware | None = None) -> dict[str, Any]:
    """Return an entry, or an object of which there is one, as facts: every option this firmware has under its Python name."""
    known = (
        [option for option in table.options if not option.firmware] if firmware is None else table.options_on(firmware)
    )
    values = {option.name: entry.get(option.name, option.default or "") for option in known} | entry
    row: dict[str, Any] = {}
    for option in table.options:
        if option.name not in values or not option.visible(values):
            continue
        value = values[option.name]
        if option.secret:
            row[f"{option.python_name}_set"] = bool(value)
        elif option.default is None and option.name not in entry:
            # Hidden by the device because it is at a default that is not known.
            row[option.python_name] = None
        else:
            row[option.python_name] = integer(value) if option.type == "integer" else value
    return row
