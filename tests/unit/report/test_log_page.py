# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs for a customer: it says what happened in words that anybody knows, in every format the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.saved import SavedPath
from ansible_collections.fortiops.mail.plugins.plugin_utils.report import explanation, log_page
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_as_html import log_as_html
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_as_markdown import log_as_markdown
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_as_text import log_as_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_collected import CollectedLogs
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.log_page import LogPage
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes, reasons, stages

SAMPLES = Path(__file__).parents[2] / "samples"
LOGS = sorted(SAMPLES.glob("transcripts/*/*.log")) + sorted(SAMPLES.glob("logs/*.log"))
WORDS = yaml.safe_load(Path(log_page.__file__).with_name("plain.yml").read_text(encoding="utf-8"))
# What a word of the program looks like, and words that only its makers know.
MACHINE = re.compile(
    rf"\b(?:{'|'.join(name for name in (*causes(), *stages()) if '_' in name)}|vocabulary|template|verdict|unmatched|stage)\b"
)

SEND = """\
2026-11-{day:02} {hour:02}:00:00 sendmail_task:790: connecting to smtp.example.com:587
2026-11-{day:02} {hour:02}:00:00 smtp_read:412: <<< 220 smtp.example.com ESMTP
2026-11-{day:02} {hour:02}:00:00 smtp_send:210: >>> EHLO FAZ-HQ
2026-11-{day:02} {hour:02}:00:00 smtp_read:412: <<< 250 AUTH PLAIN LOGIN
2026-11-{day:02} {hour:02}:00:00 smtp_send:210: >>> AUTH PLAIN AGFsZXJ0cwBodW50ZXIyaHVudGVyMg==
2026-11-{day:02} {hour:02}:00:01 smtp_read:412: <<< {reply}
2026-11-{day:02} {hour:02}:00:01 smtp_send:210: >>> QUIT
"""
REFUSED = "535 5.7.8 Error: authentication failed"


def page(*texts: str | bytes) -> LogPage:
    logs = CollectedLogs()
    for number, text in enumerate(texts):
        data = text.encode() if isinstance(text, str) else text
        for item in stream(read(io.BytesIO(data)), LogOptions(evidence=SavedPath)):
            logs.add(f"folder/{number}.log", item)
    return LogPage(logs)


def sends(times: Iterable[tuple[int, int]], reply: str = REFUSED) -> str:
    return "".join(SEND.format(day=day, hour=hour, reply=reply) for day, hour in times)


def visible_text(html: str) -> str:
    """The text of a page, without its style."""
    parts: list[str] = []

    class Text(HTMLParser):
        style = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.style = tag == "style"

        def handle_endtag(self, tag: str) -> None:
            self.style = False

        def handle_data(self, data: str) -> None:
            if not self.style:
                parts.append(data)

    Text().feed(html)
    return " ".join(" ".join(parts).split())


# -- words -----------------------------------------------------------------------------------------------------------


def test_there_are_plain_words_for_everything_a_verdict_says() -> None:
    assert list(WORDS["decided"]) == list(reasons()["steps"])
    assert list(WORDS["warnings"]) == list(reasons()["warnings"])
    assert [stage for rung in WORDS["rungs"] for stage in rung["stages"]] == stages()
    assert {cause.owner for cause in causes().values()} == set(WORDS["owners"])


@pytest.mark.parametrize("log", LOGS, ids=lambda log: "/".join(log.parts[-2:]))
def test_a_page_has_plain_words_in_lines_that_fit(log: Path) -> None:
    shown = page(log.read_bytes())
    words = [shown.headline, *shown.happened, shown.read, *(meaning for __, meaning in shown.key)]
    for section in shown.sections:
        words += [
            section.plain,
            section.sure,
            *section.proof,
            *section.warnings,
            *(rung.name for rung in section.rungs),
        ]
        words += [f"{step.who} {step.what}" for step in section.steps[:1]]
        assert section.steps
        assert sum(rung.state == "failed" for rung in section.rungs) == (section.outcome == "failed")
        assert all(rung.state != "reached" for rung in section.rungs[-1:]) or section.outcome == "accepted"

    assert [text for text in words if MACHINE.search(text)] == []
    assert len(shown.happened) == 2
    text = log_as_text(shown, 80)
    assert max(map(len, text.splitlines())) <= 80
    for form in (text, log_as_markdown(shown), visible_text(log_as_html(shown))):
        assert shown.headline.lower() in form.lower()


