# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner: what is sent, in which order, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.desired import PlanError
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_deleted, plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor

FAZ_742 = Firmware("FortiAnalyzer", (7, 4, 2))
FAZ_762 = Firmware("FortiAnalyzer", (7, 6, 2))
FMG_767 = Firmware("FortiManager", (7, 6, 7))

RELAY = {
    "id": "relay",
    "server": "smtp.example.com",
    "port": 587,
    "secure_option": "starttls",
    "auth": "enable",
    "user": "alerts",
    "passwd": "a secret",
}
STORED = {
    "secure-option": "starttls",
    "user": "alerts",
    "passwd": "ENC",
    "auth": "enable",
    "port": "587",
    "server": "smtp.example.com",
}


def commands(plan: Any) -> list[str]:
    return [line.command for line in plan.lines]


def test_a_new_entry_is_pushed_encryption_first_and_server_last() -> None:
    plan = plan_entries(system_mail(), [RELAY], {}, FAZ_742)
    assert commands(plan) == [
        "config system mail",
        'edit "relay"',
        "set secure-option starttls",
        'set user "alerts"',
        'set passwd "a secret"',
        "set auth enable",
        "set port 587",
        'set server "smtp.example.com"',
        "next",
        "end",
    ]
    assert plan.after == {"relay": STORED}
    assert plan.passwords == {"relay": {"passwd": "set"}}


@pytest.mark.parametrize(
    ("passwd", "old", "update", "reason"),
    [
        ("a secret", {}, "on_create", "no passwd is stored"),
        ("a secret", {"relay": STORED}, "always", "passwd is always sent"),
        ("a secret", {"relay": STORED}, "on_change", "passwd is not the one that was sent last"),
        ("", {"relay": STORED}, "on_create", "passwd is unset"),
    ],
)
def test_why_a_password_is_sent_is_not_masked(passwd: str, old: Any, update: str, reason: str) -> None:
    plan = plan_entries(system_mail(), [{**RELAY, "passwd": passwd}], old, FAZ_742, update_password=update)
    reasons = [line.reason for line in plan.lines]
    assert reason in reasons
    assert list(map(Redactor().text, reasons)) == reasons


def test_the_same_state_again_sends_nothing_and_says_what_it_cannot_know() -> None:
    plan = plan_entries(system_mail(), [RELAY], {"relay": STORED}, FAZ_742)
    assert not plan.changed
    assert plan.passwords == {"relay": {"passwd": "unchanged_assumed"}}


def test_always_sends_the_password_again_and_nothing_else() -> None:
    plan = plan_entries(system_mail(), [RELAY], {"relay": STORED}, FAZ_742, update_password="always")
    assert commands(plan) == ["config system mail", 'edit "relay"', 'set passwd "a secret"', "next", "end"]


def test_a_missing_password_is_sent_to_an_existing_entry() -> None:
    stored = {name: value for name, value in STORED.items() if name != "passwd"}
    assert 'set passwd "a secret"' in commands(plan_entries(system_mail(), [RELAY], {"relay": stored}, FAZ_742))


def test_an_entry_of_defaults_is_still_created() -> None:
    assert commands(plan_entries(system_mail(), [{"id": "1"}], {}, FAZ_742)) == [
        "config system mail",
        'edit "1"',
        "next",
        "end",
    ]


def test_an_empty_string_unsets_and_none_keeps() -> None:
    plan = plan_entries(system_mail(), [{"id": "relay", "user": "", "port": None}], {"relay": STORED}, FAZ_742)
    assert commands(plan) == ["config system mail", 'edit "relay"', "unset user", "next", "end"]


def test_lower_protection_is_pushed_last() -> None:
    wanted = {"id": "relay", "secure_option": "none", "auth": "disable", "server": "other.example.com"}
    sent = commands(plan_entries(system_mail(), [wanted], {"relay": STORED}, FAZ_742))
    assert sent[2:-2] == ["set auth disable", 'set server "other.example.com"', "set secure-option none"]


def test_quotes_and_backslashes_are_escaped() -> None:
    sent = commands(plan_entries(system_mail(), [{"id": 'a "b": c', "user": 'dom\\us"er'}], {}, FAZ_742))
    assert sent[1] == 'edit "a \\"b\\": c"'
    assert sent[2] == 'set user "dom\\\\us\\"er"'


