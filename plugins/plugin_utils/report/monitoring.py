# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One device for a monitoring system: the state of its mail daemon held against limits, as a plugin line, JSON or metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import FazmailError
from ..smtp.context import daemon_state
from ..terminal.quoting import escaped
from .as_prometheus import head, labels

OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
# Worst first: what is known to be wrong, then what is not known.
_ORDER = (CRITICAL, WARNING, UNKNOWN, OK)
COUNTERS = ("sent", "failed", "discarded")
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)(%?)")
_PREFIX = "fortiops_mail_device"
_METRICS = {
    "queue": ("queue_length", "Mails in the queue.", "gauge"),
    "queue_limit": ("queue_limit", "Mails that the queue can hold.", "gauge"),
    "sent": ("sent_total", "Mails that were sent since the daemon started.", "counter"),
    "failed": ("failed_total", "Mails that failed since the daemon started.", "counter"),
    "discarded": ("discarded_total", "Mails that were discarded since the daemon started.", "counter"),
    "age": ("last_sent_age_seconds", "Seconds since the last mail was sent.", "gauge"),
    "running": ("daemon_running", "1 when the mail daemon runs, 0 when it is paused.", "gauge"),
    "test": ("test_accepted", "1 when a mail server accepted the test mail, 0 when the mail failed.", "gauge"),
}


class ThresholdError(FazmailError):
    """A limit that cannot be read."""

    cause = "option"


@dataclass(frozen=True)
class Thresholds:
    """From which value on a number is a warning, and critical; None for never. percent: of the queue."""

    warning: float | None
    critical: float | None
    percent: bool = False

    def of(self, whole: float | None) -> Thresholds:
        """Return limits in numbers; whole: what 100 percent are, None or 0 when it is not known."""
        if not self.percent:
            return self
        warning, critical = (
            None if each is None or not whole else each * whole / 100 for each in (self.warning, self.critical)
        )
        return Thresholds(warning, critical)

    def state(self, value: float) -> int:
        if self.critical is not None and value >= self.critical:
            return CRITICAL
        return WARNING if self.warning is not None and value >= self.warning else OK


def limits(name: str, text: str, percent: bool = False) -> Thresholds:
    """Read `WARNING,CRITICAL`, either of which may be empty. percent: both may be percentages. Raises ThresholdError."""
    words = [word.strip() for word in text.split(",")]
    found = [_LIMIT.fullmatch(word) for word in words]
    marks = {match[2] for match in found if match}
    bad = len(words) > 2 or len(marks) > 1 or any(word and not match for word, match in zip(words, found, strict=True))
    if bad or (marks == {"%"} and not percent):
        form = "two numbers or percentages" if percent else "two numbers"
        raise ThresholdError(
            f"{name} {text!r}: expected WARNING,CRITICAL: {form}, either of which may be left out, as in 10,100"
        )
    values = [float(match[1]) if match else None for match in (*found, None)][:2]
    return Thresholds(values[0], values[1], marks == {"%"})


@dataclass
class DeviceCheck:
    """What is to be shown of a device. remarks: what is wrong, with its state. numbers: by the names of _METRICS.

    device: as somebody names it, which is the same when nobody can log in; hostname: as it calls itself, None where that was not read.
    """

    device: str
    remarks: list[tuple[int, str]] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    limits: dict[str, Thresholds] = field(default_factory=dict)
    hostname: str | None = None

    @property
    def state(self) -> int:
        states = {state for state, __ in self.remarks} | {OK}
        return next(state for state in _ORDER if state in states)


def check(
    device: str, result: Mapping[str, Any], given: Mapping[str, Thresholds], before: Mapping[str, int]
) -> DeviceCheck:
    """Hold the result of the job `fazmaild` against limits of queue, failed, discarded and age.

    before: the counters as they were at the check before. What counts of failed and discarded mails is how many came since;
    a counter that is smaller now has begun again.
    """
    found = DeviceCheck(device, hostname=(result.get("device") or {}).get("hostname"))
    unread = result.get("unread", {})
    statistics = result.get("statistics") or {}
    state = daemon_state(result.get("status") or {})
    if state in ("paused", "stopped"):
        how = "is paused" if state == "paused" else "has no process"
        found.remarks.append((CRITICAL, f"the mail daemon {how}: no mail leaves the device"))
    elif not state:
        found.remarks.append((UNKNOWN, f"the state of the mail daemon was not read{_why(unread, 'status')}"))
    if state:
        found.numbers["running"] = int(state == "running")
    names = {
        "queue": "queue_length",
        "queue_limit": "queue_limit",
        **{name: name for name in COUNTERS},
        "age": "last_sent_age",
    }
    found.numbers |= {
        name: statistics[field] for name, field in names.items() if isinstance(statistics.get(field), int)
    }
    missing = [name for name in ("queue", *COUNTERS) if name not in found.numbers]
    if missing:
        found.remarks.append((UNKNOWN, f"{', '.join(missing)} not read{_why(unread, 'statistics')}"))
    elif given["queue"].percent and not found.numbers.get("queue_limit"):
        found.remarks.append(
            (UNKNOWN, "how many mails the queue can hold was not read, and its limits are percentages")
        )
    for name in ("queue", "failed", "discarded", "age"):
        if name in found.numbers:
            _judge(found, name, given[name].of(found.numbers.get("queue_limit")), before)
        elif name == "age" and given[name] != Thresholds(None, None) and not missing:
            never = statistics.get("last_sent_time") == ""
            found.remarks.append(
                (WARNING, "no mail was ever sent") if never else (UNKNOWN, "the age of the last mail was not read")
            )
    return found


