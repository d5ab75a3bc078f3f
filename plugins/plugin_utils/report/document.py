# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one document that compliance reports are made from, see schemas/compliance.json: its types, made and read."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ..errors import FazmailError
from ..policy.check import FAIL, NOT_APPLICABLE, NOT_ASSESSED, PASS, Finding
from ..policy.rules import SEVERITIES, Rule
from ..policy.waivers import WAIVED, WaiverRow
from ..yaml_file import read as read_yaml
from .table import visible

SCHEMA = "fortiops.mail/compliance/2"
STATUSES = (PASS, FAIL, NOT_APPLICABLE, NOT_ASSESSED, WAIVED)
ASSESSED, ERROR = "assessed", "error"
# How a finding that fails compares with an earlier document; `fixed` and `gone` are in the changes of the document.
NEW, STILL, CHANGED, EXPIRED = "new", "still", "changed", "waiver_expired"
CHANGES = (NEW, STILL, CHANGED, EXPIRED)

# Not of a category that terminals act on, but XML has no place for them.
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


class DocumentError(FazmailError):
    """A text is not a document of this schema, or documents do not go together. The message says what was expected."""

    cause = "document"


class Tool(TypedDict):
    """What made the document."""

    name: str
    version: str


class RuleRow(TypedDict):
    """A rule, as far as reports show it. `step` is its place on the path of an alert, "" for none."""

    id: str
    title: str
    severity: str
    why: str
    fix: str
    step: str
    refs: list[str]


class Proof(TypedDict):
    """The last test mail: when, what sent it, through which entry, and its outcome. The detail is the text that proves it."""

    at: str
    by: str
    entry: str
    outcome: str
    detail: str


class AssessmentError(TypedDict):
    """Why a device could not be assessed."""

    cause: str
    message: str


class DeviceRow(TypedDict):
    """One device. `file` is the saved configuration it was read from, "" for the device itself; `groups` are those of the
    inventory; `counters` are those of the mail daemon, for the next run.
    """

    name: str
    status: str
    file: str
    firmware: str
    groups: list[str]
    proof: Proof | None
    counters: dict[str, int]
    error: AssessmentError | None
    findings: list[Finding]


class Fixed(TypedDict):
    """A finding of the earlier document that does not fail any more."""

    device: str
    rule: str
    title: str
    severity: str
    entry: str
    detail: str
    now: str


class Gone(TypedDict):
    """A device of the earlier document that is not in this one, and how many of its findings failed."""

    device: str
    failed: int


class Changes(TypedDict):
    """What changed since an earlier document. `lost` are devices that were assessed then and could not be now."""

    since: str
    new: int
    still: int
    changed: int
    waiver_expired: int
    fixed: list[Fixed]
    gone: list[Gone]
    lost: list[str]


class TrendPoint(TypedDict):
    """The sums of one run."""

    created: str
    devices: int
    broken: int
    partly: int
    minor: int
    clean: int
    not_assessed: int


class Replaced(TypedDict):
    """A device that was in several merged documents; the newest of them counts."""

    device: str
    documents: int


class Document(TypedDict):
    """The whole, see schemas/compliance.json."""

    schema: str
    created: str
    tool: Tool
    rules: list[RuleRow]
    devices: list[DeviceRow]
    waivers: list[WaiverRow]
    changes: NotRequired[Changes]
    trend: NotRequired[list[TrendPoint]]
    replaced: NotRequired[list[Replaced]]


def tool() -> Tool:
    """Return what makes the document."""
    return {"name": "fortiops.mail", "version": _version()}


def document(
    devices: Iterable[DeviceRow], rules: Sequence[Rule], waivers: Sequence[WaiverRow] = (), created: str = ""
) -> Document:
    """Return the document for these devices, which are sorted by name. created: ISO 8601 in UTC; default: now."""
    return {
        "schema": SCHEMA,
        "created": created or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "tool": tool(),
        "rules": [
            {
                "id": rule["id"],
                "title": rule["title"],
                "severity": rule["severity"],
                "why": rule["why"],
                "fix": rule["fix"],
                "step": rule.get("step", ""),
                "refs": list(rule["refs"]),
            }
            for rule in rules
        ],
        "devices": sorted(devices, key=lambda row: row["name"]),
        "waivers": list(waivers),
    }


def assessed(
    name: str,
    firmware: str,
    findings: Sequence[Finding],
    groups: Sequence[str] = (),
    proof: Proof | None = None,
    counters: Mapping[str, int] | None = None,
    file: str = "",
) -> DeviceRow:
    """Return the row of a device that was checked against the rules."""
    return {
        "name": name,
        "status": ASSESSED,
        "file": file,
        "firmware": firmware,
        "groups": list(groups),
        "proof": proof,
        "counters": dict(counters or {}),
        "error": None,
        "findings": list(findings),
    }


def not_assessed(name: str, cause: str, message: str, groups: Sequence[str] = (), file: str = "") -> DeviceRow:
    """Return the row of a device that could not be checked, and why."""
    return {
        "name": name,
        "status": ERROR,
        "file": file,
        "firmware": "",
        "groups": list(groups),
        "proof": None,
        "counters": {},
        "error": {"cause": cause, "message": message},
        "findings": [],
    }


