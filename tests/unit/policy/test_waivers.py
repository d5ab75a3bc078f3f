# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exception holds for what it names, and no day longer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import Waiver, WaiverError, waive
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.waivers import read_waivers as read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import explained
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet

ROW = {"rule": "FMAIL-002", "device": "faz-*", "reason": "no TLS in the lab", "by": "J. Doe", "until": "2026-12-31"}
FACTS = {
    "firmware": {"family": "FortiAnalyzer", "version": "7.4.2"},
    "mail": [
        {"id": "old", "server": "smtp.example.com", "secure_option": "none"},
        {"id": "new", "server": "smtp.example.com", "secure_option": "starttls"},
    ],
}


def read_waivers(rows: Any) -> list[Waiver]:
    return read(rows, rules())


def failed(entry: str = "old", **other: Any) -> dict[str, Any]:
    return {"rule": "FMAIL-002", "entry": entry, "status": "fail", "detail": "secure_option is none", **other}


@pytest.mark.parametrize(
    ("waiver", "device", "today", "status"),
    [
        ({}, "faz-lab", date(2026, 12, 31), "waived"),
        ({}, "faz-lab", date(2027, 1, 1), "fail"),
        ({}, "fmg-lab", date(2026, 11, 1), "fail"),
        ({}, "FAZ-lab", date(2026, 11, 1), "fail"),
        ({"device": "faz-lab"}, "faz-lab-2", date(2026, 11, 1), "fail"),
        ({"rule": "FMAIL-003"}, "faz-lab", date(2026, 11, 1), "fail"),
        ({"entry": "old"}, "faz-lab", date(2026, 11, 1), "waived"),
        ({"entry": "new"}, "faz-lab", date(2026, 11, 1), "fail"),
    ],
)
def test_what_a_waiver_covers(waiver: dict[str, str], device: str, today: date, status: str) -> None:
    (found,) = waive([failed()], device, read_waivers([{**ROW, **waiver}]), today)
    assert found["status"] == status
    assert found["detail"] == "secure_option is none"
    if status == "waived":
        assert found["waiver"] == {"by": "J. Doe", "until": "2026-12-31", "reason": "no TLS in the lab"}


def test_who_let_a_waiver_end_reads_so() -> None:
    (found,) = waive([failed()], "faz-lab", read_waivers([ROW]), date(2027, 6, 1))
    assert (found["status"], found["waiver"]["until"]) == ("fail", "2026-12-31")
    assert explained(found).endswith("the waiver by J. Doe ended on 2026-12-31")


def test_of_two_the_one_that_still_holds_counts() -> None:
    both = read_waivers([ROW, {**ROW, "until": "2026-01-01"}])
    assert waive([failed()], "faz-lab", both, date(2026, 11, 1))[0]["status"] == "waived"


def test_what_passed_or_does_not_apply_is_left_as_it_is() -> None:
    rows = [failed(status="pass"), failed(status="not_applicable")]
    assert waive(rows, "faz-lab", read_waivers([ROW]), date(2026, 11, 1)) == rows


def test_a_day_may_be_written_as_yaml_reads_it() -> None:
    rows = yaml.safe_load("[{rule: FMAIL-002, device: faz, reason: r, by: b, until: 2026-12-31}]")
    assert read_waivers(rows)[0].until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("FMAIL-002", "waivers are str, expected a list"),
        (["FMAIL-002"], "waiver 1 is str, expected a mapping"),
        ([ROW, {**ROW, "by": " "}], "waiver 2 has no by; .*who agreed"),
        ([{**ROW, "until": None}], "waiver 1 has no until"),
        ([{**ROW, "until": "next year"}], "waiver 1 has until 'next year', expected a day such as 2027-03-31"),
        ([{**ROW, "rule": "FMAIL-999"}], "waiver 1 is about rule 'FMAIL-999', expected one of FMAIL-001"),
        ([{**ROW, "hosts": "all"}], "waiver 1 has hosts, expected rule, device"),
    ],
)
def test_a_waiver_that_cannot_be_used_is_named(rows: Any, message: str) -> None:
    with pytest.raises(WaiverError, match=message):
        read_waivers(rows)


def test_the_document_says_of_each_waiver_what_became_of_it() -> None:
    rows = [
        ROW, {**ROW, "until": "2026-01-01"}, {**ROW, "entry": "new", "device": "faz-lab"},
        {**ROW, "entry": "new"}, {**ROW, "device": "fmg-*"}, {**ROW, "rule": "FMAIL-012", "device": "faz-lab"},
    ]  # fmt: skip
    made = fleet(
        {"faz-lab": {"ansible_facts": {"faz": FACTS}}, "faz-lost": {}},
        None,
        read_waivers(rows),
        datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert [waiver["state"] for waiver in made["waivers"]] == [
        "active", "expired", "unused", "not_assessed", "out_of_scope", "not_assessed",
    ]  # fmt: skip
    states = {
        finding["entry"]: finding["status"]
        for finding in made["devices"][0]["findings"]
        if finding["rule"] == "FMAIL-002"
    }
    assert states == {"old": "waived", "new": "pass"}
