# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Echoes and answers, in whatever pieces and with whatever daemons print in between."""

from __future__ import annotations

import math
import tracemalloc

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.answer import PROBE, AnswerReader
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.echo import COMPLETE, DIFFERENT, PARTIAL, Echo
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.terminal import EscapeFilter, Prompt, plain
from hypothesis import example, given
from hypothesis import strategies as st

PROMPT = Prompt("FAZ-HQ # ")
NOISE = "sendmail_loop:1143: total pending tasks: 0.\r\n"
LINE = 'set user "Jo\\"e # x"'


@given(st.lists(st.integers(0, len(LINE)), max_size=4), st.booleans())
def test_an_echo_is_found_wherever_debug_lines_cut_it(places: list[int], prompt_first: bool) -> None:
    text, noise = ("\r\n" + PROMPT.top_level if prompt_first else ""), 0
    for place, character in enumerate(LINE):
        noise += places.count(place)
        text += NOISE * places.count(place) + character
    text += NOISE * places.count(len(LINE))
    echo = Echo(LINE, PROMPT)
    assert echo.end(text) == -1
    assert echo.typed(text) == COMPLETE
    text += "\r\r\n"
    assert echo.end(text + "output\r\n") == len(text)
    assert echo.noise().count("mail_loop:1143") == len(places)
    assert LINE not in echo.noise()


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ("", PARTIAL),
        ("set us", PARTIAL),
        (LINE, COMPLETE),
        (LINE[:5] + LINE[6:], DIFFERENT),
        (LINE + "x", DIFFERENT),
        (LINE.replace("x", "y"), DIFFERENT),
        ("FAZ-HQ # " + LINE, COMPLETE),
        (LINE[:12] + " \r" + LINE[12:], COMPLETE),
        (NOISE + LINE[:9], PARTIAL),
        ("half a debug li", DIFFERENT),
    ],
)
def test_what_stands_at_the_cursor(shown: str, state: str) -> None:
    echo = Echo(LINE, PROMPT)
    echo.end(shown)
    assert echo.typed(shown) == state


@pytest.mark.parametrize(
    ("line", "shown", "state"),
    [
        ('set passwd "abcd"', 'set passwd "****"', COMPLETE),
        ('set passwd "abcd"', "set passwd ******", COMPLETE),
        ('set passwd "abcd"', "set passwd **", PARTIAL),
        ('set oauth2-client-secret "abcd"', "set oauth2-client-secret ****", COMPLETE),
        ('set user "abcd"', 'set user "****"', DIFFERENT),
    ],
)
def test_only_a_secret_may_be_masked(line: str, shown: str, state: str) -> None:
    echo = Echo(line, PROMPT)
    assert echo.typed(shown) == state
    assert (echo.end(shown + "\r\r\n") > 0) is (state == COMPLETE or "passwd **" in shown)


def test_a_flood_before_the_echo_takes_little_memory() -> None:
    tracemalloc.start()
    echo, raw = Echo(LINE, PROMPT), ""
    for __ in range(8):
        raw += "s\n" * 16_384
        assert echo.end(raw) == -1
        assert echo.typed(raw) == PARTIAL
    before, __ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert before < 20 * len(raw)
    raw += LINE
    assert echo.end(f"{raw}\n") == len(raw) + 1
    assert echo.noise().count("s\n") == 8 * 16_384 - 1


ANSWER = "get x\r\r\nvalue\r\nFAZ-HQ # is no prompt\r\nFAZ-HQ # \r\nend\r\n\r\nFAZ-HQ # "


def read(answer: AnswerReader, pieces: list[str], every: float = 0.001) -> list[str]:
    """Give pieces to an answer; return what was typed. A pause longer than its patience is told."""
    typed, now = [], 0.0
    for piece in pieces:
        now += every
        while answer.patience <= every and not answer.done:
            typed.append(answer.silence())
        typed.append(answer.take(piece, now))
    return [keys for keys in typed if keys]


