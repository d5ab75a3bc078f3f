# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All evidence, one answer: who wins, what supports it, and what contradicts it."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.conclude import Evidence, conclude
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.findings import findings
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from jsonschema import Draft202012Validator

ENTRY = {"id": "relay", "server": "mail.example.com", "port": 587}
SCHEMAS = Path(__file__).parents[3] / "plugins" / "plugin_utils" / "schemas"
ANSWER = Draft202012Validator(json.loads((SCHEMAS / "answer.json").read_text(encoding="utf-8")))


def verdict(cause: str, confidence: str = "high") -> dict[str, Any]:
    row = causes()[cause]
    outcome = cause if cause in ("accepted", "unknown") else "failed"
    return {
        "outcome": outcome, "cause": cause, "stage": row.stage, "temporary": row.temporary, "owner": row.owner, "confidence": confidence,
        "explanation": row.explanation, "remedy": [dict(step) for step in row.remedy], "evidence": [],
    }  # fmt: skip


def path(*names: str, attempt: str | None = None) -> dict[str, Any]:
    rows = [findings()[name] for name in names]
    return {
        "findings": [{**row, "cause": row["cause"] or None, "temporary": None, "evidence": []} for row in rows],
        "verdict": verdict(attempt) if attempt else None,
    }


def answer(**evidence: Any) -> dict[str, Any]:
    return conclude(Evidence(**{"entry": ENTRY, **evidence}))


@pytest.mark.parametrize(
    ("found", "test", "expected"),
    [
        ([], "accepted", ("accepted", "accepted", "test", "high")),
        (["ping_lost"], "accepted", ("accepted", "accepted", "test", "high")),
        (["asymmetric_route"], "accepted", ("accepted", "accepted", "test", "medium")),
        ([], "auth_credentials_invalid", ("failed", "auth_credentials_invalid", "test", "high")),
        (["ping_lost"], "auth_credentials_invalid", ("failed", "auth_credentials_invalid", "test", "high")),
        (["syn_unanswered"], "connect_timeout", ("failed", "connect_timeout", "test", "high")),
        (["reset"], "connect_refused", ("failed", "connect_refused", "test", "high")),
        (["no_route"], "no_route", ("failed", "no_route", "test", "high")),
        (["name_not_found"], "dns_name_not_found", ("failed", "dns_name_not_found", "test", "high")),
        (["no_dns_server"], "dns_name_not_found", ("failed", "dns_server_failure", "path", "high")),
        (["asymmetric_route"], "greeting_timeout", ("failed", "asymmetric_route", "path", "high")),
        (["asymmetric_route"], "connect_timeout", ("failed", "asymmetric_route", "path", "high")),
        (["mtu_black_hole"], "tls_handshake_failed", ("failed", "mtu_black_hole", "path", "high")),
        (["reset"], "auth_credentials_invalid", ("failed", "auth_credentials_invalid", "test", "medium")),
        (["syn_unanswered"], "unknown", ("failed", "connect_timeout", "path", "medium")),
        (["syn_unanswered"], None, ("failed", "connect_timeout", "path", "medium")),
        (["ping_lost"], "unknown", ("unknown", "unknown", "nothing", "high")),
        ([], None, ("unknown", "unknown", "nothing", "low")),
    ],
)
def test_who_decides(found: list[str], test: str | None, expected: tuple[str, ...]) -> None:
    result = answer(path=path(*found), verdict=verdict(test) if test else None)
    assert (result["outcome"], result["cause"], result["decided_by"], result["confidence"]) == expected


def test_no_entry_is_the_answer_only_where_the_table_was_read() -> None:
    assert answer(entry=None)["cause"] == "config_incomplete"
    assert answer(entry=None, entry_known=False)["outcome"] == "unknown"


def test_the_remedy_for_an_entry_that_is_not_there_names_it() -> None:
    (first, *__) = answer(entry=None, entry_id="a relay")["remedy"]
    assert first["cli"].startswith('config system mail / edit "a relay" / set server')


def test_nothing_that_was_found_is_lost() -> None:
    for found, test in product(findings(), causes()):
        result = answer(path=path(found), verdict=verdict(test))
        told = " ".join([result["cause"], result["explanation"], *result["supporting"], *result["contradictions"]])
        row = findings()[found]
        assert found in told or row["explanation"] in told or row["cause"] in told, (found, test)
        assert test in told or (test == "unknown" and "proves nothing" in told), (found, test)
        ANSWER.validate(result)
        assert (result["outcome"] == "accepted") == (test == "accepted"), (found, test)


def test_a_mail_that_comes_and_goes_is_told() -> None:
    result = answer(path=path(attempt="greylisted"), verdict=verdict("accepted"))
    assert result["outcome"] == "accepted"
    assert "greylisted" in result["contradictions"][0]
    assert result["confidence"] == "medium"


def test_the_attempt_counts_where_the_test_proves_nothing() -> None:
    result = answer(path=path(attempt="auth_credentials_invalid"), verdict=verdict("unknown", "low"))
    assert (result["outcome"], result["cause"]) == ("failed", "auth_credentials_invalid")


def test_the_controller_says_who_is_affected_but_does_not_decide() -> None:
    compared = {
        "scope": "device_only",
        "explanation": "The server is up here.",
        "owner": "network team",
        "next": ["Ask for a rule."],
    }
    result = answer(path=path("reset"), verdict=verdict("connect_refused"), comparison=compared)
    assert (result["cause"], result["scope"], result["owner"]) == ("connect_refused", "device_only", "network team")
    assert "The server is up here." in result["supporting"]
    assert result["remedy"][-1]["advice"] == "Ask for a rule."
    ANSWER.validate(result)
    undecided = {**compared, "scope": "undecided", "owner": "device admin"}
    assert answer(verdict=verdict("connect_refused"), comparison=undecided)["owner"] == "mail admin"


def test_a_step_that_failed_is_told() -> None:
    result = answer(
        entry=None, entry_known=False, problems=[{"step": "config", "msg": "login refused", "cause": "login_refused"}]
    )
    assert result["outcome"] == "unknown"
    assert result["supporting"] == ["config could not be done: login refused"]


def test_a_mail_that_was_looked_for_in_its_mailbox_has_one_stage_more() -> None:
    hop = {"tls": True}
    arrived = {"arrived": True, "delay": 3.0, "waited": 3.2, "hops": [hop, hop]}
    found = answer(verdict=verdict("accepted"), arrival=arrived)
    missing = answer(verdict=verdict("accepted"), arrival={**arrived, "arrived": False, "waited": 120.0, "hops": []})
    failed = answer(verdict=verdict("relay_denied"), arrival=arrived)

    assert (found["outcome"], found["stage"], found["decided_by"]) == ("accepted", "arrived", "arrival")
    assert "after 3 seconds, passed on by 2 servers, each over TLS" in found["supporting"][-1]
    assert (missing["outcome"], missing["cause"], missing["owner"]) == ("failed", "not_arrived", "mail admin")
    assert "within 120 seconds" in missing["explanation"]
    assert (failed["cause"], failed["decided_by"]) == ("relay_denied", "test")
    for each in (found, missing):
        ANSWER.validate(each)
