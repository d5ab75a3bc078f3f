# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the bytes of a saved log to the result document: the same text gives the same result, whatever saved it."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import SCHEMA, analyse, document
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

LOGS = sorted((Path(__file__).parents[1] / "samples" / "logs").glob("*.log"))
GRADES = {"verbatim", "documented", "reproduced", "assumed"}

log = pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)


def expectation(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    return data


@log
def test_a_log_gives_its_counts_and_verdicts(path: Path) -> None:
    expected, found = expectation(path), analyse_bytes(path.read_bytes(), path.name)

    assert expected["evidence"] in GRADES
    assert found["path"] == path.name
    assert found["status"] == expected["status"]
    assert found["lines"] == expected["lines"]
    assert [line["line"] for line in found["unmatched"]] == expected["unmatched"]
    shown = [
        {
            **{name: each[name] for name in ("line", "outcome", "cause", "stage", "temporary")},
            "code": (each["reply"] or {}).get("code"),
            **{name: each[name] for name in ("confidence", "warnings")},
            "evidence": [f"{row['line']}: {row['text']}" for row in each["evidence"]],
        }
        for each in found["verdicts"]
    ]
    assert shown == expected["verdicts"]


@log
def test_the_result_has_exactly_the_promised_keys(path: Path) -> None:
    found = analyse_bytes(path.read_bytes(), "x")

    counts = {"ignored_by", "foreign_by", "unmatched_shapes", "unmatched_other", "unmatched_left_out"}
    assert set(found) - counts == {
        "path",
        "status",
        "lines",
        "unmatched",
        "records",
        "verdicts",
        "sends",
        "runs",
        "paths",
        "notes",
    }
    assert counts < set(found)
    assert set(found["lines"]) == {"total", "event", "ignored", "foreign", "unmatched"}
    assert all(set(each) == {"line", "text"} for each in found["unmatched"])
    assert all({"template", "line"} <= set(each) for each in found["records"])
    keys = (
        "outcome stage cause temporary reply owner explanation remedy stages_reached warnings evidence confidence why"
    )
    for verdict in found["verdicts"]:
        assert set(verdict) == {"line", *keys.split()}
        assert verdict["outcome"] in ("accepted", "failed", "unknown")
        assert verdict["temporary"] in (True, False, None)
        assert verdict["confidence"] in ("high", "medium", "low")
        assert verdict["reply"] is None or set(verdict["reply"]) == {"code", "enhanced", "text"}
        assert all({"cli", "task"} <= set(each) for each in verdict["remedy"])
        assert all(set(each) == {"line", "text", "source"} for each in verdict["evidence"])


def test_the_document_names_its_schema() -> None:
    assert document([{"path": "a"}]) == {"schema": SCHEMA, "files": [{"path": "a"}]}
    assert SCHEMA == "fortiops.mail/parse/1"


@log
def test_the_result_is_json_and_always_the_same(path: Path) -> None:
    once, twice = (json.dumps(analyse_bytes(path.read_bytes())) for __ in range(2))

    assert once == twice


@log
@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\r\n").encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.replace(" ", "\x1b[0m ").encode(),
        lambda text: text.replace("e", "\x00e").encode(),
    ],
    ids=["CRLF", "CRCRLF", "BOM", "UTF-16LE", "UTF-16BE", "coloured", "NULs"],
)
def test_how_a_log_was_saved_does_not_matter(path: Path, saved: Any) -> None:
    text = path.read_text(encoding="utf-8")

    # The notes tell how it was saved.
    assert {**analyse_bytes(saved(text)), "notes": []} == {**analyse(text), "notes": []}


@log
def test_no_secret_is_in_the_result(path: Path) -> None:
    result = json.dumps(analyse_bytes(path.read_bytes()))

    for secret in ("hunter2", "aHVudGVyM", "AGFsZXJ0cwBodW50ZXIy", "AAAABBBB"):
        assert secret not in result


