# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the header of an arrived mail says: which mail it is, its hops, TLS, and how its sender was authenticated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import JobError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.mail_arrival import work
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.arrival import (
    Received,
    Wanted,
    arrival,
    authentication,
    best,
    found_by,
    hops,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)
POSTFIX = (
    "from faz-hq (faz-hq.example.com [192.0.2.10]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
    "\t(Client did not present a certificate) by relay.example.com (Postfix) with ESMTPSA id 4F1B22A0C1\r\n"
    "\tfor <noc@example.com>; Tue, 24 Nov 2026 10:00:02 +0000 (UTC)"
)
EXIM = (
    "from relay.example.com ([192.0.2.25] helo=relay.example.com) by mx.example.net with esmtps (TLS1.2) tls "
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (Exim 4.96) (envelope-from <faz@example.com>) id 1abcDE-0001fG-2h "
    "for noc@example.com; Tue, 24 Nov 2026 11:00:05 +0100"
)
EXCHANGE = (
    "from MX1.example.net (2001:db8::1) by MBX2.example.net (2001:db8::2) with Microsoft SMTP Server "
    "(version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.8000.1; Tue, 24 Nov 2026 10:00:09 +0000"
)
CLEAR = "from faz-hq by relay.example.com with ESMTP id AB12CD34; Tue, 24 Nov 2026 10:00:02 +0000"
LOCAL = "by relay.example.com (Postfix, from userid 0) id AB12CD34; Tue, 24 Nov 2026 10:00:02 +0000"


def received(*lines: str, time: datetime = NOW) -> Received:
    return Received.from_bytes("\r\n".join([*lines, "", ""]).encode(), time)


def mail(*passed: str, **other: str) -> Received:
    """A mail, by the servers that passed it on, the first one first."""
    lines = [f"Received: {each}" for each in reversed(passed)]
    named = {"From": "FAZ <faz@example.com>", "To": "noc@example.com", "Subject": "Test mail from FAZ-HQ", **other}
    return received(*lines, *(f"{name.replace('_', '-')}: {value}" for name, value in named.items()))


def wanted(**other: Any) -> Wanted:
    return Wanted("noc@example.com", NOW - timedelta(minutes=1), **other)


def test_each_server_names_how_the_mail_came() -> None:
    found = hops(mail(POSTFIX, EXIM, EXCHANGE))
    assert [(hop["sender"], hop["receiver"], hop["id"]) for hop in found] == [
        ("faz-hq", "relay.example.com", "4F1B22A0C1"),
        ("relay.example.com", "mx.example.net", "1abcDE-0001fG-2h"),
        ("MX1.example.net", "MBX2.example.net", "15.20.8000.1"),
    ]
    assert [(hop["tls"], hop["tls_version"]) for hop in found] == [
        (True, "tlsv1.3"),
        (True, "tlsv1.2"),
        (True, "tlsv1.2"),
    ]
    assert [hop["time"] for hop in found] == [f"2026-11-24T10:00:0{second}+00:00" for second in (2, 5, 9)]


def test_clear_text_differs_from_what_is_not_said() -> None:
    clear, local = hops(mail(CLEAR, LOCAL))
    assert clear["tls"] is False
    assert local["tls"] is None
    assert (local["sender"], local["protocol"]) == (None, None)


def test_the_delay_is_from_the_first_server_to_the_mailbox() -> None:
    result = arrival(mail(POSTFIX, EXCHANGE), wanted(sender="faz@example.com"), 12.34)
    assert (result["arrived"], result["delay"], result["waited"]) == (True, 28.0, 12.3)
    nothing = arrival(None, wanted(), 120)
    assert (nothing["arrived"], nothing["found_by"], nothing["delay"], nothing["hops"]) == (False, None, None, [])


