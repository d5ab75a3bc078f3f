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
from .document import Assessment, failures

_LEVELS = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
# The scale of GitHub: above 9 critical, from 7 high, from 4 medium.
_SCORES = {"low": "2.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}


def as_sarif(summary: Assessment) -> str:
    """Return the text of the file. A device has no source file: its place is the file of its variables in an inventory."""
    data = summary.data
    ids = [rule["id"] for rule in data["rules"]]
    run = {
        "tool": {
            "driver": {
                "name": data["tool"]["name"],
                "version": data["tool"]["version"],
                "rules": [_rule(rule) for rule in data["rules"]],
            }
        },
        "invocations": [
            {
                "executionSuccessful": summary.complete,
                "endTimeUtc": data["created"].replace("+00:00", "Z"),
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": f"not assessed: {device['error']['cause']}: {device['error']['message']}"},
                        "locations": [_place(device["name"])],
                    }
                    for device in summary.not_assessed
                ],
            }
        ],
        "results": [
            _result(device, finding, ids)
            for device in summary.assessed
            for finding in (*failures(device), *(each for each in device["findings"] if each["status"] == WAIVED))
        ],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["id"],
        "shortDescription": {"text": rule["title"]},
        "fullDescription": {"text": rule["why"]},
        "help": {"text": f"Fix: {rule['fix']}"},
        "defaultConfiguration": {"level": _LEVELS[rule["severity"]]},
        "properties": {"security-severity": _SCORES[rule["severity"]], "tags": list(rule["refs"])[:10]},
    }


def _result(device: Mapping[str, Any], finding: Mapping[str, Any], ids: list[str]) -> dict[str, Any]:
    about = f" ({finding['entry']})" if finding["entry"] else ""
    text = f"{device['name']}{about}: {finding['title']}: {finding['detail']}. Fix: {finding['fix']}"
    waived = finding["status"] == WAIVED
    identity = "\0".join((device["name"], finding["rule"], finding["entry"]))
    return {
        "ruleId": finding["rule"],
        **({"ruleIndex": ids.index(finding["rule"])} if finding["rule"] in ids else {}),
        "level": _LEVELS[finding["severity"]],
        "message": {"text": text},
        "locations": [_place(device["name"])],
        "partialFingerprints": {"deviceRule/v1": hashlib.sha256(identity.encode()).hexdigest()},
        **({"suppressions": [{"kind": "external", "justification": finding["detail"]}]} if waived else {}),
    }


def _place(device: str) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": f"host_vars/{quote(device, safe='')}.yml"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": device, "kind": "resource"}],
    }
