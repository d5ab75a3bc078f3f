# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document for the textfile collector of Prometheus: one series for each device and rule."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from ..policy.rules import SEVERITIES
from .document import ASSESSED, Assessment


def as_prometheus(summary: Assessment) -> str:
    """Return the text of the file. It has the time of the run as a value: series carry no time stamps of their own."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Assessment) -> Iterator[str]:
    data = summary.data
    yield from _head("run_timestamp_seconds", "When the devices were assessed.")
    yield f"fortiops_mail_compliance_run_timestamp_seconds {_seconds(data['created'])}"
    yield from _head("complete", "1 when every device was assessed by every rule.")
    yield f"fortiops_mail_compliance_complete {int(summary.complete)}"
    yield from _head("device_assessed", "1 when the device was assessed.")
    for device in data["devices"]:
        labels = _labels(device=device["name"])
        yield f"fortiops_mail_compliance_device_assessed{labels} {int(device['status'] == ASSESSED)}"
    yield from _head("findings", "Findings of a device by severity.")
    for device in summary.assessed:
        for severity in SEVERITIES:
            count = sum(1 for each in device["findings"] if each["status"] == "fail" and each["severity"] == severity)
            yield f"fortiops_mail_compliance_findings{_labels(device=device['name'], severity=severity)} {count}"
    yield from _head(
        "rule_broken",
        "1 when the device breaks the rule, 0 when it keeps it; absent when it does not apply, was not assessed or is waived.",
    )
    for device in summary.assessed:
        for (rule, severity), broken in _rules(device).items():
            labels = _labels(device=device["name"], rule=rule, severity=severity)
            yield f"fortiops_mail_compliance_rule_broken{labels} {int(broken)}"


def _rules(device: Mapping[str, Any]) -> dict[tuple[str, str], bool]:
    rules: dict[tuple[str, str], bool] = {}
    for finding in device["findings"]:
        if finding["status"] in ("pass", "fail"):
            key = (finding["rule"], finding["severity"])
            rules[key] = rules.get(key, False) or finding["status"] == "fail"
    return rules


def _head(name: str, text: str) -> Iterator[str]:
    yield f"# HELP fortiops_mail_compliance_{name} {text}"
    yield f"# TYPE fortiops_mail_compliance_{name} gauge"


def _labels(**labels: str) -> str:
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"


def _seconds(created: str) -> int:
    try:
        return int(datetime.datetime.fromisoformat(created).timestamp())
    except (ValueError, OverflowError):
        return 0
