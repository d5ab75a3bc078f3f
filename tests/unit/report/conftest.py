# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents to make reports of."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import (
    assessed,
    document,
    not_assessed,
    read,
)

# What each place where a report ends up would act on.
HOSTILE = "<script>alert(1)</script>\x1b]0;owned\x07\u202egpj.\r\n| [x](javascript:y) `z` {{ 7*7 }} \ufffe\ud800\x00 & \"q\" 'r' <!--"


def finding(rule: str = "FMAIL-002", status: str = "fail", **other: Any) -> dict[str, Any]:
    known = next(each for each in rules() if each["id"] == rule)
    row = {name: known[name] for name in ("title", "severity", "fix", "refs")}
    return {
        "rule": rule,
        "entry": "relay",
        "status": status,
        "detail": "secure_option is none",
        "waiver": None,
        **row,
        **other,
    }


def summary(*devices: dict[str, Any], fail_on: str = "high", waivers: Any = ()) -> Assessment:
    return Assessment(read(json.dumps(document(devices, rules(), waivers))), fail_on)


def fleet() -> tuple[dict[str, Any], ...]:
    return (
        assessed("faz-good", "FortiAnalyzer 7.4.2", [finding(status="pass"), finding("FMAIL-007", "not_applicable")]),
        assessed("faz-bad", "FortiAnalyzer 7.4.2", [finding(), finding("FMAIL-005")]),
        assessed("fmg-lesser", "FortiManager 7.6.7", [finding("FMAIL-005"), finding("FMAIL-008", "waived")]),
        not_assessed("faz-lost", "connect_timeout", "connection to 192.0.2.9 port 22 timed out"),
    )


def hostile() -> tuple[dict[str, Any], ...]:
    bad = finding(entry=HOSTILE, detail=HOSTILE)
    names = [HOSTILE, '=HYPERLINK("http://x")', "@SUM(A1)", "+1", "-1", "\t=1", "\r=1", "{{ 7*7 }}"]
    return (
        *(assessed(name, HOSTILE, [{**bad, "entry": name, "detail": name}]) for name in names),
        assessed("faz-all", "", [bad]),
        not_assessed("faz-error", HOSTILE, HOSTILE),
    )
