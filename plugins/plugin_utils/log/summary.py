# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sum of many sends: verdicts, causes, sends per hour. Kept small, whatever the size of the logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .chain import is_idle
from .stream import OF_MAIL, Item

SCHEMA = "fortiops.mail/summary/1"
OUTCOMES = ("accepted", "failed", "unknown")
UNKNOWN_HOUR = ""
_MOST_HOURS = 10_000
_HOUR, _DAY = len("2026-11-24T10"), len("2026-11-24")
# Over more days than these, hours are too many to be looked at.
_DAYS_OF_HOURS = 2


@dataclass(slots=True)
class Span:
    """How many sends there were, and when the first and the last one began ("" as long as no time is known)."""

    sends: int = 0
    first: str = ""
    last: str = ""

    def add(self, sends: int, first: str, last: str) -> None:
        self.sends += sends
        if first and (first < self.first or not self.first):
            self.first = first
        if last > self.last:
            self.last = last


@dataclass
class LogSummary:
    """Sums over the items of some logs.

    causes: by outcome, cause and owner. hours: by device and hour, then by outcome and cause.
    active: somebody spoke of mail, other than that there is none. findings: by device and what is found on the way of its mail
    (finding, cause, severity, owner). stopped: a device shows of itself what keeps mail back. broken: its way to a server is.
    """

    files: Counter[str] = field(default_factory=Counter)  # by status
    lines: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    causes: dict[tuple[str, str, str], Span] = field(default_factory=dict)
    devices: dict[str, Span] = field(default_factory=dict)
    hours: dict[tuple[str, str], Counter[tuple[str, str]]] = field(default_factory=dict)
    findings: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    active: bool = False
    stopped: bool = False
    broken: bool = False
    _owner: str = ""

    def add(self, item: Item) -> None:
        """Take in the next item of a log."""
        kind, data = item
        if kind == "verdict":
            self._owner = data["owner"]
        elif kind == "send":
            self._send(data)
        elif kind == "path":
            self._path(data)
        elif kind == "summary":
            self.files[data["status"]] += 1
            self.lines.update(data["lines"])
        elif kind == "record" and not self.active and data["template"] in OF_MAIL:
            self.active = not is_idle(data)

    def _send(self, send: Mapping[str, Any]) -> None:
        start, device, outcome, cause = send["start"] or "", send["device"], send["outcome"], send["cause"]
        self.verdicts[outcome] += 1
        self._of_cause((outcome, cause, self._owner)).add(1, start, start)
        self._of_device(device).add(1, start, start)
        self._of_hour(device, start[:_HOUR])[outcome, cause] += 1

    def _path(self, path: Mapping[str, Any]) -> None:
        self.active = True
        device = path["device"] if len(self.findings) < _MOST_HOURS else ""
        for found in path["findings"]:
            told = found["finding"], found["cause"] or "", found["severity"], found["owner"]
            self.findings[device, *told] += 1
            if found["severity"] == "failure" and path["seen_from"] == "device":
                self.stopped = self.stopped or not path["host"]
                self.broken = True

    def merge(self, other: LogSummary) -> None:
        """Take in the sums of other logs."""
        self.files += other.files
        self.lines.update(other.lines)
        self.verdicts += other.verdicts
        for cause, span in other.causes.items():
            self._of_cause(cause).add(span.sends, span.first, span.last)
        for device, span in other.devices.items():
            self._of_device(device).add(span.sends, span.first, span.last)
        for (device, hour), counts in other.hours.items():
            self._of_hour(device, hour).update(counts)
        self.findings += other.findings
        self.active = self.active or other.active
        self.stopped = self.stopped or other.stopped
        self.broken = self.broken or other.broken

    def _of_cause(self, cause: tuple[str, str, str]) -> Span:
        return self.causes.get(cause) or self.causes.setdefault(cause, Span())

    def _of_device(self, device: str) -> Span:
        if device not in self.devices and len(self.devices) >= _MOST_HOURS:
            device = ""
        return self.devices.get(device) or self.devices.setdefault(device, Span())

    def _of_hour(self, device: str, hour: str) -> Counter[tuple[str, str]]:
        """Return the sums of an hour of a device. There is no room for the hours of more than a year of one."""
        if (device, hour) not in self.hours and len(self.hours) >= _MOST_HOURS:
            device, hour = "", UNKNOWN_HOUR
        return self.hours.get((device, hour)) or self.hours.setdefault((device, hour), Counter())

    @property
    def unit(self) -> str:
        """`hour` or `day`: how long the periods are in which a person looks at the sends."""
        days = {hour[:_DAY] for __, hour in self.hours if hour}
        return "hour" if not days or _days_between(min(days), max(days)) < _DAYS_OF_HOURS else "day"

    def periods(self) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
        """Return the sums by device and period, `2026-11-24T10` or `2026-11-24`, in their order."""
        length = _HOUR if self.unit == "hour" else _DAY
        found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        for device, hour in sorted(self.hours):
            found.setdefault((device, hour[:length]), Counter()).update(self.hours[device, hour])
        return found

    @property
    def kept_back(self) -> bool:
        """Whether a device shows what keeps its mail back. Where sends are, they tell best what the way to a server is like."""
        return self.stopped or (self.broken and not self.verdicts)

    @property
    def exit_status(self) -> int:
        """0: each line understood, each mail accepted. 1: a mail failed, or is kept back. 3: something is unknown, or there is nothing."""
        if self.verdicts["failed"] or self.kept_back:
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
            "verdicts": {outcome: self.verdicts[outcome] for outcome in OUTCOMES},
            "causes": [
                {"outcome": outcome, "cause": cause, "owner": owner, **_span(span)}
                for (outcome, cause, owner), span in sorted(self.causes.items(), key=lambda each: -each[1].sends)
                if outcome != "accepted"
            ],
            "findings": [
                {
                    "device": device,
                    "finding": finding,
                    "cause": cause or None,
                    "severity": severity,
                    "owner": owner,
                    "count": count,
                }
                for (device, finding, cause, severity, owner), count in sorted(self.findings.items())
            ],
            "hours": self._hours(),
            "devices": [{"device": device, **_span(span)} for device, span in sorted(self.devices.items())],
            "unit": self.unit,
            "periods": [
                {"device": device, "period": period or None, **_outcomes(counts), "causes": _of_causes(counts)}
                for (device, period), counts in self.periods().items()
            ],
        }

    def _hours(self) -> list[dict[str, Any]]:
        of_hour: dict[str, Counter[tuple[str, str]]] = {}
        for (__, hour), counts in self.hours.items():
            of_hour.setdefault(hour, Counter()).update(counts)
        return [{"hour": hour or None, **_outcomes(of_hour[hour])} for hour in sorted(of_hour)]


def _days_between(first: str, last: str) -> int:
    """Return how many days lie between two dates, many where one of them is none: a damaged line may have any digits."""
    try:
        return (date.fromisoformat(last) - date.fromisoformat(first)).days
    except ValueError:
        return _DAYS_OF_HOURS


def _span(span: Span) -> dict[str, Any]:
    return {"sends": span.sends, "first": span.first or None, "last": span.last or None}


def _outcomes(counts: Counter[tuple[str, str]]) -> dict[str, int]:
    return {name: sum(number for (outcome, __), number in counts.items() if outcome == name) for name in OUTCOMES}


def _of_causes(counts: Counter[tuple[str, str]]) -> dict[str, int]:
    return {cause: number for (outcome, cause), number in counts.most_common() if outcome != "accepted"}
