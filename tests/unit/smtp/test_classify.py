# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line in, one cause out."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import knowledge
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.classify import classify
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = yaml.load(Path(knowledge.__file__).with_name("vocabulary.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
    "texts"
]
KEYS = ["text", "stage", "cause", "code", "enhanced", "temporary", "owner", "evidence", "rule", "confidence"]


def test_every_known_text_gives_its_cause() -> None:
    causes_of = {row["sample"]: row["cause"] for row in ROWS if row["cause"] != "accepted"}

    assert len(causes_of) > 500
    assert {text: found for text, cause in causes_of.items() if (found := classify(text)["cause"]) != cause} == {}


@pytest.mark.parametrize(
    ("text", "cause", "code", "temporary"),
    [
        ("smtp_read_reply:412: <<< 454 4.7.1 <x@y>: Relay access denied", "relay_denied", "454", True),
        ("< 535 5.7.8 no", "auth_credentials_invalid", "535", False),
        ("mail failed: server replied 550 5.1.1 nobody here", "recipient_invalid", "550", False),
        ("errno 111", "connect_refused", None, None),
        ("250 2.0.0 Ok: queued as 4F1A", "accepted", "250", None),
        ("all is well, mail sent", "unknown", None, None),
        ("250 OK", "unknown", None, None),
        ("", "unknown", None, None),
    ],
)
def test_marks_prefixes_and_numbers(text: str, cause: str, code: str | None, temporary: bool | None) -> None:
    found = classify(text)
    assert list(found) == KEYS
    assert (found["text"], found["cause"], found["code"], found["temporary"]) == (text, cause, code, temporary)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert classify(text)["cause"] in knowledge.causes()


def test_the_command_answers_line_by_line_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["Connection refused", "", "\x00\xff nonsense", "535 5.7.8 no", "set passwd hunter2"]
    (tmp_path / "errors.txt").write_bytes("\r\n".join(lines).encode("latin-1") + b"\r\n")
    assert main(["classify", "--file", str(tmp_path / "errors.txt")]) == 0
    from_file = capsys.readouterr().out
    causes = [json.loads(line)["cause"] for line in from_file.splitlines()]
    assert causes == ["connect_refused", "unknown", "unknown", "auth_credentials_invalid", "unknown"]
    assert "hunter2" not in from_file

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Connection refused\n")))
    assert main(["classify"]) == 0
    assert json.loads(capsys.readouterr().out)["owner"] == "mail admin"
    assert main(["classify", "Connection refused", "x"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Login denied\n")))
    assert main(["classify", "Connection refused", "-"]) == 0
    assert [json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines()] == ["text", "text"]


def test_each_line_is_answered_before_the_next_is_asked() -> None:
    fazmail = [
        sys.executable,
        "-c",
        "from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main; main()",
    ]
    with subprocess.Popen([*fazmail, "classify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        # A command that waits for more instead of answering fails the test and does not hang it.
        limit = threading.Timer(60, process.kill)
        limit.start()
        for text, cause in (("Connection refused", "connect_refused"), ("Login denied", "auth_credentials_invalid")):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["cause"] == cause
        limit.cancel()
        process.stdin.close()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=20))
def test_random_bytes_have_one_answer_a_line(texts: list[bytes]) -> None:
    data = b"".join(text + b"\n" for text in [b"an ordinary line, so that this is no UTF-16 " * 4, *texts])
    given, printed = io.TextIOWrapper(io.BytesIO(data)), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr("sys.stdin", given)
        assert main(["classify"]) == 0
    assert len(printed.getvalue().splitlines()) == 1 + len(texts)


def test_a_file_of_windows_powershell_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "errors.txt").write_bytes("Connection refused\r\nLogin denied\r\n".encode("utf-16"))
    assert main(["classify", "-f", str(tmp_path / "errors.txt")]) == 0
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == [
        "Connection refused",
        "Login denied",
    ]


def test_a_missing_file_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "-f", "/nonexistent"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_large_file_is_answered_as_its_lines_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"550 5.1.1 <user{number}@example.net>: {row['sample']}" for number in range(12) for row in ROWS]
    assert len(lines) > 5000
    (tmp_path / "errors.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["classify", "-f", str(tmp_path / "errors.txt")]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["text"] for answer in answers] == lines
    assert [answer["cause"] for answer in answers[::97]] == [classify(line)["cause"] for line in lines[::97]]
