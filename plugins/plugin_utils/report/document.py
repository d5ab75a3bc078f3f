# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one document that compliance reports are made from, see schemas/compliance.json: made, read, and summed up."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from ..policy.check import FAIL, NOT_APPLICABLE, NOT_ASSESSED, PASS
from ..policy.rules import SEVERITIES
from ..policy.waivers import WAIVED
from .table import visible

SCHEMA = "fortiops.mail/compliance/1"
STATUSES = (PASS, FAIL, NOT_APPLICABLE, NOT_ASSESSED, WAIVED)
ASSESSED, ERROR = "assessed", "error"

_RULE = {"id": str, "title": str, "severity": str, "why": str, "fix": str, "refs": list}
_WAIVER = {"rule": str, "device": str, "entry": str, "reason": str, "by": str, "until": str, "state": str}
_FINDING = {"rule": str, "title": str, "severity": str, "entry": str, "status": str, "detail": str, "fix": str}
# Not of a category that terminals act on, but XML has no place for them.
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


class DocumentError(FazmailError):
    """Not a document of this schema; the message says where, and what was expected."""

    cause = "document"


def document(
    devices: Sequence[Mapping[str, Any]],
    rules: Sequence[Mapping[str, Any]],
    waivers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the document for these devices, made now. The rows are those of schemas/compliance.json."""
    return {
        "schema": SCHEMA,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "tool": {"name": "fortiops.mail", "version": _version()},
        "rules": [{name: rule[name] for name in _RULE} for rule in rules],
        "devices": list(devices),
        "waivers": list(waivers),
    }


def assessed(name: str, firmware: str, findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the row of a device that was held against the rules."""
    return {"name": name, "status": ASSESSED, "firmware": firmware, "error": None, "findings": list(findings)}


def not_assessed(name: str, cause: str, message: str) -> dict[str, Any]:
    """Return the row of a device that could not be held against the rules, and why."""
    error = {"cause": cause, "message": message}
    return {"name": name, "status": ERROR, "firmware": "", "error": error, "findings": []}


def read(text: str) -> dict[str, Any]:
    """Return a document from JSON, with every text in it on one line and safe to show. Raises DocumentError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise DocumentError(
            f"schema is {found!r}, expected {SCHEMA!r}; playbooks/compliance.yml writes such a document"
        )
    data.setdefault("waivers", [])
    _check(data, {"created": str, "tool": dict, "rules": list, "devices": list, "waivers": list}, "document")
    _check(data["tool"], {"name": str, "version": str}, "tool")
    for number, rule in enumerate(data["rules"]):
        _check(rule, _RULE, f"rules[{number}]")
        _one_of(rule["severity"], SEVERITIES, f"rules[{number}].severity")
    for number, device in enumerate(data["devices"]):
        _check_device(device, f"devices[{number}]")
    for number, waiver in enumerate(data["waivers"]):
        _check(waiver, _WAIVER, f"waivers[{number}]")
    shown: dict[str, Any] = safe(data)
    for name, count in Counter(device["name"] for device in shown["devices"]).items():
        if count > 1:
            raise DocumentError(f"device {name} is there {count} times; expected each once")
    return shown


def safe(value: Any) -> Any:
    """Return data with every text on one line, without control and bidirectional characters."""
    if isinstance(value, Mapping):
        return {key: safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [safe(each) for each in value]
    if isinstance(value, str) and value:
        return _NONCHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(value))
    return value


def _version() -> str:
    """The version of this collection, from what it was installed or checked out with."""
    from ..yaml_file import read as read_yaml

    root = Path(__file__).parents[3]
    for name in ("MANIFEST.json", "galaxy.yml"):
        if (root / name).is_file():
            found = read_yaml(root / name)
            return str(found.get("collection_info", found).get("version", ""))
    return ""


def _check_device(device: Any, where: str) -> None:
    _check(device, {"name": str, "status": str, "firmware": str, "findings": list}, where)
    _one_of(device["status"], (ASSESSED, ERROR), f"{where}.status")
    if device.setdefault("error", None) is not None or device["status"] == ERROR:
        _check(device["error"], {"cause": str, "message": str}, f"{where}.error")
    if device["error"] and (device["findings"] or device["status"] != ERROR):
        raise DocumentError(f"{where} has an error and was assessed all the same; expected one of both")
    for number, finding in enumerate(device["findings"]):
        _check(finding, _FINDING, f"{where}.findings[{number}]")
        _one_of(finding["severity"], SEVERITIES, f"{where}.findings[{number}].severity")
        _one_of(finding["status"], STATUSES, f"{where}.findings[{number}].status")


def _check(value: Any, expected: Mapping[str, type], where: str) -> None:
    if not isinstance(value, dict):
        raise DocumentError(f"{where} is {type(value).__name__}, expected an object")
    for name, kind in expected.items():
        if not isinstance(value.get(name), kind):
            found = type(value[name]).__name__ if name in value else "missing"
            raise DocumentError(f"{where}.{name} is {found}, expected {kind.__name__}")


def _one_of(value: str, expected: Sequence[str], where: str) -> None:
    if value not in expected:
        raise DocumentError(f"{where} is {value!r}, expected one of {', '.join(expected)}")


@dataclass(frozen=True)
class Assessment:
    """What a document says as a whole, where findings count from the severity `fail_on` on."""

    data: Mapping[str, Any]
    fail_on: str = "high"

    @cached_property
    def assessed(self) -> list[Mapping[str, Any]]:
        return [device for device in self.data["devices"] if device["status"] == ASSESSED]

    @cached_property
    def not_assessed(self) -> list[Mapping[str, Any]]:
        return [device for device in self.data["devices"] if device["status"] != ASSESSED]

    @cached_property
    def broken(self) -> list[Mapping[str, Any]]:
        """Devices with a finding that counts, the worst first."""
        devices = [device for device in self.assessed if any(map(self.counts, device["findings"]))]
        return sorted(devices, key=lambda device: (-self.rank(device), -len(failures(device)), device["name"]))

    @cached_property
    def minor(self) -> list[Mapping[str, Any]]:
        """Devices with findings, but none that counts."""
        return [each for each in self.assessed if failures(each) and not any(map(self.counts, each["findings"]))]

    @cached_property
    def clean(self) -> list[Mapping[str, Any]]:
        """Devices that were assessed by every rule and have no finding."""
        return [device for device in self.assessed if not failures(device) and not open_rules(device)]

    @cached_property
    def partly(self) -> list[Mapping[str, Any]]:
        """Devices without a finding whose facts for some rule were not read."""
        return [device for device in self.assessed if not failures(device) and open_rules(device)]

    @cached_property
    def gaps(self) -> list[tuple[str, str, str]]:
        """What was not assessed: device, the cause or the rule, and why."""
        lost = [(each["name"], each["error"]["cause"], each["error"]["message"]) for each in self.not_assessed]
        return lost + [
            (each["name"], finding["rule"], finding["detail"]) for each in self.assessed for finding in open_rules(each)
        ]

    @cached_property
    def complete(self) -> bool:
        """Whether every device was assessed by every rule."""
        return bool(self.assessed) and not self.not_assessed and not any(map(open_rules, self.assessed))

    @cached_property
    def by_rule(self) -> list[tuple[Mapping[str, Any], int]]:
        """Rules that devices break, with how many do, the gravest and most frequent first."""
        devices: Counter[str] = Counter(
            rule for device in self.assessed for rule in {finding["rule"] for finding in failures(device)}
        )
        rows = [(rule, devices[rule["id"]]) for rule in self.data["rules"] if devices[rule["id"]]]
        return sorted(rows, key=lambda row: (-SEVERITIES.index(row[0]["severity"]), -row[1], row[0]["id"]))

    @property
    def of_waivers(self) -> str:
        """What waivers keep from counting, and which of them do so no more, in one sentence; "" without any."""
        waived = sum(finding["status"] == WAIVED for device in self.assessed for finding in device["findings"])
        expired = [each for each in self.data["waivers"] if each["state"] == "expired"]
        ended = ", ".join(f"{each['rule']} of {each['device']} on {each['until']}" for each in expired)
        parts = [f"{waived} findings are waived" if waived != 1 else "1 finding is waived"] if waived else []
        return "; ".join([*parts, *([f"waivers that have ended: {ended}"] if ended else [])])

    def counts(self, finding: Mapping[str, Any]) -> bool:
        """Say whether a finding makes its device break the policy."""
        return finding["status"] == "fail" and SEVERITIES.index(finding["severity"]) >= SEVERITIES.index(self.fail_on)

    def rank(self, device: Mapping[str, Any]) -> int:
        """The gravity of a device's worst finding; -1 without any."""
        return max((SEVERITIES.index(finding["severity"]) for finding in failures(device)), default=-1)

    @property
    def worst(self) -> str:
        rank = max(map(self.rank, self.assessed), default=-1)
        return SEVERITIES[rank] if rank >= 0 else ""

    @property
    def status(self) -> str:
        """`compliant`, `findings`, or `incomplete`: a device that was not assessed may be worse than all others."""
        if not self.complete:
            return "incomplete"
        return "findings" if self.broken else "compliant"

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        total, left = len(self.data["devices"]), len(self.not_assessed)
        if not total:
            return "Incomplete: no device was looked at"
        if not self.assessed:
            return f"Incomplete: no device of {total} could be assessed"
        found = self._found()
        open_devices = sum(1 for device in self.assessed if open_rules(device))
        parts = [f"{left} of {total} devices could not be assessed"] if left else []
        parts += [f"{open_devices} of {total} devices could be assessed only in part"] if open_devices else []
        if parts:
            return f"Incomplete: {', '.join(parts)}; of {'the others' if left else 'all'}, {found}"
        return found[0].upper() + found[1:]

    def _found(self) -> str:
        count, bad = len(self.assessed), len(self.broken)
        rule = f"a rule of severity {self.fail_on} or above"
        if bad:
            return f"{bad} of {count} {'breaks' if bad == 1 else 'break'} {rule}"
        return f"none of {count} breaks {rule}"


def open_rules(device: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the findings of a device by rules whose facts were not read."""
    return [finding for finding in device["findings"] if finding["status"] == NOT_ASSESSED]


def failures(device: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the findings of a device that failed, the gravest first."""
    rows = [finding for finding in device["findings"] if finding["status"] == "fail"]
    return sorted(rows, key=lambda finding: -SEVERITIES.index(finding["severity"]))
