# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line of a file ends in one bucket, whatever the file is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.chain import DelayedRecord
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.classifier import Line, Sorter, ignored_by
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import lines
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes
from hypothesis import given
from hypothesis import strategies as st

# The two lines of the public article that this project starts from.
IDLE = [
    "jokey-fmg-esx03 # sendmail_loop:1143: total pending tasks: 0.",
    "sendmail_loop:1126: no pending email request, last request time 1673349959, last sendmail time 0",
]
IDLE_RECORDS = [
    {
        "template": "fazmaild_debug",
        "line": 1,
        "function": "sendmail_loop",
        "source_line": 1143,
        "text": "total pending tasks: 0.",
        "pending_tasks": 0,
    },
    {
        "template": "fazmaild_debug",
        "line": 2,
        "function": "sendmail_loop",
        "source_line": 1126,
        "text": "no pending email request, last request time 1673349959, last sendmail time 0",
        "last_request_time": 1673349959,
        "last_sent_time": 0,
    },
]


def sorted_text(*text: str, at_once: int = 1000) -> list[Line | DelayedRecord]:
    sorter = Sorter()
    found: list[Line | DelayedRecord] = []
    for start in range(0, len(text), at_once):
        piece = text[start : start + at_once]
        for segment in sorter.segments(piece, range(start + 1, start + 1 + len(piece))):
            found += [item for place in range(len(segment.texts)) for item in segment.items(place)]
    return [*found, *sorter.finish()]


def lines_of(found: list[Line | DelayedRecord]) -> list[Line]:
    return [each for each in found if isinstance(each, Line)]


def records_of(found: list[Line | DelayedRecord]) -> list[tuple[int, str, dict[str, Any]]]:
    """Line, template and fields of each record, whether its line made it or several did."""
    records = []
    for each in found:
        if isinstance(each, DelayedRecord):
            records.append((each.number, each.template, each.fields))
        elif each.reading.template:
            records.append((each.number, each.reading.template, each.reading.fields))
    return sorted(records, key=lambda record: record[0])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"], ids=["LF", "CRLF", "CRCRLF", "CR"])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_the_two_knprogram_lines_of_an_idle_daemon(end: str, closed: bool) -> None:
    found = analyse(end.join(IDLE) + (end if closed else ""))

    assert found["records"] == IDLE_RECORDS
    assert found["status"] == "complete"
    assert found["unmatched"] == []
    assert found["lines"] == {"total": 2, "event": 2, "ignored": 0, "foreign": 0, "unmatched": 0}
    assert found["verdicts"] == []


def test_each_bucket_is_filled_by_its_kind_of_line() -> None:
    found = sorted_text(
        "#fortiops.mail capture 1",
        "FAZ # diagnose debug enable",
        "",
        "FAZ # ",
        IDLE[1],
        "2026-11-24 10:00:00 oftp:1234: connection from 10.0.0.1",
        "Connection refused",
        "something nobody has seen",
    )

    assert [line.reading.bucket for line in lines_of(found)] == ["ignored"] * 4 + [
        "event",
        "foreign",
        "event",
        "unmatched",
    ]
    assert [line.reading.by for line in lines_of(found)] == [
        "capture_header",
        "command",
        "blank",
        "prompt",
        "fazmaild_debug",
        "oftp",
        "vocabulary",
        "something nobody has seen",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[oftp_handler:342 FAZ] handshake done",
        "2026-11-24 10:00:00 fgfmsd:100: keepalive",
        "sqlplugind:77: insert ok",
        "Request [oftpd:1]: get device list",
    ],
)
def test_lines_of_other_daemons_are_foreign_and_no_mail(line: str) -> None:
    found = analyse(line + "\n")

    assert found["lines"]["foreign"] == 1
    assert found["lines"]["event"] == 0
    assert found["status"] == "empty"
    assert found["verdicts"] == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("#fortiops.mail capture 1", "capture_header"),
        ("#device: faz-hq", "capture_header"),
        ("Connection to 10.0.0.1 closed by remote host.", "connection_closed"),
        ("#hash", None),
        ("250 Ok", None),
    ],
)
def test_a_line_is_ignored_only_by_a_rule_with_a_name(line: str, rule: str | None) -> None:
    assert ignored_by(line) == rule


