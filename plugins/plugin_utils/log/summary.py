# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sum of many sends: verdicts, causes, sends per hour. Kept small, whatever the size of the logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .chain import is_idle
from .stream import OF_MAIL, Item

SCHEMA = "fortiops.mail/summary/1"
UNKNOWN_HOUR = ""
_MOST_HOURS = 10_000


@dataclass
class LogSummary:
    """Sums over the items of some logs. `active`: somebody spoke of mail, other than that there is none."""

    files: Counter[str] = field(default_factory=Counter)  # by status
    lines: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    causes: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # outcome, cause, owner
    hours: dict[str, Counter[str]] = field(default_factory=dict)
    active: bool = False

    def add(self, item: Item) -> None:
        """Take in the next item of a log."""
        kind, data = item
        if kind == "verdict":
            self.verdicts[data["outcome"]] += 1
            self.causes[data["outcome"], data["cause"], data["owner"]] += 1
        elif kind == "send":
            self._of_hour((data["start"] or "")[: len("2026-11-24T10")])[data["outcome"]] += 1
        elif kind == "summary":
            self.files[data["status"]] += 1
            self.lines.update(data["lines"])
        elif kind == "record" and not self.active and data["template"] in OF_MAIL:
            self.active = not is_idle(data)

    def merge(self, other: LogSummary) -> None:
        """Take in the sums of other logs."""
        self.files += other.files
        self.lines.update(other.lines)
        self.verdicts += other.verdicts
        self.causes += other.causes
        for hour, outcomes in other.hours.items():
            self._of_hour(hour).update(outcomes)
        self.active = self.active or other.active

    def _of_hour(self, hour: str) -> Counter[str]:
        """Return the sums of an hour. There is no room for the hours of more than a year."""
        has_room = hour in self.hours or len(self.hours) < _MOST_HOURS
        return self.hours.setdefault(hour if has_room else UNKNOWN_HOUR, Counter())

    @property
    def exit_status(self) -> int:
        """0: each line understood, each mail accepted. 1: a mail failed. 3: something is unknown, or there is nothing."""
        if self.verdicts["failed"]:
            return 1
        if not self.verdicts and self.active:
            return 3
        return 3 if self.verdicts["unknown"] or set(self.files) != {"complete"} else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the sums as schemas/summary.json says."""
        return {
            "schema": SCHEMA,
            "files": {status: self.files[status] for status in ("complete", "partial", "empty")},
            "lines": dict(self.lines),
            "sends": self.verdicts.total(),
            "verdicts": {outcome: self.verdicts[outcome] for outcome in ("accepted", "failed", "unknown")},
            "causes": [
                {"outcome": outcome, "cause": cause, "owner": owner, "sends": number}
                for (outcome, cause, owner), number in self.causes.most_common()
                if outcome != "accepted"
            ],
            "hours": [
                {
                    "hour": hour or None,
                    **{outcome: self.hours[hour][outcome] for outcome in ("accepted", "failed", "unknown")},
                }
                for hour in sorted(self.hours)
            ],
        }
