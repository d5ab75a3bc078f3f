# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends and debug runs of a log: whose they are, when they began and ended, and what became of them."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import sends
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.sends import CUT_SHORT

TEST = "{} # diagnose test connection mailserver 1 a@b.c d@e.f"
COUNTERS = "{} # diagnose test application fazmaild 2\ntotal sent mail count: {}\ntotal failed sendmail count: 1"
TALK = ["<<< 220 mx ESMTP", ">>> EHLO a", "<<< 250 mx", ">>> MAIL FROM:<a@b.c>", "<<< 250 Ok", ">>> RCPT TO:<d@e.f>"]
REFUSED = [*TALK, "<<< 554 5.7.1 <d@e.f>: Relay access denied", ">>> QUIT"]
TAKEN = [*TALK, "<<< 250 Ok", ">>> DATA", "<<< 354 go", ">>> .", "<<< 250 2.0.0 Ok: queued as 4F1B", ">>> QUIT"]
STATUS = "FAZ # get system status\nHostname : FAZ\n{}Time Zone : (GMT+1:00) Brussels, Copenhagen, Madrid, Paris.\n"


def debug(lines: list[str], minute: int = 0, context: str = "") -> list[str]:
    """Debug output with time stamps, a second apart."""
    name = f"[smtp:1 {context}]" if context else "smtp:1:"
    return [f"2026-11-24 10:{minute:02d}:{second:02d} {name} {line}" for second, line in enumerate(lines)]


def read(*parts: str | list[str]) -> dict[str, Any]:
    return analyse("\n".join(part if isinstance(part, str) else "\n".join(part) for part in parts) + "\n")


def shown(found: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(send[name] for name in names) for send in found["sends"]]


def test_a_send_has_its_place_time_and_verdict() -> None:
    found = read("FAZ # diagnose debug enable", debug(REFUSED))

    assert found["sends"] == [
        {
            "line": 2,
            "last_line": 9,
            "device": "FAZ",
            "origin": "log",
            "function": "smtp",
            "queue_entry": "",
            "start": "2026-11-24T10:00:00",
            "end": "2026-11-24T10:00:07",
            "zone": "",
            "seconds": 7,
            "clock_went_back": False,
            "outcome": "failed",
            "stage": "rcpt_to",
            "cause": "relay_denied",
        }
    ]


def test_each_send_has_the_verdict_of_the_same_line() -> None:
    found = read(debug(REFUSED), debug(TAKEN, 1), TEST.format("FAZ"), debug(TAKEN, 2))

    assert [send["line"] for send in found["sends"]] == [verdict["line"] for verdict in found["verdicts"]]
    assert shown(found, "origin", "outcome") == [("log", "failed"), ("log", "accepted"), ("test", "accepted")]


def test_sends_that_are_printed_at_the_same_time_are_told_apart_by_their_entry_of_the_queue() -> None:
    one, other = debug(REFUSED, 0, "id=7"), debug(TAKEN, 0, "id=8")
    mixed = [line for pair in zip(one, other, strict=False) for line in pair] + other[len(one) :]
    found = read([line for each in mixed for line in (each, "2026-11-24 10:00:00 oftp:1: noise")])

    assert shown(found, "queue_entry", "outcome") == [("id=7", "failed"), ("id=8", "accepted")]


@pytest.mark.parametrize(
    "end", ["FMG # exit", "FMG # quit", "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.24 10:05:00 =~=~=~=~=~=~=~=~=~=~=~="]
)
def test_a_test_ends_with_the_session_it_was_typed_in(end: str) -> None:
    found = read(TEST.format("FMG"), REFUSED, end, f"FAZ # {debug(TAKEN)[0]}", debug(TAKEN)[1:])

    assert shown(found, "device", "origin", "outcome") == [("FMG", "test", "failed"), ("FAZ", "log", "accepted")]


