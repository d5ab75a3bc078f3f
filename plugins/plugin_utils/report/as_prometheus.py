# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document for the textfile collector of Prometheus: one series for each device and rule."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from ..policy.check import FAIL, NOT_ASSESSED, PASS
from ..policy.rules import SEVERITIES
from .assessment import Assessment
from .document import ASSESSED, DeviceRow

_PREFIX = "fortiops_mail_compliance"


def as_prometheus(summary: Assessment) -> str:
    """Return the text of the file. It has the time of the run as a value: series carry no time stamps of their own."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Assessment) -> Iterator[str]:
    data = summary.data
    yield from head(_PREFIX, "run_timestamp_seconds", "When the devices were assessed.")
    yield f"{_PREFIX}_run_timestamp_seconds {_seconds(data['created'])}"
    yield from head(_PREFIX, "complete", "1 when every device was assessed, on every rule that counts.")
    yield f"{_PREFIX}_complete {int(summary.complete)}"
    yield from head(_PREFIX, "device_assessed", "1 when the device was assessed.")
    for device in data["devices"]:
        yield f"{_PREFIX}_device_assessed{labels(device=device['name'])} {int(device['status'] == ASSESSED)}"
    yield from head(_PREFIX, "findings", "Findings of a device by severity.")
    for device in summary.assessed:
        for severity in SEVERITIES:
            count = sum(1 for each in device["findings"] if each["status"] == FAIL and each["severity"] == severity)
            yield f"{_PREFIX}_findings{labels(device=device['name'], severity=severity)} {count}"
    yield from head(
        _PREFIX,
        "rule_broken",
        "1 when the device breaks the rule, 0 when it keeps it; absent when it does not apply, is waived or was not assessed.",
    )
    for device in summary.assessed:
        for (rule, severity), broken in _rules(device).items():
            yield f"{_PREFIX}_rule_broken{labels(device=device['name'], rule=rule, severity=severity)} {int(broken)}"
    yield from head(_PREFIX, "rules_not_assessed", "Rules that could not be assessed on a device.")
    for device in summary.assessed:
        count = len({each["rule"] for each in device["findings"] if each["status"] == NOT_ASSESSED})
        yield f"{_PREFIX}_rules_not_assessed{labels(device=device['name'])} {count}"
    yield from head(_PREFIX, "proof_timestamp_seconds", "When a test mail of the device was last accepted.")
    for device in data["devices"]:
        if (proof := device["proof"]) and proof["outcome"] == "accepted":
            yield f"{_PREFIX}_proof_timestamp_seconds{labels(device=device['name'])} {_seconds(proof['at'])}"
    yield from _over_time(summary)


def _over_time(summary: Assessment) -> Iterator[str]:
    changes = summary.data.get("changes")
    if changes is None:
        return
    yield from head(_PREFIX, "changed_findings", "Findings by how they changed since the earlier run.")
    counts = {
        "new": changes["new"],
        "still": changes["still"],
        "changed": changes["changed"],
        "waiver_expired": changes["waiver_expired"],
        "fixed": len(changes["fixed"]),
    }
    for name, count in counts.items():
        yield f"{_PREFIX}_changed_findings{labels(change=name)} {count}"
    yield from head(_PREFIX, "oldest_finding_timestamp_seconds", "Since when the oldest finding fails, by severity.")
    for severity in SEVERITIES:
        times = [
            _seconds(finding["since"])
            for device in summary.assessed
            for finding in device["findings"]
            if "since" in finding and finding["severity"] == severity
        ]
        if times:
            yield f"{_PREFIX}_oldest_finding_timestamp_seconds{labels(severity=severity)} {min(times)}"


def _rules(device: DeviceRow) -> dict[tuple[str, str], bool]:
    rules: dict[tuple[str, str], bool] = {}
    unknown = {each["rule"] for each in device["findings"] if each["status"] == NOT_ASSESSED}
    for finding in device["findings"]:
        if finding["status"] == FAIL or (finding["status"] == PASS and finding["rule"] not in unknown):
            key = (finding["rule"], finding["severity"])
            rules[key] = rules.get(key, False) or finding["status"] == FAIL
    return rules


def head(prefix: str, name: str, text: str, kind: str = "gauge") -> Iterator[str]:
    """The two lines that say what a metric is."""
    yield f"# HELP {prefix}_{name} {text}"
    yield f"# TYPE {prefix}_{name} {kind}"


def labels(**values: str) -> str:
    """Return the labels of a series, escaped."""
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in values.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"


def _seconds(created: str) -> int:
    return int(datetime.datetime.fromisoformat(created).timestamp())
