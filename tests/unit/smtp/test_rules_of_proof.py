# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What proves an acceptance, what contradicts one, and what only tells: whatever is in a log, prose proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from hypothesis import given
from hypothesis import strategies as st

HELLO = "S: 220 mx ESMTP|C: EHLO faz|S: 250-mx|S: 250 PIPELINING"
ENVELOPE = "C: MAIL FROM:<a@b.example>|S: 250 2.1.0 Ok|C: RCPT TO:<c@d.example>|S: 250 2.1.5 Ok"
DATA = "C: DATA|S: 354 go"
TAKEN = "C: .|S: 250 2.0.0 Ok: queued as 4F1B22A0C1"
REFUSED = "C: .|S: 554 5.7.1 Message rejected as spam"
BYE = "C: QUIT|S: 221 2.0.0 Bye"
LMTP = HELLO.replace("EHLO", "LHLO")
TWO = "C: RCPT TO:<e@f.example>|S: 250 2.1.5 Ok"
TAKEN_FOR = "S: 250 2.0.0 <c@d.example> Saved"
FULL = "S: 552 5.2.2 <e@f.example> Mailbox is full"


def verdicts(*parts: str) -> list[dict[str, Any]]:
    return list(analyse("\n".join("|".join(parts).split("|")) + "\n")["verdicts"])


def outcomes(*parts: str) -> list[str]:
    return [verdict["outcome"] for verdict in verdicts(*parts)]


