# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules, each on a table that keeps it and on one that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import mail_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check, rules

FAZ = Firmware("FortiAnalyzer", (7, 6, 2))
SOUND = {
    "server": "smtp.example.com",
    "port": "587",
    "secure-option": "starttls",
    "auth": "enable",
    "user": "alerts",
    "passwd": "ENC",
}


def status(rule: str, entry: dict[str, str] | None, firmware: Firmware = FAZ) -> str:
    found = check(mail_entries({"relay": entry} if entry is not None else {}, firmware), firmware)
    return next(str(each["status"]) for each in found if each["rule"] == rule)


def test_a_sound_entry_breaks_no_rule() -> None:
    found = check(mail_entries({"relay": SOUND}, FAZ), FAZ)
    assert [each["rule"] for each in found if each["status"] == "fail"] == []
    assert {each["rule"] for each in found} == {rule["id"] for rule in rules()}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("FMAIL-001", {"server": ""}),
        ("FMAIL-002", {"secure-option": "none"}),
        ("FMAIL-003", {"secure-option": "default"}),
        ("FMAIL-004", {"secure-option": "none"}),
        ("FMAIL-005", {"auth": "disable"}),
        ("FMAIL-006", {"user": ""}),
        ("FMAIL-006", {"passwd": ""}),
        ("FMAIL-007", {"ssl-protocol": "tlsv1.0"}),
        ("FMAIL-008", {"port": "465"}),
        ("FMAIL-021", {"secure-option": "smtps"}),
    ],
)
def test_each_rule_is_broken_by_what_it_is_about(rule: str, change: dict[str, str]) -> None:
    assert status(rule, SOUND) in ("pass", "not_applicable")
    assert status(rule, SOUND | change) == "fail"


def test_a_device_without_entries_breaks_the_first_rule_and_passes_none_by_emptiness() -> None:
    assert status("FMAIL-001", None) == "fail"
    assert {status(rule["id"], None) for rule in rules()[1:]} == {"not_applicable"}


def test_a_rule_about_an_option_the_firmware_lacks_is_not_applicable() -> None:
    assert status("FMAIL-007", SOUND, Firmware("FortiAnalyzer", (7, 4, 2))) == "not_applicable"


def test_rules_name_options_of_the_schema_and_carry_what_a_report_needs() -> None:
    names = {option.python_name for option in system_mail().options} | {"passwd_set"}
    for rule in rules():
        used: dict[str, Any] = {**rule.get("when", {}), **rule.get("require", {}), **rule.get("forbid", {})}
        assert set(used) <= names
        assert rule["severity"] in ("low", "medium", "high", "critical")
        assert rule["why"] and rule["fix"] and isinstance(rule["refs"], list)
