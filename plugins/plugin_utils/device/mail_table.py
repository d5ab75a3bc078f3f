# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read `config system mail` as the device shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..shell.session import Session
from ..templates.records import parse_output
from .plan import PASSWORD_SET, Entry
from .schema import Table, system_mail

_CLOSED = re.compile(r"^end\s*$", re.MULTILINE)


class DeviceError(Exception):
    """The device answered something that cannot be used. The message says what was expected."""


def read_mail_table(session: Session) -> dict[str, Entry]:
    """Return the entries by id, in the device's words, without options at their default.

    Raises DeviceError when the table is not complete, and what a session raises.
    """
    return {str(row["id"]): entry_of(row, system_mail()) for row in shown_rows(session, "show system mail")}


def shown_rows(session: Session, command: str) -> list[dict[str, Any]]:
    """Return the records of a `show`. Raises DeviceError when what it printed is not complete."""
    shown = session.run(command).text
    if not _CLOSED.search(shown):
        raise DeviceError(f"{command}: expected a table that is closed by `end`; nothing is planned on half of it")
    return parse_output(command, shown)


def entry_of(row: Mapping[str, Any], table: Table) -> Entry:
    """Return a record of `show` in the device's words, without options at their default; a password is PASSWORD_SET."""
    entry: Entry = {}
    for option in table.options:
        value = str(row.get(option.python_name) or "")
        if value not in ("", option.default):
            entry[option.name] = PASSWORD_SET if option.secret else value
    return entry


def unmasked(table: Mapping[str, Entry], desired: Mapping[str, Entry], mask: Callable[[str], str]) -> dict[str, Entry]:
    """Return a table that was read, with the desired ids and values in place of those they would be masked to.

    A password may be a part of a user or a server by chance, which is then read masked and would never be what it should be.
    mask: what the session makes of a text.
    """
    ids = {mask(key): key for key in desired}

    def seen(value: str, wanted: str) -> str:
        return wanted if value == mask(wanted) else value

    named = {ids.get(key, key): entry for key, entry in table.items()}
    return {
        key: {name: seen(value, desired.get(key, {}).get(name, value)) for name, value in entry.items()}
        for key, entry in named.items()
    }
