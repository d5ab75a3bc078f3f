# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module system_mail_info."""

from __future__ import annotations

from ..device.device import Device, UnreadValues
from ..device.tables import mail_facts
from .job import Context, Options, TaskResult


def work(device: Device, _options: Options, _context: Context) -> TaskResult:
    """Return the entries of `config system mail`."""
    unread = UnreadValues()
    status = unread.tried("firmware", device.status)
    return {"entries": mail_facts(device.mail_table(), status.firmware if status else None), "unread": unread}
