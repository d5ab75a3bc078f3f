# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every device that was asked is in the document, whatever became of it."""

from __future__ import annotations

import json

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet

FACTS = {
    "firmware": {"family": "FortiAnalyzer", "version": "7.4.2"},
    "mail": [{"id": "relay", "server": "smtp.example.com", "secure_option": "starttls"}],
}


def test_results_of_all_kinds() -> None:
    made = fleet(
        {
            "good": {"changed": False, "ansible_facts": {"faz": FACTS}},
            "failed": {"failed": False, "cause": "auth_failed", "msg": "the device refused the password"},
            "unreachable": {"unreachable": True, "msg": "no route"},
            "odd": {"failed": True},
            "never": {},
        }
    )
    whole = Assessment(read(json.dumps(made)))
    assert [device["name"] for device in whole.assessed] == ["good"]
    assert whole.assessed[0]["firmware"] == "FortiAnalyzer 7.4.2"
    assert {each["name"]: each["error"]["cause"] for each in whole.not_assessed} == {
        "failed": "auth_failed", "unreachable": "unreachable", "odd": "error", "never": "not_run",
    }  # fmt: skip
    assert whole.status == "incomplete"
