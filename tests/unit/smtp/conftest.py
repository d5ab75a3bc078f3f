# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of mails that arrived and of mails that did not, each in every notation.

A scenario says once who says what; notations are functions that print it as one mail client or another would. A test
that asks for `case` runs for each scenario in each notation, one that asks for `lost` for those of mails not accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

# Who says it: client, server, the client about itself, the client about an error, and the message that is sent.
C, S, R, E, B = "client", "server", "remark", "error", "body"
Said = tuple[str, str]

OPEN = [(R, "Trying 127.0.0.5:587..."), (R, "Connected to mail.example.com (127.0.0.5) port 587")]
HELLO = [(S, "220 mail.example.com ESMTP Postfix"), (C, "EHLO faz.example.com"), (S, "250-mail.example.com")]
PLAIN = [*OPEN, *HELLO, (S, "250-SIZE 10240000"), (S, "250 ENHANCEDSTATUSCODES")]
BOTH = [*OPEN, *HELLO, (S, "250-STARTTLS"), (S, "250-AUTH LOGIN PLAIN"), (S, "250 ENHANCEDSTATUSCODES")]
ASK_TLS = [(C, "STARTTLS"), (S, "220 2.0.0 Ready to start TLS")]
TLS = [*ASK_TLS, (R, "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384"), *HELLO[1:]]
SAFE = [*BOTH, *TLS, (S, "250-AUTH LOGIN PLAIN"), (S, "250 HELP")]
LOGIN = [
    (C, "AUTH LOGIN"),
    (S, "334 VXNlcm5hbWU6"),
    (C, "YWxlcnRzQGV4YW1wbGUuY29t"),
    (S, "334 UGFzc3dvcmQ6"),
    (C, "aHVudGVyMmh1bnRlcjI="),
]
WELCOME = [(S, "235 2.7.0 Authentication successful")]
SENDER = [(C, "MAIL FROM:<faz@example.com>"), (S, "250 2.1.0 Ok")]
RECIPIENT = [(C, "RCPT TO:<ops@example.com>"), (S, "250 2.1.5 Ok")]
MESSAGE = [
    (C, "DATA"),
    (S, "354 End data with <CR><LF>.<CR><LF>"),
    (B, "Subject: Test mail"),
    (B, ""),
    (B, "250 is what we hope for."),
    (B, "."),
]
TAKEN = [(S, "250 2.0.0 Ok: queued as 4F1B22A0C1")]
BYE = [(C, "QUIT"), (S, "221 2.0.0 Bye")]
GIVE_UP = [(C, "RSET"), (S, "250 2.0.0 Ok"), *BYE]
LET_IN = [*SAFE, *LOGIN, *WELCOME]
ALL_STAGES = ["dns", "tcp", "greeting", "ehlo", "starttls", "tls", "auth", "mail_from", "rcpt_to", "data", "body"]


def until(last: str, without: tuple[str, ...] = ()) -> list[str]:
    return [stage for stage in ALL_STAGES[: ALL_STAGES.index(last) + 1] if stage not in without]


@dataclass(frozen=True)
class Scenario:
    """What is said, and the verdict on it. `telling` stands in a line of the evidence; `terse` is the same story as
    a client tells it that prints sentences only."""

    name: str
    said: list[Said]
    outcome: str
    cause: str
    stage: str
    telling: str = ""
    reply: tuple[str, str | None] | None = None
    temporary: bool | None = None
    warnings: list[str] = field(default_factory=list)
    confidence: str = "high"
    terse: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    by_remark: bool = False  # a notation that leaves out remarks cannot show it


def failed(name: str, cause: str, stage: str, said: list[Said], telling: str, **more: Any) -> Scenario:
    return Scenario(name, said, "failed", cause, stage, telling, **more)


def accepted(name: str, said: list[Said], **more: Any) -> Scenario:
    return Scenario(name, said, "accepted", "accepted", "accepted", "queued as 4F1B22A0C1", ("250", "2.0.0"), **more)