def test_lines_like_the_prompt_do_not_end_an_answer_in_single_bytes() -> None:
    answer = AnswerReader(PROMPT, "get x")
    typed = read(answer, list(ANSWER))
    assert not answer.done
    assert typed in ([], [PROBE])
    while not answer.done:
        if answer.silence() == PROBE:
            answer.take("\r\r\nFAZ-HQ # ", 9)
    assert plain(answer.text).startswith("value\nFAZ-HQ # is no prompt\nFAZ-HQ # \nend\n\nFAZ-HQ # ")


def test_a_plain_answer_ends_without_waiting() -> None:
    answer = AnswerReader(PROMPT, "get x")
    assert answer.take("get x\r\r\nvalue\r\n\r\nFAZ-HQ # ", 0) == ""
    assert answer.patience == 0
    assert answer.silence() == ""
    assert answer.done and answer.shown == "FAZ-HQ # " and answer.empty_line


def test_a_device_without_empty_lines_costs_one_pause() -> None:
    answer = AnswerReader(PROMPT, "get x")
    answer.take("get x\r\nvalue\r\nFAZ-HQ # ", 0)
    assert answer.patience > 0
    answer.silence()
    assert answer.done and not answer.empty_line
    second = AnswerReader(PROMPT, "get x", empty_line=answer.empty_line)
    second.take("get x\r\nvalue\r\nFAZ-HQ # ", 0)
    assert second.patience == 0


def test_the_answer_ends_in_a_flood_that_never_pauses() -> None:
    answer = AnswerReader(PROMPT, "diagnose debug enable")
    typed = read(answer, ["diagnose debug enable\r\r\n\r\nFAZ-HQ # " + NOISE, *[NOISE] * 1500])
    assert typed == [PROBE]
    answer.take("\r\r\nFAZ-HQ # " + NOISE, 9)
    assert answer.done
    assert answer.text.count("sendmail_loop") == 1502


def test_a_device_that_answers_slowly_is_asked_for_its_prompt_once() -> None:
    """Else each empty line that it echoes before it shows a prompt begins the question again, without end."""
    answer = AnswerReader(PROMPT, "diagnose debug enable")
    answer.take("diagnose debug enable\r\r\n\r\nFAZ-HQ # " + NOISE, 0)
    assert answer.silence() == PROBE
    for piece, now in [("\r\r\n", 0.1), (NOISE, 3), (NOISE, 5), ("\r\n", 9)]:
        assert answer.take(piece, now) == ""
        assert answer.patience == math.inf
    answer.take("FAZ-HQ # " + NOISE, 9.1)
    assert answer.done


def test_a_pager_is_answered_also_behind_a_debug_line() -> None:
    answer = AnswerReader(PROMPT, "show")
    assert answer.take("show\r\r\nconfig\r\n--More-- ", 0) == " "
    assert answer.take("\r         \rmore\r\n--More-- " + NOISE, 1) == ""
    assert answer.silence() == " "
    answer.take("\r         \rend\r\n\r\nFAZ-HQ # ", 2)
    answer.silence()
    assert answer.done
    assert "--More--" not in plain(answer.text)


def test_a_question_is_answered_once_and_enter_follows_if_nothing_happens() -> None:
    answer = AnswerReader(PROMPT, "execute reboot")
    assert answer.take("execute reboot\r\r\nDo you want to continue? (y/n)", 0) == ""
    assert answer.silence() == "n"
    assert answer.question == "Do you want to continue? (y/n)"
    assert answer.take("n", 0.1) == ""
    assert answer.silence() == "\n"
    answer.take("\r\n\r\nFAZ-HQ # ", 3)
    answer.silence()
    assert answer.done


ASKING = '\r\r\n    set user "(y/n)x"\r\n    set comment "[y/n] --More-- x"\r\nmore (yes/no)\r\n\r\nFAZ-HQ # '


@given(st.lists(st.integers(1, 30), min_size=1))
@example([31])
@example([1] * 90)
def test_output_that_goes_on_asks_nothing_wherever_it_is_cut(sizes: list[int]) -> None:
    answer, rest = AnswerReader(PROMPT, "show"), "show" + ASKING
    pieces = []
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert read(answer, [*pieces, rest]) == []
    answer.silence()
    assert answer.done and answer.question == ""


