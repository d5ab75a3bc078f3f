# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bounce that was saved as a mail: what the next server said is told once, and whatever else is in it never counts."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, analyse_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log
from hypothesis import given
from hypothesis import strategies as st

HEAD = (
    "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example.com\nTo: faz@example.com\nSubject: Undelivered Mail\n"
    "Date: Tue, 1 Dec 2026 09:00:00 +0100\nMIME-Version: 1.0\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
)
WORDS = "Your mail to noc@example.net could not be delivered.\n\n<noc@example.net>: 550 5.1.1 User unknown\n"
# The alert that was sent, which happens to tell of something else.
RETURNED = "From: faz@example.com\nTo: noc@example.net\nSubject: Alert\n\n2026-12-01 08:59:00 535 5.7.8 authentication failed\n"
REASON = (
    "Reporting-MTA: dns; relay.example.com\n\nFinal-Recipient: rfc822; noc@example.net\nAction: failed\nStatus: 5.1.1\n"
    "Remote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 <noc@example.net>: Recipient address rejected:\n"
    "    User unknown in virtual mailbox table\n"
)


def part(kind: str, content: str, encoding: str = "") -> str:
    if encoding == "base64":
        content = base64.encodebytes(content.encode()).decode()
    elif encoding == "quoted-printable":
        content = quopri.encodestring(content.encode()).decode()
    how = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return f"--b\nContent-Type: {kind}\n{how}\n{content}\n"


def bounce(status: str, words: str = WORDS, encoding: str = "", returned: str = RETURNED) -> str:
    parts = (
        part("text/plain", words, encoding),
        part("message/delivery-status", status, encoding),
        part("message/rfc822", returned),
    )
    return f"{HEAD}{''.join(parts)}--b--\n"


def causes(tmp_path: Path, mail: str) -> list[str]:
    saved = tmp_path / "bounce.eml"
    saved.write_text(mail, encoding="utf-8")
    return [verdict["cause"] for log in analyse_file(str(saved)) for verdict in log["verdicts"]]


@pytest.mark.parametrize("encoding", ["", "7bit", "base64", "quoted-printable"])
def test_what_the_server_said_is_told_once(encoding: str, tmp_path: Path) -> None:
    assert causes(tmp_path, bounce(REASON, encoding=encoding)) == ["recipient_invalid"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.2.2\n", ["mailbox_full"]),
        ("Final-Recipient: rfc822;a@example.net\nAction: delayed\nStatus: 4.4.1\n", ["connect_timeout"]),
        (
            "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 5.7.1 Relay access denied\n\n"
            "Final-Recipient: rfc822; b@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 mailbox full\n",
            ["relay_denied", "mailbox_full"],
        ),
        # No reason for programs: what people are told counts.
        ("Final-Recipient: rfc822; noc@example.net\nAction: failed\nStatus: 5.0.0\n", ["recipient_invalid"]),
        # Anybody may write that a mail was delivered.
        ("Final-Recipient: rfc822; noc@example.net\nAction: delivered\nStatus: 2.1.5\nDiagnostic-Code: smtp; 250 ok\n", []),
    ],
)  # fmt: skip
def test_each_recipient_has_its_outcome(status: str, expected: list[str], tmp_path: Path) -> None:
    assert causes(tmp_path, bounce(f"Reporting-MTA: dns; relay.example.com\n\n{status}")) == expected


def test_the_fields_are_read_where_they_are_pasted() -> None:
    (verdict,) = analyse(REASON)["verdicts"]
    assert (verdict["cause"], verdict["line"]) == ("recipient_invalid", 3)


def test_a_connection_of_the_reporting_server_is_no_work_on_the_device() -> None:
    (verdict,) = analyse("Final-Recipient: rfc822; a@example.net\nAction: delayed\nStatus: 4.4.1\n")["verdicts"]
    assert (verdict["cause"], verdict["owner"]) == ("connect_timeout", "mail admin")


@pytest.mark.parametrize(
    "reason",
    [
        "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mail.example.org.",
        "Your message has been delayed for more than 4 hours and is still being retried.",
    ],
)
def test_a_bounce_that_gives_no_reason_has_no_cause(reason: str, tmp_path: Path) -> None:
    status = "Final-Recipient: rfc822; noc@example.net\nAction: delayed\nStatus: 4.0.0\n"
    assert causes(tmp_path, bounce(status, f"{reason}\n")) in ([], ["unknown"])


def test_explain_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "bounce.eml"
    saved.write_text(bounce(REASON), encoding="utf-8")
    assert main(["explain", "-f", str(saved)]) == 0
    assert "recipient_invalid" in capsys.readouterr().out


def test_a_bounce_in_a_mail_is_read_too(tmp_path: Path) -> None:
    forwarded = HEAD.replace("report; report-type=delivery-status", "mixed") + part("message/rfc822", bounce(REASON))
    # The inner mail has the same boundary, as forgers like it.
    assert causes(tmp_path, forwarded.replace('"b"', '"o"', 1).replace("--b\n", "--o\n", 1) + "--o--\n") == [
        "recipient_invalid"
    ]


def test_mails_in_mails_without_end_are_refused_in_words(tmp_path: Path) -> None:
    saved = tmp_path / "deep.eml"
    inner = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(5_000))
    saved.write_text(f"From: a@example.com\nTo: b@example.com\nSubject: x\n{inner}", encoding="utf-8")
    with open_log(str(saved)) as members:
        problems = []
        for member in members:
            member.stream.read()
            problems.append(member.stream.problem)
    assert all(problem is None or "in one another too many times" in problem for problem in problems)


@given(st.data())
def test_no_damage_ends_in_an_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    mail = bounce(REASON, encoding=data.draw(st.sampled_from(["", "base64", "quoted-printable", "x-unknown"]))).encode()
    at = data.draw(st.integers(len(HEAD), len(mail)))
    mail = mail[:at] + data.draw(st.binary(max_size=40)) + mail[at + data.draw(st.integers(0, 200)) :]
    saved = tmp_path_factory.mktemp("damaged") / "bounce.eml"
    saved.write_bytes(mail)
    for log in analyse_file(str(saved)):
        assert all(verdict["outcome"] != "accepted" for verdict in log["verdicts"])