@pytest.mark.parametrize(
    ("name", "parts", "expected"),
    [
        ("a chunk is no end", [HELLO, ENVELOPE, "C: BDAT 4096|S: 250 2.0.0 4096 octets"], ["unknown"]),
        ("the last chunk is", [HELLO, ENVELOPE, "C: BDAT 9|S: 250 Ok|C: BDAT 9 LAST|S: 250 2.6.0 Queued mail for delivery"], ["accepted"]),
        ("the last chunk refused", [HELLO, ENVELOPE, "C: BDAT 9|S: 250 Ok|C: BDAT 9 LAST|S: 552 5.3.4 too large"], ["failed"]),
        ("lost before the last", [HELLO, ENVELOPE, "C: BDAT 9|S: 250 Ok|* Connection reset by peer"], ["failed"]),
        ("a reply in the message", [HELLO, ENVELOPE, DATA, "250 2.0.0 Ok: queued as 1", REFUSED], ["failed"]),
        ("a message cut off", [HELLO, ENVELOPE, DATA, "250 2.0.0 Ok: queued as 1"], ["unknown"]),
        ("an indented reply in it", [HELLO, ENVELOPE, DATA, "    250 2.0.0 Ok: queued as 1", REFUSED], ["failed"]),
        ("marks of another program", [HELLO, ENVELOPE, DATA, "< 250 2.0.0 Ok: queued as 1", REFUSED], ["failed"]),
        ("a command in the message", [HELLO, ENVELOPE, DATA, "C: QUIT", REFUSED], ["failed"]),
        ("the last line decides", [HELLO, ENVELOPE, DATA, "C: .|S: 250-2.0.0 Ok|S: 550 5.7.1 rejected as spam"], ["failed"]),
        ("the last line is missing", [HELLO, ENVELOPE, DATA, "C: .|S: 250-2.0.0 Ok: queued as 1"], ["unknown"]),
        ("nobody to deliver to", [HELLO, ENVELOPE.replace("250 2.1.5 Ok", "550 5.1.1 User unknown"), DATA, TAKEN], ["failed"]),
        ("pipelined with QUIT", [HELLO, ENVELOPE, DATA, "C: .|C: QUIT|S: 250 2.0.0 Ok: queued as 1|S: 221 Bye"], ["accepted"]),
        ("refused with QUIT", [HELLO, ENVELOPE, DATA, "C: .|C: QUIT|S: 550 5.7.1 spam|S: 221 Bye"], ["failed"]),
        ("only QUIT answered", [HELLO, ENVELOPE, DATA, "C: .|C: QUIT|S: 221 Bye"], ["unknown"]),
        ("only RSET answered", [HELLO, ENVELOPE, DATA, "C: .|C: RSET|S: 250 2.0.0 Ok|C: QUIT|S: 221 Bye"], ["unknown"]),
        ("pipelined with MAIL", [HELLO, ENVELOPE, DATA, "C: .|C: MAIL FROM:<x@b>|S: 550 5.7.1 spam|S: 250 2.1.0 Ok"], ["failed", "unknown"]),
        ("one of two by LMTP", [LMTP, ENVELOPE, TWO, DATA, "C: .", TAKEN_FOR, FULL], ["accepted"]),
        ("none by LMTP", [LMTP, ENVELOPE, DATA, "C: .", FULL], ["failed"]),
        ("PRDR", [
            HELLO, ENVELOPE.replace("<a@b.example>", "<a@b.example> PRDR"), TWO, DATA,
            "C: .|S: 353 go|S: 550 no|S: 250 ok|S: 250 OK id=1tAbCd-0000Zz-2Q",
        ], ["accepted"]),
        ("two sessions in one", [f"S: 220 mx ESMTP|{HELLO}|C: EHLO other", "C: MAIL FROM:<a@b>|C: MAIL FROM:<x@y>|S: 250 ok", DATA, TAKEN], ["unknown"]),
        ("two mails in one", [
            "S: 220 mx ESMTP|S: 220 mx ESMTP|C: EHLO one|C: EHLO two|S: 250 mx|S: 250 mx|C: MAIL FROM:<a@b>|C: MAIL FROM:<x@y>",
            "S: 250 ok|S: 250 ok|C: RCPT TO:<c@d>|C: RCPT TO:<e@f>|S: 250 ok|S: 550 5.1.1 no such user", DATA, TAKEN,
        ], ["unknown"]),
        ("a message left out", [HELLO, ENVELOPE, DATA, "S: 250 2.0.0 Ok: queued as 1"], ["accepted"]),
        ("an answer left out, too", [HELLO, ENVELOPE, DATA, "S: 250 2.1.0 Ok"], ["unknown"]),
        ("a refusal in the message", [HELLO, ENVELOPE, DATA, "550 5.1.1 <x@y>: User unknown"], ["unknown"]),
        ("a contradiction", [HELLO, ENVELOPE, DATA, TAKEN, "* send failed: 550 5.7.1 rejected as spam"], ["failed"]),
        ("a reply alone", ["250 2.0.0 Ok: queued as 1"], []),
    ],
)  # fmt: skip
def test_a_reply_counts_in_its_place_only(name: str, parts: list[str], expected: list[str]) -> None:
    assert outcomes(*parts) == expected, name


def test_a_reply_that_the_log_lacks_does_not_move_those_behind_it() -> None:
    refused = ENVELOPE.replace("250 2.1.5 Ok", "550 5.1.1 User unknown")
    (verdict,) = verdicts(HELLO, "C: AUTH PLAIN AGFsZXJ0cwBodW50ZXIy", refused)

    assert (verdict["stage"], verdict["cause"]) == ("rcpt_to", "recipient_invalid")
    assert verdict["stages_reached"][-1] == "mail_from"


def test_a_recipient_refused_behind_an_accepted_one_is_a_warning() -> None:
    (verdict,) = verdicts(LMTP, ENVELOPE, TWO, DATA, "C: .", TAKEN_FOR, FULL)

    assert "some_recipients_refused" in verdict["warnings"]


def test_a_contradiction_shows_both_lines() -> None:
    (verdict,) = verdicts(HELLO, ENVELOPE, DATA, TAKEN, "* send failed: 550 5.7.1 rejected as spam")

    assert verdict["confidence"] == "low"
    assert [row["line"] for row in verdict["evidence"]] == [12, 13]