def test_a_mail_long_after_a_test_is_not_the_one_of_the_test() -> None:
    found = read(TEST.format("FAZ"), debug(TAKEN), debug(REFUSED, 40))

    assert shown(found, "origin", "outcome") == [("test", "accepted"), ("log", "failed")]


def test_the_counters_of_one_device_tell_nothing_of_another() -> None:
    found = read(
        COUNTERS.format("FAZ", 1), TEST.format("FAZ"), COUNTERS.format("FMG", 2), TEST.format("FMG"), "FMG # exit"
    )

    assert shown(found, "device", "outcome") == [("FAZ", "unknown"), ("FMG", "unknown")]


def test_a_capture_is_of_the_device_of_its_header_whatever_its_prompt_says() -> None:
    header = "#fortiops.mail capture 1\n#device: {}\n"
    found = read(
        header.format("hq"), TEST.format("FAZ"), "Connection refused", header.format("lab"), TEST.format("FAZ")
    )

    assert shown(found, "device", "outcome") == [("hq", "failed"), ("lab", "unknown")]


def test_what_looks_like_a_prompt_inside_of_debug_output_is_no_other_device() -> None:
    found = read("FAZ # diagnose debug enable", debug(TALK), "price $ 5", debug(REFUSED, 1)[-2:])

    assert shown(found, "device", "cause") == [("FAZ", "relay_denied")]


@pytest.mark.parametrize(
    ("summer_time", "start"),
    [
        ("Daylight Time Saving : No\n", "2026-11-24T10:00:00+01:00"),
        ("Daylight Time Saving : Yes\n", "2026-11-24T10:00:00"),
    ],
)
def test_the_zone_is_that_of_the_device_and_its_distance_is_known_only_without_summer_time(
    summer_time: str, start: str
) -> None:
    (send,) = read(STATUS.format(summer_time), "FAZ # ", debug(REFUSED))["sends"]

    assert (send["start"], send["zone"]) == (start, "(GMT+1:00) Brussels, Copenhagen, Madrid, Paris")


def test_lines_keep_their_order_when_the_clock_jumps() -> None:
    late, early = debug(REFUSED, 5), debug(REFUSED, 1)
    (send,) = read(late[:4], early[4:])["sends"]

    assert (send["start"], send["end"]) == ("2026-11-24T10:05:00", "2026-11-24T10:01:07")
    assert (send["seconds"], send["clock_went_back"], send["cause"]) == (None, True, "relay_denied")


def test_after_a_long_silence_it_is_another_send() -> None:
    found = read(debug(TALK), debug(TALK, 30), debug(REFUSED[6:], 31))

    assert shown(found, "start", "outcome") == [
        ("2026-11-24T10:00:00", "unknown"),
        ("2026-11-24T10:30:00", "failed"),
    ]


def test_a_debug_run_lasts_from_its_switch_to_the_other() -> None:
    found = read(
        "FAZ # diagnose debug enable",
        debug(REFUSED),
        "FAZ # diagnose debug disable",
        "FAZ # diagnose debug enable",
        debug(TAKEN, 1),
    )

    assert [(run["line"], run["last_line"], run["records"]) for run in found["runs"]] == [
        (1, 9, 8),
        (11, 23, 12),
    ]


@pytest.mark.parametrize("before", ["", TEST.format("FAZ")])
def test_a_send_without_end_is_judged_by_its_first_lines(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sends, "LONGEST", 50)
    found = read(before, debug(TALK[:3]), ["smtp:1: >>> NOOP", "smtp:1: <<< 250 Ok"] * 100, debug(REFUSED, 1))

    assert CUT_SHORT in found["verdicts"][0]["warnings"]
    assert found["sends"][-1]["cause"] == "relay_denied"
    assert found["lines"]["event"] == 211


