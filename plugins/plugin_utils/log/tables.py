# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of mails in which a row of names says what the columns are: the message trace of Exchange Online as the admin center and
PowerShell export it, and the message tracking log of Exchange.

Evidence: documented (Microsoft's pages on message trace, its enhanced summary report, Get-MessageTrace and message tracking).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from .chain import EVENT, UNMATCHED, DelayedRecord, Reading
from .classifier import Line
from .openings import may_head_table

TEMPLATE = "message_trace"
# What the columns are called, without blanks, dashes and underscores and in lower case; the first that is there counts.
_COLUMNS = {
    "timestamp": ("datetimeutc", "origintimestamputc", "received", "datetime"),
    "sender": ("senderaddress",),
    "recipient": ("recipientaddress", "recipientstatus"),
    "status": ("status", "eventid", "recipientstatus"),
    "text": ("recipientstatus",),
    "client": ("fromip", "originalclientip", "clientip"),
    "message_id": ("networkmessageid", "messagetraceid", "messageid"),
}
_NEEDED = frozenset({"sender", "recipient", "status"})
_FIELDS = "#Fields: "
# Rows that do not fit, one after the other, end a table.
_MOST_STRANGE = 20


class TableRows:
    """Follows the tables of one log."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._width = 0
        self._delimiter = ","
        self._strange = 0

    @property
    def is_open(self) -> bool:
        """Whether the next lines may be rows of a table."""
        return bool(self._places)

    def read(self, item: Line | DelayedRecord) -> Line | DelayedRecord:
        """Return a line with what it is in a table, or as it was."""
        if isinstance(item, DelayedRecord):
            return item
        if item.reading.command:
            self._places = {}
        elif may_head_table(item.text) and self._begun(item.text):
            return item._replace(reading=Reading(EVENT, TEMPLATE), fields={}, said=None)
        elif (
            self._places
            and item.text.strip()
            and (item.reading.bucket == UNMATCHED or not item.reading.template or item.reading.template == "vocabulary")
        ):
            return self._row(item)
        return item

    def _begun(self, text: str) -> bool:
        head = text.lstrip("\ufeff").removeprefix(_FIELDS)
        delimiter = max(",;\t", key=head.count)
        names = [_plain(cell) for cell in _cells(head, delimiter)]
        places = {
            field: names.index(name)
            for field, columns in _COLUMNS.items()
            if (name := next((each for each in columns if each in names), ""))
        }
        if not places.keys() >= _NEEDED:
            return False
        self._places, self._width, self._delimiter, self._strange = places, len(names), delimiter, 0
        return True

    def _row(self, item: Line) -> Line:
        cells = _cells(item.text, self._delimiter)
        if len(cells) != self._width:
            self._strange += 1
            if self._strange >= _MOST_STRANGE:
                self._places = {}
            return item
        self._strange = 0
        values = {field: cells[place].strip() for field, place in self._places.items()}
        fields = {field: value for field, value in values.items() if value}
        return item._replace(reading=Reading(EVENT, TEMPLATE, TEMPLATE), fields=fields, said=None)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:  # a line with a NUL or a single carriage return, or one that is too long
        return []


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "")


def outcomes(fields: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return what a row says of each recipient: the address, the last word of the status in lower case, and the server's words."""
    status, text = str(fields.get("status", "")), str(fields.get("text", ""))
    if "##" in status:
        pairs = [each.partition("##") for each in status.split(";") if "##" in each]
        return [(address.strip().lower(), _last_word(words), "") for address, __, words in pairs]
    recipients, texts = str(fields.get("recipient", "")).split(";"), text.split(";")
    said = texts if len(texts) == len(recipients) else [text] * len(recipients)
    return [
        (address.strip().lower(), _last_word(status), words.strip())
        for address, words in zip(recipients, said, strict=True)
    ]


def _last_word(status: str) -> str:
    return status.rpartition(",")[2].strip().lower()
