# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters and the test that playbooks use on results."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fortiops.mail.plugins.filter import (
    answers_report,
    mail_answer,
    parse_log,
    render_mail,
    verdict_table,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.test import delivered

LOST = "smtp:1: >>> AUTH PLAIN AGEAYg==\nsmtp:1: <<< 535 5.7.8 Error: authentication failed\n"

is_delivered = delivered.TestModule().tests()["delivered"]
parsed = parse_log.FilterModule().filters()["parse_log"]
shown = verdict_table.FilterModule().filters()["verdict_table"]
answered = mail_answer.FilterModule().filters()["mail_answer"]
reported = answers_report.FilterModule().filters()["answers_report"]
rendered = render_mail.FilterModule().filters()["render_mail"]


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"outcome": "accepted"}, True),
        ({"outcome": "failed"}, False),
        ({"outcome": "unknown"}, False),
        ({"outcome": ""}, False),
        ({"outcome": None}, False),
        ({"outcome": True}, False),
        ({"outcome": "Accepted"}, False),
        ({"changed": False, "verdict": {"outcome": "accepted"}}, True),
        ({"changed": False, "verdict": {"outcome": "unknown"}}, False),
    ],
)
def test_delivered_is_true_for_accepted_only(result: Any, answer: bool) -> None:
    assert is_delivered(result) is answer


@pytest.mark.parametrize(
    "result", [{}, {"changed": True}, {"verdict": None}, {"verdict": []}, None, [], "accepted", True]
)
def test_delivered_refuses_what_is_no_verdict(result: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a verdict or the result of"):
        is_delivered(result)


def test_delivered_says_that_a_test_was_skipped() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"was skipped, as it may be in check mode .* ask `is not skipped` first"
    ):
        is_delivered({"changed": False, "skipped": True, "msg": "a test mail would be sent"})


def test_parse_log_gives_what_reading_the_file_gives() -> None:
    assert parsed(LOST) == analyse(LOST)
    assert parsed(LOST)["verdicts"][0]["cause"] == "auth_credentials_invalid"


@pytest.mark.parametrize("value", [None, 25, ["a"], {"a": 1}, b"bytes"])
def test_parse_log_refuses_what_is_no_text(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes the text of a log; this is "):
        parsed(value)


def test_verdict_table_has_a_row_per_device() -> None:
    lines = shown([{"device": "a", "outcome": "accepted"}, {"device": "b", "outcome": "failed"}]).splitlines()

    assert [line.split()[0] for line in lines[2:]] == ["a", "b"]


def test_verdict_table_of_no_device_is_a_header() -> None:
    assert len(shown([]).splitlines()) == 2


@pytest.mark.parametrize("rows", [None, 7, "text", {"device": "faz"}, [{"device": "faz"}, "text"], ["text"]])
def test_tables_refuse_what_is_no_list_of_rows(rows: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="answers_report takes a list of rows"):
        reported(rows)
    with pytest.raises(AnsibleFilterError, match="verdict_table takes a list of rows"):
        shown(rows)


@pytest.mark.parametrize("answer", [None, "accepted"])
def test_answers_report_refuses_a_row_without_an_answer(answer: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="answers_report takes a list of rows"):
        reported([{"device": "faz", "server": "", "answer": answer}])


def test_a_number_is_as_good_as_a_text_for_an_id() -> None:
    assert rendered([{"id": 7, "server": "mail.example.com"}], "FortiAnalyzer 7.4.2")[1] == 'edit "7"'
    config = {"entries": [{"id": "7", "server": "mail.example.com", "port": 25}]}
    assert answered(config, 7) == answered(config, "7")


@pytest.mark.parametrize("entries", [None, "relay", {"id": "relay"}, [{"server": "mail.example.com"}], ["relay"]])
def test_render_mail_refuses_what_are_no_entries(entries: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a list of entries, each a dictionary with an id"):
        rendered(entries, "FortiAnalyzer 7.4.2")