def test_who_knows_no_mail_server_reads_what_happened_and_what_to_do() -> None:
    shown = page(sends([(24, 10)] * 2))

    assert shown.headline == "None of 2 mails was sent"
    assert shown.happened == [
        "The device tried to send 2 mails through the mail server smtp.example.com on 24 November 2026, 10:00; "
        "the mail server took over none of them.",
        "The mail server refused the user name or the password that the device logs in with.",
    ]
    (section,) = shown.sections
    assert [(rung.state, rung.words) for rung in section.rungs][3:7] == [
        ("reached", "done"),
        ("skipped", "not done: in plain text"),
        ("failed", "failed here"),
        ("untried", "not tried"),
    ]
    assert section.steps[0].what == "Enter the right user name and password in the mail server entry of the device."
    assert section.sure.startswith("Sure: ")


def test_the_way_shows_encryption_first_where_it_comes_first() -> None:
    shown = page(
        "* Connected to smtp.example.com (192.0.2.1) port 465\n* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n"
        "< 220 smtp.example.com ESMTP\n> EHLO faz\n< 250 AUTH PLAIN\n> AUTH PLAIN\n< 334\n> AGFsZXJ0cwBodW50ZXIy\n< 535 5.7.8 no\n"
    )

    names = [rung.name for rung in shown.sections[0].rungs]
    assert names.index("Both begin to encrypt what they say (TLS)") < names.index(
        "The mail server says hello, and the device introduces itself"
    )


def test_what_no_conversation_shows_is_not_claimed() -> None:
    shown = page((SAMPLES / "logs" / "capture_counters.log").read_bytes())

    assert {rung.state for rung in shown.sections[0].rungs} == {"reached", "unseen"}
    assert not [rung for rung in shown.sections[0].rungs if "plain text" in rung.words]


# -- one way ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "tip"), [("email-smtp.eu-west-1.amazonaws.com", True), ("smtp.example.com", False), ("", False)]
)
def test_a_tip_for_one_provider_is_for_its_customers_only(server: str, tip: bool) -> None:
    shown = page(sends([(24, 10)]).replace("smtp.example.com", server or "faz"))

    assert any("Amazon SES" in step.what for step in shown.sections[0].steps) == tip


@pytest.mark.parametrize("cause", causes())
def test_only_one_way_is_shown(cause: str) -> None:
    remedies = [dict(each) for each in causes()[cause].remedy]

    chosen = list(explanation.one_way(remedies))
    assert chosen
    assert not [each["advice"] for each in chosen if each.get("advice", "").startswith("Or ")]


# -- many sends ------------------------------------------------------------------------------------------------------


def test_many_equal_sends_are_one_paragraph_with_the_first_and_the_last() -> None:
    hours = [(day, hour) for day in (20, 21) for hour in range(24)]
    shown = page(sends(hours * 3), sends([(22, 1)], "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant"))

    first, second = shown.sections
    assert (first.letter, first.count, second.letter, second.count) == ("A", 144, "B", 1)
    assert first.counted == "144 mails, the first on 20 November 2026, 00:00, the last on 21 November 2026, 23:00."
    assert "Most often (144 times) this is the reason: " in shown.happened[1]
    assert log_as_text(shown, 80).count("535 5.7.8 Error") == 1


def test_sends_over_time_are_drawn_for_each_device() -> None:
    shown = page(
        f"FAZ-A # get system status\n{sends([(20, 1), (20, 1), (20, 4)])}",
        f"FAZ-B # get system status\n{sends([(20, 3)])}",
    )

    assert [(chart.device, [sum(column.counts.values()) for column in chart.bars]) for chart in shown.charts] == [
        ("FAZ-A", [2, 0, 0, 1]),
        ("FAZ-B", [0, 0, 1, 0]),
    ]
    html = log_as_html(shown)
    assert html.count("<svg") == 2
    assert "2026-11-20 04:00: 1 The mail server refused" in html
    assert re.search(r"^2026-11-20 01:00  2  \u2592{40}$", log_as_text(shown, 80), re.MULTILINE)


def test_days_take_the_place_of_hours_where_there_are_many() -> None:
    shown = page(sends([(1, 1), (1, 2), (9, 3)]))

    assert [column.period for column in shown.charts[0].bars if column.counts] == ["2026-11-01", "2026-11-09"]
    assert shown.chart_words == "Mails per day"


