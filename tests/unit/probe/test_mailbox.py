# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox on a server that follows a script; real servers are in tests/proof."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.arrival import Arrival, Wanted
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.mailbox import Account, MailboxError, wait_for

from .conftest import HOST, Authority, Script

WANTED = Wanted("noc@example.com", datetime(2026, 11, 24, 10, tzinfo=UTC), sender="faz@example.com")
HEADER = b"From: faz@example.com\r\nTo: noc@example.com\r\nSubject: Test\r\n\r\n"


BEFORE = '* 1 FETCH (UID 1 INTERNALDATE "%(time)s" BODY[HEADER] {%(size)d}\r\n%(header)s)\r\n'
BEHIND = '* 1 FETCH (UID 1 BODY[HEADER] {%(size)d}\r\n%(header)s INTERNALDATE "%(time)s")\r\n'


def holding(form: str, time: str, authority: Authority) -> Script:
    """The script of a server whose mailbox has one mail, which it took at this time and names in this form."""
    __, context = authority.leaf()
    answers = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        b"EXAMINE": b"* 1 EXISTS\r\n",
        b"SEARCH": b"* SEARCH 1\r\n",
        b"FETCH": form.encode() % {b"time": time.encode(), b"size": len(HEADER), b"header": HEADER},
    }

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure, secure.makefile("rb") as lines:
            secure.sendall(b"* OK ready\r\n")
            while words := lines.readline().split():
                name = words[2] if words[1] == b"UID" else words[1]
                if name == b"AUTHENTICATE":
                    secure.sendall(b"+ \r\n")
                    lines.readline()
                secure.sendall(answers.get(name, b"") + words[0] + b" OK done\r\n")

    return script


def look(
    serve: Callable[[Script], int], authority: Authority, time: str, form: str = BEFORE, **options: Any
) -> Arrival:
    port = serve(holding(form, time, authority))
    return wait_for(WANTED, Account(HOST, port, "noc", "secret", ca_file=str(authority.file), **options), 0, 1)


@pytest.mark.parametrize("form", [BEFORE, BEHIND])
def test_the_mail_is_found(serve: Callable[[Script], int], authority: Authority, form: str) -> None:
    found = look(serve, authority, "24-Nov-2026 10:00:05 +0000", form)
    assert (found["arrived"], found["found_by"]) == (True, "sender")


def test_an_earlier_mail_is_not_the_one(serve: Callable[[Script], int], authority: Authority) -> None:
    assert not look(serve, authority, "24-Nov-2026 10:30:00 +0100")["arrived"]


@pytest.mark.parametrize("time", ["soon", "", "31-Dec-9999 23:59:59 -0100"])
def test_a_mail_without_a_time_is_no_mail_that_did_not_arrive(
    serve: Callable[[Script], int], authority: Authority, time: str
) -> None:
    with pytest.raises(MailboxError, match="FETCH"):
        look(serve, authority, time)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": ""}, "host is empty"),
        ({"host": "a..b"}, "expected names in ASCII"),
        ({"port": 0}, "port is 0; expected a number from 1"),
        ({"port": 99999}, "port is 99999; expected a number from 1"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file /nowhere/ca.pem: No such file"),
        ({"ca_file": __file__}, "no certificates in it"),
    ],
)
def test_what_cannot_be_used_is_named(options: dict[str, Any], message: str) -> None:
    account = Account(**{"host": HOST, "port": 993, "user": "noc", "passwd": "secret", **options})
    with pytest.raises(MailboxError, match=message) as failed:
        wait_for(WANTED, account, 0, 1)
    assert failed.value.cause == "option"


def test_a_mailbox_is_named_as_the_server_spells_it(serve: Callable[[Script], int], authority: Authority) -> None:
    with pytest.raises(MailboxError, match=r"mailbox 'Gepr\u00fcft': .*expected names in ASCII"):
        look(serve, authority, "24-Nov-2026 10:00:05 +0000", mailbox="Gepr\u00fcft")
