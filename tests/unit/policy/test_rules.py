# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organisation's own rules: in the form of the collection's, and refused where they would check nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import RuleError, collection_rules, rules

OWN = {
    "id": "ACME-001",
    "title": "Mail goes through a relay of ACME",
    "severity": "high",
    "why": "Alerts carry what only we should know",
    "require": {"server": ["relay.acme.example"]},
    "fix": "set server relay.acme.example",
}


def statuses(own: list[dict[str, Any]], **entry: Any) -> dict[str, str]:
    entries = [{"id": "relay", "server": "relay.acme.example", "secure_option": "default", "port": 587, **entry}]
    found = check({"mail": entries, "firmware": {"family": "FortiAnalyzer", "version": "7.6.2"}}, rules(own))
    return {each["rule"]: each["status"] for each in found}


def test_the_rules_of_the_collection_are_in_the_form_they_are_described_in() -> None:
    assert rules([{"id": rule["id"]} for rule in collection_rules()]) == rules() == collection_rules()


def test_a_rule_of_ones_own_stands_behind_those_of_the_collection() -> None:
    assert [rule["id"] for rule in rules([OWN])] == [*(rule["id"] for rule in rules()), "ACME-001"]
    assert statuses([OWN])["ACME-001"] == "pass"
    assert statuses([OWN], server="smtp.example.com")["ACME-001"] == "fail"


def test_a_rule_of_the_collection_is_changed_where_it_stands_and_only_there() -> None:
    changed = rules([{"id": "FMAIL-003", "severity": "low"}])
    before = {rule["id"]: rule for rule in rules()}
    assert [rule["id"] for rule in changed] == list(before)
    assert [rule for rule in changed if rule != before[rule["id"]]] == [{**before["FMAIL-003"], "severity": "low"}]


def test_numbers_may_be_written_as_playbooks_pass_them() -> None:
    own = {**OWN, "require": {"port": ["587"]}}
    assert statuses([own])["ACME-001"] == "pass"
    assert statuses([own], port=25)["ACME-001"] == "fail"


@pytest.mark.parametrize(
    ("words", "port", "expected"),
    [
        ([">=465"], 587, "pass"),
        ([">=465,<500"], 587, "fail"),
        (["regex:5.7"], 587, "pass"),
        (["glob:58?"], 587, "pass"),
        ([25, "587"], 587, "pass"),
    ],
)
def test_numbers_ranges_and_patterns(words: list[Any], port: int, expected: str) -> None:
    assert statuses([{**OWN, "require": {"port": words}}], port=port)["ACME-001"] == expected


def test_a_range_of_versions() -> None:
    own = {**OWN, "about": "firmware", "require": {"version": [">=7.4.5,<7.5", ">=7.6.2"]}}
    assert statuses([own])["ACME-001"] == "pass"
    assert statuses([{**own, "require": {"version": [">=7.10"]}}])["ACME-001"] == "fail"


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"id": "ACME-001"}, "rules are dict, expected a list"),
        (["ACME-001"], "rule 1 has no id"),
        ([{**OWN, "id": "a b"}], "rule 1 has no id; expected one such as ACME-001"),
        ([{**OWN, "fix": ""}], "rule ACME-001 has no fix"),
        (
            [{**OWN, "severity": "severe"}],
            "rule ACME-001: severity is 'severe', expected one of low, medium, high, critical",
        ),
        ([{**OWN, "check": "port == 25"}], "rule ACME-001 has check; expected some of id, "),
        ([{**OWN, "title": 7}], "rule ACME-001: title is 7, expected text"),
        ([{**OWN, "about": ["mail"]}], "about is \\['mail'\\], expected one of mail"),
        (
            [{**OWN, "about": "users"}],
            "about is 'users', expected one of mail, alert_destination, approval_matrix, alertemail",
        ),
        ([{**OWN, "require": {}}], "rule ACME-001 requires nothing"),
        ([{**OWN, "require": {"sever": ["x"]}}], "rule ACME-001: require is 'sever', expected one of .*server"),
        ([{**OWN, "require": {"passwd": ["any"]}}], "require is 'passwd', expected one of .*passwd_set"),
        ([{**OWN, "require": {"server": "x"}}], "require: server is 'x', expected a list"),
        ([{**OWN, "require": "server"}], "require is 'server', expected options with lists of values"),
        ([{**OWN, "exists": ["smtp_name"]}], "exists is 'smtp_name', expected one of"),
        ([{**OWN, "firmware": [">7"]}], "firmware bound '>7' does not look like"),
        ([{**OWN, "firmware": ">=7.4"}], "firmware is '>=7.4', expected a list"),
        ([{**OWN, "minimum": 1}], "expected both minimum"),
        ([{**OWN, "minimum": 0, "counted": "relays"}], "minimum is 0, expected a number of at least 1"),
        (
            [{**OWN, "require": {"server": ["*.acme.example"]}}],
            "'\\*.acme.example', which is compared as it is; expected glob:",
        ),
        ([{**OWN, "require": {"server": ["regex:("]}}], "which is not a regular expression"),
        ([{**OWN, "require": {"server": ["regex:(a+)+b"]}}], "can take very long"),
        ([{**OWN, "require": {"port": [">=x"]}}], "expected a range such as"),
        ([{**OWN, "require": {"secure_option": ["tls"]}}], "is 'tls', expected one of default, none, smtps, starttls"),
        ([{"id": "FMAIL-003", "forbid": {"x": []}}], "rule FMAIL-003: forbid is 'x', expected one of"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(own: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        rules(own)
