# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules, each on a table that keeps it and on one that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import (
    alert_destination,
    system_alertemail,
    system_mail,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import mail_facts
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules

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
    found = check(mail_facts({"relay": entry} if entry is not None else {}, firmware), firmware)
    return next(str(each["status"]) for each in found if each["rule"] == rule)


def test_a_sound_entry_breaks_no_rule() -> None:
    found = check(mail_facts({"relay": SOUND}, FAZ), FAZ)
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
    assert {status(rule["id"], None) for rule in rules()[1:]} == {"not_applicable", "not_assessed"}


def test_a_rule_about_an_option_the_firmware_lacks_is_not_applicable() -> None:
    assert status("FMAIL-007", SOUND, Firmware("FortiAnalyzer", (7, 4, 2))) == "not_applicable"


def alert_status(rule: str, *destinations: dict[str, Any], smtpserver: str = "") -> list[tuple[str, str]]:
    """Status and entry of the findings of a rule, beside a sound mail server `relay`."""
    rows = [{"event": "disk full", "id": 1, "type": "mail", "to": "noc@example.com", **each} for each in destinations]
    found = check(mail_facts({"relay": SOUND}, FAZ), FAZ, rows, {"smtpserver": smtpserver})
    return [(each["status"], each["entry"]) for each in found if each["rule"] == rule]


def test_each_mail_destination_names_a_server_that_exists() -> None:
    one = "alert event 'disk full' destination 1"
    assert alert_status("FMAIL-012", {"smtp_name": "relay"}) == [("pass", one)]
    assert alert_status(
        "FMAIL-012", {"smtp_name": "relay"}, {"id": 2, "smtp_name": "gone"}, {"id": 3, "smtp_name": ""}
    ) == [
        ("pass", one),
        ("fail", "alert event 'disk full' destination 2"),
        ("fail", "alert event 'disk full' destination 3"),
    ]
    assert alert_status("FMAIL-012", {"type": "syslog", "smtp_name": ""}) == [("not_applicable", "")]
    found = check(mail_facts({}, FAZ), FAZ, [{"event": "e", "id": 1, "type": "mail", "to": "x", "smtp_name": "gone"}])
    (finding,) = (each for each in found if each["rule"] == "FMAIL-012")
    assert finding["detail"] == "smtp_name is gone, which is no entry of config system mail"
    assert "set smtp-name" in finding["fix"]


@pytest.mark.parametrize(
    ("destinations", "expected"),
    [
        ([{"smtp_name": "relay"}], "pass"),
        ([{"smtp_name": "gone"}, {"id": 2, "smtp_name": "relay"}], "pass"),
        ([], "fail"),
        ([{"smtp_name": "gone"}], "fail"),
        ([{"smtp_name": "relay", "to": ""}], "fail"),
        ([{"smtp_name": "relay", "type": "snmp"}], "fail"),
    ],
)
def test_somebody_is_mailed(destinations: list[dict[str, Any]], expected: str) -> None:
    assert alert_status("FMAIL-013", *destinations) == [(expected, "")]


@pytest.mark.parametrize(
    ("server", "expected"), [("", "pass"), ("old.example.com", "fail"), (SOUND["server"].upper(), "pass")]
)
def test_the_old_object_is_not_used_or_sends_through_a_known_relay(server: str, expected: str) -> None:
    assert alert_status("FMAIL-018", smtpserver=server) == [(expected, "alertemail")]


def test_rules_about_alerts_say_that_the_facts_are_missing() -> None:
    found = {each["rule"]: each for each in check(mail_facts({"relay": SOUND}, FAZ), FAZ)}
    for rule, facts in (
        ("FMAIL-012", "alert_destinations"),
        ("FMAIL-013", "alert_destinations"),
        ("FMAIL-018", "alertemail"),
    ):
        assert found[rule]["status"] == "not_assessed"
        assert found[rule]["detail"] == f"{facts} is not known; fortiops.mail.faz_facts reads it"


def test_what_was_not_read_is_never_kept_or_broken() -> None:
    reason = "No permission to 'show system.mail'"
    rows = [{"event": "e", "id": 1, "type": "mail", "to": "x", "smtp_name": "relay"}]
    found = check(None, FAZ, rows, {"smtpserver": ""}, unread={"mail": reason})
    assert {each["status"] for each in found} == {"not_assessed"}
    assert {each["detail"] for each in found} == {f"mail could not be read: {reason}"}


def test_rules_name_options_of_the_schema_and_carry_what_a_report_needs() -> None:
    names = {
        about: {option.python_name for option in table.options}
        for about, table in {
            "mail": system_mail(),
            "alert_destinations": alert_destination(),
            "alertemail": system_alertemail(),
        }.items()
    }
    names["mail"].add("passwd_set")
    for rule in rules():
        used: dict[str, Any] = {**rule.get("when", {}), **rule.get("require", {}), **rule.get("forbid", {})}
        assert {*used, *rule.get("exists", ()), *rule.get("known_server", ())} <= names[rule.get("about", "mail")]
        assert used or rule.get("exists") or rule.get("known_server")
        assert ("minimum" in rule) == ("counted" in rule)
        assert rule["severity"] in ("low", "medium", "high", "critical")
        assert rule["why"] and rule["fix"] and isinstance(rule["refs"], list)
