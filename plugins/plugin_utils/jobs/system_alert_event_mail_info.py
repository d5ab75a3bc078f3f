# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module system_alert_event_mail_info."""

from __future__ import annotations

from ..device.alert_events import dangling, mails_somebody
from ..device.device import Device, UnreadValues
from ..device.tables import alertemail_facts, approval_facts, destination_facts, event_facts
from .job import Context, Options, TaskResult
from .system_mail import NOT_SEEN


def work(device: Device, _options: Options, _context: Context) -> TaskResult:
    """Return who is mailed on alerts and approvals, and which destinations name a mail server that does not exist."""
    unread = UnreadValues()
    observed = device.alert_events()
    destinations = destination_facts(observed.destinations)
    servers = unread.tried("mail", device.mail_table)
    return {
        "events": event_facts(observed),
        "dangling": None if servers is None else dangling(destinations, servers),
        "mailed": None if servers is None else any(mails_somebody(each, servers) for each in destinations),
        "approval_matrix": unread.tried("approval_matrix", lambda: approval_facts(device.approval_matrix())),
        "not_seen": NOT_SEEN,
        "alertemail": unread.tried("alertemail", lambda: alertemail_facts(device.alertemail())),
        "unread": unread,
    }
