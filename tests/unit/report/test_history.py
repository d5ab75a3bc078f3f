# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents over time and from several controllers."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_csv import as_csv
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_html import as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_junit import as_junit
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_markdown import as_markdown
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_prometheus import as_prometheus
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_sarif import as_sarif
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_text import as_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import (
    Document,
    DocumentError,
    assessed,
    document,
    not_assessed,
    read,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.history import compared, merged
from junitparser import JUnitXml

from .conftest import finding

# What documents say together is the same in each Python.
pytestmark = pytest.mark.once

FIRST, SECOND, THIRD = (f"2026-11-{day}T10:00:00+00:00" for day in (24, 25, 26))


def made(created: str, *devices: Any) -> Document:
    return read(json.dumps(document(devices, rules(), (), created)))


def one(name: str, *findings: Any) -> Any:
    return assessed(name, "FortiAnalyzer 7.4.2", findings)


# -- over time -----------------------------------------------------------------------------------------------------


def old() -> Document:
    return made(
        FIRST,
        one("same", finding()),
        one("mended", finding(), finding("FMAIL-005")),
        one("worse", finding(status="pass")),
        one("other", finding(detail="secure_option is default")),
        one("ended", finding(status="waived", waiver={"by": "J. Doe", "until": "2026-11-24", "reason": "r"})),
        one("waived-now", finding()),
        one("lost", finding()),
        one("gone", finding(), finding("FMAIL-005")),
        one("unread-now", finding()),
    )


def new() -> Document:
    return made(
        SECOND,
        one("same", finding()),
        one("mended", finding(status="pass"), finding("FMAIL-005", "not_applicable", entry="")),
        one("worse", finding()),
        one("other", finding(detail="secure_option is none")),
        one("ended", finding(waiver={"by": "J. Doe", "until": "2026-11-24", "reason": "r"})),
        one("waived-now", finding(status="waived", waiver={"by": "J. Doe", "until": "2027-11-24", "reason": "r"})),
        not_assessed("lost", "connect_timeout", "timed out"),
        one("unread-now", finding(status="not_assessed", entry="")),
        one("added", finding()),
    )


def test_what_changed_since_an_earlier_document() -> None:
    whole = compared(new(), [old()])
    changes = {
        device["name"]: (each["change"], each["since"])
        for device in whole["devices"]
        for each in device["findings"]
        if "change" in each
    }
    assert changes == {
        "same": ("still", FIRST),
        "worse": ("new", SECOND),
        "added": ("new", SECOND),
        "other": ("changed", FIRST),
        "ended": ("waiver_expired", SECOND),
    }
    found = whole["changes"]
    assert (found["new"], found["still"], found["changed"], found["waiver_expired"]) == (2, 1, 1, 1)
    assert [(each["device"], each["rule"], each["now"]) for each in found["fixed"]] == [
        ("mended", "FMAIL-002", "pass"),
        ("mended", "FMAIL-005", "not_applicable"),
    ]
    # Nothing is known of what is gone or could not be read: it is not fixed.
    assert found["gone"] == [{"device": "gone", "failed": 2}]
    assert found["lost"] == ["lost"]


def test_since_when_a_finding_fails_is_carried_along_and_over_a_run_without_the_device() -> None:
    first, second = made(FIRST, one("faz", finding())), made(SECOND, not_assessed("faz", "timeout", "no answer"))
    third = compared(made(THIRD, one("faz", finding())), [second, first])
    assert third["devices"][0]["findings"][0] == {**finding(), "change": "still", "since": FIRST}
    chained = compared(made(THIRD, one("faz", finding())), [compared(made(SECOND, one("faz", finding())), [first])])
    assert chained["devices"][0]["findings"][0]["since"] == FIRST


def test_a_rule_that_is_gone_leaves_nothing_fixed() -> None:
    after = made(SECOND, one("same"))
    after["rules"] = [rule for rule in after["rules"] if rule["id"] != "FMAIL-002"]
    assert compared(after, [old()])["changes"]["fixed"] == []


def test_a_document_is_compared_with_older_ones_only() -> None:
    with pytest.raises(DocumentError, match="no earlier document is older than 2026-11-24"):
        compared(old(), [new()])


def test_every_report_says_what_changed() -> None:
    summary = Assessment(compared(new(), [old()]))
    sentence = "Since 2026-11-24 10:00: 2 new, 2 fixed, 1 still open, 1 changed, 1 with a waiver that ended"
    assert sentence in as_text(summary)
    assert "1 device gone, 1 device not assessed any more" in as_text(summary)
    assert sentence in as_html(summary)
    markdown = as_markdown(summary)
    assert markdown.index("Since 2026") < markdown.index("| added |") < markdown.index("| same |")
    assert "| mended | high | FMAIL-002: " in markdown
    suites = {suite.name: suite for suite in JUnitXml.fromstring(as_junit(summary).encode())}
    (failed,) = next(iter(suites["worse"])).result
    assert failed.message == "new: secure_option is none"
    (failed,) = next(iter(suites["same"])).result
    assert failed.message == "since 2026-11-24: secure_option is none"
    assert "fixed: secure_option is none" in next(iter(suites["mended"])).system_out
    states = {
        (result["locations"][0]["logicalLocations"][0]["name"], result["ruleId"]): result.get("baselineState")
        for result in json.loads(as_sarif(summary))["runs"][0]["results"]
    }
    assert states == {
        ("same", "FMAIL-002"): "unchanged",
        ("worse", "FMAIL-002"): "new",
        ("added", "FMAIL-002"): "new",
        ("other", "FMAIL-002"): "updated",
        ("ended", "FMAIL-002"): "updated",
        ("waived-now", "FMAIL-002"): None,
        ("mended", "FMAIL-002"): "absent",
        ("mended", "FMAIL-005"): "absent",
    }
    metrics = as_prometheus(summary)
    assert 'changed_findings{change="fixed"} 2' in metrics
    oldest = int(datetime.fromisoformat(FIRST).timestamp())
    assert f'oldest_finding_timestamp_seconds{{severity="high"}} {oldest}' in metrics
    rows = {
        (row["device"], row["status"], row["change"], row["since"])
        for row in csv.DictReader(io.StringIO(as_csv(summary)))
    }
    assert {("worse", "fail", "new", SECOND), ("same", "fail", "still", FIRST), ("mended", "fixed", "", "")} <= rows


def test_earlier_documents_make_a_trend() -> None:
    whole = compared(made(THIRD, one("same", finding())), [new(), old()])
    assert [(point["created"], point["broken"]) for point in whole["trend"]] == [(FIRST, 7), (SECOND, 5), (THIRD, 1)]
    assert whole["changes"]["since"] == SECOND


# -- from several controllers --------------------------------------------------------------------------------------

WAIVERS = [
    {"rule": "FMAIL-002", "device": "faz-0*", "reason": "r", "by": "b", "until": "2027-01-01"},
    {"rule": "FMAIL-005", "device": "faz-19*", "reason": "r", "by": "b", "until": "2027-01-01"},
    {"rule": "FMAIL-005", "device": "fmg-*", "reason": "r", "by": "b", "until": "2027-01-01"},
    {"rule": "FMAIL-003", "device": "faz-*", "reason": "r", "by": "b", "until": "2026-01-01"},
]
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def result(number: int) -> dict[str, Any]:
    if number % 17 == 0:
        return {"msg": "no answer", "cause": "connect_timeout"}
    mail = [{"id": "relay", "server": "s", "secure_option": ("none", "default", "starttls")[number % 3]}]
    return {"ansible_facts": {"faz": {"firmware": {"family": "FortiAnalyzer", "version": "7.4.2"}, "mail": mail}}}


@pytest.mark.parametrize("seed", range(5))
def test_slices_merge_to_what_one_run_finds(seed: int) -> None:
    choice = random.Random(seed)
    checked = rules()
    waivers = read_waivers(WAIVERS, checked)
    results = {f"faz-{number:03}": result(number) for number in range(200)}
    single = fleet(results, checked, waivers, NOW)
    slices: list[dict[str, Any]] = [{} for __ in range(choice.randint(2, 7))]
    for name, each in results.items():
        choice.choice(slices)[name] = each
    parts = [
        fleet(part, checked, waivers, NOW + timedelta(minutes=number)) for number, part in enumerate(slices) if part
    ]
    choice.shuffle(parts)
    whole = merged([read(json.dumps(part)) for part in parts])
    assert json.dumps({**whole, "created": ""}) == json.dumps({**single, "created": ""})
    assert whole["created"] == min(part["created"] for part in parts)


def test_of_a_device_that_is_in_several_documents_the_newest_counts_and_is_said() -> None:
    parts = [
        made(SECOND, one("faz", finding(status="pass"))),
        made(FIRST, one("faz", finding()), one("fmg")),
    ]
    whole = merged(parts)
    assert whole == merged(parts[::-1])
    assert [device["findings"][0]["status"] for device in whole["devices"][:1]] == ["pass"]
    assert whole["replaced"] == [{"device": "faz", "documents": 2}]
    assert "In several documents, of which the newest counts: faz" in as_text(Assessment(whole))


def test_documents_of_different_rules_do_not_merge() -> None:
    other = made(SECOND, one("fmg"))
    other["rules"][0]["severity"] = "low"
    with pytest.raises(DocumentError, match="made with different rules: FMAIL-001; expected documents of one policy"):
        merged([made(FIRST, one("faz")), other])