def test_what_is_redacted_already_gives_the_same_result() -> None:
    text = (
        'FAZ # show system mail\nconfig system mail\n    edit "1"\n        set passwd ENC AAAABBBB==\n    next\nend\n'
    )

    assert analyse(text) == analyse(text.replace("AAAABBBB==", "<redacted>"))
    assert analyse(text)["records"] == [{"template": "show_system_mail", "line": 3, "id": "1", "passwd": "ENC"}]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a shopping list\nbread\n", "empty"),
        ("smtp:1: hello\n", "complete"),
        ("smtp:1: hello\nwhat is this\n", "partial"),
    ],
)
def test_status(text: str, status: str) -> None:
    assert analyse(text)["status"] == status


TEST = "FAZ # diagnose test connection mailserver {} a@b.c d@e.f"
BEFORE = "FAZ # diagnose test application fazmaild 2\ntotal sent mail count: 1\ntotal failed sendmail count: 1"
SENT = BEFORE.replace("sent mail count: 1", "sent mail count: 2")


def verdicts(*blocks: str) -> list[dict[str, Any]]:
    return list(analyse("\n".join(blocks) + "\n")["verdicts"])


def test_each_test_command_has_one_verdict() -> None:
    found = verdicts(TEST.format(1), "Connection refused", TEST.format(2), TEST.format('"my relay"'), "nothing known")

    assert [(each["line"], each["outcome"]) for each in found] == [(1, "failed"), (3, "unknown"), (4, "unknown")]


def test_counters_around_a_test_count_for_that_test() -> None:
    assert [each["outcome"] for each in verdicts(BEFORE, TEST.format(1), SENT)] == ["accepted"]
    assert [each["outcome"] for each in verdicts(BEFORE, TEST.format(1), BEFORE)] == ["unknown"]
    assert [each["outcome"] for each in verdicts(TEST.format(1), SENT)] == ["unknown"]
    assert [each["outcome"] for each in verdicts(BEFORE, SENT, TEST.format(1))] == ["unknown"]


def test_counters_around_two_tests_tell_nothing_of_either() -> None:
    assert [each["outcome"] for each in verdicts(BEFORE, TEST.format(1), TEST.format(2), SENT)] == ["unknown"] * 2
    between = verdicts(BEFORE, TEST.format(1), BEFORE, TEST.format(2), SENT)
    assert [each["outcome"] for each in between] == ["unknown", "accepted"]


def test_the_latest_state_of_the_daemon_counts() -> None:
    paused, running = (
        f"FAZ # diagnose test application fazmaild 1\npid: 12, status: {s}" for s in ("paused", "running")
    )

    assert verdicts(paused, TEST.format(1), "FAZ # ")[0]["cause"] == "queue_blocked"
    assert verdicts(paused, running, TEST.format(1), "FAZ # ")[0]["cause"] == "unknown"
    assert verdicts(running, paused, TEST.format(1), "FAZ # ")[0]["cause"] == "queue_blocked"


def test_the_entry_that_is_tested_decides_what_is_missing() -> None:
    entry = 'FAZ # show system mail\nconfig system mail\n    edit "1"\n        set secure-option starttls\n    next\n'
    entry += '    edit "2"\n        set auth enable\n    next\nend'
    talk = "smtp:1: <<< 220 mx ESMTP\nsmtp:1: >>> EHLO a\nsmtp:1: <<< 250-mx\nsmtp:1: <<< 250 HELP"

    assert verdicts(entry, TEST.format(1), talk)[0]["cause"] == "starttls_unavailable"
    assert verdicts(entry, TEST.format(2), talk)[0]["cause"] == "auth_not_offered"
    assert verdicts(entry, TEST.format(3), talk)[0]["cause"] == "unknown"


def test_a_refused_command_is_no_accepted_mail() -> None:
    (verdict,) = verdicts(TEST.format(9), "entry not found in datasource", "Command fail. Return code -3")

    assert (verdict["outcome"], verdict["cause"]) == ("failed", "config_incomplete")


def test_a_mail_server_named_like_a_verdict_changes_nothing() -> None:
    assert verdicts(TEST.format('"250 2.0.0 Ok: queued as 1"'), "FAZ # ")[0]["outcome"] == "unknown"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_result_that_json_can_hold(text: str) -> None:
    json.dumps(analyse(text))


@pytest.mark.parametrize("text", ["", "\x1f", "\x1b[0m"])
def test_a_text_of_nothing_has_no_line(text: str) -> None:
    assert analyse(text)["lines"]["total"] == 0
    assert analyse(text)["status"] == "empty"
