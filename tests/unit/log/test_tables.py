# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of mails are read by the names of their columns, whatever their order."""

from __future__ import annotations

import csv
import io
import random

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse

# As the admin center, PowerShell and the enhanced summary report name what is the same.
NAMES = {
    "summary": (
        "date_time_utc",
        "sender_address",
        "recipient_address",
        "message_subject",
        "status",
        "from_ip",
        "message_id",
    ),
    "powershell": ("Received", "SenderAddress", "RecipientAddress", "Subject", "Status", "FromIP", "MessageTraceId"),
    "words": ("Date Time UTC", "Sender Address", "Recipient Address", "Subject", "Status", "From IP", "Message ID"),
}
MAILS = [
    ("2026-12-03T07:12:01Z", "faz@example.com", "noc@example.net", "disk, 91 % full", "Pending", "192.0.2.10", "1"),
    ("2026-12-03T07:12:01Z", "faz@example.com", "old@example.net", "alert", "Failed", "192.0.2.10", "2"),
    ("2026-12-03T07:12:01Z", "faz@example.com", "ops@example.net", "alert", "Quarantined", "192.0.2.10", "3"),
    ("2026-12-03T07:12:01Z", "faz@example.com", "all@example.net", "alert", "Expanded", "192.0.2.10", "4"),
    ("2026-12-03T07:22:01Z", "faz@example.com", "noc@example.net", "disk, 91 % full", "Delivered", "192.0.2.10", "1"),
]
EXPECTED = {("accepted", "accepted"), ("failed", "server_refused"), ("failed", "content_rejected")}


def table(names: tuple[str, ...], rows: list[tuple[str, ...]], delimiter: str = ",", quoted: bool = False) -> str:
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerows([names, *rows])
    return text.getvalue()


def outcomes(text: str) -> list[tuple[str, str]]:
    return [(each["outcome"], each["cause"]) for each in analyse(text)["verdicts"]]


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_a_message_trace_tells_what_became_of_each_mail(names: tuple[str, ...], delimiter: str, quoted: bool) -> None:
    for seed in range(5):
        order = random.Random(seed).sample(range(len(names)), len(names))
        rows = [tuple(mail[place] for place in order) for mail in MAILS]
        found = outcomes(table(tuple(names[place] for place in order), rows, delimiter, quoted))
        assert len(found) == 3
        assert set(found) == EXPECTED


def test_the_enhanced_report_has_the_status_of_each_recipient_in_one_column() -> None:
    names = ("origin_timestamp_utc", "sender_address", "recipient_status", "message_id", "original_client_ip")
    both = "noc@example.net##Receive, Deliver;old@example.net##Receive, Fail"
    text = table(names, [("2026-12-03T07:12:01Z", "faz@example.com", both, "1", "192.0.2.10")])
    (verdict,) = analyse(text)["verdicts"]
    assert verdict["outcome"] == "accepted"
    assert "some_recipients_refused" in verdict["warnings"]


def test_a_tracking_log_has_the_words_of_the_server() -> None:
    text = (
        "#Log-type: Message Tracking Log\n"
        "#Fields: date-time,client-ip,event-id,message-id,recipient-address,recipient-status,sender-address\n"
        "2026-12-03T07:12:01.123Z,192.0.2.10,RECEIVE,<1@faz>,old@example.com,,faz@example.com\n"
        "2026-12-03T07:12:02.123Z,,FAIL,<1@faz>,old@example.com,550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found,faz@example.com\n"
        "2026-12-03T07:12:02.123Z,,DELIVER,<2@faz>,noc@example.com,,faz@example.com\n"
    )
    assert sorted(outcomes(text)) == [("accepted", "accepted"), ("failed", "recipient_invalid")]


@pytest.mark.parametrize(
    "text",
    [
        "name,recipient_address,sender_name,size\nx,noc@example.net,faz,Delivered\n",
        "the sender_address and the recipient_address are in the status\nnoc@example.net,Delivered\n",
        "Delivered,noc@example.net,faz@example.com\n",
    ],
)
def test_what_names_no_columns_of_mails_is_no_table(text: str) -> None:
    assert outcomes(text) == []


def test_rows_that_do_not_fit_are_not_understood_and_tell_nothing() -> None:
    text = table(NAMES["summary"], MAILS)
    found = analyse(f"{text}2026-12-03,half a row\n{text}")
    assert [each["text"] for each in found["unmatched"]] == ["2026-12-03,half a row"]
    assert {(each["outcome"], each["cause"]) for each in found["verdicts"]} == EXPECTED


def test_a_dialogue_below_a_table_is_read() -> None:
    text = table(NAMES["summary"], MAILS[:1])
    found = outcomes(f"{text}>>> RCPT TO:<a@example.net>\n<<< 554 5.7.1 Relay access denied\n")
    assert ("failed", "relay_denied") in found
