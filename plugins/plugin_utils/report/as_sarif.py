# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..policy.waivers import WAIVED
from .assessment import Assessment, explained, failures, unknowns
from .document import CHANGED, EXPIRED, NEW, STILL, DeviceRow

_LEVELS = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
# The scale of GitHub: above 9 critical, from 7 high, from 4 medium.
_SCORES = {"low": "2.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
_BASELINE = {NEW: "new", EXPIRED: "updated", CHANGED: "updated", STILL: "unchanged"}


def as_sarif(summary: Assessment) -> str:
    """Return the text of the file.

    A device is at the file it was read from; without one, at the file of its variables in an inventory (Assessment.path). What was
    compared with an earlier document has its `baselineState`; what was fixed is `absent`.
    """
    data = summary.data
    ids = [rule["id"] for rule in data["rules"]]
    changes = data.get("changes")
    files = {device["name"]: device["file"] for device in data["devices"]}

    def place(name: str) -> dict[str, Any]:
        return _place(name, files.get(name, ""), summary.path)

    run = {
        "tool": {
            "driver": {
                "name": data["tool"]["name"],
                "version": data["tool"]["version"],
                "informationUri": "https://galaxy.ansible.com/ui/repo/published/fortiops/mail/",
                "rules": [_rule(rule) for rule in data["rules"]],
            }
        },
        "invocations": [
            {
                "executionSuccessful": summary.complete,
                "endTimeUtc": data["created"].replace("+00:00", "Z"),
                "toolExecutionNotifications": [
                    *(
                        _missing(f"{error['cause']}: {error['message']}", place(each["name"]))
                        for each, error in summary.errors
                    ),
                    *(
                        _missing(f"{finding['rule']}: {finding['detail']}", place(device["name"]))
                        for device in summary.assessed
                        for finding in unknowns(device)
                        if summary.open(finding)
                    ),
                ],
            }
        ],
        "results": [
            *(
                _result(device["name"], finding, ids, place(device["name"]))
                for device in summary.assessed
                for finding in _reported(device)
            ),
            *(
                {**_result(each["device"], {**each, "fix": ""}, ids, place(each["device"])), "baselineState": "absent"}
                for each in (changes["fixed"] if changes else ())
            ),
        ],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _reported(device: DeviceRow) -> list[Mapping[str, Any]]:
    return [*failures(device), *(each for each in device["findings"] if each["status"] == WAIVED)]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["id"],
        "shortDescription": {"text": rule["title"]},
        "fullDescription": {"text": rule["why"]},
        "help": {"text": f"Fix: {rule['fix']}"},
        "defaultConfiguration": {"level": _LEVELS[rule["severity"]]},
        "properties": {"security-severity": _SCORES[rule["severity"]], "tags": list(rule["refs"])[:10]},
    }


def _result(device: str, finding: Mapping[str, Any], ids: list[str], place: Mapping[str, Any]) -> dict[str, Any]:
    about = f" ({finding['entry']})" if finding["entry"] else ""
    fix = f". Fix: {finding['fix']}" if finding["fix"] else ""
    waived = finding.get("status") == WAIVED
    identity = hashlib.sha256("\0".join((device, finding["rule"], finding["entry"])).encode()).hexdigest()
    change = finding.get("change")
    return {
        "ruleId": finding["rule"],
        **({"ruleIndex": ids.index(finding["rule"])} if finding["rule"] in ids else {}),
        "level": _LEVELS[finding["severity"]],
        "message": {"text": f"{device}{about}: {finding['title']}: {finding['detail']}{fix}"},
        "locations": [place],
        # The second is the one that GitHub tells results apart by.
        "partialFingerprints": {"deviceRule/v1": identity, "primaryLocationLineHash": f"{identity[:16]}:1"},
        **({"baselineState": _BASELINE[change]} if change else {}),
        **({"suppressions": [{"kind": "external", "justification": explained(finding)}]} if waived else {}),  # type: ignore[arg-type]
    }


def _missing(text: str, place: Mapping[str, Any]) -> dict[str, Any]:
    return {"level": "error", "message": {"text": f"not assessed: {text}"}, "locations": [place]}


def _place(device: str, file: str, path: str) -> dict[str, Any]:
    uri = quote(file) if file else path.format(device=quote(device, safe=""))
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
        "logicalLocations": [{"name": device, "kind": "resource"}],
    }
