# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that are not one straight mail: several replies, several mails, second attempts, counters."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.context import SendContext
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.conversation import Conversation
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.speech import CLIENT, REMARK, SERVER, speech
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.step import Step
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.verdict import judge

HELLO = "S: 220 mx ESMTP|C: EHLO faz|S: 250-mx|S: 250 HELP"
MAIL = "C: MAIL FROM:<a@b>|S: 250 2.1.0 Ok|C: RCPT TO:<c@d>|S: 250 2.1.5 Ok|C: DATA|S: 354 go|C: .|S: 250 2.0.0 Ok: queued as 1"
REFUSED = "C: MAIL FROM:<a@b>|S: 250 2.1.0 Ok|C: RCPT TO:<x@d>|S: 550 5.1.1 User unknown|C: RSET|S: 250 2.0.0 Ok"
BYE = "C: QUIT|S: 221 2.0.0 Bye"


def verdicts(*parts: str) -> list[dict[str, Any]]:
    found = analyse("\n".join("|".join(parts).split("|")) + "\n")
    return list(found["verdicts"])


def causes(*parts: str) -> list[str]:
    return [each["cause"] for each in verdicts(*parts)]


def follow(*parts: str) -> Conversation:
    conversation = Conversation()
    for number, line in enumerate("|".join(parts).split("|"), 1):
        speaker, __, text = line.partition(": ")
        says = speech({"C": CLIENT, "S": SERVER, "-": REMARK}[speaker], "", text)
        conversation.add(Step(number, says, "test"))
    conversation.finish()
    return conversation


def test_a_reply_of_several_lines_is_one_reply() -> None:
    (verdict,) = verdicts(
        HELLO,
        "C: MAIL FROM:<a@b>|S: 550-5.7.60 SMTP; Client does not have permissions|S: 550 5.7.60 to send as this sender",
    )

    assert verdict["reply"] == {
        "code": "550",
        "enhanced": "5.7.60",
        "text": "SMTP; Client does not have permissions to send as this sender",
    }
    assert (verdict["cause"], verdict["stage"]) == ("sender_not_permitted", "mail_from")


def test_what_the_server_offers_is_read_from_all_lines() -> None:
    found = follow("S: 220 mx|C: EHLO faz|S: 250-mx|S: 250-AUTH=LOGIN PLAIN|S: 250 STARTTLS")

    assert {"AUTH", "LOGIN", "PLAIN", "STARTTLS"} <= found.extensions


def test_pipelined_commands_are_answered_in_their_order() -> None:
    (verdict,) = verdicts(
        HELLO,
        "C: MAIL FROM:<a@b>|C: RCPT TO:<c@d>|C: DATA|S: 250 Ok|S: 250 Ok|S: 354 go|C: hello|C: .|S: 250 2.0.0 Ok: queued as 1",
    )

    assert verdict["outcome"] == "accepted"
    assert verdict["evidence"] == [{"line": 13, "text": "250 2.0.0 Ok: queued as 1", "source": "smtp_dialogue"}]


def test_a_pipelined_refusal_is_bound_to_its_command() -> None:
    (verdict,) = verdicts(
        HELLO,
        "C: MAIL FROM:<a@b>|C: RCPT TO:<c@d>|C: DATA|S: 250 Ok|S: 554 5.7.1 Relay access denied|S: 554 5.5.1 no valid recipients",
    )

    assert (verdict["cause"], verdict["stage"]) == ("relay_denied", "rcpt_to")


def test_a_sender_refused_first_is_the_cause_of_what_follows() -> None:
    (verdict,) = verdicts(
        HELLO,
        "C: MAIL FROM:<a@b>|C: RCPT TO:<c@d>|C: DATA|S: 553 5.1.8 Sender address rejected: Domain not found",
        "S: 503 5.5.1 need MAIL command|S: 503 5.5.1 need RCPT command",
    )

    assert (verdict["cause"], verdict["stage"]) == ("sender_rejected", "mail_from")


def test_the_250_of_rset_does_not_heal_a_refused_message() -> None:
    refused = MAIL.replace("250 2.0.0 Ok: queued as 1", "554 5.7.1 Message rejected as spam")

    assert causes(HELLO, refused, "C: RSET|S: 250 2.0.0 Ok", BYE) == ["content_rejected"]


def test_two_sessions_are_two_verdicts() -> None:
    found = verdicts(HELLO, MAIL, BYE, HELLO, REFUSED, BYE)

    assert [each["cause"] for each in found] == ["accepted", "recipient_invalid"]
    assert [each["line"] for each in found] == [1, 15]


