# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the test command prints, what debug tells and what the counters count make one verdict, and never disagree silently."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import knowledge
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import reasons

REASONS: dict[str, dict[str, str]] = reasons()
COMMAND = "FAZ # diagnose test connection mailserver 1 faz@example.com ops@example.com"

PRINTED = {
    "accepted": ["mail sent to ops@example.com, server replied 250 2.0.0 Ok: queued as 4F1B22A0C1"],
    "failed": ["test failed: Login denied"],
    "silent": ["Done."],
}
DEBUG = {
    "accepted": ["sendmail_task:633: send mail done: 250 2.0.0 Ok: queued as 4F1B22A0C1"],
    "failed": ["sendmail_task:640: send mail failed: 535 5.7.8 Error: authentication failed"],
    "silent": ["sendmail_task:602: mail task in state 7"],
}
# sent and failed before and after; None: not read
COUNTERS = {
    "unread": None,
    "none rose": ((5, 5), (5, 5)),
    "sent rose": ((5, 5), (6, 5)),
    "failed rose": ((5, 5), (5, 6)),
    "both rose": ((5, 5), (6, 6)),
    "reset": ((5, 5), (0, 0)),
}


def statistics(sent: int, failed: int) -> list[str]:
    return [
        "FAZ # diagnose test application fazmaild 2",
        f"total sent mail count:     {sent}",
        f"total failed sendmail count: {failed}",
        "total discard mail count:  0",
    ]


