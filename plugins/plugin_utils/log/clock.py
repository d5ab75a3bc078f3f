# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device and its time: its stamps have no zone, but `get system status` in the same log tells which one they are in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Evidence: verbatim, `(GMT-8:00) Pacific Time (US & Canada).` and `(GMT+1:00) Brussels, Copenhagen, Madrid, Paris.`
_OFFSET = re.compile(r"\(GMT(?:([+-])(\d{1,2}):(\d\d))?\)")


@dataclass(frozen=True)
class Zone:
    """The zone of a device as it names it, and its distance from UTC as ISO 8601 writes it.

    The distance is empty where summer time makes it depend on the day: which days those are is not in a log.
    """

    name: str = ""
    offset: str = ""

    def written(self, stamp: str) -> str | None:
        """Return a time stamp in the form of ISO 8601, with the distance from UTC where it is known."""
        return f"{stamp.replace(' ', 'T')}{self.offset}" if stamp else None


@dataclass(eq=False)
class KnownDevice:
    """What is known of a device by now. product: another one of Fortinet that it is, which has its own commands."""

    name: str
    zone: Zone = Zone()
    product: str = ""


def zone_of(status: Mapping[str, Any]) -> Zone | None:
    """Return the zone that a record of `get system status` tells, None when it tells none."""
    name = str(status.get("time_zone", ""))
    found = _OFFSET.match(name)
    if found is None:
        return None
    sign, hours, minutes = found[1] or "+", int(found[2] or 0), found[3] or "00"
    fixed = str(status.get("daylight_saving", "")).lower().startswith(("no", "disable"))
    return Zone(name.rstrip("."), f"{sign}{hours:02d}:{minutes}" if fixed else "")


def seconds_between(first: str, last: str) -> int | None:
    """Return the seconds from one time stamp to another, None when one is missing or impossible or the clock went back."""
    if not first or not last or last < first:
        return None
    try:
        return round((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())
    except ValueError:  # a day or an hour that no calendar has
        return None
