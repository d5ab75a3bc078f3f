# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter mail_findings takes the results of two modules; what one of them does not know is not judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.filter import mail_findings

findings = mail_findings.FilterModule().filters()["mail_findings"]

DEVICE = {"family": "FortiAnalyzer", "version": "7.4.2"}
RELAY = {
    "id": "relay", "server": "smtp.example.com", "port": 587, "secure_option": "starttls", "auth": "enable",
    "auth_type": "psk", "user": "alerts", "passwd_set": True, "auth_enabled": True, "from": "",
}  # fmt: skip
FACTS = {
    "firmware": DEVICE,
    "mail": [RELAY],
    "alert_destinations": [
        {"event": "disk full", "id": 1, "type": "mail", "from": "", "to": "noc@example.com", "smtp_name": "gone"}
    ],
    "alertemail": {"smtpserver": ""},
}


def statuses(result: Any) -> dict[str, str]:
    return {each["rule"]: each["status"] for each in findings(result)}


def test_facts_are_judged_as_a_whole() -> None:
    found = statuses({"changed": False, "ansible_facts": {"faz": FACTS}, "device": DEVICE})
    assert (found["FMAIL-001"], found["FMAIL-012"], found["FMAIL-013"], found["FMAIL-018"]) == (
        "pass", "fail", "fail", "pass",
    )  # fmt: skip
    assert statuses(FACTS) == found


def test_mail_servers_alone_leave_the_alerts_open() -> None:
    found = statuses({"entries": [RELAY], "device": DEVICE})
    assert found["FMAIL-001"] == "pass"
    assert {found[rule] for rule in ("FMAIL-012", "FMAIL-013", "FMAIL-018")} == {"not_assessed"}


def test_facts_of_a_device_that_shows_no_alert_events_leave_the_alerts_open() -> None:
    known = {key: value for key, value in FACTS.items() if key in ("firmware", "mail")}
    assert {statuses(known)[rule] for rule in ("FMAIL-012", "FMAIL-013", "FMAIL-018")} == {"not_assessed"}


@pytest.mark.parametrize("value", [None, [], "", {}, {"entries": []}, {"mail": [RELAY]}, {"ansible_facts": {}}])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"takes the result of fortiops\.mail\.faz_facts or"):
        findings(value)
