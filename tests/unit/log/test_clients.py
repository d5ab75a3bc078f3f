# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a mail server has the mails of thousands of clients: only those of one are asked for."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import collect
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.window import Selection
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Batch

REFUSED = "554 5.7.1 Relay access denied"
TAKEN = "250 2.0.0 Ok: queued as 4F1B"
NEXT = "mx.example.net[198.51.100.25]"


def postfix(number: int, host: str, address: str, taken: bool) -> list[str]:
    queue_id, end = (
        f"4F{number:04X}",
        f"dsn=2.0.0, status=sent ({TAKEN})" if taken else f"dsn=5.7.1, status=bounced (host {NEXT} said: {REFUSED})",
    )
    head = "Dec  3 07:12:01 relay1 postfix"
    return [
        f"{head}/smtpd[21]: {queue_id}: client={host}[{address}]",
        f"{head}/qmgr[9]: {queue_id}: from=<{host}@example.com>, size=512, nrcpt=1 (queue active)",
        f"{head}/smtp[22]: {queue_id}: to=<noc@example.net>, relay={NEXT}:25, dsn=4.7.1, status=deferred (host {NEXT} said: 450 4.7.1 Later)",
        f"{head}/smtp[22]: {queue_id}: to=<noc@example.net>, relay={NEXT}:25, {end}",
        f"{head}/qmgr[9]: {queue_id}: removed",
    ]


def postfix_rfc5424(number: int, host: str, address: str, taken: bool) -> list[str]:
    lines = postfix(number, host, address, taken)
    written = r"<22>1 2026-12-03T07:12:01.5+01:00 relay1 \1 \2 - - "
    return [re.sub(r"Dec  3 07:12:01 relay1 (\S+)\[(\d+)\]: ", written, line) for line in lines]


def exim(number: int, host: str, address: str, taken: bool) -> list[str]:
    queue_id = f"1tQxYz-{number:011d}-1Abc"
    end = (
        f'=> noc@example.net R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.25] C="{TAKEN}"'
        if taken
        else f"** noc@example.net R=dnslookup T=remote_smtp: SMTP error from remote mail server after RCPT TO:<noc@example.net>: {REFUSED}"
    )
    return [
        f"2026-12-03 07:12:01 {queue_id} <= {host}@example.com H={host}.example.com [{address}] P=esmtp S=512",
        f"2026-12-03 07:12:02 {queue_id} {end}",
        f"2026-12-03 07:12:03 {queue_id} Completed",
    ]


def sendmail(number: int, host: str, address: str, taken: bool) -> list[str]:
    queue_id = f"5B37C1kd{number:06d}"
    end = (
        f"dsn=2.0.0, stat=Sent ({TAKEN})"
        if taken
        else "dsn=5.7.1, stat=Service unavailable: 554 5.7.1 Relay access denied"
    )
    return [
        f"Dec  3 07:12:02 relay1 sm-mta[512]: {queue_id}: from=<{host}@example.com>, size=512, relay={host}.example.com [{address}]",
        f"Dec  3 07:12:03 relay1 sendmail[514]: {queue_id}: to=<noc@example.net>, mailer=esmtp, relay=mx.example.net, {end}",
    ]


def qmail(number: int, host: str, address: str, taken: bool) -> list[str]:
    end = (
        "success: 198.51.100.25_accepted_message./Remote_host_said:_250_Ok/"
        if taken
        else "failure: Remote_host_said:_554_5.7.1_Relay_access_denied/"
    )
    mail, delivery = 1048000 + number, 10 + number
    return [
        f"@40000000656b1f2a1b2c3d4e new msg {mail}",
        f"@40000000656b1f2a1b2c3d4e info msg {mail}: bytes 512 from <{host}@example.com> qp 21 uid 89",
        f"@40000000656b1f2a1b2c3d4e starting delivery {delivery}: msg {mail} to remote noc@example.net",
        f"@40000000656b1f2a1b2c3d4e delivery {delivery}: {end}",
        f"@40000000656b1f2a1b2c3d4e end msg {mail}",
    ]


def hmailserver(number: int, host: str, address: str, taken: bool) -> list[str]:
    said = [
        ("SENT", "220 mail ESMTP"),
        ("RECEIVED", f"EHLO {host}"),
        ("SENT", "250 mail"),
        ("RECEIVED", f"MAIL FROM:<{host}@example.com>"),
        ("SENT", "250 OK"),
        ("RECEIVED", "RCPT TO:<noc@example.net>"),
        *(
            [("SENT", "250 OK"), ("RECEIVED", "DATA"), ("SENT", "354 OK"), ("SENT", "250 Queued")]
            if taken
            else [("SENT", REFUSED)]
        ),
    ]
    return [f'"SMTPD"\t33\t{number}\t"2026-12-03 08:12:01.103"\t"{address}"\t"{mark}: {text}"' for mark, text in said]


