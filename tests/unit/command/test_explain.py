# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail explain`: what a person reads, and the same as data."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify, judge_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from hypothesis import given
from hypothesis import strategies as st

LOGS = Path(__file__).parents[2] / "samples" / "logs"

TEST = """\
FAZ # show system mail
config system mail
    edit "relay"
        set server "mail.example.com"
        set port 587
        set secure-option starttls
        set auth enable
        set user "alerts"
    next
end
FAZ # diagnose test connection mailserver relay faz@example.com ops@example.com
smtp_connect:1: connect to 10.0.0.1 port 587: Connection refused
smtp_connect:1: connected to 10.0.0.2 port 587
smtp_io:1: <<< 220 mx ESMTP
smtp_io:1: >>> EHLO faz
smtp_io:1: <<< 250-mx
smtp_io:1: <<< 250 AUTH PLAIN
smtp_io:1: >>> AUTH PLAIN AGFsZXJ0cwBodW50ZXIyaHVudGVyMg==
smtp_io:1: <<< 535 5.7.8 Error: authentication failed
smtp_io:1: connection closed by peer
FAZ #
"""


def explained(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(["explain", *arguments]) == status
    return capsys.readouterr().out


def test_a_log_is_explained_with_its_losers_and_its_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test.log").write_text(TEST, encoding="utf-8")

    shown = explained(capsys, "-f", str(tmp_path / "test.log"))

    for part in (
        "FAILED at auth: auth_credentials_invalid (permanent, high confidence)",
        "Line 19 decided: a text of the vocabulary",
        "[postfix, reproduced]",
        "connect_refused at tcp: another send of the same capture ended so",
        "connection_lost at auth: it only follows from the failure that was found",
        "dns > tcp > greeting > ehlo",
        "user and password were sent in clear text",
        "What to do (device admin)",
        "    edit relay\n",
        "- fortiops.mail.system_mail: {config: [{id: relay,",
    ):
        assert part in shown, part
    assert "hunter2" not in shown
    assert "AGFsZXJ0" not in shown


TELNET = """\
$ telnet mail.example.com 25
Trying 192.0.2.25...
telnet: Unable to connect to remote host: Connection refused
"""


@pytest.mark.parametrize(("text", "status"), [(TELNET, 3), (TEST + TELNET, 0)], ids=["alone", "below a test"])
def test_what_a_tool_shows_of_the_path_is_explained_as_parse_shows_it(
    text: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "test.log"
    log.write_text(text, encoding="utf-8")
    main(["parse", str(log)])
    parsed = capsys.readouterr().out
    shown = " ".join(explained(capsys, "-f", str(log), status=status).split())

    title, __, path = shown.partition("the path to mail.example.com port 25, as another computer sees it")
    assert ("no send was recognised" in title) is (text == TELNET)
    assert path.split() == parsed.partition("as another computer sees it")[2].split()
    assert "telnet: Unable to connect to remote host: Connection refused" in path


def test_one_send_is_explained_without_the_paths_of_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test.log").write_text(TEST + TELNET, encoding="utf-8")

    assert "another computer" not in explained(capsys, "-f", str(tmp_path / "test.log"), "--send", "1")


def test_the_path_that_a_text_shows_is_data_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "test.log"
    log.write_text(TEST + TELNET, encoding="utf-8")
    main(["parse", "--format", "json", str(log)])
    parsed = json.loads(capsys.readouterr().out)["files"][0]["paths"]

    of_file = json.loads(explained(capsys, "-f", str(log), "--format", "json"))
    assert of_file["paths"] == [{"path": str(log), **each} for each in parsed]
    of_text = json.loads(explained(capsys, TEST + TELNET, "--format", "json"))
    assert of_text["paths"] == [{"path": "the text", **each} for each in parsed]


def test_the_same_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test.log").write_text(TEST, encoding="utf-8")

    found = json.loads(explained(capsys, "-f", str(tmp_path / "test.log"), "--format", "json"))

    assert found["schema"] == "fortiops.mail/explain/1"
    (send,) = found["sends"]
    assert (send["send"], send["cause"]) == (1, "auth_credentials_invalid")
    assert send["why"]["rule"]["grade"] == "reproduced"
    assert [each["because"] for each in send["why"]["lost"]] == ["consequence", "other_send"]


def test_one_send_of_several(capsys: pytest.CaptureFixture[str]) -> None:
    log = str(LOGS / "debug_three_sends.log")

    assert explained(capsys, "-f", log).count("What to do") == 3
    assert "dns_name_not_found" in explained(capsys, "-f", log, "--send", "2")
    assert main(["explain", "-f", log, "--send", "4"]) == 2
    assert "is 3; expected one of them" in capsys.readouterr().err


def test_equal_sends_are_explained_once_unless_each_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "x.log"
    log.write_text("2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no\n" * 30, encoding="utf-8")

    shown = explained(capsys, "-f", str(log))

    assert "x.log: 30 of 30 sends, the first is send 1 from line 1, the last is send 30 from line 30\n" in shown
    assert shown.count("What to do") == 1
    assert explained(capsys, "-f", str(log), "--all").count("What to do") == 30


@pytest.mark.parametrize(
    ("form", "begins"), [("html", "<!DOCTYPE html>"), ("markdown", "# None of "), ("text", "NONE OF ")]
)
def test_a_page_about_a_folder(form: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    for name in "ab":
        (tmp_path / "logs" / f"{name}.log").write_text(TEST, encoding="utf-8")

    shown = explained(capsys, "-f", str(tmp_path / "logs"), "--format", form)

    assert shown.lstrip().startswith(begins)
    assert "The mail server refused the user name" in shown
    assert explained(capsys, "-f", str(tmp_path / "logs"), "--format", form, "-o", str(tmp_path / "page")) == ""
    assert (tmp_path / "page").read_text(encoding="utf-8") == shown


def test_a_page_has_what_a_capture_says_of_its_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (LOGS / "capture_counters.log").read_text(encoding="utf-8")
    (tmp_path / "x.log").write_text(text.replace("#start:", "#identity: FAZ-VMTM1\n#start:"), encoding="utf-8")

    shown = explained(capsys, "-f", str(tmp_path / "x.log"), "--format", "text")

    assert "Product and firmware  FortiAnalyzer 7.4.2\nSerial number         FAZ-VMTM1\n" in shown
    assert "Time                  24 November 2026, 16:40, UTC" in shown


def test_a_log_that_cannot_be_read_makes_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_text("before", encoding="utf-8")

    for command in (["explain", "-f"], ["parse"]):
        assert main([*command, str(tmp_path / "missing"), "--format", "html", "-o", str(tmp_path / "page.html")]) == 2
        assert capsys.readouterr().out == ""
        assert (tmp_path / "page.html").read_text(encoding="utf-8") == "before"


def test_standard_input_and_texts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(TEST.encode()))))
    assert "auth_credentials_invalid" in explained(capsys, "-")
    assert "auth_credentials_invalid" in explained(capsys, TEST)
    assert "connect_refused" in explained(capsys, "errno 111")
    assert "UNKNOWN" in explained(capsys, "all is well", status=3)
    assert "no send was recognised" in explained(capsys, "-f", "/dev/null", status=3)


