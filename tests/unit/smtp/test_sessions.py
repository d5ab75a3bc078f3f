# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of any number of sessions and mails: each mail has its verdict, and no other mail's."""

from __future__ import annotations

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from hypothesis import given
from hypothesis import strategies as st

HELLO = ["S: 220 mx ESMTP", "C: EHLO a", "S: 250-mx", "S: 250 HELP"]
RESET = ["C: RSET", "S: 250 2.0.0 Ok"]
# A step of a mail, with the answers that let it go on and those that end it, and the cause of such an end.
STEPS = [
    ("C: MAIL FROM:<a@b>", "S: 250 Ok", "S: 550 5.1.8 bad sender", "sender_rejected"),
    ("C: RCPT TO:<x@y>", "S: 250 Ok", "S: 550 5.1.1 User unknown", "recipient_invalid"),
    ("C: DATA", "S: 354 go", "S: 452 4.3.1 Insufficient system storage", "service_unavailable"),
    ("C: .", "S: 250 2.0.0 Ok: queued as 1", "S: 554 5.7.1 Message rejected as spam", "content_rejected"),
]

Mail = tuple[list[str], str]


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    """One mail and its cause: lost at one step, or accepted."""
    end = draw(st.integers(0, len(STEPS)))
    said: list[str] = []
    answers: list[str] = []
    pipelined = draw(st.booleans())
    for number, (command, good, bad, __) in enumerate(STEPS[: end + 1]):
        answer = bad if number == end else good
        if command == "C: .":
            said += answers
            said += [*draw(st.sampled_from([["C: hello", command], [command], []])), answer]
            answers = []
        elif pipelined:
            said.append(command)
            answers.append(answer)
        else:
            said += [command, answer]
    said += answers
    return said + (RESET if draw(st.booleans()) else []), STEPS[end][3] if end < len(STEPS) else "accepted"


@st.composite
def logs(draw: st.DrawFn) -> Mail:
    """Some sessions with some mails each, and the causes of all mails in their order."""
    lines: list[str] = []
    causes: list[str] = []
    for session in draw(st.lists(st.lists(mails(), min_size=1, max_size=3), min_size=1, max_size=3)):
        lines += HELLO
        for said, cause in session:
            lines += said
            causes.append(cause)
        lines += draw(st.sampled_from([[], ["C: QUIT", "S: 221 bye"]]))
    return lines, " ".join(causes)


def causes_of(lines: list[str]) -> list[str]:
    return [verdict["cause"] for verdict in analyse("\n".join(lines) + "\n")["verdicts"]]


@given(logs())
def test_each_mail_has_its_own_verdict(log: Mail) -> None:
    lines, causes = log

    assert " ".join(causes_of(lines)) == causes


@given(logs(), st.data())
def test_a_missing_line_makes_no_mail_accepted(log: Mail, data: st.DataObject) -> None:
    lines, causes = log
    missing = data.draw(st.integers(0, len(lines) - 1))

    left = causes_of(lines[:missing] + lines[missing + 1 :])

    assert left.count("accepted") <= causes.split().count("accepted")


def test_replies_to_the_next_mail_do_not_move_to_a_message_whose_own_is_missing() -> None:
    begin = ["C: MAIL FROM:<a@b>", "S: 250 Ok", "C: RCPT TO:<x@y>", "S: 250 Ok", "C: DATA"]
    lines = [*HELLO, *begin, "S: 354 go", "C: .", *begin, "S: 452 4.3.1 Insufficient system storage", "C: QUIT"]

    assert causes_of([*lines, "S: 221 bye"]) == ["unknown", "service_unavailable"]
