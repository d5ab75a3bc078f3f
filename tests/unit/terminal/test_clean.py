# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a terminal program saved, the lines are those the device printed."""

from __future__ import annotations

import time

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import decode, lines
from hypothesis import given
from hypothesis import strategies as st

LINES = ["FAZ # get system status", "Hostname : FAZ", "", "last line"]


@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r\r\n", "\r\r\r\n", "\r"], ids=["LF", "CRLF", "CRCRLF", "CRCRCRLF", "CR"]
)
def test_any_line_end_ends_one_line(end: str) -> None:
    assert lines(end.join(LINES) + end) == LINES


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_a_last_line_without_an_end_is_a_line(end: str) -> None:
    assert lines(end.join(LINES)) == LINES


def test_mixed_line_ends_keep_their_lines() -> None:
    assert lines("echo\r\r\noutput\r\nlocal\nprompt") == ["echo", "output", "local", "prompt"]


def test_a_carriage_return_inside_a_line_makes_no_line_of_its_own() -> None:
    assert lines("one\rtwo\nthree\n") == ["one two", "three"]


def test_no_text_is_no_line() -> None:
    assert lines("") == []


def test_blank_lines_are_counted() -> None:
    assert lines("\n\n\n") == ["", "", ""]


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("\x1b[1;32mFAZ\x1b[0m # ", "FAZ # "),
        ("\x1b]0;title\x07FAZ # ", "FAZ # "),
        ("\x1b[2J\x1b[HFAZ # ", "FAZ # "),
        ("\x1b[?1034hFAZ # ", "FAZ # "),
        ("port\x00 : 25", "port : 25"),
        ("sent\x0bmail", "sentmail"),
        ("sent\x0cmail", "sentmail"),
        ("bell\x07", "bell"),
        ("--More-- \r         \rport : 25", "port : 25"),
        ("--More--port : 25", "port : 25"),
        ("--More-- \x08 \x08\x08 \x08port : 25", "port : 25"),
        ("\x1b(Bport\x1b=\x1b> : 25", "port : 25"),
        ("gte\b \b\b \bet sys", "get sys"),
        ("gte\b\bet sys", "get sys"),
        ("get sysx\b\x1b[K", "get sys"),
        ("get sys\x1b[2D\x1b[1Pys", "get sys"),
        ("xxx\x1b[1K\x1b[3Dget", "get"),
        ("junk\x1b[2K\rget sys", "get sys"),
        ("get\x1b[4Csys", "get    sys"),
        ("\x1b[9999999999C\b", " " * 0),
    ],
)
def test_what_only_the_terminal_saw_is_gone(printed: str, seen: str) -> None:
    assert lines(printed + "\nnext\n") == [seen, "next"]


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_other_separators_do_not_split_a_line(separator: str) -> None:
    assert len(lines(f"sendmail_loop:1: a{separator}b\nnext\n")) == 2


@given(st.binary())
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert all("\n" not in line and "\r" not in line for line in lines(decode(data)))


def test_stray_nuls_do_not_make_a_log_wide() -> None:
    assert lines(decode(b"port\x00 : 25\nfrom : \x00\x00\n")) == ["port : 25", "from : "]


def test_long_runs_of_carriage_returns_and_blanks_are_read_in_no_time() -> None:
    started = time.process_time()

    lines("\r" * 200_000 + "x" + (" " * 100 + "\r") * 5_000)

    assert time.process_time() - started < 2


@given(st.text(st.sampled_from("\r\n \t\x1b[]A0;\x07\x00\x08-More")) | st.text())
def test_no_control_character_is_left(text: str) -> None:
    assert not any(ord(character) < 0x20 and character != "\t" for line in lines(text) for character in line)


@given(st.text(st.sampled_from("\r\n \x1b[]A0;\x00-")) | st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_lines_of_lines_are_the_same(text: str) -> None:
    once = lines(text)

    assert lines("".join(line + "\n" for line in once)) == once


@given(st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs"))).filter(lambda line: "--More--" not in line)))
def test_each_kind_of_line_end_gives_the_same_lines(plain: list[str]) -> None:
    assert lines("".join(line + "\n" for line in plain)) == plain
    assert lines("".join(line + "\r\n" for line in plain)) == plain
    assert lines("".join(line + "\r\r\n" for line in plain)) == plain


def test_a_cursor_that_is_moved_far_takes_little_memory() -> None:
    assert len(lines("\x1b[999C" * 20_000 + "x")[0]) <= 1001
    assert lines("a" * 2000 + "\x1b[5D\x1b[3Cb") == ["a" * 1998 + "b" + "a"]
