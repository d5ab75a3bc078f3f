# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every device that was asked is in the document, whatever became of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import Document, read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FACTS: dict[str, Any] = {
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


def accepted(entry: str, outcome: str = "accepted") -> dict[str, Any]:
    return {"item": entry, "verdict": {"outcome": outcome, "evidence": [{"text": "250 2.0.0 Ok: queued as 4F2A"}]}}


def of_proof(document: Document) -> tuple[Any, str]:
    (device,) = document["devices"]
    return device["proof"], next(each["status"] for each in device["findings"] if each["rule"] == "FMAIL-015")


def test_a_test_mail_proves_and_is_kept_for_later_runs() -> None:
    results = {"faz": {"ansible_facts": {"faz": FACTS}}}
    first = fleet(results, now=NOW, tests={"faz": [accepted("a"), accepted("relay")]})
    proof, status = of_proof(first)
    assert (proof["entry"], proof["outcome"], proof["detail"]) == ("relay", "accepted", "250 2.0.0 Ok: queued as 4F2A")
    assert status == "pass"
    assert of_proof(fleet(results, now=NOW + timedelta(days=30), earlier=[first])) == (proof, "pass")
    assert of_proof(fleet(results, now=NOW + timedelta(days=31), earlier=[first])) == (proof, "fail")
    assert of_proof(fleet(results, now=NOW)) == (None, "fail")


def test_one_mail_that_was_not_accepted_is_no_proof() -> None:
    results = {"faz": {"ansible_facts": {"faz": FACTS}}}
    proof, status = of_proof(fleet(results, now=NOW, tests={"faz": [accepted("bad", "failed"), accepted("relay")]}))
    assert (proof["entry"], status) == ("bad", "fail")
    assert (
        of_proof(fleet(results, now=NOW, tests={"faz": [{"item": "relay", "msg": "no answer", "failed": True}]}))[0]
        is None
    )


def test_results_of_all_kinds_prove_as_their_last_mails_ended() -> None:
    results = {"faz": {"ansible_facts": {"faz": FACTS}}}
    tests = [{**accepted("relay"), "id": "relay"}]
    failed = [{**accepted("relay", "failed"), "id": "relay"}]
    for result, status in (
        ({"tests": tests}, "pass"),
        ({"tests": failed, "taken_back": {"tests": tests}}, "pass"),
        ({"tests": failed, "taken_back": {"tests": []}}, "fail"),
        ({"tests": []}, "fail"),
        (tests[0], "pass"),
        ({"results": failed}, "fail"),
        ({}, "fail"),
    ):
        assert of_proof(fleet(results, now=NOW, tests={"faz": result}))[1] == status, result


def test_counters_are_compared_with_those_of_the_last_run() -> None:
    def run(failed: int, *earlier: Document) -> Document:
        facts = {**FACTS, "fazmaild": {"state": "running", "sent": 9, "failed": failed, "discarded": 0}}
        return fleet(
            {"faz": {"ansible_facts": {"faz": facts}}}, now=NOW + timedelta(days=len(earlier)), earlier=earlier
        )

    def status(document: Document) -> str:
        return next(each["status"] for each in document["devices"][0]["findings"] if each["rule"] == "FMAIL-024")

    first = run(2)
    second = run(2, first)
    assert [status(first), status(second), status(run(3, first, second))] == ["not_applicable", "pass", "fail"]
