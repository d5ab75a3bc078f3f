# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a log is asked for: `--since`, `--until`, `--device` and `--client` of `fazmail parse`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

EXPECTED = (
    "expected a time of the device's clock as 2026-11-24, 2026-11-24T10:00, 10:00 (on any day) or 2h (before now)"
)

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?")
_CLOCK = re.compile(r"((?:[01]?\d|2[0-3]):[0-5]\d)(:[0-5]\d)?")
_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Selection:
    """Bounds are inclusive and written as a time stamp (`YYYY-MM-DD HH:MM:SS`), or as a time of any day (`HH:MM:SS`).

    A device is called as its prompt or the header of its capture calls it, in capitals or not. clients: see clients.py.
    """

    since: str = ""
    until: str = ""
    device: str = ""
    clients: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        return not (self.since or self.until or self.device or self.clients)

    def has(self, device: str, *stamps: str) -> bool:
        """Return whether a device and, if there are any, one of some time stamps are asked for."""
        return self.has_device(device) and (not stamps or any(map(self.has_time, stamps)))

    def has_time(self, stamp: str) -> bool:
        """Return whether a time stamp is asked for. What has none and follows none is: nobody knows that it is not."""
        if not stamp or not (self.since or self.until):
            return True
        after = not self.since or _part(stamp, self.since) >= self.since
        before = not self.until or _part(stamp, self.until) <= self.until
        if len(self.since) == len(self.until) == len("00:00:00") and self.since > self.until:
            return after or before  # over midnight
        return after and before

    def has_device(self, name: str) -> bool:
        """Return whether a device is asked for. A prompt that was cut ends in `~`."""
        if not self.device:
            return True
        asked, named = self.device.casefold(), name.casefold()
        return named == asked or (named.endswith("~") and asked.startswith(named[:-1]))


def bound(text: str, now: datetime, last: bool = False) -> str:
    """Return a bound as Selection takes it; a day alone means its beginning, or as `last` bound its end.

    Raises ValueError for what is no time.
    """
    text = text.strip()
    if clock := _CLOCK.fullmatch(text):
        return f"{clock[1]:0>5}{clock[2] or ':00'}"
    if ago := _AGO.fullmatch(text):
        try:
            return f"{now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}):%Y-%m-%d %H:%M:%S}"
        except OverflowError as error:
            raise ValueError(EXPECTED) from error
    if (date := _DATE.fullmatch(text)) is None:
        raise ValueError(EXPECTED)
    time = f"{date[2]}{date[3] or ':00'}" if date[2] else "23:59:59" if last else "00:00:00"
    try:
        return f"{datetime.fromisoformat(f'{date[1]} {time}'):%Y-%m-%d %H:%M:%S}"
    except ValueError as error:
        raise ValueError(EXPECTED) from error


def _part(stamp: str, like: str) -> str:
    return stamp if len(like) == len(stamp) else stamp[-len(like) :]
