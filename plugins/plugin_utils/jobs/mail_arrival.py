# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module mail_arrival: wait for a mail in a mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..probe.arrival import Arrival, Wanted
from ..probe.mailbox import Account, wait_for
from .job import JobError

_JUST_NOW = timedelta(minutes=10)


def work(options: Mapping[str, Any]) -> Arrival:
    """Wait for the mail that the options describe; they are those of the module. Raises JobError and MailboxError."""
    given = {name: value for name, value in options["imap"].items() if value is not None}
    account = Account(**{"port": 143 if given.get("security") == "starttls" else 993, **given})
    if bool(account.passwd) == bool(account.token):
        raise JobError("imap needs a way to log in: expected either passwd or token")
    if not options["sender"] and not options["device"] and not options["reply"]:
        raise JobError(
            "any mail to the recipient would be taken for the test mail; expected sender, device or reply as well"
        )
    for name in ("wait", "interval"):
        if not 0 < options[name] <= 86_400:
            raise JobError(f"{name} is {options[name]}; expected seconds, more than 0 and at most 86400")
    wanted = Wanted(options["to"], _moment(options["since"]), options["sender"], options["device"], options["reply"])
    return wait_for(wanted, account, options["wait"], options["interval"])


def _moment(text: str | None) -> datetime:
    """The time that a text says, in whole seconds as mailboxes have it; some minutes ago where it says none."""
    if not text:
        return datetime.now(UTC) - _JUST_NOW
    try:
        moment = (
            datetime.fromtimestamp(float(text), UTC)
            if text.replace(".", "", 1).isdecimal()
            else datetime.fromisoformat(text)
        )
    except (OverflowError, OSError, ValueError):
        raise JobError(
            f"since is {text!r}; expected a time such as 2026-11-24T10:00:00+00:00, or seconds since 1970"
        ) from None
    return (moment if moment.tzinfo else moment.astimezone()).replace(microsecond=0)
