# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compliance documents over time and from several controllers: compare one with an earlier one, and merge many into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import TypeAlias

from ..policy.check import FAIL, NOT_APPLICABLE, PASS, Finding
from ..policy.waivers import WAIVED, Waiver, WaiverRow, waive, waiver_row
from .assessment import Assessment, failures
from .document import (
    ASSESSED,
    CHANGED,
    EXPIRED,
    NEW,
    SCHEMA,
    STILL,
    DeviceRow,
    Document,
    Fixed,
)
from .read_json import DocumentError

# The findings of a device by rule and entry, and when they were assessed.
_Then: TypeAlias = tuple[str, dict[tuple[str, str], Finding]]


def merged(documents: Sequence[Document]) -> Document:
    """Return one document of several. Their order does not matter; the time is that of the oldest.

    A device that is in several counts once, as the newest document has it. Waivers are judged again, over all devices. Raises
    DocumentError for documents of different rules: they cannot be added up.
    """
    if len(documents) == 1:
        return documents[0]
    ordered = sorted(documents, key=lambda each: (_time(each["created"]), str(each["devices"])))
    newest = ordered[-1]
    for each in ordered:
        if each["rules"] != newest["rules"]:
            raise DocumentError(f"the documents were made with different rules: {_difference(each, newest)}")
    devices = {device["name"]: device for each in ordered for device in each["devices"]}
    counts = Counter(device["name"] for each in ordered for device in each["devices"])
    today = max(_time(each["created"]).date() for each in ordered)
    waivers = _waivers(ordered)
    rows = [_waived(devices[name], waivers, today) for name in sorted(devices)]
    findings = {row["name"]: row["findings"] if row["status"] == ASSESSED else None for row in rows}
    whole: Document = {
        "schema": SCHEMA,
        "created": ordered[0]["created"],
        "tool": newest["tool"],
        "rules": newest["rules"],
        "devices": rows,
        "waivers": [waiver_row(waiver, findings, today) for waiver in waivers],
    }
    if replaced := [(name, count) for name, count in sorted(counts.items()) if count > 1]:
        whole["replaced"] = [{"device": name, "documents": count} for name, count in replaced]
    return whole


def compared(new: Document, earlier: Sequence[Document], fail_on: str = "high") -> Document:
    """Return a document with what changed since the last of some earlier ones, and the trend over all of them.

    A finding is `new`, `still` failing, `changed` where its detail or severity did, or `waiver_expired`; each has the time since
    when it fails. What failed then and does not now is fixed, unless its device is gone or could not be assessed: then nothing
    is known. Documents that are not older than the new one are left out.
    """
    before = sorted(
        (each for each in earlier if _time(each["created"]) < _time(new["created"])),
        key=lambda each: _time(each["created"]),
    )
    if not before:
        raise DocumentError(f"no earlier document is older than {new['created']}; expected one to compare with")
    old = before[-1]
    then: dict[str, _Then] = {}
    for each in before:
        for device in each["devices"]:
            if device["status"] == ASSESSED:
                then[device["name"]] = (each["created"], {_key(finding): finding for finding in device["findings"]})
    devices = [_dated(device, then.get(device["name"], ("", {})), new["created"]) for device in new["devices"]]
    rules = {rule["id"] for rule in new["rules"]}
    whole: Document = {**new, "devices": devices}
    changes = Counter(each["change"] for device in devices for each in device["findings"] if "change" in each)
    now = {device["name"]: device for device in devices}
    known = [device for device in old["devices"] if device["status"] == ASSESSED]
    whole["changes"] = {
        "since": old["created"],
        "new": changes[NEW],
        "still": changes[STILL],
        "changed": changes[CHANGED],
        "waiver_expired": changes[EXPIRED],
        "fixed": [
            row for device in known if device["name"] in now for row in _fixed(device, now[device["name"]], rules)
        ],
        "gone": [
            {"device": device["name"], "failed": len(failures(device))}
            for device in old["devices"]
            if device["name"] not in now
        ],
        "lost": [each["name"] for each in known if each["name"] in now and now[each["name"]]["status"] != ASSESSED],
    }
    whole["trend"] = [Assessment(each, fail_on).point for each in (*before, new)]
    return whole


def _key(finding: Finding) -> tuple[str, str]:
    return (finding["rule"], finding["entry"])


def _dated(device: DeviceRow, then: _Then, created: str) -> DeviceRow:
    findings: list[Finding] = []
    for finding in map(_undated, device["findings"]):
        if finding["status"] == FAIL:
            was = then[1].get(_key(finding))
            finding["change"] = _change(was, finding)
            finding["since"] = was.get("since", then[0]) if was and was["status"] == FAIL else created
        findings.append(finding)
    return {**device, "findings": findings}


def _change(was: Finding | None, finding: Finding) -> str:
    if was is not None and was["status"] == WAIVED:
        return EXPIRED
    if was is None or was["status"] != FAIL:
        return NEW
    same = (was["detail"], was["severity"]) == (finding["detail"], finding["severity"])
    return STILL if same else CHANGED


def _fixed(old: DeviceRow, new: DeviceRow, rules: Collection[str]) -> list[Fixed]:
    """The findings that failed and do not now. One that is waived or not assessed now is not fixed, nor one of a rule that is gone."""
    if new["status"] != ASSESSED:
        return []
    now = {_key(each): each["status"] for each in new["findings"]}
    # The finding of a whole table that does not apply any more, or was not read, has no entry.
    whole = {each["rule"]: each["status"] for each in new["findings"] if not each["entry"]}
    fixed: list[Fixed] = []
    for each in failures(old):
        state = now.get(_key(each)) or whole.get(each["rule"]) or "absent"
        if state in (PASS, NOT_APPLICABLE, "absent") and each["rule"] in rules:
            fixed.append(
                {
                    "device": old["name"],
                    "rule": each["rule"],
                    "title": each["title"],
                    "severity": each["severity"],
                    "entry": each["entry"],
                    "detail": each["detail"],
                    "now": state,
                }
            )
    return fixed


def _undated(finding: Finding) -> Finding:
    finding = finding.copy()
    finding.pop("change", None)
    finding.pop("since", None)
    return finding


def _waived(device: DeviceRow, waivers: Sequence[Waiver], today: date) -> DeviceRow:
    findings = [_undated(each) for each in device["findings"]]
    return {**device, "findings": waive(findings, device["name"], waivers, today)}


def _waivers(documents: Sequence[Document]) -> list[Waiver]:
    """The waivers of all documents, each once, in the order of the newest."""
    found: dict[Waiver, None] = {}
    for each in reversed(documents):
        found.update(dict.fromkeys(map(_waiver, each["waivers"])))
    return list(found)


def _waiver(row: WaiverRow) -> Waiver:
    until = date.fromisoformat(row["until"])
    return Waiver(row["rule"], row["device"], row["reason"], row["by"], until, row["entry"])


def _difference(one: Document, other: Document) -> str:
    rules = {each["id"]: each for each in one["rules"]}
    others = {each["id"]: each for each in other["rules"]}
    names = sorted(name for name in rules.keys() | others.keys() if rules.get(name) != others.get(name))
    return (
        f"{', '.join(names[:5]) or 'their order'}; expected documents of one policy and one version of the collection"
    )


def _time(created: str) -> datetime:
    return datetime.fromisoformat(created).astimezone(UTC)