def test_a_new_name_of_the_device_is_learned_when_its_prompt_comes_again() -> None:
    answer = AnswerReader(PROMPT, "end")
    answer.take("end\r\r\n\r\nFAZ-DR # ", 0)
    assert 1 < answer.patience < math.inf
    assert answer.silence() == PROBE
    assert answer.patience == math.inf
    answer.take("\r\n\r\nFAZ-DR # ", 3)
    assert answer.silence() == ""
    assert (answer.done, answer.shown, answer.renamed) == (True, "FAZ-DR # ", "FAZ-DR # ")


@pytest.mark.parametrize("behind", ["", "more\r\n\r\nFAZ-HQ # ", "\r\nFAZ-DX # "])
def test_what_only_looks_like_a_new_name_is_not_learned(behind: str) -> None:
    answer = AnswerReader(PROMPT, "show")
    answer.take("show\r\r\nFAZ-DR # ", 0)
    assert answer.silence() == PROBE
    if behind:
        answer.take(behind, 3)
        answer.silence()
    assert answer.renamed == ""
    assert answer.done is ("FAZ-HQ" in behind)


def test_a_shell_with_another_mark_is_no_new_name() -> None:
    answer = AnswerReader(PROMPT, "config system mail")
    answer.take("config system mail\r\r\n\r\n(mail)$ ", 0)
    assert answer.patience == math.inf


def test_a_prompt_of_a_shell_waits_for_its_blank() -> None:
    answer = AnswerReader(PROMPT, "config system mail")
    answer.take("config system mail\r\r\n\r\n(mail)#", 0)
    assert answer.patience > 0
    answer.take(" ", 0.001)
    answer.silence()
    assert answer.shown == "(mail)# "


@given(
    st.lists(st.integers(1, 9)),
    st.sampled_from(["\x1b[1;31mred\x1b[0m #", "\x1b]0;title\x07x", "\x1b[2J\x1b[H", "a\x1bMb", "a\x1b(Bb\x1b)0c"]),
)
@example([3], "a\x1b(Bb\x1b)0c")
def test_terminal_sequences_vanish_in_whatever_pieces(sizes: list[int], text: str) -> None:
    whole, pieces = EscapeFilter().feed(text), EscapeFilter()
    shown, rest = "", text
    for size in sizes:
        shown, rest = shown + pieces.feed(rest[:size]), rest[size:]
    assert shown + pieces.feed(rest) == whole
    assert "\x1b" not in whole and "[" not in whole


def test_the_beginning_of_a_window_title_does_not_hide_the_lines_below_it() -> None:
    assert EscapeFilter().feed("\x1b]0;title\r\nFAZ-HQ # ").endswith("\r\nFAZ-HQ # ")


@pytest.mark.parametrize("prompt", ["FAZ-HQ $ ", "TEST-FMG#", "a.very-long.name~ # "])
def test_shells_below_every_kind_of_prompt(prompt: str) -> None:
    learned = Prompt(prompt)
    shell = f"(mail){prompt.strip()[-1]} "
    assert learned.at_end("x\r\n" + shell) == shell
    assert learned.context(shell) == "mail"
    assert learned.at_end("x\r\n(mail) no prompt") is None


def test_a_look_alike_below_an_empty_line_is_not_believed_once_others_were_seen() -> None:
    answer = AnswerReader(PROMPT, "get x")
    answer.take("get x\r\r\nFAZ-HQ # is no prompt\r\n\r\nFAZ-HQ # ", 0)
    assert answer.silence() == PROBE
    answer.take("\r\nend\r\n", 1)
    assert not answer.done
    answer.take("\r\nFAZ-HQ # \r\r\nFAZ-HQ # ", 2)
    assert answer.done
    assert plain(answer.text).startswith("FAZ-HQ # is no prompt\n\nFAZ-HQ # \nend\n\nFAZ-HQ # ")
