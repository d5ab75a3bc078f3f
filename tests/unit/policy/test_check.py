# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules, each on a table that keeps it and on one that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import mail_facts
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.subjects import known_facts

FAZ = Firmware("FortiAnalyzer", (7, 6, 2))
SOUND = {
    "server": "smtp.example.com",
    "port": "587",
    "secure-option": "starttls",
    "auth": "enable",
    "user": "alerts",
    "passwd": "ENC",
}


def facts(entry: dict[str, str] | None = None, firmware: Firmware = FAZ, **other: Any) -> dict[str, Any]:
    """The facts of a device on which nothing is wrong, with this mail server."""
    known = {"family": firmware.family, "version": firmware.version_text}
    return {
        "firmware": known,
        "mail": mail_facts({"relay": entry} if entry is not None else {}, firmware),
        "alert_destinations": [{"event": "e", "id": 1, "type": "mail", "to": "noc@example.com", "smtp_name": "relay"}],
        "alertemail": {"smtpserver": ""},
        "approval_matrix": [{"adom": "root", "mail_server": "relay", "notify": "noc"}],
        "dns": {"primary": "192.0.2.53", "secondary": "192.0.2.54"},
        "global": {"global_ssl_protocol": "tlsv1.2"},
        "fazmaild": {"state": "running", "failed": 2, "discarded": 0, "queue_length": 1, "queue_limit": 100},
        "debug": {"level": 0, "on": False, "timestamps": False, "other_daemons": False},
        "ha": {"enabled": False, "mode": "Stand Alone"},
        "proof": {"outcome": "accepted", "age_days": 3, "by": "verify"},
        "unread": {},
        **other,
    }


def finding(rule: str, known: dict[str, Any]) -> Any:
    return next(each for each in check(known) if each["rule"] == rule)


def status(rule: str, entry: dict[str, str] | None, firmware: Firmware = FAZ) -> str:
    return str(finding(rule, facts(entry, firmware))["status"])


def test_a_sound_entry_breaks_no_rule() -> None:
    found = check(facts(SOUND))
    assert [each["rule"] for each in found if each["status"] in ("fail", "not_assessed")] == []
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
    about_mail = [rule["id"] for rule in rules() if rule.get("about", "mail") == "mail"]
    assert {status(rule, None) for rule in about_mail[1:]} == {"not_applicable"}


def test_a_rule_about_an_option_the_firmware_lacks_is_not_applicable() -> None:
    assert status("FMAIL-007", SOUND, Firmware("FortiAnalyzer", (7, 4, 2))) == "not_applicable"


def alert_status(rule: str, *destinations: dict[str, Any], smtpserver: str = "") -> list[tuple[str, str]]:
    """Status and entry of the findings of a rule, beside a sound mail server `relay`."""
    rows = [{"event": "disk full", "id": 1, "type": "mail", "to": "noc@example.com", **each} for each in destinations]
    found = check(facts(SOUND, alert_destinations=rows, alertemail={"smtpserver": smtpserver}))
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
    rows = [{"event": "e", "id": 1, "type": "mail", "to": "x", "smtp_name": "gone"}]
    found = finding("FMAIL-012", facts(SOUND, alert_destinations=rows))
    assert found["detail"] == "smtp_name is gone, which is no entry of config system mail"
    assert "set smtp-name" in found["fix"]


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


# -- what is read beside the mail table ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("FMAIL-007", {"global": {"global_ssl_protocol": "tlsv1.0"}}),
        ("FMAIL-014", {"fazmaild": {"state": "paused"}}),
        ("FMAIL-015", {"proof": {"outcome": "untested"}}),
        ("FMAIL-015", {"proof": {"outcome": "failed", "age_days": 0}}),
        ("FMAIL-015", {"proof": {"outcome": "accepted", "age_days": 31}}),
        ("FMAIL-016", {"debug": {"on": True, "level": 255}}),
        ("FMAIL-017", {"dns": {"primary": "192.0.2.53"}}),
        ("FMAIL-022", {"dns": {"primary": "0.0.0.0"}}),
        ("FMAIL-023", {"fazmaild": {"queue_length": 80, "queue_limit": 100}}),
        ("FMAIL-024", {"counters": {"failed": 1, "discarded": 0}}),
        ("FMAIL-026", {"approval_matrix": [{"adom": "root", "mail_server": "gone"}]}),
    ],
)
def test_a_rule_is_broken_by_what_is_read_beside_the_mail_table(rule: str, other: dict[str, Any]) -> None:
    assert finding(rule, facts(SOUND))["status"] in ("pass", "not_applicable")
    assert finding(rule, facts(SOUND, **other))["status"] == "fail"


def test_an_old_firmware_breaks_its_rule() -> None:
    assert status("FMAIL-025", SOUND, Firmware("FortiAnalyzer", (6, 4, 15))) == "fail"