def test_a_failure_is_not_covered_by_the_session_after_it() -> None:
    assert causes(HELLO, REFUSED, BYE, HELLO, MAIL, BYE) == ["recipient_invalid", "accepted"]


def test_a_failure_is_not_covered_when_the_log_lost_the_end_of_its_session() -> None:
    assert causes(HELLO, REFUSED, HELLO, MAIL, BYE) == ["recipient_invalid", "accepted"]


def test_two_mails_of_one_session_are_two_verdicts() -> None:
    assert causes(HELLO, MAIL, MAIL.replace("queued as 1", "queued as 2"), BYE) == ["accepted", "accepted"]
    assert causes(HELLO, REFUSED, MAIL, BYE) == ["recipient_invalid", "accepted"]
    assert causes(HELLO, MAIL, REFUSED, BYE) == ["accepted", "recipient_invalid"]


def test_a_refused_sender_is_a_mail_of_its_own_unless_the_client_logs_in_and_repeats_it() -> None:
    refused = "C: MAIL FROM:<a@b>|S: 530 5.7.0 Authentication required"

    assert causes(HELLO, refused, MAIL, BYE) == ["auth_required", "accepted"]
    assert causes(HELLO, refused, "C: RSET|S: 250 2.0.0 Ok", MAIL, BYE) == ["auth_required", "accepted"]
    assert causes(HELLO, refused, "C: AUTH PLAIN AGEAYg==|S: 235 2.7.0 ok", MAIL, BYE) == ["accepted"]


def test_the_second_mail_of_a_session_knows_what_was_agreed_on() -> None:
    tls = "C: STARTTLS|S: 220 2.0.0 go|C: EHLO faz|S: 250-mx|S: 250 AUTH PLAIN|C: AUTH PLAIN AGEAYg==|S: 235 2.7.0 ok"
    first, second = verdicts(HELLO, tls, MAIL, MAIL, BYE)

    assert first["warnings"] == second["warnings"] == []
    assert second["stages_reached"] == first["stages_reached"]


def test_the_starttls_answer_does_not_begin_a_session() -> None:
    assert causes(HELLO, "C: STARTTLS|S: 220 2.0.0 go|C: EHLO faz|S: 250 mx", REFUSED, BYE) == ["recipient_invalid"]


def test_another_mechanism_that_is_accepted_overcomes_the_refused_one() -> None:
    login = "C: AUTH CRAM-MD5|S: 504 5.5.4 Unrecognized authentication type|C: AUTH PLAIN AGEAYg==|S: 235 2.7.0 ok"

    assert causes(HELLO, login, MAIL, BYE) == ["accepted"]
    assert causes(HELLO, login, REFUSED, BYE) == ["recipient_invalid"]


def test_another_address_that_answers_overcomes_the_refused_one() -> None:
    lines = "* Trying 10.0.0.1:25...|* connect to 10.0.0.1 port 25 failed: Connection refused"
    lines += "|* Trying 10.0.0.2:25...|* Connected to mail (10.0.0.2) port 25"

    assert causes(lines, HELLO, MAIL, BYE) == ["accepted"]
    assert causes(lines, HELLO, REFUSED, BYE) == ["recipient_invalid"]


def test_the_reason_for_a_refused_recipient_may_be_the_refused_login() -> None:
    lines = "C: AUTH PLAIN AGEAYg==|S: 535 5.7.8 Error: authentication failed"
    refused = "C: MAIL FROM:<a@b>|S: 250 Ok|C: RCPT TO:<c@d>|S: 554 5.7.1 Relay access denied"

    assert causes(HELLO, lines, refused) == ["auth_credentials_invalid"]


def test_a_lost_connection_does_not_hide_what_led_to_it() -> None:
    (verdict,) = verdicts(
        HELLO,
        "C: MAIL FROM:<a@b>|S: 250 Ok|C: RCPT TO:<c@d>|S: 554 5.7.1 Relay access denied|* Connection reset by peer",
    )

    assert verdict["cause"] == "relay_denied"


def test_one_refused_recipient_of_two_is_a_warning() -> None:
    one_of_two = MAIL.replace("C: DATA", "C: RCPT TO:<x@d>|S: 550 5.1.1 User unknown|C: DATA")

    (verdict,) = verdicts(HELLO, one_of_two, BYE)

    assert verdict["outcome"] == "accepted"
    assert "some_recipients_refused" in verdict["warnings"]