def test_output_belongs_to_the_command_above_it() -> None:
    found = sorted_text("FAZ # get system status", "Hostname : FAZ", "FAZ # execute ping x", "Hostname : FAZ")

    assert [line.reading.command for line in lines_of(found) if line.reading.command] == [
        "get system status",
        "execute ping x",
    ]
    assert [template for __, template, __ in records_of(found)] == ["system_status", "ping"]


def test_debug_output_between_the_lines_of_a_command_is_no_part_of_its_answer() -> None:
    found = sorted_text(
        "FAZ # diagnose test application fazmaild 2",
        "total sent mail count:     3",
        IDLE[1],
        "total failed sendmail count:     1",
    )

    by_template = {template: fields for __, template, fields in records_of(found)}
    assert by_template["fazmaild_statistics"] == {"sent": 3, "failed": 1}
    assert by_template["fazmaild_debug"]["last_request_time"] == 1673349959
    assert not [line for line in lines_of(found) if line.reading.bucket == "unmatched"]


def test_a_record_names_its_line_of_the_file() -> None:
    found = sorted_text("", "noise", "", IDLE[1])

    assert [line for line, __, __ in records_of(found)] == [4]


PIECES = st.sampled_from(
    [
        *IDLE,
        "FAZ # diagnose test connection mailserver 1 a@b c@d",
        "FAZ # diagnose test application fazmaild 2",
        "FAZ # ",
        "config system mail",
        '    edit "1"',
        "total sent mail count:     3",
        "    next",
        "end",
        "oftp:1: x",
        "<<< 250 2.0.0 Ok",
        ">>> DATA",
        "",
        "Connection refused",
    ]
)


def buckets_add_up(found: dict[str, object], total: int) -> None:
    counts = found["lines"]
    assert isinstance(counts, dict)
    assert counts["total"] == total
    assert sum(counts[name] for name in ("event", "ignored", "foreign", "unmatched")) == total
    unmatched, records = found["unmatched"], found["records"]
    assert isinstance(unmatched, list) and isinstance(records, list)
    assert len(unmatched) == counts["unmatched"]
    assert len({line["line"] for line in unmatched}) == len(unmatched)
    assert all(1 <= row["line"] <= total for row in unmatched + records)


@given(st.lists(PIECES | st.text(max_size=40), max_size=20).map("\n".join))
def test_every_line_of_any_text_is_in_one_bucket(text: str) -> None:
    buckets_add_up(analyse(text), len(lines(text)))


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    found = analyse_bytes(data)

    buckets_add_up(found, found["lines"]["total"])


def test_a_time_stamp_of_an_impossible_day_does_not_stop_the_reading_of_a_log() -> None:
    found = analyse(
        "2026-02-28 10:00:00 smtp_send:1: Trying mail.example.com:25...\n"
        "2026-02-30 10:00:01 smtp_send:2: Connected to mail.example.com port 25\n"
        "2026-02-30 10:00:02 smtp_send:3: < 554 no\n"
    )

    assert [(send["line"], send["last_line"], send["seconds"]) for send in found["sends"]] == [(1, 3, None)]


@pytest.mark.parametrize("first", ["a 0x12", "a 1x12"])
def test_the_shape_of_a_line_does_not_depend_on_the_lines_before_it(first: str) -> None:
    shapes = [row["shape"] for row in analyse(f"{first}\na 1x12\na 0x12\n")["unmatched_shapes"]]

    assert set(shapes) == {"a <hex>", "a <number>x<number>"}


@given(st.lists(st.sampled_from(["0x12", "1x12", "10x1", "x 12", "ab12cd34", "12345678", "'1'", '"2"', "a1@b.c"])))
def test_a_line_is_in_the_shape_it_has_alone(words: list[str]) -> None:
    together = analyse("\n".join(f"nobody knows {word}" for word in words))["unmatched_shapes"]
    alone = [analyse(f"nobody knows {word}")["unmatched_shapes"][0]["shape"] for word in words]

    assert {row["shape"]: row["count"] for row in together} == {shape: alone.count(shape) for shape in alone}