def test_sends_that_go_on_and_on_are_cut_and_no_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sends, "MOST_KEPT", 20_000)
    endless = [line for __ in range(50) for entry in "12" for line in debug([*TALK[:3], ">>> NOOP"], 0, f"id={entry}")]
    mail = debug(REFUSED, 0, "id=3")
    found = read(mail[:5], endless, mail[5:])

    cut = {line["line"] for line in found["verdicts"] if CUT_SHORT in line["warnings"]}
    assert {send["queue_entry"] for send in found["sends"] if send["line"] in cut} == {"id=1", "id=2"}
    assert [send["cause"] for send in found["sends"] if send["queue_entry"] == "id=3"] == ["relay_denied"]


# -- more sends at once than are followed ---------------------------------------------------------------------------


def mails(count: int) -> list[list[str]]:
    """So many mails of entries of the queue, every other one refused."""
    return [debug(TAKEN if number % 2 else REFUSED, 0, f"id={number}") for number in range(count)]


def cut_short(found: dict[str, Any]) -> set[int]:
    return {verdict["line"] for verdict in found["verdicts"] if CUT_SHORT in verdict["warnings"]}


@pytest.mark.parametrize("count", [64, 65, 300])
def test_sends_are_told_apart_line_by_line_however_many_go_on(count: int) -> None:
    all_of_them = mails(count)
    woven = [line for turn in zip_longest(*all_of_them) for line in turn if line is not None]

    found = read(woven)

    outcomes = ["accepted" if number % 2 else "failed" for number in range(count)]
    assert [send["queue_entry"] for send in found["sends"]] == [f"id={number}" for number in range(count)]
    assert [send["outcome"] for send in found["sends"]] == outcomes
    assert cut_short(found) == set()


@pytest.mark.parametrize("more", [1, 2, 40])
def test_of_too_many_that_are_open_the_first_is_cut_and_no_line_is_lost_or_counted_twice(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sends, "_MOST", sends._MOST_AT_ONCE)
    count = sends._MOST + more
    all_of_them = mails(count)
    begun = [line for mail in all_of_them for line in mail[: len(TALK)]]
    # They end as they began, so that those that were cut do not push others out.
    rest = [line for mail in reversed(all_of_them) for line in mail[len(TALK) :]]

    found = read(begun, rest)

    cut = [send for send in found["sends"] if send["line"] in cut_short(found)]
    assert [(send["queue_entry"], send["line"], send["outcome"]) for send in cut[:more]] == [
        (f"id={number}", number * len(TALK) + 1, "unknown") for number in range(more)
    ]
    whole = {send["queue_entry"]: send["outcome"] for send in found["sends"] if send["last_line"] > len(begun)}
    assert whole == {f"id={number}": "accepted" if number % 2 else "failed" for number in range(count)}
    assert len(found["sends"]) == count + len(cut)
    assert found["lines"]["event"] == found["lines"]["total"] == len(begun) + len(rest)


def test_of_many_that_are_open_those_are_cut_of_which_nothing_was_heard_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sends, "LONGEST", 1_000)
    begun = [line for mail in mails(sends._MOST_AT_ONCE) for line in mail[: len(TALK)]]
    more = mails(200)[100:]

    found = read(begun, *more)

    assert {row["queue_entry"] for row in found["sends"] if row["outcome"] == "unknown"} == {
        f"id={number}" for number in range(sends._MOST_AT_ONCE)
    }
    assert len(found["sends"]) == sends._MOST_AT_ONCE + len(more)
    assert 0 < len(cut_short(found)) < sends._MOST_AT_ONCE


@pytest.mark.parametrize("others", [63, 64, 200])
def test_a_slow_mail_is_one_send_however_many_others_begin_and_end_meanwhile(others: int) -> None:
    slow = debug(REFUSED, 0, "id=slow")

    found = read(slow[: len(TALK)], *mails(others), slow[len(TALK) :])

    assert len(found["sends"]) == others + 1
    (row,) = [send for send in found["sends"] if send["queue_entry"] == "id=slow"]
    assert (row["line"], row["outcome"], row["cause"]) == (1, "failed", "relay_denied")
    assert cut_short(found) == set()
