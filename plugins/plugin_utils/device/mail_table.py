# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read `config system mail` as the device shows it."""

from __future__ import annotations

import re

from ..shell.session import Session
from ..text.parse import parse_output
from .plan import PASSWORD_SET, Entry
from .schema import system_mail

_COMMAND = "show system mail"
_CLOSED = re.compile(r"^end\s*$", re.MULTILINE)


class DeviceError(Exception):
    """The device answered something that cannot be used. The message says what was expected."""


def read_mail_table(session: Session) -> dict[str, Entry]:
    """Return the entries by id, in the device's words, without options at their default.

    Raises DeviceError when the table is not complete, and what a session raises.
    """
    shown = session.run(_COMMAND).text
    if not _CLOSED.search(shown):
        raise DeviceError(f"{_COMMAND}: expected a table that is closed by `end`; nothing is planned on half of it")
    return {str(row["id"]): _entry(row) for row in parse_output(_COMMAND, shown)}


def _entry(row: dict[str, object]) -> Entry:
    entry: Entry = {}
    for option in system_mail().options:
        value = row.get(option.python_name)
        if value not in (None, ""):
            entry[option.name] = PASSWORD_SET if option.secret else str(value)
    return entry
