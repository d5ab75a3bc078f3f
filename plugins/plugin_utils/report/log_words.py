# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a page for a customer words times, counts, files and lines. No input or output."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from ..terminal.quoting import escaped
from ..whole_file import STANDARD_STREAM

TOOL = "fazmail"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class LogLine:
    """A line of a log that shows something."""

    path: str
    number: int
    text: str


def moment(stamp: str) -> str:
    """A time as a person writes it, to the minute: `24 November 2026, 10:00`."""
    try:
        at = datetime.fromisoformat(stamp[: len("2026-11-24T10:00")])
    except ValueError:  # a damaged line may have any digits
        return stamp.replace("T", " ")
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


def end_of(first: str, last: str) -> str:
    """The end of a time that began then, without the day where it is the same, "" where it is the same minute."""
    begin, end = moment(first), moment(last)
    if begin == end:
        return ""
    day = begin.partition(", ")[0]
    return end.removeprefix(f"{day}, ")


def short(stamp: str) -> str:
    """A time for a table."""
    return stamp.replace("T", " ")[: len("2026-11-24 10:00")] or "-"


def mails(count: int) -> str:
    return "one mail" if count == 1 else f"{count:,} mails"


def file_name(path: str) -> str:
    """A file without its folders, which are nobody else's business; "-" is standard input."""
    outer, mark, inner = path.partition("!")
    return "standard input" if path == STANDARD_STREAM else escaped(PurePath(outer).name + mark + inner)


def period_words(period: str) -> str:
    """Return a day, or an hour of a day, as a person writes it."""
    day, __, hour = period.partition("T")
    return f"{day} {hour}:00" if hour else day