@pytest.mark.parametrize(
    ("wanted", "firmware", "message"),
    [
        (
            {"ssl_protocol": "tlsv1.2"},
            FAZ_742,
            r"FortiAnalyzer 7.4.2 has no option ssl-protocol; it exists in >=7.4.4,<7.5 and in >=7.6.2",
        ),
        (
            {"auth_type": "oauth2"},
            FAZ_762,
            r"auth_type: 'oauth2' is not one of certificate, psk on FortiAnalyzer 7.6.2; oauth2 exists in >=7.6.7",
        ),
        (
            {"oauth2_client_id": "x"},
            FMG_767,
            r"oauth2_client_id exists only while auth-type is oauth2, but auth-type is psk",
        ),
        ({"local_cert": "Fortinet_Local"}, FAZ_742, r"local_cert exists only while auth-type is certificate"),
        ({"port": 70000}, FAZ_742, r"port: '70000' is not a whole number from 1 to 65535"),
        ({"port": "٢٥"}, FAZ_742, r"whole number"),
        ({"server": "a\nset auth disable"}, FAZ_742, r"server: the value holds the control character U\+000A"),
        ({"user": "who?"}, FAZ_742, r"question mark"),
        ({"server": "x" * 256}, FAZ_742, r"256 characters, the device takes 255"),
        ({"sever": "x"}, FAZ_742, r"there is no option 'sever'"),
    ],
)
def test_what_must_not_reach_the_device_is_refused(wanted: dict[str, Any], firmware: Firmware, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan_entries(system_mail(), [{"id": "1", **wanted}], {}, firmware)


@pytest.mark.parametrize("key", ["", " 1", "x" * 64, "a\tb", None, 1])
def test_an_impossible_id_is_refused(key: Any) -> None:
    with pytest.raises(PlanError, match="id"):
        plan_entries(system_mail(), [{"id": key}], {}, FAZ_742)


def test_a_refused_password_is_not_shown() -> None:
    with pytest.raises(PlanError) as refused:
        plan_entries(system_mail(), [{"id": "1", "passwd": "hunter2?" + "x" * 60}], {}, FAZ_742)
    assert "hunter2" not in str(refused.value)


def test_oauth2_on_the_firmware_that_has_it() -> None:
    wanted = {"id": "1", "auth_type": "oauth2", "oauth2_client_id": "x", "oauth2_client_secret": "y"}
    sent = commands(plan_entries(system_mail(), [wanted], {}, FMG_767))
    assert sent[2:-2] == ["set auth-type oauth2", 'set oauth2-client-id "x"', 'set oauth2-client-secret "y"']


def test_deleting_what_is_absent_changes_nothing_and_what_exists_only_once() -> None:
    assert not plan_deleted(system_mail(), [{"id": "relay"}], {}).changed
    plan = plan_deleted(system_mail(), [{"id": "relay"}], {"relay": STORED, "other": {}})
    assert commands(plan) == ["config system mail", 'delete "relay"', "end"]
    assert plan.after == {"other": {}}


def test_replaced_puts_back_what_is_not_named_and_the_server_stays_last() -> None:
    plan = plan_entries(
        system_mail(), [{"id": "relay", "server": "new.example.com"}], {"relay": STORED}, FAZ_742, state="replaced"
    )
    assert commands(plan)[2:-2] == [
        "unset user",
        "unset passwd",
        "unset auth",
        "unset port",
        'set server "new.example.com"',
        "unset secure-option",
    ]
    assert plan.after == {"relay": {"server": "new.example.com"}}


def test_replaced_by_the_same_is_no_change() -> None:
    assert not plan_entries(system_mail(), [RELAY], {"relay": STORED}, FAZ_742, state="replaced").changed


def test_overridden_deletes_the_others_and_merged_does_not() -> None:
    observed = {"relay": STORED, "old": {}, "older": {}}
    assert [
        line
        for line in commands(plan_entries(system_mail(), [RELAY], observed, FAZ_742, state="overridden"))
        if "delete" in line
    ] == [
        'delete "old"',
        'delete "older"',
    ]
    assert not plan_entries(system_mail(), [RELAY], observed, FAZ_742).changed


def test_on_change_sends_a_password_unless_it_is_known() -> None:
    sent = plan_entries(system_mail(), [RELAY], {"relay": STORED}, FAZ_742, update_password="on_change")
    assert 'set passwd "a secret"' in commands(sent)
    same = plan_entries(
        system_mail(),
        [RELAY],
        {"relay": STORED},
        FAZ_742,
        update_password="on_change",
        known=lambda key, name, value: (key, name, value) == ("relay", "passwd", "a secret"),
    )
    assert not same.changed
    assert same.passwords == {"relay": {"passwd": "unchanged_fingerprint"}}


def test_an_entry_named_twice_is_refused() -> None:
    with pytest.raises(PlanError, match="'relay' is named twice"):
        plan_entries(system_mail(), [RELAY, {"id": "relay", "port": 25}], {}, FAZ_742)


def test_force_sends_what_the_firmware_is_not_known_to_have() -> None:
    plan = plan_entries(system_mail(), [{"id": "1", "ssl_protocol": "tlsv1.2"}], {}, FAZ_742, force=True)
    assert "set ssl-protocol tlsv1.2" in commands(plan)


CERTIFICATE = {"auth-type": "certificate", "local-cert": "ours", "server": "smtp.example.com"}


def test_what_another_value_hides_is_unset_while_it_still_can_be() -> None:
    plan = plan_entries(system_mail(), [{"id": "1", "auth_type": "psk", "local_cert": ""}], {"1": CERTIFICATE}, FAZ_742)
    assert commands(plan)[2:-2] == ["unset local-cert", "set auth-type psk"]
    wanted = {name: value for name, value in RELAY.items() if name != "passwd"} | {"auth_type": "certificate"}
    replaced = plan_entries(system_mail(), [wanted], {"relay": STORED}, FAZ_742, state="replaced")
    assert commands(replaced)[2:-2] == ["unset passwd", "set auth-type certificate", "unset local-cert"]


def test_what_another_value_uncovers_is_unset_where_it_is_to_be_empty() -> None:
    psk = {"id": "1", "server": "smtp.example.com"}
    replaced = plan_entries(system_mail(), [psk], {"1": CERTIFICATE}, FAZ_742, state="replaced")
    assert commands(replaced)[2:-2] == ["unset local-cert", "unset auth-type", "unset passwd"]
    named = plan_entries(system_mail(), [{**psk, "auth_type": "psk", "passwd": ""}], {"1": CERTIFICATE}, FAZ_742)
    assert commands(named)[2:-2] == ["set auth-type psk", "unset passwd"]
    assert commands(plan_entries(system_mail(), [{**psk, "auth_type": "psk"}], {"1": CERTIFICATE}, FAZ_742))[2:-2] == [
        "set auth-type psk"
    ]