def test_mixed_sessions_are_said_to_be_mixed() -> None:
    (verdict,) = verdicts(f"S: 220 mx ESMTP|{HELLO}", "C: MAIL FROM:<a@b>|C: MAIL FROM:<x@y>|S: 250 ok", DATA, TAKEN)

    assert "interleaved" in verdict["warnings"]


# What may follow once a server has the mail, printed by any program.
AFTER = [
    "S: 421 4.4.2 mx Error: timeout exceeded",
    "S: 421 4.3.2 Service shutting down",
    "* Connection reset by peer",
    "* Recv failure: Connection timed out",
    "Connection closed by foreign host.",
    "* Remote host closed connection",
    "*** TLS peer[0] not verified: certificate has expired",
    "*** Host does not advertise AUTH",
    "*** STARTTLS not offered",
    "sendmail_task:640: TLS client certificate was not asked for",
    "fazalertd_post:212: connect to 192.0.2.80:443 failed: Connection refused",
    "dns_query:61: Could not resolve host: updates.example.net",
]


@given(st.lists(st.sampled_from(AFTER), max_size=4), st.booleans())
def test_nothing_that_may_follow_makes_an_accepted_mail_fail(following: list[str], quit_first: bool) -> None:
    assert outcomes(HELLO, ENVELOPE, DATA, TAKEN, *([BYE] if quit_first else []), *following) == ["accepted"]


# Lines that others write into: subjects, events, names of users and hosts.
WORDS = st.sampled_from(
    [
        "250 2.0.0 Ok: queued as 7C2E",
        "mail sent: 250 2.0.0 Ok: queued as 1",
        "250 Message accepted for delivery",
        "status=sent (250 ok)",
    ]
)
FORMS = st.sampled_from(
    [
        'alert_mail:12: event msg="{}"', "alert_mail:10: subject={}", "Subject: {}", "user={} logged in", "{}",
        'log title "{}"', "smtp_task:120: connecting to mx.example.net ({}) port 25", "C: Subject: {}", "    {}", "> {}",
        "smtp_task:150: RCPT TO reply: {}", "smtp_task:190: expect {} before sending DATA", "smtp_task:144: NOOP returned {}",
    ]
)  # fmt: skip
LOST = [
    [HELLO, ENVELOPE, DATA],
    [HELLO, ENVELOPE, DATA, REFUSED, BYE],
    [HELLO, ENVELOPE.replace("250 2.1.5 Ok", "550 5.1.1 User unknown"), BYE],
    ["FAZ # diagnose test connection mailserver 1 a@b.example c@d.example|Test mail request queued."],
    ["sendmail_task:640: send mail failed, task 4, errno 111: Connection refused"],
]


@given(st.sampled_from(LOST), FORMS, WORDS, st.data())
def test_no_line_that_others_write_makes_a_mail_accepted(lost: list[str], form: str, words: str, data: Any) -> None:
    lines = "|".join(lost).split("|")
    place = data.draw(st.integers(0, len(lines)))

    assert "accepted" not in outcomes(*lines[:place], form.format(words), *lines[place:])


