# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unknown is not success: no damage to the log of a lost mail, and no nice word, makes it an accepted one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.once


def outcomes(lines: list[str]) -> list[str]:
    return [verdict["outcome"] for verdict in analyse("\n".join(lines) + "\n")["verdicts"]]


def damaged(line: str) -> Iterator[list[str]]:
    """What may become of a line: it is lost, it is cut, or its letters or digits are."""
    yield []
    yield [line[: len(line) // 2]]
    yield [re.sub("[A-Za-z]", "x", line)]
    yield [re.sub(r"\d", "#", line)]


def test_no_damage_to_one_line_makes_a_lost_mail_accepted(lost: Any) -> None:
    for number, line in enumerate(lost.lines):
        for instead in damaged(line):
            changed = [*lost.lines[:number], *instead, *lost.lines[number + 1 :]]
            assert "accepted" not in outcomes(changed), f"line {number + 1}, {line!r} -> {instead!r}"


def test_no_beginning_of_the_log_of_a_lost_mail_is_accepted(lost: Any) -> None:
    for end in range(len(lost.lines)):
        assert "accepted" not in outcomes(lost.lines[:end])
        assert "accepted" not in outcomes(lost.lines[end:])


def test_without_the_final_reply_nothing_is_accepted(case: Any) -> None:
    assert "accepted" not in outcomes([line for line in case.lines if "queued as" not in line])


NICE = [
    "Everything fine, mail sent successfully",
    "OK",
    "250",
    "250 Ok",
    "250 2.0.0 Ok",
    "354",
    "354 go ahead",
    "221 bye",
    "sent",
    "success",
    "Test mail was sent.",
    "mail accepted",
    "message queued",
    "sent 250 bytes",
    "235 2.7.0 Authentication successful",
    "250-mail.example.com",
    "* We are completely uploaded and fine",
]
AROUND = [
    "{}",
    "FAZ # {}",
    "sendmail_task:790: {}",
    "[sendmail_task:790 id=3] S: {}",
    "smtp_read:1: <<< {}",
    "< {}",
    "* {}",
    "<-  {}",
    "SERVER -> CLIENT: {}",
    "FAZ # diagnose test connection mailserver 1 a@b.c d@e.f\n{}\nFAZ # ",
    "FAZ # diagnose test connection mailserver 1 a@b.c d@e.f\n<<< 354 go\n{}\n{}\nFAZ # ",
    "<<< 220 mail.example.com ESMTP\n{}",
    ">>> RCPT TO:<a@b.c>\n<<< 250 ok\n<<< {}",
    ">>> DATA\n<<< {}",
    ">>> DATA\n<<< 354 go\n>>> .\n>>> RSET\n<<< {}",
    ">>> DATA\n<<< 354 go\n>>> .\n<<< 451 4.3.0 try later\n<<< {}",
    ">>> DATA\n<<< 354 go\n>>> RSET\n<<< {}",
    ">>> DATA\n<<< 354 go\n<<< 550 5.7.1 no\n<<< {}",
    ">>> QUIT\n<<< {}",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("text", NICE)
def test_a_nice_word_is_no_proof(text: str, around: str) -> None:
    assert "accepted" not in outcomes([around.replace("{}", text)])


@pytest.mark.parametrize("text", NICE)
def test_a_test_whose_answer_nobody_knows_is_unknown(text: str) -> None:
    lines = ["FAZ # diagnose test connection mailserver 1 a@b.c d@e.f", text, "FAZ # "]

    assert outcomes(lines) == ["unknown"]


@pytest.mark.parametrize(
    "reply",
    ["250 5.7.1 refused", "250 4.2.0 later", "251 2.0.0 Ok", "252 queued as 1", "220 queued as 1", "354 queued as 1"],
)
def test_a_strange_answer_to_the_dot_is_no_acceptance(reply: str) -> None:
    before = "<<< 220 mx ESMTP|>>> EHLO a|<<< 250 mx|>>> MAIL FROM:<a@b>|<<< 250 ok|>>> RCPT TO:<c@d>|<<< 250 ok"

    assert set(outcomes([*before.split("|"), ">>> DATA", "<<< 354 go", ">>> .", f"<<< {reply}"])) == {"unknown"}


ANSWERS = [
    "220 mx ESMTP",
    "250-mx",
    "250 Ok",
    "250 2.1.0 Ok",
    "250 2.0.0 Ok: queued as 4F1B",
    "354 go",
    "235 ok",
    "221 bye",
]
WORDS = ["EHLO a", "AUTH PLAIN", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "RSET", "NOOP", "QUIT", "STARTTLS"]


@given(st.lists(st.sampled_from([f"S: {each}" for each in ANSWERS]), max_size=15))
def test_answers_alone_prove_nothing(lines: list[str]) -> None:
    assert "accepted" not in outcomes(lines)


@given(st.lists(st.sampled_from([f"S: {each}" for each in ANSWERS] + [f"C: {each}" for each in WORDS]), max_size=25))
def test_a_client_that_never_sent_data_has_sent_nothing(lines: list[str]) -> None:
    assert "accepted" not in outcomes(lines)


@given(st.lists(st.text(max_size=50), max_size=10))
def test_arbitrary_text_is_never_accepted(lines: list[str]) -> None:
    assert "accepted" not in outcomes(lines)
