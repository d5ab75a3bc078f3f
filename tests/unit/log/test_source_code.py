# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source code in a stack trace says what a program would do. Only what the exception says counts."""

from __future__ import annotations

import random

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary

REFUSED = "smtplib.SMTPDataError: (552, b'5.3.4 Message too big for system')"
PREFIXES = ["", "Dec  1 10:00:00 jump notify[812]: ", "2026-12-01 10:00:00,123 ERROR notify "]
# What other languages print around the words of an exception.
TRACES = {
    "java": [
        "jakarta.mail.MessagingException: 552 5.3.4 Message too big for system",
        "\tat org.eclipse.angus.mail.smtp.SMTPTransport.authenticate(SMTPTransport.java:876)",
        "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
        "\t... 12 more",
    ],
    "dotnet": [
        "System.Net.Mail.SmtpException: 552 5.3.4 Message too big for system",
        "   at System.Net.Mail.SmtpAuthenticationFailed.Send(SmtpClient client, String response)",
        "   --- End of inner exception stack trace ---",
    ],
    "php": [
        "PHP Fatal error:  Uncaught Exception: 552 5.3.4 Message too big for system",
        "Stack trace:",
        "#0 /srv/alert.php(12): fail('535 5.7.8 authentication failed')",
        "#1 {main}",
        "  thrown in /srv/alert.php on line 12",
    ],
    "node": [
        "Error: Message failed: 552 5.3.4 Message too big for system",
        "    at SMTPConnection._actionAUTHComplete (/srv/node_modules/nodemailer/lib/smtp-connection/index.js:1572:34)",
        "    at async /srv/alert.js:12:3",
    ],
    "ruby": [
        "/usr/lib/ruby/net/smtp.rb:1079:in `check_response': 552 5.3.4 Message too big for system (Net::SMTPFatalError)",
        "\tfrom /usr/lib/ruby/net/smtp.rb:750:in `authentication failed'",
    ],
    "go": [
        "panic: 552 5.3.4 Message too big for system",
        "goroutine 1 [running]:",
        "\t/srv/authentication/failed.go:20 +0x1d",
    ],
}


def found(lines: list[str]) -> list[tuple[str, str]]:
    return [(each["outcome"], each["cause"]) for each in analyse("\n".join(lines))["verdicts"]]


def traceback(source: list[str], prefix: str = "") -> list[str]:
    lines = ["Traceback (most recent call last):"]
    for number, code in enumerate(source):
        lines += [f'  File "/opt/alert.py", line {number}, in send', f"    {code}", "    ~~~~^^^^"]
    return [prefix + line for line in [*lines, REFUSED]]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_stands_in_the_source_code_is_no_evidence(prefix: str) -> None:
    samples = [row.sample for row in vocabulary().rows if row.sample]
    for seed in range(60):
        source = random.Random(seed).sample(samples, 4)
        assert found(traceback(source, prefix)) == [("failed", "message_too_large")], source


def test_an_exception_whose_source_code_is_not_there_is_read() -> None:
    assert found(['  File "<stdin>", line 1, in <module>', REFUSED]) == [("failed", "message_too_large")]


def test_all_tracebacks_of_a_long_log_are_read_alike() -> None:
    each = [*traceback(["raise SMTPAuthenticationError(code, resp)"]), "smtp: alert was sent, waiting for the next"]
    assert set(found(each * 600)) == {("failed", "message_too_large")}


@pytest.mark.parametrize("lines", TRACES.values(), ids=TRACES)
def test_the_frames_of_a_stack_trace_are_ignored(lines: list[str]) -> None:
    assert found(lines) == [("failed", "message_too_large")]
    result = analyse("\n".join(lines))
    assert result["status"] == "complete"
