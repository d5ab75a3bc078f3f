# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the records of mail servers' logs to steps of a send: deliveries by queue id, and sessions of Exchange."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..smtp.exchange import is_reply
from ..smtp.step import CLIENT, REMARK, SERVER, Delivery, Step

# The words of each program for what became of a recipient.
_STATUS = {
    **dict.fromkeys(("sent", "=>", "->", ">>", "success"), "sent"),
    **dict.fromkeys(("deferred", "==", "deferral"), "deferred"),
    **dict.fromkeys(("bounced", "expired", "**", "failure"), "failed"),
}
_OF_SYSTEM_LOG = re.compile(r"(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ([\w./-]+\[\d+\]): ")
TEMPLATES = frozenset({"mta_delivery", "exchange_protocol"})


def process_of(text: str) -> str:
    """Return the program and process that a line of a system log names: a mail server has one for each of its sessions."""
    found = _OF_SYSTEM_LOG.match(text)
    return found[1] if found else ""


def step_of(number: int, template: str, fields: Mapping[str, Any]) -> Step | None:
    """Return the step that a record is, None for one that tells nothing of an outcome."""
    if template == "exchange_protocol":
        return _of_session(number, fields)
    recipient = str(fields.get("recipient", "")).lower()
    status, text = str(fields.get("status", "")), str(fields.get("text", ""))
    if not recipient and not status:
        return None
    if not status:
        word = text.split(maxsplit=1)[0].rstrip(":") if text.strip() else ""
        status, text = _of_sendmail(word, text)
    elif status in ("success", "deferral", "failure"):
        text = text.replace("_", " ").replace("/", "\n")
    if status not in _STATUS:
        return None
    delivery = Delivery(recipient, _STATUS[status], str(fields.get("dsn", "")), text)
    return Step(
        number,
        REMARK,
        _shown(delivery),
        template,
        str(fields["queue_id"]),
        delivery=delivery,
        process=str(fields.get("process", "")),
    )


def _of_sendmail(word: str, text: str) -> tuple[str, str]:
    """sendmail has no word for a failure: it is what is neither sent, nor deferred, nor still in the queue."""
    if word == "Sent":
        return "sent", text[len(word) :].strip(" ()")
    if word == "Deferred":
        return "deferred", text[len(word) :].lstrip(": ")
    return "queued" if word.lower() in ("queued", "please") else "bounced", text


def _of_session(number: int, fields: Mapping[str, Any]) -> Step | None:
    text = str(fields.get("text", "")).replace('""', '"').strip()
    if fields["event"] not in ("<", ">") or not text:
        return None
    speaker = SERVER if is_reply(text) else CLIENT
    return Step(number, speaker, text, "exchange_protocol", str(fields["session"]), mark="exchange")


def _shown(delivery: Delivery) -> str:
    about = f"to=<{delivery.recipient}>, " if delivery.recipient else ""
    dsn = f"dsn={delivery.dsn}, " if delivery.dsn else ""
    return f"{about}{dsn}status={delivery.status} ({delivery.text})".replace("\n", "/")