def verdict_of(printed: str, debug: str, counters: str, debug_first: bool = True) -> dict[str, Any]:
    read = COUNTERS[counters]
    told = [*DEBUG[debug], *PRINTED[printed]] if debug_first else [*PRINTED[printed], *DEBUG[debug]]
    lines = [*(statistics(*read[0]) if read else []), COMMAND, *told, *(statistics(*read[1]) if read else [])]
    (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
    return dict(verdict)


# What the text says first; by each state of the counters: outcome, confidence, and the warnings that show a contradiction.
ACCEPTED = {
    "unread": ("accepted", "medium", []),
    "none rose": ("accepted", "low", ["sent_counter_did_not_rise"]),
    "sent rose": ("accepted", "high", []),
    "failed rose": ("accepted", "low", ["failed_counter_rose", "sent_counter_did_not_rise"]),
    "both rose": ("accepted", "low", ["failed_counter_rose"]),
    "reset": ("accepted", "low", ["sent_counter_did_not_rise", "counters_went_back"]),
}
FAILED = {
    "unread": ("failed", "high", []),
    "none rose": ("failed", "high", []),
    "sent rose": ("failed", "low", ["sent_counter_rose"]),
    "failed rose": ("failed", "high", []),
    "both rose": ("failed", "high", []),
    "reset": ("failed", "high", ["counters_went_back"]),
}
SILENT = {
    "unread": ("unknown", "low", []),
    "none rose": ("unknown", "low", []),
    "sent rose": ("accepted", "medium", []),
    "failed rose": ("failed", "medium", []),
    "both rose": ("unknown", "low", ["failed_counter_rose"]),
    "reset": ("unknown", "low", ["counters_went_back"]),
}
TEXT = {
    ("accepted", "accepted"): ACCEPTED,
    ("accepted", "silent"): ACCEPTED,
    ("silent", "accepted"): ACCEPTED,
    ("failed", "failed"): FAILED,
    ("failed", "silent"): FAILED,
    ("silent", "failed"): FAILED,
    ("silent", "silent"): SILENT,
}


@pytest.mark.parametrize("debug_first", [True, False])
@pytest.mark.parametrize("counters", COUNTERS)
@pytest.mark.parametrize(("printed", "debug"), TEXT)
def test_sources_that_agree(printed: str, debug: str, counters: str, debug_first: bool) -> None:
    verdict = verdict_of(printed, debug, counters, debug_first)

    assert (verdict["outcome"], verdict["confidence"], verdict["warnings"]) == TEXT[printed, debug][counters]


@pytest.mark.parametrize("debug_first", [True, False])
@pytest.mark.parametrize("counters", COUNTERS)
@pytest.mark.parametrize(("printed", "debug"), [("accepted", "failed"), ("failed", "accepted")])
def test_sources_that_contradict_make_a_failure_of_low_confidence(
    printed: str, debug: str, counters: str, debug_first: bool
) -> None:
    verdict = verdict_of(printed, debug, counters, debug_first)

    assert (verdict["outcome"], verdict["cause"]) == ("failed", "auth_credentials_invalid")
    assert verdict["confidence"] == "low"
    assert "another_mail_was_accepted" in verdict["warnings"]


def test_a_printed_failure_counts_before_that_of_debug() -> None:
    lines = [COMMAND, "sendmail_task:640: send mail failed: Connection refused", "test failed: Login denied"]
    (verdict,) = analyse("\n".join(lines))["verdicts"]

    assert verdict["cause"] == "auth_credentials_invalid"


@pytest.mark.parametrize(("printed", "debug", "counters"), list(product(PRINTED, DEBUG, COUNTERS)))
def test_every_word_of_a_verdict_is_explained(printed: str, debug: str, counters: str) -> None:
    verdict = verdict_of(printed, debug, counters)
    why = verdict["why"]

    assert why["decided"] in REASONS["steps"]
    assert set(why["missing"]) <= set(REASONS["missing"])
    assert {each["because"] for each in why["lost"]} <= set(REASONS["lost"])
    assert set(verdict["warnings"]) <= set(REASONS["warnings"])
    assert all(each["cause"] in knowledge.causes() for each in why["lost"])


def test_the_state_of_the_queue_is_a_cause_only_where_nothing_else_is() -> None:
    paused = ["FAZ # diagnose test application fazmaild 1", "fazmaild pid: 812, status: paused"]

    def judged(printed: str) -> dict[str, Any]:
        lines = [*paused, *statistics(5, 5), COMMAND, *PRINTED[printed], *statistics(5, 5)]
        (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
        return dict(verdict)

    assert (judged("silent")["cause"], judged("silent")["why"]["decided"]) == ("queue_blocked", "queue")
    assert judged("failed")["cause"] == "auth_credentials_invalid"
    assert "daemon_paused" in judged("failed")["warnings"]
    assert "daemon_paused" in judged("accepted")["warnings"]


# --- a test among other mail of the device

OWN = ["MAIL FROM:<faz@example.com>", "RCPT TO:<ops@example.com>"]
ALERT = ["MAIL FROM:<faz@example.com>", "RCPT TO:<soc@example.com>"]
TAKEN = "250 2.0.0 Ok: queued as 4F1B22A0C1"
REFUSED = "554 5.7.1 Message rejected as spam"


def session(envelope: list[str], answer: str) -> list[str]:
    sender, recipient = envelope
    said = f"<<< 220 mx ESMTP|>>> EHLO faz|<<< 250 mx|>>> {sender}|<<< 250 ok|>>> {recipient}|<<< 250 ok|>>> DATA|<<< 354 go"
    said += f"|>>> .|<<< {answer}|>>> QUIT|<<< 221 bye"
    return [f"smtp_io:1: {line}" for line in said.split("|")]


def outcome_of(*parts: list[str], command: str = COMMAND) -> tuple[str, str]:
    (verdict,) = analyse("\n".join([command, *(line for part in parts for line in part)]) + "\n")["verdicts"]
    return verdict["outcome"], verdict["confidence"]


def test_an_alert_that_was_accepted_does_not_cover_the_test_that_failed() -> None:
    refused = ["smtp_connect:9: connect to 10.0.0.1: Connection refused"]

    assert outcome_of(session(OWN, REFUSED), session(ALERT, TAKEN)) == ("failed", "high")
    assert outcome_of(session(ALERT, TAKEN), session(OWN, REFUSED)) == ("failed", "high")
    assert outcome_of(refused, session(ALERT, TAKEN)) == ("failed", "high")
    assert outcome_of(refused, ["smtp_task:1: start sending", f"smtp_task:2: mail done: {TAKEN}"])[0] == "failed"


def test_an_alert_that_failed_does_not_spoil_the_test_that_was_accepted() -> None:
    assert outcome_of(session(OWN, TAKEN), session(ALERT, REFUSED)) == ("accepted", "high")
    assert outcome_of(session(ALERT, REFUSED), session(OWN, TAKEN)) == ("accepted", "high")


def test_an_alert_alone_says_nothing_of_the_test() -> None:
    assert outcome_of(session(ALERT, TAKEN)) == ("unknown", "low")
    assert outcome_of(statistics(5, 5), session(ALERT, TAKEN))[0] == "unknown"


def test_why_another_mail_does_not_count_is_told_by_how_it_differs() -> None:
    by_another = ["MAIL FROM:<soc@example.com>", OWN[1]]
    for other, because in ((ALERT, "other_recipient"), (by_another, "other_sender"), (OWN, "other_send")):
        lines = [COMMAND, *session(other, REFUSED), *session(OWN, "451 4.7.1 Greylisted")]
        (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
        assert [(each["cause"], each["because"]) for each in verdict["why"]["lost"]][-1:] == [
            ("content_rejected", because)
        ]


def test_the_second_try_of_the_test_may_succeed() -> None:
    refused = ["smtp_connect:9: connect to 10.0.0.1: Connection refused", "smtp_connect:8: connecting to 10.0.0.2"]

    assert outcome_of(refused, session(OWN, TAKEN))[0] == "accepted"
    assert outcome_of(session(OWN, REFUSED), session(OWN, TAKEN))[0] == "accepted"
    assert outcome_of(session(OWN, TAKEN), session(OWN, REFUSED))[0] == "failed"


def test_a_sent_counter_that_an_alert_raised_proves_nothing() -> None:
    lines = [*statistics(5, 5), COMMAND, *session(ALERT, TAKEN), *statistics(6, 5)]
    (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
    assert verdict["outcome"] == "unknown"

    lines = [*statistics(5, 5), COMMAND, *session(ALERT, TAKEN), *statistics(7, 5)]
    (verdict,) = analyse("\n".join(lines) + "\n")["verdicts"]
    assert (verdict["outcome"], verdict["confidence"]) == ("accepted", "medium")


def test_sends_of_two_queue_entries_may_be_interleaved() -> None:
    def tagged(number: int, lines: list[str]) -> list[str]:
        return [line.replace("smtp_io:1: ", f"[smtp_io:1 id={number}] ") for line in lines]

    own, alert = tagged(1, session(OWN, REFUSED)), tagged(2, session(ALERT, TAKEN))
    mixed = [line for pair in zip(own, alert, strict=True) for line in pair]

    assert outcome_of(mixed) == ("failed", "high")
    assert [each["outcome"] for each in analyse("\n".join(mixed))["verdicts"]] == ["failed", "accepted"]
