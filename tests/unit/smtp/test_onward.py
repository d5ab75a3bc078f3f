# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server reports of its way to the next one is nothing that a command for the device could mend."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify, judge_text

TIMED_OUT = "connect to mx.example.com[192.0.2.7]:25: Connection timed out"
BY_TLS = "TLS handshake with mx.example.com failed: certificate verify failed"
REPORTED = (
    "Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; {}",
    "Final-Recipient: rfc822; noc@example.com\nAction: failed\nDiagnostic-Code: X-Postfix; {}",
    "Your message could not be delivered for more than 4 hours. It will be retried until it is 5 days old. {}",
    "It will be retried. {}",
    "Delivery has been delayed: {}",
    "Warning: message still undelivered after 4 hours: {}",
    "<noc@example.com>: {}",
    "Dec  1 09:00:00 relay postfix/smtp[123]: 4F1C2: to=<noc@example.com>, relay=none, delay=30, dsn=4.4.1, status=deferred ({})",
)


@pytest.mark.parametrize("failure", [TIMED_OUT, BY_TLS])
@pytest.mark.parametrize("report", REPORTED)
def test_a_connection_of_a_mail_server_on_the_way_is_no_work_on_the_device(report: str, failure: str) -> None:
    text = report.format(failure)
    verdict = judge_text(text) if "\n" not in text else None
    told = [verdict] if verdict and not text.startswith("Dec") else analyse(f"{text}\n")["verdicts"]

    for each in told:
        assert each["outcome"] == "failed"
        assert each["cause"] == judge_text(failure)["cause"]
        assert each["owner"] == "mail admin"
        assert [(step["cli"], step["task"]) for step in each["remedy"]] == [("", "")]
        assert "onward" in each["warnings"]
    assert told


@pytest.mark.parametrize("failure", [TIMED_OUT, BY_TLS])
@pytest.mark.parametrize("report", REPORTED[:-1])  # but a line of a mail server's log, which parse reads
def test_the_owner_of_one_text_is_the_same(report: str, failure: str) -> None:
    text = report.format(failure)
    assert (classify(text)["cause"], classify(text)["owner"]) == (judge_text(failure)["cause"], "mail admin")


def test_the_owner_of_a_connection_of_the_device_is_its_own() -> None:
    assert classify(TIMED_OUT)["owner"] == "network team"


@pytest.mark.parametrize(
    "text",
    [
        f"smtp_task:3: {TIMED_OUT}, mail will be retried",
        f"FAZ # diagnose test connection mailserver 1 a@example.com b@example.com\nmail will be retried: {TIMED_OUT}",
        TIMED_OUT,
    ],
)
def test_a_connection_of_the_device_is_its_own_although_it_tries_again(text: str) -> None:
    for each in analyse(f"{text}\n")["verdicts"]:
        assert "onward" not in each["warnings"]
        assert any(step["cli"] for step in each["remedy"])


def test_a_recipient_that_is_wrong_is_still_put_right_on_the_device() -> None:
    verdict = judge_text("Diagnostic-Code: smtp; 550 5.1.1 User unknown")
    assert (verdict["cause"], verdict["owner"]) == ("recipient_invalid", "device admin")
    assert "onward" not in verdict["warnings"]