def message_trace(number: int, host: str, address: str, taken: bool) -> list[str]:
    return [
        f"2026-12-03T07:12:01Z,{host}@example.com,noc@example.net,{'Delivered' if taken else 'Failed'},{address},{number:08d}"
    ]


HEADS = {message_trace: ["date_time_utc,sender_address,recipient_address,status,from_ip,message_id"]}
SERVERS = (postfix, postfix_rfc5424, exim, sendmail, qmail, hmailserver, message_trace)
server = pytest.mark.parametrize("mail", SERVERS)
CLIENTS = [
    ("faz", "192.0.2.1", True),
    ("faz2", "192.0.2.10", False),
    ("afaz", "192.0.2.101", True),
    ("web", "2001:db8::1", False),
]


def read(lines: list[str], *clients: str) -> dict[str, Any]:
    batch = Batch(lines, range(1, len(lines) + 1))
    return collect(stream([batch], LogOptions(Selection(clients=clients))), "x")


def outcomes(found: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((each["outcome"], each["cause"]) for each in found["verdicts"])


def day(mail: Callable[..., list[str]], seed: int = 1) -> tuple[list[str], dict[str, list[str]]]:
    """The lines of a day, in which those of the mails are mixed, and the lines of each client."""
    chance = random.Random(seed)
    mails = [
        (host, mail(number, host, address, taken)) for number, (host, address, taken) in enumerate(CLIENTS * 12, 1)
    ]
    waiting = [(host, list(lines)) for host, lines in mails]
    mixed = HEADS.get(mail, []).copy()
    while waiting:
        __, lines = waiting[chance.randrange(min(len(waiting), 6))]
        mixed.append(lines.pop(0))
        waiting = [each for each in waiting if each[1]]
    return mixed, {
        name: [*HEADS.get(mail, []), *(line for host, lines in mails if host == name for line in lines)]
        for name, *__ in CLIENTS
    }


@server
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client[0])
def test_the_mails_of_a_client_are_those_of_its_own_log(
    mail: Callable[..., list[str]], client: tuple[str, str, bool]
) -> None:
    host, address, taken = client
    mixed, own = day(mail)
    for called in (address, f"{host.upper()}@example.com") if mail is not qmail else (f"{host}@example.com",):
        found = outcomes(read(mixed, called))
        assert found == outcomes(read(own[host]))
        assert len(found) == 12
        assert {outcome for outcome, __ in found} == {"accepted" if taken else "failed"}


@server
def test_lines_of_others_are_counted_as_left_out(mail: Callable[..., list[str]]) -> None:
    mixed, own = day(mail)
    found = read(mixed, "faz@example.com")
    assert found["lines"]["total"] == len(mixed)
    assert found["unmatched"] == []
    left_out = sum(len(lines) for name, lines in own.items() if name != "faz")
    assert found["lines"]["outside"] >= left_out - 3 * len(HEADS.get(mail, []))


def test_two_clients_are_both_of_interest() -> None:
    mixed, __ = day(postfix)
    assert len(read(mixed, "192.0.2.1", "web")["verdicts"]) == 24


def test_a_mail_is_followed_to_the_queue_id_behind_a_filter() -> None:
    head = "Dec  3 07:12:01 relay1 postfix"
    lines = [
        f"{head}/smtpd[21]: 4F0001: client=faz[192.0.2.1]",
        f"{head}/smtp[22]: 4F0001: to=<noc@example.net>, relay=127.0.0.1:10024, dsn=2.0.0, status=sent (250 Ok: queued as 4F0002)",
        f"{head}/smtp[23]: 4F0002: to=<noc@example.net>, relay={NEXT}:25, dsn=5.7.1, status=bounced (host {NEXT} said: {REFUSED})",
        f"{head}/smtp[23]: 4F0003: to=<noc@example.net>, relay={NEXT}:25, dsn=2.0.0, status=sent ({TAKEN})",
    ]
    assert [outcome for outcome, __ in outcomes(read(lines, "192.0.2.1"))] == ["accepted", "failed"]


def test_a_queue_id_that_comes_again_is_another_mail() -> None:
    again = [
        line.replace("faz[192.0.2.1]", "web[192.0.2.9]").replace("faz@", "web@")
        for line in postfix(1, "faz", "192.0.2.1", False)
    ]
    assert outcomes(read([*postfix(1, "faz", "192.0.2.1", True), *again], "192.0.2.1")) == [("accepted", "accepted")]


def test_refusals_before_there_is_a_queue_id_are_those_of_the_client_they_name() -> None:
    reject = "Dec  3 07:12:01 relay1 postfix/smtpd[21]: NOQUEUE: reject: RCPT from {}[{}]: 454 4.7.1 Relay access denied; from=<a@example.com> helo=<{}>"
    lines = [reject.format(host, address, host) for host, address, __ in CLIENTS]
    assert outcomes(read(lines, "192.0.2.10")) == [("failed", "relay_denied")]
