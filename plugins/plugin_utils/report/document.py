# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one document that compliance reports are made from, see schemas/compliance.json: its types, made and read."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ..policy.check import FAIL, NOT_APPLICABLE, NOT_ASSESSED, PASS, Finding
from ..policy.rules import SEVERITIES, Rule
from ..policy.waivers import WAIVED, WaiverRow
from ..yaml_file import read as read_yaml
from .read_json import DocumentError, check, check_time, check_word, loaded, safe

SCHEMA = "fortiops.mail/compliance/2"
STATUSES = (PASS, FAIL, NOT_APPLICABLE, NOT_ASSESSED, WAIVED)
ASSESSED, ERROR = "assessed", "error"
# How a finding that fails compares with an earlier document; `fixed` and `gone` are in the changes of the document.
NEW, STILL, CHANGED, EXPIRED = "new", "still", "changed", "waiver_expired"
CHANGES = (NEW, STILL, CHANGED, EXPIRED)


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
    """Return the document for these devices, which are sorted by name. created: ISO 8601 in UTC; default: now.

    Its texts are as those of a document that was read: on one line and safe to show.
    """
    made: Document = safe(
        {
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
    )
    return made


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


@cache
def _version() -> str:
    """The version of this collection, from what it was installed or checked out with."""
    root = Path(__file__).parents[3]
    for name in ("MANIFEST.json", "galaxy.yml"):
        if (root / name).is_file():
            found = read_yaml(root / name)
            return str(found.get("collection_info", found).get("version", ""))
    return ""


# -- reading -------------------------------------------------------------------------------------------------------


def read(text: str) -> Document:
    """Return a document from JSON, with every text in it on one line and safe to show. Raises DocumentError."""
    data = loaded(text, SCHEMA, "playbooks/compliance.yml and fazmail check write")
    _fill_in(data)
    check(data, Document, "document")
    shown: Document = safe(data)
    check_time(shown["created"], "document.created")
    for number, rule in enumerate(shown["rules"]):
        check_word(rule["severity"], SEVERITIES, f"rules[{number}].severity")
    for number, device in enumerate(shown["devices"]):
        _check_device(device, f"devices[{number}]")
    for number, waiver in enumerate(shown["waivers"]):
        try:
            datetime.date.fromisoformat(waiver["until"])
        except ValueError:
            raise DocumentError(f"waivers[{number}].until is {waiver['until']!r}, expected a day") from None
    if "changes" in shown:
        check_time(shown["changes"]["since"], "changes.since")
        for number, fixed in enumerate(shown["changes"]["fixed"]):
            check_word(fixed["severity"], SEVERITIES, f"changes.fixed[{number}].severity")
    for number, point in enumerate(shown.get("trend", ())):
        check_time(point["created"], f"trend[{number}].created")
    for name, count in Counter(device["name"] for device in shown["devices"]).items():
        if count > 1:
            raise DocumentError(f"device {name} is there {count} times; expected each once")
    return shown


def _fill_in(data: Any) -> None:
    """Add what documents may leave out."""
    for rule in _objects(data, "rules"):
        rule.setdefault("step", "")
    for device in _objects(data, "devices"):
        for name, empty in (("file", ""), ("groups", []), ("counters", {}), ("proof", None), ("error", None)):
            device.setdefault(name, empty)
        for finding in _objects(device, "findings"):
            finding.setdefault("waiver", None)
            finding.setdefault("refs", [])


def _objects(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = data.get(name)
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def _check_device(device: DeviceRow, where: str) -> None:
    check_word(device["status"], (ASSESSED, ERROR), f"{where}.status")
    if device["proof"] is not None:
        check_time(device["proof"]["at"], f"{where}.proof.at")
    if device["status"] == ERROR:
        check(device["error"], AssessmentError, f"{where}.error")
    if device["error"] and (device["findings"] or device["status"] != ERROR):
        raise DocumentError(f"{where} has both an error and findings; expected one of them")
    for number, finding in enumerate(device["findings"]):
        at = f"{where}.findings[{number}]"
        check_word(finding["severity"], SEVERITIES, f"{at}.severity")
        check_word(finding["status"], STATUSES, f"{at}.status")
        if ("change" in finding) != ("since" in finding):
            raise DocumentError(f"{at} has one of change and since; expected both or neither")
        if "change" in finding:
            check_word(finding["change"], CHANGES, f"{at}.change")
            check_time(finding["since"], f"{at}.since")