def test_times_that_cannot_be_are_shown_as_they_are() -> None:
    shown = page(sends([(24, 10)]).replace("2026-11-24", "2026-99-99"))

    assert "2026-99-99" in log_as_text(shown, 80)


# -- hostile and empty -----------------------------------------------------------------------------------------------


def test_text_of_a_log_does_nothing_in_a_page() -> None:
    evil = "535 5.7.8 authentication failed <script>alert(1)</script> ``` [x](http://e) \u202e @all"
    shown = page(f"<img src=x onerror=alert(1)> # get system status\n{sends([(24, 10)], evil)}<b>what</b>\x1b[31m\n")

    html = log_as_html(shown)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>what" not in html
    assert "\u202e" not in html
    markdown = log_as_markdown(shown)
    assert re.search(r"````text\nline \d+: 535 5.7.8 authentication failed", markdown)
    assert "\u202e" not in markdown + log_as_text(shown, 80)


def test_a_secret_is_in_no_page() -> None:
    shown = page(sends([(24, 10)]))

    for form in (log_as_html(shown), log_as_markdown(shown), log_as_text(shown, 80)):
        assert "AGFsZXJ0" not in form


def test_reasons_that_are_equally_frequent_are_not_called_the_most_frequent() -> None:
    shown = page(
        sends([(24, 10)]) + sends([(24, 11)], "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant")
    )

    assert shown.happened[1].startswith("There are 2 reasons; one of them: ")


@pytest.mark.parametrize("data", [b"", b"7z\xbc\xaf\x27\x1c\0\4abc"])
def test_of_what_was_not_read_nothing_is_said_to_be_understood(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "sent.log").write_bytes(data)
    missing = str(tmp_path / "missing.log")

    assert main(["parse", "--format", "text", str(tmp_path / "sent.log"), missing, "-o", str(tmp_path / "page")]) == 2

    text = " ".join((tmp_path / "page").read_text(encoding="utf-8").split())
    assert text.startswith(
        "NOTHING WAS READ sent.log: 0 lines. missing.log: it cannot be read: No such file or directory."
    )
    assert "understood" not in text
    assert ("7z is not supported; unpack it first" in text) == bool(data)


def test_support_asks_for_the_log_that_the_page_asks_for() -> None:
    page = (SAMPLES.parents[1] / "docs" / "reply.md").read_text(encoding="utf-8")

    assert "\n".join(WORDS["record"]["lines"]) in page


@pytest.mark.parametrize("texts", [("a shopping list\n",), ("", "what is this\n")])
def test_what_has_no_send_is_said_to_have_none(texts: tuple[str, ...]) -> None:
    shown = page(*texts)

    assert shown.status == "incomplete"
    for form in (visible_text(log_as_html(shown)), log_as_markdown(shown), log_as_text(shown, 80)):
        assert "no attempt to send a mail is in this log" in form.lower()
        assert "diagnose test connection mailserver <id> <sender> <recipient>" in form
        assert "was sent" not in form


def test_a_send_whose_end_is_not_known_is_no_reason_of_those_that_failed() -> None:
    unknown = "".join(f"2026-11-24 1{hour}:00:00 sendmail_task:790: connecting to 192.0.2.1:25\n" for hour in range(3))
    shown = page(
        "FAZ # diagnose test connection mailserver 1\n"
        + unknown.replace("\n", "\nFAZ # diagnose test connection mailserver 1\n"),
        sends([(24, 10)]),
    )

    assert shown.logs.summary.verdicts["unknown"] > shown.logs.summary.verdicts["failed"] == 1
    assert shown.happened[1] == "The mail server refused the user name or the password that the device logs in with."
    assert [section.outcome for section in shown.sections] == ["failed", "unknown"]


def test_tests_of_the_network_on_another_computer_are_told_in_every_format() -> None:
    found = page(
        "$ telnet smtp.example.com 587\nTrying 192.0.2.25...\ntelnet: Unable to connect to remote host: Connection refused\n"
    )
    assert found.logs.groups.count == 0
    for text in (log_as_text(found, 10_000), log_as_markdown(found), visible_text(log_as_html(found))):
        assert "What the log shows of the way to a mail server" in text
        assert "Another computer was refused on this port" in text
        assert "smtp.example.com, port 587" in text
        assert "line 3" in text
        assert not MACHINE.search(text)