@pytest.mark.parametrize("name", sorted(facts(SOUND).keys() - {"firmware", "unread"}))
def test_what_was_not_read_neither_keeps_nor_breaks_a_rule(name: str) -> None:
    """Every fact, not read, makes each rule about it not assessed, with the reason; the others stay as they were."""
    reason = "No permission"
    found = check(facts(SOUND, **{name: None, "unread": {name: reason}}))
    sound = {(each["rule"], each["entry"]): each["status"] for each in check(facts(SOUND))}
    changed = [each for each in found if sound.get((each["rule"], each["entry"])) != each["status"]]
    assert {each["status"] for each in changed} <= {"not_assessed"}
    assert all(reason in each["detail"] for each in changed)
    assert bool(changed) is any(rule.get("about", "mail") in _ABOUT.get(name, (name,)) for rule in rules())


_ABOUT = {"alert_destinations": ("alert_destination",), "global": ("mail",), "fazmaild": ("daemon",)}


def test_a_value_that_was_not_read_is_said_with_its_reason() -> None:
    known = facts(SOUND, fazmaild={"state": None, "failed": 0}, unread={"fazmaild.state": "unknown words"})
    assert (finding("FMAIL-014", known)["status"], finding("FMAIL-014", known)["detail"]) == (
        "not_assessed",
        "unknown words",
    )
    # Keys that are missing are what the daemon did not print in a known form.
    assert finding("FMAIL-014", facts(SOUND, fazmaild={}))["status"] == "not_assessed"


def test_counters_are_compared_from_the_second_run_on() -> None:
    found = finding("FMAIL-024", facts(SOUND))
    assert (found["status"], found["detail"]) == (
        "not_applicable",
        "there is no earlier run to compare the counters with",
    )
    assert finding("FMAIL-024", facts(SOUND, counters={"failed": 2, "discarded": 0}))["status"] == "pass"
    # The daemon was restarted: what it counts now rose since.
    restarted = finding("FMAIL-024", facts(SOUND, counters={"failed": 9, "discarded": 0}))
    assert (restarted["status"], restarted["detail"]) == ("fail", "failed_rise is 2, expected 0")


def test_entries_without_their_defaults_are_completed() -> None:
    """As the filter parse_show returns them: the device hides defaults, and numbers are text."""
    known = facts(SOUND, mail=[{"id": "relay", "server": "mail.example.com"}])
    assert finding("FMAIL-003", known)["status"] == "fail"
    assert finding("FMAIL-005", known)["status"] == "fail"
    assert finding("FMAIL-008", known)["status"] == "not_applicable"
    assert finding("FMAIL-008", facts(SOUND, mail=[{"id": "x", "port": "465"}]))["status"] == "fail"


def test_a_rule_that_some_firmware_has_is_not_assessed_where_the_firmware_is_not_known() -> None:
    assert finding("FMAIL-007", {**facts(SOUND), "firmware": None})["status"] == "not_assessed"


def test_a_minimum_is_reached_only_by_what_was_read() -> None:
    rows = [{"event": "e", "id": 1, "type": "mail", "to": "noc@example.com", "smtp_name": "relay"}]
    known = {**facts(SOUND, alert_destinations=rows), "mail": None}
    assert finding("FMAIL-013", known)["status"] == "not_assessed"
    assert finding("FMAIL-013", {**known, "alert_destinations": []})["status"] == "fail"


@pytest.mark.parametrize(
    ("relays", "server", "expected"),
    [
        (["glob:*.example.com"], "SMTP.example.com", "pass"),
        (["relay1.example.com"], "smtp.example.com", "fail"),
        (["SMTP.Example.com"], "smtp.example.com", "pass"),
        (["regex:smtp[0-9]*[.]example[.]com"], "smtp.example.com", "pass"),
        ([], "smtp.example.com", "not_applicable"),
    ],
)
def test_approved_relays(relays: list[str], server: str, expected: str) -> None:
    found = check(facts(SOUND | {"server": server}), rules((), relays))
    assert next(each["status"] for each in found if each["rule"] == "FMAIL-010") == expected


def test_the_old_object_goes_through_an_approved_relay_where_there_is_a_list() -> None:
    known = facts(SOUND, alertemail={"smtpserver": "smtp.example.com"})
    assert finding("FMAIL-018", known)["status"] == "pass"
    found = check(known, rules((), ["relay1.example.com"]))
    assert next(each["status"] for each in found if each["rule"] == "FMAIL-018") == "fail"


def test_rules_know_their_facts_and_carry_what_a_report_needs() -> None:
    for rule in rules():
        used: dict[str, Any] = {**rule.get("when", {}), **rule.get("require", {}), **rule.get("forbid", {})}
        named = {*used, *rule.get("exists", ()), *rule.get("known_server", ()), *rule.get("approved", ())}
        assert named <= set(known_facts()[rule.get("about", "mail")])
        assert named
        assert ("minimum" in rule) == ("counted" in rule)
        assert rule["severity"] in ("low", "medium", "high", "critical")
        assert rule["why"] and rule["fix"] and isinstance(rule["refs"], list)