@pytest.mark.parametrize("command", [["parse"], ["parse", "--format", "text"], ["explain", "-f"]], ids=" ".join)
def test_a_log_without_a_send_comes_with_how_to_record_one(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text("sendmail_loop:1143: total pending tasks: 0.\n", encoding="utf-8")
    main([*command, str(tmp_path)])
    idle = capsys.readouterr().out
    (tmp_path / "b.log").write_text(TEST, encoding="utf-8")
    main([*command, str(tmp_path)])

    assert idle.count("diagnose debug enable") == 1
    typed = [
        "diagnose debug enable",
        "diagnose test connection mailserver <id> <sender> <recipient>",
        "diagnose debug reset",
    ]
    assert all(line in " ".join(idle.split()) for line in typed)
    assert "diagnose debug enable" not in capsys.readouterr().out


def test_what_would_prove_more_is_asked_for_only_where_the_reason_is_not_sure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Would prove more" not in explained(capsys, "535 5.7.8 Error: authentication failed")
    assert "Would prove more" in explained(capsys, "all is well", status=3)


def test_an_archive_is_explained_as_the_logs_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [LOGS / "swaks_relay_denied.log", LOGS / "debug_three_sends.log"]
    with zipfile.ZipFile(tmp_path / "logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for log in logs:
            archive.write(log, log.name)

    shown = explained(capsys, "-f", str(tmp_path / "logs.zip"))

    assert "logs.zip!swaks_relay_denied.log: send 1 of 4, from line " in shown
    assert "logs.zip!debug_three_sends.log: send 4 of 4, from line 21\n" in shown
    packed = json.loads(explained(capsys, "-f", str(tmp_path / "logs.zip"), "--send", "4", "--format", "json"))["sends"]
    plain = json.loads(explained(capsys, "-f", str(logs[1]), "--send", "3", "--format", "json"))["sends"]
    assert packed == [{**plain[0], "send": 4, "path": f"{tmp_path}/logs.zip!debug_three_sends.log"}]


def test_a_damaged_archive_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"<<< 535 5.7.8 no\n" * 1000)[:60])

    main(["explain", "-f", str(tmp_path / "x.gz")])

    assert "x.gz: the gzip archive cannot be unpacked any further" in capsys.readouterr().err


