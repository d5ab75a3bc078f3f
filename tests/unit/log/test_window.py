# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a log: by time and by device, with what is left out counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import collect
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.window import Selection, bound
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Batch

NOW = datetime(2026, 11, 24, 12, 0, 0)
LOG = [
    "before any stamp",
    "2026-11-24 09:00:00 smtp:1: send mail failed: 550 5.1.1 no such user",
    "no stamp of its own",
    "2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no",
    "no stamp either",
]


def read(lines: list[str], **chosen: str) -> dict[str, Any]:
    batch = Batch(lines, range(1, len(lines) + 1))
    return collect(stream([batch], LogOptions(Selection(**chosen))), "x")


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("2026-11-24", False, "2026-11-24 00:00:00"),
        ("2026-11-24", True, "2026-11-24 23:59:59"),
        ("2026-11-24T10:00", False, "2026-11-24 10:00:00"),
        ("2026-11-24 10:00:30", True, "2026-11-24 10:00:30"),
        ("10:00", False, "10:00:00"),
        ("9:05", False, "09:05:00"),
        ("23:59:59", False, "23:59:59"),
        ("2h", False, "2026-11-24 10:00:00"),
        ("1d", False, "2026-11-23 12:00:00"),
    ],
)
def test_a_time_is_written_in_many_ways(text: str, last: bool, expected: str) -> None:
    assert bound(text, NOW, last) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-24T10:00Z", "25:00", "2y", "999999w", "-1h"])
def test_what_is_no_time_says_what_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time of the device's clock as 2026-11-24"):
        bound(text, NOW)


def test_a_line_without_a_stamp_has_the_time_of_the_one_above() -> None:
    found = read(LOG, since="2026-11-24 09:30:00")

    assert [line["line"] for line in found["unmatched"]] == [1, 5]
    assert [send["line"] for send in found["sends"]] == [4]
    assert found["lines"] == {"total": 5, "event": 1, "ignored": 0, "foreign": 0, "unmatched": 2, "outside": 2}


def test_until_is_inclusive() -> None:
    assert [send["line"] for send in read(LOG, until="2026-11-24 09:00:00")["sends"]] == [2]
    assert [send["line"] for send in read(LOG, until="2026-11-24 10:00:00")["sends"]] == [2, 4]


def test_a_time_of_day_counts_on_each_day_and_over_midnight() -> None:
    selection = Selection(since="22:00:00", until="06:00:00")

    assert [selection.has_time(f"2026-11-24 {clock}") for clock in ("23:00:00", "05:59:59", "12:00:00")] == [
        True,
        True,
        False,
    ]


def test_a_log_without_stamps_says_that_its_times_are_not_known() -> None:
    found = read(["smtp:1: send mail failed: 535 5.7.8 no"], since="10:00:00")

    assert len(found["sends"]) == 1
    assert [note["about"] for note in found["notes"]] == ["no_stamps"]


def test_other_devices_are_left_out_and_counted() -> None:
    test = "{} # diagnose test connection mailserver 1 a@b.c d@e.f"
    found = read([test.format("FAZ"), "Connection refused", test.format("FMG-LAB"), "Login denied"], device="fmg-lab")

    assert [(send["device"], send["cause"]) for send in found["sends"]] == [("FMG-LAB", "auth_credentials_invalid")]
    assert found["lines"]["outside"] == 2


def test_a_device_that_is_not_in_the_log_is_no_success() -> None:
    assert read(LOG, device="nobody")["status"] == "empty"
