# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every report, read back by a parser that is not ours."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.modules.compliance_report import DOCUMENTATION
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_csv import as_csv
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_html import as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_junit import as_junit
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_markdown import as_markdown, markdown_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_prometheus import as_prometheus
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_sarif import as_sarif
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.as_text import as_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import assessed, document
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS, converted
from jsonschema import Draft202012Validator
from junitparser import JUnitXml
from prometheus_client.parser import text_string_to_metric_families

from .conftest import finding, fleet, hostile, summary

WAIVER = {
    "rule": "FMAIL-008", "device": "fmg-*", "entry": "", "reason": "legacy relay", "by": "J. Doe", "until": "2026-12-31",
    "state": "active",
}  # fmt: skip
# The part of SARIF 2.1.0 that code scanning needs.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results", "invocations"],
                "properties": {
                    "tool": {
                        "properties": {"driver": {"required": ["name", "version", "rules"]}},
                        "required": ["driver"],
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "items": {
                            "required": ["ruleId", "level", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "level": {"enum": ["note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "properties": {
                                            "physicalLocation": {
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {
                                                            "uri": {"pattern": r"^host_vars/[A-Za-z0-9%._~-]+\.yml$"}
                                                        }
                                                    },
                                                    "region": {"properties": {"startLine": {"minimum": 1}}},
                                                }
                                            }
                                        }
                                    },
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}


def test_every_format_is_an_option_of_the_module_and_named_on_the_page() -> None:
    documented = yaml.safe_load(DOCUMENTATION)["options"]["reports"]["suboptions"]
    assert list(documented) == list(FORMATS)
    page = (Path(__file__).parents[3] / "docs" / "fleet.md").read_text(encoding="utf-8")
    assert f"The formats are {', '.join(FORMATS)}." in " ".join(page.split())


def test_every_format_has_a_converter() -> None:
    whole = summary(*fleet())
    assert all(converted(name, whole) for name in (*FORMATS, "text"))


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.policies: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.comments: list[str] = []
        self.words = ""
        self.handlers: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        if tag not in ("meta", "input", "br", "rect"):
            self._open.append(tag)
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(values["content"])
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.links.append(values["href"])
        self.handlers += [name for name in values if name.startswith("on") or name == "src"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "rect":  # closed by itself, as an element of SVG
            return
        assert self._open.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.words += data


def page(whole: Assessment) -> Page:
    return Page(as_html(whole))


def test_html_says_all_and_its_links_lead_somewhere() -> None:
    found = page(summary(*fleet(), waivers=[WAIVER]))
    for words in (
        "Incomplete: 1 of 4",
        "faz-good",
        "secure_option is none",
        "set secure-option starttls",
        "legacy relay",
        "J. Doe",
        "connection to 192.0.2.9 port 22 timed out",
        "SRG-APP-000172-NDM-000259",
    ):
        assert words in found.words
    assert len(found.ids) == len(set(found.ids))
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)


@pytest.mark.parametrize("devices", [(), fleet()[:1], fleet()[3:], hostile()], ids=["none", "good", "lost", "hostile"])
def test_html_runs_its_own_script_only_and_asks_nobody(devices: Any) -> None:
    text = as_html(summary(*devices))
    found = Page(text)
    hashes = {
        tag: base64.b64encode(hashlib.sha256(re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[0].encode()).digest())
        for tag in ("style", "script")
    }
    assert found.policies == [
        f"default-src 'none'; style-src 'sha256-{hashes['style'].decode()}'; script-src 'sha256-{hashes['script'].decode()}'; "
        "base-uri 'none'; form-action 'none'"
    ]
    assert text.count("<script") == 1
    assert not found.tags & {"link", "iframe", "object", "img", "base"}
    assert (found.handlers, found.comments) == ([], [])
    assert "style=" not in text
    assert "\x1b" not in found.words
    assert len(found.ids) == len(set(found.ids))


def test_html_shows_hostile_names_as_text() -> None:
    words = page(summary(*hostile())).words
    assert r"<script>alert(1)</script>\x1b]0;owned\x07\u202egpj." in words
    assert "{{ 7*7 }}" in words


def test_html_of_a_large_fleet_is_made_fast() -> None:
    many = [
        finding(rule["id"], "fail" if number % 2 else "pass") for number, rule in enumerate([*rules(), *rules()][:20])
    ]
    whole = summary(*(assessed(f"faz-{number:03}", "FortiAnalyzer 7.4.2", many) for number in range(500)))
    started = time.process_time()
    text = as_html(whole)
    assert time.process_time() - started < 2
    assert len(text) < 2_500_000


def test_junit() -> None:
    whole = JUnitXml.fromstring(as_junit(summary(*fleet())).encode())
    suites = {suite.name: suite for suite in whole}
    assert {name: (suite.tests, suite.failures, suite.errors, suite.skipped) for name, suite in suites.items()} == {
        "faz-good": (2, 0, 0, 1),
        "faz-bad": (2, 1, 0, 0),
        "fmg-lesser": (2, 0, 0, 1),
        "faz-lost": (1, 0, 1, 0),
    }
    assert (whole.tests, whole.failures, whole.errors) == (7, 1, 1)
    (failed,) = next(case for case in suites["faz-bad"] if case.name.startswith("FMAIL-002")).result
    assert (failed.type, failed.message) == ("high", "secure_option is none")
    assert "set secure-option starttls" in failed.text


def test_junit_of_hostile_names_can_be_read() -> None:
    assert len(list(JUnitXml.fromstring(as_junit(summary(*hostile())).encode()))) == len(hostile())


def test_csv_has_a_row_for_each_finding_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(summary(*fleet())))))
    assert len(rows) == 7
    assert {row["device"]: row["status"] for row in rows}["faz-lost"] == "error"
    for row in csv.reader(io.StringIO(as_csv(summary(*hostile())))):
        assert not any(cell.strip()[:1] in ("=", "+", "-", "@") for cell in row)
        assert not any(cell[:1] in ("\t", "\r") for cell in row)
    assert "'=HYPERLINK" in as_csv(summary(*hostile()))
    assert "'@SUM" in as_csv(summary(*hostile()))