SCENARIOS = [
    accepted(
        "accepted",
        [*LET_IN, *SENDER, *RECIPIENT, *MESSAGE, *TAKEN, *BYE],
        terse=["mail sent, server replied 250 2.0.0 Ok: queued as 4F1B22A0C1"],
        reached=[*ALL_STAGES, "accepted"],
    ),
    accepted(
        "accepted_in_clear",
        [*PLAIN, *SENDER, *RECIPIENT, *MESSAGE, *TAKEN, *BYE],
        warnings=["clear_text"],
        reached=[*until("body", without=("starttls", "tls", "auth")), "accepted"],
    ),
    accepted(
        "accepted_although_tls_was_offered",
        [*BOTH, *LOGIN, *WELCOME, *SENDER, *RECIPIENT, *MESSAGE, *TAKEN, *BYE],
        warnings=["clear_text", "starttls_not_used", "credentials_in_clear"],
    ),
    accepted(
        "accepted_over_old_tls",
        [
            *BOTH,
            *ASK_TLS,
            (R, "SSL connection using TLSv1.0 / ECDHE-RSA-AES256-SHA"),
            *HELLO[1:],
            (S, "250 HELP"),
            *SENDER,
            *RECIPIENT,
            *MESSAGE,
            *TAKEN,
            *BYE,
        ],
        warnings=["deprecated_tls"],
        by_remark=True,
    ),
    failed(
        "auth_credentials_invalid",
        "auth_credentials_invalid",
        "auth",
        [*SAFE, *LOGIN, (S, "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6"), *BYE],
        "535 5.7.8",
        reply=("535", "5.7.8"),
        temporary=False,
        terse=["Login denied"],
        reached=until("tls"),
    ),
    failed(
        "auth_not_offered_by_list",
        "auth_not_offered",
        "ehlo",
        [*BOTH, *TLS, (S, "250-SIZE 10240000"), (S, "250 HELP"), *BYE],
        "250 HELP",
        temporary=False,
        confidence="medium",
    ),
    failed(
        "auth_not_offered_by_reply",
        "auth_not_offered",
        "auth",
        [*BOTH, *TLS, (S, "250 HELP"), (C, "AUTH LOGIN"), (S, "503 5.5.1 Error: authentication not enabled"), *BYE],
        "authentication not enabled",
        reply=("503", "5.5.1"),
        temporary=False,
        terse=["AUTH not supported by server"],
    ),
    failed(
        "connect_refused",
        "connect_refused",
        "tcp",
        [(R, "Trying 127.0.0.5:587..."), (E, "connect to 127.0.0.5 port 587 failed: Connection refused")],
        "Connection refused",
        terse=["Couldn't connect to server", "curl: (7) error"],
        reached=["dns"],
    ),
    failed(
        "no_route",
        "no_route",
        "route",
        [(R, "Trying 10.9.9.9:587..."), (E, "connect to 10.9.9.9 port 587 failed: No route to host")],
        "No route to host",
        temporary=True,
        terse=["connect: Network is unreachable"],
        reached=["dns"],
    ),
    failed(
        "connect_timeout",
        "connect_timeout",
        "tcp",
        [(R, "Trying 10.9.9.9:587..."), (E, "connect to 10.9.9.9 port 587 failed: Connection timed out")],
        "Connection timed out",
        temporary=True,
        terse=["connect() failed, errno 110"],
        reached=["dns"],
    ),
    failed(
        "starttls_unavailable",
        "starttls_unavailable",
        "starttls",
        [*BOTH, (C, "STARTTLS"), (S, "454 4.7.0 TLS not available due to local problem"), *BYE],
        "454 4.7.0",
        reply=("454", "4.7.0"),
        temporary=True,
        terse=["STARTTLS not supported."],
        reached=until("ehlo"),
    ),
    failed(
        "starttls_unavailable_by_code",
        "starttls_unavailable",
        "starttls",
        [*BOTH, (C, "STARTTLS"), (S, "502 5.5.1 Error: command not implemented"), *BYE],
        "502 5.5.1",
        reply=("502", "5.5.1"),
        temporary=False,
    ),
    failed(
        "starttls_unavailable_by_list",
        "starttls_unavailable",
        "starttls",
        [*OPEN, *HELLO, (S, "250-AUTH LOGIN PLAIN"), (S, "250 HELP"), *BYE],
        "250-AUTH LOGIN PLAIN",
        temporary=False,
        confidence="medium",
    ),
    failed(
        "tls_version_mismatch",
        "tls_version_mismatch",
        "tls",
        [*BOTH, *ASK_TLS, (E, "SSL_connect: error:0A000102:SSL routines::unsupported protocol")],
        "unsupported protocol",
        temporary=False,
        terse=["error:0A00042E:SSL routines::tlsv1 alert protocol version"],
        reached=until("starttls"),
    ),
    failed(
        "relay_denied",
        "relay_denied",
        "rcpt_to",
        [*PLAIN, *SENDER, RECIPIENT[0], (S, "554 5.7.1 <ops@example.com>: Relay access denied"), *GIVE_UP],
        "Relay access denied",
        reply=("554", "5.7.1"),
        temporary=False,
        warnings=["clear_text"],
        terse=["RCPT failed: 554"],
        reached=until("mail_from", without=("starttls", "tls", "auth")),
    ),
    failed(
        "recipient_invalid",
        "recipient_invalid",
        "rcpt_to",
        [
            *PLAIN,
            *SENDER,
            RECIPIENT[0],
            (S, "550-5.1.1 The email account that you tried to reach"),
            (S, "550 5.1.1 does not exist"),
            *GIVE_UP,
        ],
        "550",
        reply=("550", "5.1.1"),
        warnings=["clear_text"],
        temporary=False,
        terse=["RCPT failed: 550"],
    ),
    failed(
        "dns_name_not_found",
        "dns_name_not_found",
        "dns",
        [(E, "Could not resolve host: mail.exampel.com")],
        "Could not resolve host",
        temporary=False,
        terse=["getaddrinfo: Name or service not known"],
    ),
    failed(
        "content_rejected",
        "content_rejected",
        "body",
        [*LET_IN, *SENDER, *RECIPIENT, *MESSAGE, (S, "550 5.7.1 Message rejected as spam"), *GIVE_UP],
        "rejected as spam",
        reply=("550", "5.7.1"),
        temporary=False,
    ),
    failed(
        "server_refused",
        "server_refused",
        "",
        [(E, "mail failed: server replied 554 5.0.0 no")],
        "554 5.0.0",
        reply=("554", "5.0.0"),
        temporary=False,
        confidence="low",
        by_remark=True,
    ),
    failed(
        "greylisted",
        "greylisted",
        "rcpt_to",
        [*PLAIN, *SENDER, RECIPIENT[0], (S, "450 4.7.1 Greylisted, try again later"), *GIVE_UP],
        "Greylisted",
        reply=("450", "4.7.1"),
        warnings=["clear_text"],
        temporary=True,
    ),
    failed(
        "no_recipient_left_when_pipelined",
        "recipient_invalid",
        "rcpt_to",
        [
            *PLAIN,
            SENDER[0],
            RECIPIENT[0],
            MESSAGE[0],
            SENDER[1],
            (S, "550 5.1.1 User unknown"),
            (S, "554 5.5.1 Error: no valid recipients"),
            *GIVE_UP,
        ],
        "User unknown",
        reply=("550", "5.1.1"),
        warnings=["clear_text"],
        temporary=False,
    ),
    Scenario(
        "unknown_where_the_log_ends",
        [*PLAIN, *SENDER, *RECIPIENT, *MESSAGE],
        "unknown",
        "unknown",
        "data",
        "354 End data",
        confidence="low",
        warnings=["clear_text"],
    ),
    Scenario(
        "unknown_words",
        [*OPEN, (E, "mail task left the loop with state 7")],
        "unknown",
        "unknown",
        "tcp",
        "state 7",
        confidence="low",
        terse=["Connected to mail.example.com", "mail task left the loop with state 7"],
        by_remark=True,
    ),
]


