# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document says as a whole, and documents that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import (
    assessed,
    document,
    read,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.read_json import DocumentError
from jsonschema import Draft202012Validator

from .conftest import finding, fleet, hostile, summary

SCHEMA = Path(__file__).parents[3] / "plugins" / "plugin_utils" / "schemas" / "compliance.json"


def test_documents_keep_to_the_schema_and_are_the_same_after_reading() -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for devices in (fleet(), hostile(), ()):
        made = document(devices, rules())
        validator.validate(made)
        validator.validate(read(json.dumps(made)))
    made = document(fleet(), rules())
    assert read(json.dumps(made)) == made
    assert [device["name"] for device in made["devices"]] == ["faz-bad", "faz-good", "faz-lost", "fmg-lesser"]
    assert made["tool"]["version"]


@pytest.mark.parametrize(
    ("devices", "fail_on", "status", "verdict"),
    [
        (fleet()[:1], "low", "compliant", "None of 1 device breaks a rule of severity low or above"),
        (fleet()[:2], "high", "findings", "1 of 2 devices breaks a rule of severity high or above"),
        (fleet()[:2], "critical", "compliant", "None of 2 devices breaks a rule of severity critical or above"),
        (fleet()[2:3], "high", "compliant", "None of 1 device breaks a rule of severity high or above"),
        (fleet()[2:3], "medium", "findings", "1 of 1 device breaks a rule of severity medium or above"),
        (
            fleet(),
            "high",
            "incomplete",
            "Incomplete: 1 of 4 devices could not be assessed; 1 of 3 devices breaks a rule",
        ),
        (
            [assessed("faz", "", [finding(status="not_assessed"), finding("FMAIL-005")])],
            "high",
            "incomplete",
            "Incomplete: 1 of 1 device could be assessed only in part; none of 1 device breaks",
        ),
        (
            [assessed("faz", "", [finding(status="not_assessed"), finding("FMAIL-001")])],
            "high",
            "incomplete",
            "Incomplete: 1 of 1 device could be assessed only in part; 1 of 1 device breaks",
        ),
        ([assessed("faz", "", [finding("FMAIL-003", "not_assessed")])], "high", "compliant", "None of 1 device breaks"),
        (fleet()[3:], "high", "incomplete", "Incomplete: none of 1 device could be assessed"),
        ((), "high", "incomplete", "Incomplete: there is no device"),
    ],
)
def test_the_verdict_and_the_status(devices: Any, fail_on: str, status: int, verdict: str) -> None:
    whole = summary(*devices, fail_on=fail_on)
    assert whole.status == status
    assert whole.verdict.startswith(verdict)


def test_devices_are_counted_once_in_one_place() -> None:
    whole = summary(*fleet())
    groups = [whole.broken, whole.minor, whole.clean, whole.not_assessed]
    assert [[device["name"] for device in group] for group in groups] == [
        ["faz-bad"],
        ["fmg-lesser"],
        ["faz-good"],
        ["faz-lost"],
    ]
    assert whole.worst == "high"
    assert [(rule["id"], count) for rule, count in whole.by_rule] == [("FMAIL-002", 1), ("FMAIL-005", 2)]


def changed(**changes: Any) -> str:
    return json.dumps({**document(fleet(), rules()), **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "schema is 'list'"),
        (
            '{"schema": "fortiops.mail/parse/1"}',
            "schema is 'fortiops.mail/parse/1', expected 'fortiops.mail/compliance/2'",
        ),
        (changed(devices=None), "document.devices is NoneType, expected list"),
        (changed(devices=[7]), "devices[0] is int, expected an object"),
        (
            changed(devices=[{**fleet()[0], "status": "fine"}]),
            "devices[0].status is 'fine', expected one of assessed, error",
        ),
        (changed(devices=[{**fleet()[3], "error": None}]), "devices[0].error is NoneType"),
        (changed(devices=[{**fleet()[0], "error": fleet()[3]["error"]}]), "devices[0] has both an error and findings"),
        (changed(devices=[fleet()[0], fleet()[0]]), "device faz-good is there 2 times"),
        (
            changed(devices=[{**fleet()[0], "findings": [{"rule": 1}]}]),
            "devices[0].findings[0].rule is int, expected str",
        ),
        (changed(rules=[{**rules()[0], "severity": "huge"}]), "rules[0].severity is 'huge'"),
    ],
)
def test_what_is_no_document_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(text)
    assert said in str(error.value)


def test_every_text_is_on_one_line_and_harmless() -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)
        elif isinstance(value, str):
            assert value.isprintable()

    walk(summary(*hostile()).data)