def _version() -> str:
    """The version of this collection, from what it was installed or checked out with."""
    root = Path(__file__).parents[3]
    for name in ("MANIFEST.json", "galaxy.yml"):
        if (root / name).is_file():
            found = read_yaml(root / name)
            return str(found.get("collection_info", found).get("version", ""))
    return ""


# -- reading -------------------------------------------------------------------------------------------------------

_RULE = {"id": str, "title": str, "severity": str, "why": str, "fix": str, "refs": list}
_WAIVER = {"rule": str, "device": str, "entry": str, "reason": str, "by": str, "until": str, "state": str}
_FINDING = {"rule": str, "title": str, "severity": str, "entry": str, "status": str, "detail": str, "fix": str}
_PROOF = {"at": str, "by": str, "entry": str, "outcome": str, "detail": str}
_CHANGES = {"since": str, "new": int, "still": int, "changed": int, "waiver_expired": int}
_FIXED = {"device": str, "rule": str, "title": str, "severity": str, "entry": str, "detail": str, "now": str}
_POINT = {"created": str, "devices": int, "broken": int, "partly": int, "minor": int, "clean": int, "not_assessed": int}


def read(text: str) -> Document:
    """Return a document from JSON, with every text in it on one line and safe to show. Raises DocumentError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise DocumentError(
            f"schema is {found!r}, expected {SCHEMA!r}; playbooks/compliance.yml and fazmail check write such a document"
        )
    check(data, {"created": str, "tool": dict, "rules": list, "devices": list, "waivers": list}, "document")
    check_time(data["created"], "document.created")
    check(data["tool"], {"name": str, "version": str}, "tool")
    for number, rule in enumerate(data["rules"]):
        check(rule, _RULE, f"rules[{number}]")
        _one_of(rule["severity"], SEVERITIES, f"rules[{number}].severity")
        rule.setdefault("step", "")
    for number, device in enumerate(data["devices"]):
        _check_device(device, f"devices[{number}]")
    for number, waiver in enumerate(data["waivers"]):
        check(waiver, _WAIVER, f"waivers[{number}]")
        try:
            datetime.date.fromisoformat(waiver["until"])
        except ValueError:
            raise DocumentError(f"waivers[{number}].until is {waiver['until']!r}, expected a day") from None
    _check_over_time(data)
    shown: Document = safe(data)
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


def _check_device(device: Any, where: str) -> None:
    check(device, {"name": str, "status": str, "firmware": str, "findings": list}, where)
    _one_of(device["status"], (ASSESSED, ERROR), f"{where}.status")
    for name, empty in (("file", ""), ("groups", []), ("counters", {}), ("proof", None), ("error", None)):
        device.setdefault(name, empty)
    check(device, {"file": str, "groups": list, "counters": dict}, where)
    if device["proof"] is not None:
        check(device["proof"], _PROOF, f"{where}.proof")
        check_time(device["proof"]["at"], f"{where}.proof.at")
    if device["error"] is not None or device["status"] == ERROR:
        check(device["error"], {"cause": str, "message": str}, f"{where}.error")
    if device["error"] and (device["findings"] or device["status"] != ERROR):
        raise DocumentError(f"{where} has both an error and findings; expected one of them")
    for number, finding in enumerate(device["findings"]):
        at = f"{where}.findings[{number}]"
        check(finding, _FINDING, at)
        _one_of(finding["severity"], SEVERITIES, f"{at}.severity")
        _one_of(finding["status"], STATUSES, f"{at}.status")
        finding.setdefault("waiver", None)
        finding.setdefault("refs", [])
        if finding["waiver"] is not None:
            check(finding["waiver"], {"by": str, "until": str, "reason": str}, f"{at}.waiver")
        if "change" in finding:
            _one_of(finding["change"], CHANGES, f"{at}.change")
        if "since" in finding:
            check_time(finding["since"], f"{at}.since")


def _check_over_time(data: dict[str, Any]) -> None:
    if "changes" in data:
        check(data["changes"], {**_CHANGES, "fixed": list, "gone": list, "lost": list}, "changes")
        for number, row in enumerate(data["changes"]["fixed"]):
            check(row, _FIXED, f"changes.fixed[{number}]")
        for number, row in enumerate(data["changes"]["gone"]):
            check(row, {"device": str, "failed": int}, f"changes.gone[{number}]")
    for name, fields in (("trend", _POINT), ("replaced", {"device": str, "documents": int})):
        for number, row in enumerate(data.get(name, ())):
            check(row, fields, f"{name}[{number}]")


def check(value: Any, expected: Mapping[str, type], where: str) -> None:
    """Raise DocumentError unless a value is an object with these fields."""
    if not isinstance(value, dict):
        raise DocumentError(f"{where} is {type(value).__name__}, expected an object")
    for name, kind in expected.items():
        if not isinstance(value.get(name), kind):
            found = type(value[name]).__name__ if name in value else "missing"
            raise DocumentError(f"{where}.{name} is {found}, expected {kind.__name__}")


def check_time(value: Any, where: str) -> None:
    """Raise DocumentError unless a value is a time with a zone."""
    try:
        aware = datetime.datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    if not aware:
        raise DocumentError(f"{where} is {value!r}, expected a time such as 2026-11-24T10:00:00+00:00")


def _one_of(value: Any, expected: Sequence[str], where: str) -> None:
    if value not in expected:
        raise DocumentError(f"{where} is {value!r}, expected one of {', '.join(expected)}")