def test_prometheus() -> None:
    families = {family.name: family for family in text_string_to_metric_families(as_prometheus(summary(*fleet())))}
    value = {
        (sample.name.removeprefix("fortiops_mail_compliance_"), *sample.labels.values()): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert value["complete",] == 0
    assert value["device_assessed", "faz-lost"] == 0
    assert value["rule_broken", "faz-bad", "FMAIL-002", "high"] == 1
    assert value["rule_broken", "faz-good", "FMAIL-002", "high"] == 0
    assert ("rule_broken", "faz-good", "FMAIL-007", "high") not in value
    assert value["findings", "faz-bad", "medium"] == 1
    assert value["run_timestamp_seconds",] > 1_700_000_000
    names = {
        sample.labels["device"]
        for family in text_string_to_metric_families(as_prometheus(summary(*hostile())))
        for sample in family.samples
        if "device" in sample.labels
    }
    assert names == {device["name"] for device in summary(*hostile()).data["devices"]}


@pytest.mark.parametrize("devices", [fleet(), hostile(), ()], ids=["fleet", "hostile", "none"])
def test_sarif(devices: Any) -> None:
    log = json.loads(as_sarif(summary(*devices)))
    Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(ids[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    prints = [result["partialFingerprints"]["deviceRule/v1"] for result in run["results"]]
    assert (
        len(prints)
        == len(set(prints))
        == sum(1 for each in devices for found in each["findings"] if found["status"] in ("fail", "waived"))
    )
    assert run["invocations"][0]["executionSuccessful"] is False


def test_markdown() -> None:
    text = as_markdown(summary(*fleet()))
    assert text.startswith("## Incomplete: 1 of 4")
    assert (
        "| faz-bad | high | FMAIL-002: Transport is encrypted | relay | secure\\_option is none | set secure-option starttls |"
        in text
    )
    assert "| faz-lost | connect\\_timeout |" in text
    cells = {
        len(re.findall(r"(?<!\\)\|", line)) for line in as_markdown(summary(*hostile())).splitlines() if line[:1] == "|"
    }
    assert cells == {7, 4}
    assert "<script" not in as_markdown(summary(*hostile()))
    assert "@SUM" not in as_markdown(summary(*hostile()))


@pytest.mark.parametrize(
    "text",
    ["2026-11-24 10:00:05", "Since 01:41: 2 new", "smtp.example.com:587", "reason: none", "line 3: x, line 4: y"],
)
def test_markdown_leaves_what_is_read_as_it_is(text: str) -> None:
    assert markdown_text(text) == text


@pytest.mark.parametrize(
    "text", ["https://evil.example", "www.evil.example", "mailto:a", ":smile:", ":white_check_mark:", "a:100:"]
)
def test_markdown_makes_no_link_and_no_picture(text: str) -> None:
    written = markdown_text(text)
    assert html.unescape(written.replace("\\", "")) == text
    assert not re.search(r"://|www\.|mailto:|:[\w\\+-]+:", written)


def test_a_terminal_gets_no_control_characters() -> None:
    text = as_text(summary(*hostile()))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "not assessed" in text


def test_a_document_of_our_own_time_is_read() -> None:
    assert "UTC" in as_html(Assessment(document(fleet(), rules())))


def test_what_is_waived_is_said_and_does_not_count() -> None:
    ended = {**WAIVER, "rule": "FMAIL-005", "state": "expired", "until": "2026-01-31"}
    whole = summary(fleet()[2], fail_on="critical", waivers=[WAIVER, ended])
    assert whole.status == "compliant"
    for text in (as_text(whole), as_markdown(whole).replace("\\", "")):
        assert "1 finding is waived; waivers that have ended" in text
        assert re.search(r"FMAIL-005 of fmg-\W* on 2026-01-31", text)
    results = json.loads(as_sarif(whole))["runs"][0]["results"]
    assert [result["ruleId"] for result in results if "suppressions" in result] == ["FMAIL-008"]
    assert 'rule="FMAIL-008"' not in as_prometheus(whole)