def function_and_line(said: list[Said]) -> Iterator[str]:
    form = {C: "smtp_send:210: >>> {}", S: "smtp_read:412: <<< {}", B: "smtp_send:233: >>> {}"}
    return (form.get(who, "smtp_connect:120: {}").format(text) for who, text in said)


def behind_a_prompt_with_time(said: list[Said]) -> Iterator[str]:
    for number, line in enumerate(function_and_line(said)):
        yield ("FAZ-HQ # " if number % 3 == 0 else "") + f"2026-11-24 10:00:{number:02} {line}"


def curl(said: list[Said]) -> Iterator[str]:
    """curl does not print the message, nor the dot that ends it."""
    return ({C: "> ", S: "< "}.get(who, "* ") + text for who, text in said if who != B)


def swaks(said: list[Said]) -> Iterator[str]:
    safe = False
    for who, text in said:
        safe = safe or text.startswith("SSL connection")
        client, server, bad = (" ~> ", "<~  ", "<~* ") if safe else (" -> ", "<-  ", "<** ")
        refused = who == S and text[0] in "45"
        yield {C: client, B: client, S: bad if refused else server, R: "=== ", E: "*** "}[who] + text


def bracket(said: list[Said]) -> Iterator[str]:
    return (f"[sendmail_task:790 id=3] {({C: 'C: ', B: 'C: ', S: 'S: '}).get(who, '')}{text}" for who, text in said)


def phpmailer(said: list[Said]) -> Iterator[str]:
    form = {C: "CLIENT -> SERVER: {}", B: "CLIENT -> SERVER: {}", S: "SERVER -> CLIENT: {}", E: "SMTP ERROR: {}"}
    return (form[who].format(text) for who, text in said if who in form)


def smtplib(said: list[Said]) -> Iterator[str]:
    for who, text in said:
        if who in (C, B):
            yield f"send: '{text}\\r\\n'"
        elif who == S:
            yield f"reply: b'{text}\\r\\n'"
            if text[3:4] == " ":
                yield f"reply: retcode ({text[:3]}); Msg: b'{text[4:]}'"
        elif who == E:
            yield text


SILENT = (phpmailer, smtplib)  # these print no remarks
SPEAKING = (function_and_line, behind_a_prompt_with_time, curl, swaks, bracket)
NOTATIONS: tuple[Callable[[list[Said]], Iterator[str]], ...] = (*SPEAKING, *SILENT)


@dataclass(frozen=True)
class Case:
    """A scenario printed in one notation."""

    scenario: Scenario
    notation: str
    lines: list[str]
    remarks: bool


def cases() -> list[Case]:
    found = []
    for scenario in SCENARIOS:
        for notation in NOTATIONS:
            if not (scenario.by_remark and notation in SILENT):
                found.append(Case(scenario, notation.__name__, list(notation(scenario.said)), notation not in SILENT))
        if scenario.terse:
            found.append(Case(scenario, "sentences", [f"sendmail_task:790: {text}" for text in scenario.terse], False))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, wanted in (("case", cases()), ("lost", [c for c in cases() if c.scenario.outcome != "accepted"])):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, wanted, ids=[f"{each.scenario.name}-{each.notation}" for each in wanted])