@pytest.mark.parametrize(
    ("message", "search", "expected"),
    [
        (mail(POSTFIX), wanted(reply="2.0.0 Ok: queued as 4F1B22A0C1"), "queue_id"),
        (mail(EXIM), wanted(reply="OK id=1abcDE-0001fG-2h", sender="other@example.com"), "queue_id"),
        (mail(POSTFIX), wanted(sender="FAZ@example.com", reply="2.0.0 Ok: queued as 99999999"), "sender"),
        (mail(POSTFIX), wanted(sender="faz@example.org"), ""),
        (mail(POSTFIX), wanted(device="faz-hq"), "device"),
        (mail(POSTFIX, Subject="=?utf-8?q?Mail_of_FAZ=2DDR?="), wanted(device="FAZ-DR"), "device"),
        (mail(POSTFIX), wanted(device="hq"), ""),  # it is only a part of the name
        (mail(EXIM), wanted(device="FAZ-DR"), ""),
        (mail(CLEAR, To="all@example.com"), wanted(sender="faz@example.com"), ""),
        (mail(POSTFIX, To="all@example.com"), wanted(sender="faz@example.com"), "sender"),  # for <noc@example.com>
        (mail(CLEAR, To="all@example.com", Delivered_To="noc@example.com"), wanted(device="FAZ-HQ"), "device"),
    ],
)
def test_which_mail_it_is(message: Received, search: Wanted, expected: str) -> None:
    assert found_by(message, search) == expected


def test_an_older_mail_is_not_the_one_and_the_surest_sign_wins() -> None:
    old = Received(mail(POSTFIX).header, NOW - timedelta(hours=1))
    alert, test = mail(CLEAR), Received(mail(POSTFIX).header, NOW + timedelta(seconds=5))
    search = wanted(sender="faz@example.com", reply="2.0.0 Ok: queued as 4F1B22A0C1")
    assert best([old], search) is None
    assert best([old, alert, test], search) is test
    assert best([test, alert], wanted(sender="faz@example.com")) is alert


def test_only_what_the_last_server_wrote_counts() -> None:
    last = "Authentication-Results: mx.example.net; spf=fail smtp.mailfrom=example.com; dkim=none; dmarc=fail (p=none)"
    forged = "Authentication-Results: mx.example.net; spf=pass; dkim=pass; dmarc=pass"
    assert authentication(received(last, f"Received: {EXIM}", forged)) == {
        "server": "mx.example.net", "spf": "fail", "dkim": "none", "dmarc": "fail",
    }  # fmt: skip
    signed = (
        "Authentication-Results: mx.example.net 1;\r\n dkim=fail header.d=a.example;\r\n dkim=pass header.d=b.example"
    )
    found = authentication(received(signed))
    assert found == {"server": "mx.example.net", "spf": None, "dkim": "pass", "dmarc": None}
    commented = "Authentication-Results: mx.example.net; spf=softfail (spf=pass; dkim=pass)"
    assert authentication(received(commented)) == {**found, "spf": "softfail", "dkim": None}
    assert authentication(mail(EXIM)) is None


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -0100", "Sat, 1 Jan 1 00:00:00 +9999", "Tue, 24 Nov 2026"])
def test_a_time_that_no_clock_shows_is_none(date: str) -> None:
    assert [hop["time"] for hop in hops(mail(f"from a by b with ESMTP id 1; {date}"))] == [None]


@given(st.lists(st.text(alphabet="from by with id;()<>@. \\\tTLSv1_3abc09", max_size=120), max_size=4))
def test_no_header_is_a_traceback(fields: list[str]) -> None:
    message = received(*(f"Received: {' '.join(field.split())}" for field in fields), "From: =?x?q?=ff?=", "To: (((")
    assert len(hops(message)) == len(fields)
    assert found_by(message, wanted(sender="a", device="b", reply="queued as 1234567")) == ""


OPTIONS = {
    "imap": {"host": "imap.example.com", "user": "noc", "passwd": "secret"},
    "to": "noc@example.com", "sender": "faz@example.com", "device": "", "reply": "", "since": None, "wait": 1, "interval": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sender": ""}, "expected sender, device or reply as well"),
        ({"imap": {"host": "imap.example.com", "user": "noc"}}, "expected either passwd or token"),
        ({"since": "yesterday"}, "since is 'yesterday'; expected a time such as"),
        ({"wait": 0}, "wait is 0; expected seconds"),
    ],
)
def test_wrong_options_are_one_sentence(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(JobError, match=expected):
        work({**OPTIONS, **change})