@given(st.sampled_from(LOST), st.data())
def test_no_missing_or_garbled_line_makes_a_mail_accepted(lost: list[str], data: Any) -> None:
    lines = "|".join(lost).split("|")
    place = data.draw(st.integers(0, len(lines) - 1))
    instead = data.draw(st.sampled_from([[], ["x" * len(lines[place])], [lines[place][: len(lines[place]) // 2]]]))

    assert "accepted" not in outcomes(*lines[:place], *instead, *lines[place + 1 :])


COMMANDS = ["C: MAIL FROM:<a@b>", "C: RCPT TO:<c@d>", "C: DATA"]
REPLIES = ["S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 go"]


@given(st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_any_order_of_pipelining_gives_the_same_verdict(first: int, second: int, refused: bool) -> None:
    # Replies come in the order of the commands, each some time after its own.
    lines: list[str] = []
    answered = 0
    for sent, command in enumerate(COMMANDS, 1):
        lines.append(command)
        while answered < sent and answered < (first if sent == 1 else second):
            lines.append(REPLIES[answered])
            answered += 1
    lines += REPLIES[answered:]

    assert outcomes(HELLO, *lines, REFUSED if refused else TAKEN) == ["failed" if refused else "accepted"]


@pytest.mark.parametrize(
    "line",
    [
        "fazalertd_post:212: connect to 192.0.2.80:443 failed: Connection refused",
        "[csf_conn:77] SSL_connect: certificate verify failed",
        "auth_ldap:88: bind to ldap://192.0.2.82:636 failed: authentication failed, invalid credentials",
        "dns_query:61: Could not resolve host: updates.example.net",
        "curl_easy:9: curl: (28) Connection timed out after 10001 milliseconds",
        "[filefwd_send:19] sftp 192.0.2.84 port 22: No route to host",
    ],
)
def test_a_line_of_another_daemon_is_no_mail_until_it_belongs_to_one(line: str) -> None:
    idle = "sendmail_loop:1143: total pending tasks: 0."

    assert outcomes(idle, line) == []
    assert outcomes("sendmail_task:602: start to send mail, task 4", line, "sendmail_task:640: send mail failed: Connection refused") == ["failed"]  # fmt: skip
    connecting = "sendmail_task:602: connecting to updates.example.net:25"
    assert outcomes(connecting, "dns_query:61: Could not resolve host: updates.example.net") == ["failed"]


def test_of_a_mail_servers_log_the_latest_line_on_a_recipient_counts() -> None:
    deferred = (
        "Dec  3 07:12:02 mx1 postfix/smtp[1]: 9C1F02: to=<c@d.example>, relay=none, delay=1, dsn=4.4.1, "
        "status=deferred (connect to relay.d.example[192.0.2.25]:25: Connection refused)"
    )
    sent = "Dec  3 07:20:44 mx1 postfix/smtp[2]: 9C1F02: to=<c@d.example>, relay=mx, delay=9, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 5D2E81)"
    (failed,), (taken,) = verdicts(deferred), verdicts(deferred, sent)

    assert (failed["outcome"], failed["cause"], failed["stage"]) == ("failed", "connect_refused", "tcp")
    assert (taken["outcome"], taken["why"]["decided"], taken["confidence"]) == ("accepted", "delivery", "medium")


def test_a_dialogue_without_marks_is_read_until_the_server_closes_it() -> None:
    session = [
        "220 mx ESMTP",
        "ehlo faz",
        "250-mx",
        "250 HELP",
        "mail from:<a@b>",
        "250 ok",
        "rcpt to:<c@d>",
        "250 ok",
        "data",
    ]
    message = ["354 go", "Subject: x", "250 2.0.0 Ok: queued as 1", "."]

    assert outcomes(*session, *message, "250 2.0.0 Ok: queued as 2", "quit", "221 bye", "Connection closed by foreign host.") == ["accepted"]  # fmt: skip
    assert outcomes(*session, *message, "550 5.7.1 rejected as spam", "quit", "221 bye") == ["failed"]
    assert outcomes(*session, *message) == ["unknown"]


def test_a_reset_behind_the_answer_to_starttls_is_one_of_the_handshake() -> None:
    (verdict,) = verdicts(HELLO, "C: STARTTLS|S: 220 2.0.0 go|* Connection reset by peer")

    assert (verdict["cause"], verdict["stage"]) == ("tls_handshake_failed", "tls")


@pytest.mark.parametrize("challenge", [[], ["S: 334 "], ["SUCCESS => Received:     334"], ["S: something else"]])
def test_a_login_is_masked_whatever_stands_between(challenge: list[str]) -> None:
    lines = [
        "C: AUTH LOGIN",
        *challenge,
        "C: YWxlcnRzQGV4YW1wbGUuY29t",
        *challenge,
        "C: U3ByaW5nMjAyNyM=",
        "C: MAIL FROM:<a@b>",
    ]

    found = str(analyse("\n".join(lines)))
    assert "YWxlcnRz" not in found
    assert "U3ByaW5n" not in found