def test_a_sentence_that_sums_up_a_refusal_is_no_second_send() -> None:
    lines = [
        "smtp:1: <<< 535 5.7.8 Error: authentication failed",
        "smtp:2: Login denied",
        "smtp:3: authentication failed",
    ]

    assert causes("smtp:0: >>> AUTH PLAIN AGEAYg==", *lines) == ["auth_credentials_invalid"]


def test_a_sentence_that_sums_up_an_acceptance_is_no_second_send() -> None:
    assert causes(HELLO, MAIL, "smtp:2: mail done, server replied 250 2.0.0 Ok: queued as 1", BYE) == ["accepted"]


def test_the_same_sentence_again_is_the_next_send() -> None:
    assert causes("smtp:2: mail 1: Login denied|smtp:2: mail 2: Login denied") == ["auth_credentials_invalid"] * 2
    assert causes("smtp:2: Login denied|smtp:2: connect: Connection refused") == [
        "auth_credentials_invalid",
        "connect_refused",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "read 512 bytes",
        "select timeout after 450 ms",
        "sent 452 bytes",
        "queue id 550 done",
        "port 587",
        "took 421 ms",
        "mail 535",
    ],
)
def test_a_number_in_a_sentence_is_no_reply(text: str) -> None:
    assert follow(f"-: {text}").failures == []


@pytest.mark.parametrize(
    "text",
    ["TLS not established", "SSL set up failed", "TLS connection could not be established", "socket is not connected"],
)
def test_a_denial_is_no_success(text: str) -> None:
    found = follow(f"-: {text}")

    assert not found.tls
    assert found.reached == []


def test_clear_text_credentials_are_a_warning_only_without_tls() -> None:
    login = "C: AUTH PLAIN AGEAYg==|S: 235 2.7.0 ok"

    assert "credentials_in_clear" in verdicts(HELLO, login, MAIL, BYE)[0]["warnings"]
    assert (
        "credentials_in_clear" not in verdicts("* SSL connection using TLSv1.3", HELLO, login, MAIL, BYE)[0]["warnings"]
    )


def counters(sent: int, failed: int, queue: int = 0) -> dict[str, int]:
    return {"sent": sent, "failed": failed, "line": 9, "queue_length": queue, "queue_limit": 10}


def judged(after: dict[str, int], *parts: str, **more: Any) -> dict[str, Any]:
    conversation = follow(*parts) if parts else follow("-: something nobody knows")
    return judge(conversation, SendContext(entry_id="1", before=counters(5, 5), after=after, **more)).verdict()


def test_a_sent_counter_that_rose_is_a_proof() -> None:
    verdict = judged(counters(6, 5))

    assert (verdict["outcome"], verdict["confidence"]) == ("accepted", "medium")
    assert verdict["evidence"] == [{"line": 9, "text": "sent: 5 -> 6", "source": "fazmaild_statistics"}]


@pytest.mark.parametrize(("sent", "failed"), [(5, 5), (5, 6), (6, 6), (4, 5), (0, 0)])
def test_other_counters_are_none(sent: int, failed: int) -> None:
    assert judged(counters(sent, failed))["outcome"] != "accepted"


def test_counters_read_once_are_no_proof() -> None:
    assert judge(follow("-: nothing"), SendContext(after=counters(6, 5))).verdict()["outcome"] == "unknown"


def test_counters_that_contradict_an_acceptance_are_shown() -> None:
    verdict = judged(counters(5, 6), HELLO, MAIL)

    assert verdict["outcome"] == "accepted"
    assert verdict["confidence"] == "low"
    assert {"failed_counter_rose", "sent_counter_did_not_rise"} <= set(verdict["warnings"])


def test_counters_that_contradict_a_failure_are_shown() -> None:
    verdict = judged(counters(6, 5), HELLO, REFUSED)

    assert verdict["outcome"] == "failed"
    assert verdict["confidence"] == "low"
    assert "sent_counter_rose" in verdict["warnings"]


def test_a_paused_daemon_and_a_full_queue_are_a_cause() -> None:
    assert judged(counters(5, 5), daemon="paused")["cause"] == "queue_blocked"
    assert judged(counters(5, 5, queue=10))["cause"] == "queue_blocked"
    assert judged(counters(5, 5, queue=9))["cause"] == "unknown"


def test_the_remedy_names_the_entry() -> None:
    verdict = judged(counters(5, 6), HELLO, "C: AUTH PLAIN AGEAYg==|S: 535 5.7.8 Error: authentication failed")

    assert any("edit 1 " in step["cli"] for step in verdict["remedy"])
    assert all("<id>" not in step["cli"] for step in verdict["remedy"])