def test_words_of_ones_own_are_asked_first(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(
        "texts: [{text: fast asleep, library: generic, stage: auth, cause: relay_denied, evidence: assumed}]",
        encoding="utf-8",
    )
    for command in ("explain", "classify"):
        words = [
            Path(sys.executable).with_name("fazmail"),
            command,
            "--vocabulary",
            tmp_path / "mine.yml",
            "fast asleep",
        ]
        assert "relay_denied" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_causes(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in explained(capsys, "--list").splitlines()] == list(causes())
    for cause in causes():
        assert causes()[cause].explanation in explained(capsys, "--cause", cause)
    assert json.loads(explained(capsys, "--cause", "greylisted", "--format", "json"))["causes"][0]["temporary"] is True


@pytest.mark.parametrize("name", causes())
def test_the_name_of_a_cause_is_that_cause_and_no_error_message(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--cause", name]) == 0
    page = capsys.readouterr().out
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out == page


@pytest.mark.parametrize(
    "arguments", [["--list"], ["--cause", "greylisted"], ["--cause", "greylisted", "--format", "json"]]
)
def test_a_cause_goes_to_a_file_as_well(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = explained(capsys, *arguments)
    assert explained(capsys, *arguments, "-o", str(tmp_path / "page")) == ""
    assert (tmp_path / "page").read_text(encoding="utf-8") == shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to explain"),
        (["--cause", "relay_deny"], "did you mean relay_denied"),
        (["-f", "/nonexistent"], "cannot be read"),
        (["-f", "/no\x1b[2J\nfile"], "/no\\x1b[2J\\x0afile: cannot be read"),
        ([" "], "nothing to explain"),
        ([str(LOGS / "debug_three_sends.log")], "debug_three_sends.log is a file; expected -f "),
        (["--list", "--send", "1"], "--send: expected together with a log"),
        (["--list", "--all"], "--all: expected together with a log"),
        (["--cause", "relay_denied", "--format", "html"], "--format html: expected together with a log"),
        (["--format", "html", "550 no"], "--format html: expected a log"),
        (
            ["--format", "html", "--all", "-f", str(LOGS / "debug_three_sends.log")],
            "--send and --all: expected --format why",
        ),
        (["--templates", "/nonexistent", "550"], "--templates /nonexistent: expected a folder with a file `index`"),
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("sample", [row.sample for row in vocabulary().rows], ids=lambda text: text[:40])
def test_a_text_is_explained_as_it_is_classified(sample: str) -> None:
    assert meaning_of(sample) == classify(sample)["cause"]


def meaning_of(text: str) -> str:
    """The cause of the verdict on a text, or `accepted` where it says that this is only quoted in it."""
    verdict = judge_text(text)
    quoted = [each["cause"] for each in verdict["why"]["lost"] if each["because"] == "unbound"]
    return quoted[0] if verdict["cause"] == "unknown" and quoted else verdict["cause"]


@given(st.text(max_size=200))
def test_any_text_is_explained_as_it_is_classified(text: str) -> None:
    assert meaning_of(text) == classify(text)["cause"]