def _judge(found: DeviceCheck, name: str, bounds: Thresholds, before: Mapping[str, int]) -> None:
    value = found.numbers[name]
    if name in COUNTERS:
        earlier = before.get(name, value)
        new = value - earlier if value >= earlier else value
        state, text = bounds.state(new), f"{new:.15g} {name} since the last check"
    else:
        found.limits[name] = bounds
        text = f"queue has {value:.15g} mails" if name == "queue" else f"the last mail was sent {duration(value)} ago"
        state = bounds.state(value)
    if state != OK:
        found.remarks.append((state, text))


def add_test(found: DeviceCheck, verdict: Mapping[str, Any]) -> None:
    """Add the verdict on a test mail."""
    outcome, cause = verdict["outcome"], verdict["cause"]
    if outcome in ("accepted", "failed"):
        found.numbers["test"] = int(outcome == "accepted")
    if outcome != "accepted":
        state = CRITICAL if outcome == "failed" else UNKNOWN
        why = f": {cause} at {verdict['stage']}" if cause else ""
        found.remarks.append((state, f"test mail {outcome}{why}"))


def _why(unread: Mapping[str, str], name: str) -> str:
    return f" ({unread[name]})" if name in unread else ""


# -- formats ------------------------------------------------------------------------------------------------------------


def as_plugin(found: DeviceCheck) -> str:
    """Return the one line that Nagios, Icinga, Checkmk and others read: state, text, performance data."""
    known = found.numbers
    parts = [text for __, text in sorted(found.remarks, key=lambda remark: _ORDER.index(remark[0]))]
    if "queue" in known:
        most = f"/{known['queue_limit']:.15g}" if "queue_limit" in known else ""
        parts.append(f"queue {known['queue']:.15g}{most}")
    parts += [f"{known[name]:.15g} {name}" for name in COUNTERS if name in known]
    if "age" in known:
        parts.append(f"last mail {duration(known['age'])} ago")
    if known.get("test"):
        parts.append("test mail accepted")
    text = escaped(f"MAIL {STATES[found.state]} - {found.hostname or found.device}: {', '.join(parts)}").replace(
        "|", "/"
    )
    data = " ".join(_performance(found))
    return f"{text} | {data}" if data else text


def _performance(found: DeviceCheck) -> Iterator[str]:
    for name, unit in (("queue", ""), ("sent", "c"), ("failed", "c"), ("discarded", "c"), ("age", "s")):
        if name in found.numbers:
            bounds = found.limits.get(name, Thresholds(None, None))
            values = ["" if each is None else f"{each:.15g}" for each in (bounds.warning, bounds.critical)]
            most = (
                f";0;{found.numbers['queue_limit']:.15g}" if name == "queue" and "queue_limit" in found.numbers else ""
            )
            yield f"{name}={found.numbers[name]:.15g}{unit};{';'.join(values)}{most}".rstrip(";")


def as_json(found: DeviceCheck) -> str:
    """Return one line of JSON, as an item of Zabbix with dependent items takes it."""
    remarks = [{"state": STATES[state], "text": text} for state, text in found.remarks]
    known = {"device": found.device, "hostname": found.hostname, "state": STATES[found.state], "remarks": remarks}
    return json.dumps(known | found.numbers)


def as_metrics(found: DeviceCheck) -> str:
    """Return metrics for Prometheus. What was not read has no series."""
    rows = [*head(_PREFIX, "state", "0 is OK, 1 warning, 2 critical, 3 unknown.", "gauge")]
    device = labels(device=found.device)
    rows.append(f"{_PREFIX}_state{device} {found.state}")
    for name, (metric, text, kind) in _METRICS.items():
        if name in found.numbers:
            rows += head(_PREFIX, metric, text, kind)
            rows.append(f"{_PREFIX}_{metric}{device} {found.numbers[name]:.15g}")
    return "\n".join(rows)


def duration(seconds: float) -> str:
    """Return a time span in its two largest units, such as `3 h 12 min`."""
    left = int(seconds)
    words: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not words):
            words.append(f"{count} {unit}")
    return " ".join(words[:2])
