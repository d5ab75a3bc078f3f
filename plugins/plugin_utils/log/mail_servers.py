# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the records of mail servers' logs to steps of a send: deliveries by queue id, and sessions of Exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..smtp.speech import CLIENT, REMARK, SERVER, is_reply, speech
from ..smtp.step import Delivery, Step
from .tables import TEMPLATE as MESSAGE_TRACE
from .tables import outcomes

# The words of each program for what became of a recipient.
_STATUS = {
    **dict.fromkeys(("sent", "=>", "->", ">>", "success"), "sent"),
    **dict.fromkeys(("deferred", "==", "deferral"), "deferred"),
    **dict.fromkeys(("bounced", "expired", "**", "failure", "Reject"), "failed"),
}
_REPORTED = {"failed": "failed", "delayed": "deferred"}  # that it was delivered, anybody may write
# Those of a message trace and of a tracking log; a mail in quarantine has not arrived.
_TRACED = {
    **dict.fromkeys(("delivered", "deliver", "send"), "sent"),
    **dict.fromkeys(("pending", "defer"), "deferred"),
    **dict.fromkeys(("failed", "fail", "badmail", "quarantined", "quarantine", "filteredasspam", "spam"), "failed"),
}
# What stands for the words of a server where a table has none.
_WORDLESS = {
    **dict.fromkeys(("failed", "fail", "badmail"), "message refused; the table gives no reason"),
    **dict.fromkeys(("quarantined", "quarantine", "filteredasspam", "spam"), "message identified as spam"),
}
_TO = re.compile(r"\bto ([^\s<>,]+@[^\s<>,]+)")
_MOST_STARTED = 10_000
_OF_SYSTEM_LOG = re.compile(
    r"(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ([\w./-]+\[\d+\]): "
    r"|<\d+>1 \d{4}-\d\d-\d\dT[\d:.+-]+Z? \S+ ([\w./-]+ \d+) \S+ (?:-|\[[^\]]*\]) "
)
# Logs of whole sessions. They leave the message out.
_SESSIONS = frozenset({"exchange_protocol", "session_log"})
TEMPLATES = frozenset({"mta_delivery", "delivery_status", "fortigate_log", MESSAGE_TRACE, *_SESSIONS})


def process_of(text: str) -> str:
    """Return the program and process that a line of a system log names: a mail server has one for each of its sessions."""
    found = _OF_SYSTEM_LOG.match(text)
    return (found[1] or found[2]) if found else ""


class MailServerLog:
    """Follows the log of a mail server, as far as one line of it needs another."""

    def __init__(self) -> None:
        # The mail and the recipient of a delivery of qmail, by its number.
        self._started: dict[str, tuple[str, str]] = {}

    def steps_of(self, number: int, template: str, fields: Mapping[str, Any]) -> Iterator[Step]:
        """Yield the steps that a record is: several where one line has a whole reply, none where it tells nothing of an outcome."""
        if template in _SESSIONS:
            yield from _of_session(number, template, fields)
        elif template == MESSAGE_TRACE:
            yield from _of_trace(number, fields)
        elif template == "delivery_status":
            yield from _of_report(number, fields)
        elif template == "fortigate_log":
            yield from _of_event(number, fields)
        elif (step := _of_delivery(number, template, self._named(fields))) is not None:
            yield step

    def _named(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a record of qmail with the mail and the recipient that its delivery was started for."""
        delivery = str(fields.get("delivery", ""))
        if not delivery:
            return fields
        if "status" not in fields:
            if len(self._started) >= _MOST_STARTED:
                del self._started[next(iter(self._started))]
            self._started[delivery] = str(fields["queue_id"]), str(fields.get("recipient", ""))
            return {}
        queue_id, recipient = self._started.pop(delivery, (delivery, ""))
        return {**fields, "queue_id": queue_id, "recipient": recipient}


def _of_delivery(number: int, template: str, fields: Mapping[str, Any]) -> Step | None:
    recipient = str(fields.get("recipient", "")).lower()
    status, text = str(fields.get("status", "")), str(fields.get("text", ""))
    if not status and not (recipient and text.strip()):
        return None
    if not status:
        word = text.split(maxsplit=1)[0].rstrip(":") if text.strip() else ""
        status, text = _of_sendmail(word, text)
    elif status in ("success", "deferral", "failure"):
        text = text.replace("_", " ").replace("/", "\n")
    if status not in _STATUS:
        return None
    delivery = Delivery(recipient, _STATUS[status], str(fields.get("dsn", "")), text)
    return _step_of(delivery, number, template, str(fields["queue_id"]), str(fields.get("process", "")))


def _of_sendmail(word: str, text: str) -> tuple[str, str]:
    """sendmail has no word for a failure: it is what is neither sent, nor deferred, nor still in the queue."""
    if word == "Sent":
        return "sent", text[len(word) :].strip(" ()")
    if word == "Deferred":
        return "deferred", text[len(word) :].lstrip(": ")
    return "queued" if word.lower() in ("queued", "please") else "bounced", text


def _of_trace(number: int, fields: Mapping[str, Any]) -> Iterator[Step]:
    for recipient, word, said in outcomes(fields):
        if word in _TRACED:
            text = said or _WORDLESS.get(word, word)
            delivery = Delivery(recipient, _TRACED[word], "", text)
            yield _step_of(delivery, number, MESSAGE_TRACE, str(fields.get("message_id", "")))


def _of_report(number: int, fields: Mapping[str, Any]) -> Iterator[Step]:
    if status := _REPORTED.get(fields["action"]):
        recipient = str(fields["recipient"]).lower()
        delivery = Delivery(recipient, status, str(fields.get("dsn", "")), " ".join(fields.get("text", ())))
        yield _step_of(delivery, number, "delivery_status", recipient)


def _of_event(number: int, fields: Mapping[str, Any]) -> Iterator[Step]:
    """Event 20003 of a FortiGate: it could not send a mail, and does not say why."""
    if "logid" in fields:
        found = _TO.search(str(fields.get("text", "")))
        delivery = Delivery(found[1].lower() if found else "", "unsent", "", str(fields.get("text", "")))
        yield _step_of(delivery, number, "fortigate_log", f"20003 {fields['date']} {fields['time']}")


def _of_session(number: int, template: str, fields: Mapping[str, Any]) -> Iterator[Step]:
    text = str(fields.get("text", "")).replace('""', '"').strip()
    if not text or fields.get("event", "<") not in ("<", ">"):
        return
    # The marks of Exchange mean the opposite in the logs of its receive and of its send connectors.
    marked = "client" in fields or "server" in fields
    speaker = SERVER if "server" in fields or (not marked and is_reply(text)) else CLIENT
    for line in text.split("[nl]"):
        yield Step(number, speech(speaker, "session", line), template, str(fields.get("session", "")))


def _step_of(delivery: Delivery, number: int, template: str, entry: str, process: str = "") -> Step:
    about = f"to=<{delivery.recipient}>, " if delivery.recipient else ""
    dsn = f"dsn={delivery.dsn}, " if delivery.dsn else ""
    said = f" ({delivery.text})" if delivery.text else ""
    text = f"{about}{dsn}status={delivery.status}{said}".replace("\n", "/")
    return Step(number, speech(REMARK, "", text), template, entry, delivery=delivery, process=process)
