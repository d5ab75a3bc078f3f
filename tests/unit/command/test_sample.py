# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail sample add`: what a device printed becomes a test, without its secrets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib"]
ROOT = Path(__file__).parents[3]
SAVED = """FAZ-HQ # get system status
Platform Type                   : FAZVM64
Version                         : v7.4.6-build2588 240930 (GA)
Hostname                        : FAZ-HQ

FAZ-HQ # show system mail
config system mail
    edit "1"
        set server "mail.example.com"
        set passwd ENC AAAABBBBCCCCDDDD
        surprise
    next
end

FAZ-HQ # exit
"""

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "My Capture.log"
    path.write_bytes(SAVED.replace("\n", "\r\n").encode("utf-16"))
    return path


def add(saved: Path, *arguments: str) -> int:
    return main(["sample", "add", str(saved), "--directory", str(saved.parent / "samples"), *arguments])


def expectation(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def test_the_output_of_a_command_is_kept_with_its_records(saved: Path) -> None:
    assert add(saved, "--command", "show system mail") == 0

    folder = saved.parent / "samples" / "show_system_mail"
    assert (folder / "my_capture.raw").read_text(encoding="utf-8") == (
        'config system mail\n    edit "1"\n        set server "mail.example.com"\n'
        "        set passwd ENC <redacted>\n        surprise\n    next\nend\n"
    )
    assert expectation(folder / "my_capture.yml") == {
        "evidence": "verbatim",
        "firmware": "7.4.6",
        "records": [{"line": 2, "id": "1", "server": "mail.example.com", "passwd": "ENC"}],
        "unmatched": [5],
    }
    assert sorted(path.name for path in folder.iterdir()) == ["my_capture.raw", "my_capture.yml"]


def test_a_template_finds_the_output_it_reads(saved: Path) -> None:
    assert add(saved, "--template", "system_status", "--name", "faz") == 0

    raw = (saved.parent / "samples" / "system_status" / "faz.raw").read_text(encoding="utf-8")
    assert raw == "".join(line + "\n" for line in SAVED.splitlines()[1:4])


def test_output_without_its_command_is_taken_whole(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("total sent mail count: 4\n", encoding="utf-8")

    assert add(file, "--command", "diagnose test application fazmaild 2", "--firmware", "7.6.1") == 0

    found = expectation(tmp_path / "samples" / "fazmaild_statistics" / "x.yml")
    assert found["firmware"] == "7.6.1"
    assert found["records"][0]["sent"] == 4


def test_text_that_the_template_refuses_is_no_sample(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path))
    (tmp_path / "mine.textfsm").write_text('Value A (\\d+)\n\nStart\n  ^x ${A} -> Error "no"\n', encoding="utf-8")
    (tmp_path / "x.txt").write_text("x 5\n", encoding="utf-8")

    assert add(tmp_path / "x.txt", "--template", "mine", "--firmware", "8.0.0") == 2
    assert capsys.readouterr().err.startswith(f'fazmail: {tmp_path}/x.txt: its template mine refuses it: Error: "no"')
    assert not (tmp_path / "samples").exists()


def test_text_that_no_rule_knows_is_kept_and_said_to_be(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "x.txt"
    file.write_text("new words\n", encoding="utf-8")

    assert add(file, "--template", "fazmaild_status", "--firmware", "8.0.0") == 3

    assert "matches no line of it" in capsys.readouterr().out
    assert expectation(tmp_path / "samples" / "fazmaild_status" / "x.yml")["unmatched"] == [1]


@pytest.mark.parametrize("there", ["x.raw", "x.yml"])
def test_nothing_is_overwritten_and_nothing_is_left_half(there: str, saved: Path, capsys: Printed) -> None:
    folder = saved.parent / "samples" / "show_system_mail"
    folder.mkdir(parents=True)
    (folder / there).write_text("precious", encoding="utf-8")

    assert add(saved, "--command", "show system mail", "--name", "x") == 2

    assert [path.name for path in folder.iterdir()] == [there]
    assert (folder / there).read_text(encoding="utf-8") == "precious"
    assert f"{folder / there}: exists; expected another --name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "found output for the templates 'show_system_mail', 'system_status'; name one with --template or"),
        (["--command", "get system mail"], "the text has no 'get system mail'; it has "),
        (["--command", "exit"], "no template reads the output of 'exit'; name one with --template"),
        (["--template", "no_such"], "there is no template 'no_such' in "),
        (["--template", "system_status", "--name", "../x"], "--name '../x': expected letters"),
        (["--template", "system_status", "--firmware", "new"], "--firmware new: expected a release such as 7.4.5"),
    ],
)
def test_what_is_wrong_is_one_clear_line(arguments: list[str], complaint: str, saved: Path, capsys: Printed) -> None:
    assert add(saved, *arguments) == 2

    printed = capsys.readouterr()
    assert complaint in printed.err
    assert printed.err.count("\n") == 1
    assert not (saved.parent / "samples").exists()


@pytest.mark.parametrize(("text", "complaint"), [("", "holds no output"), ("pid: 1\n", "does not say which firmware")])
def test_text_without_what_a_sample_needs_is_refused(
    text: str, complaint: str, tmp_path: Path, capsys: Printed
) -> None:
    file = tmp_path / "x.txt"
    file.write_text(text, encoding="utf-8")

    assert add(file, "--template", "fazmaild_status") == 2
    assert complaint in capsys.readouterr().err


def test_the_bytes_of_packets_are_in_no_sample(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "x.txt"
    packet = "0.879904 port1 out 192.0.2.7.44500 -> 192.0.2.25.25: psh 2 ack 10\n"
    dump = "0x0000   4155 5448 2050 4c41 494e 2041        AUTH.PLAIN.A\n"
    file.write_text(f"FAZ # diagnose sniffer packet any none 6 1\n{packet}{dump}\nFAZ # ", encoding="utf-8")

    assert add(file, "--firmware", "7.6.2") == 0

    folder = tmp_path / "samples" / "sniffer_packet"
    assert (folder / "x.raw").read_text(encoding="utf-8") == f"{packet}0x0000   <redacted>\n"
    assert [record["flag"] for record in expectation(folder / "x.yml")["records"]] == ["psh"]
    assert "Secrets and the bytes of packets are masked" in capsys.readouterr().out


def test_what_cannot_be_read_or_written_is_one_clear_line(saved: Path, capsys: Printed) -> None:
    missing = saved.parent / "missing"
    assert add(missing, "--template", "ping") == 2
    assert capsys.readouterr().err == (
        f"fazmail: {missing}: cannot be read: No such file or directory; expected text a device printed\n"
    )
    assert main(["sample", "add", str(saved), "--template", "system_status", "--directory", str(saved)]) == 2
    assert capsys.readouterr().err == (
        f"fazmail: {saved / 'system_status'}: cannot be written: Not a directory; name another place with --directory\n"
    )
    assert main(["sample", "add", "-", "--template", "ping", "--directory", str(saved.parent)]) == 2
    assert capsys.readouterr().err == "fazmail: -: gives the sample no name; expected --name\n"


def test_the_samples_of_a_user_are_beside_the_templates_of_the_user(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(saved.parent / "mine"))

    assert main(["sample", "add", str(saved), "--command", "show system mail"]) == 0

    assert (saved.parent / "mine" / "samples" / "show_system_mail" / "my_capture.yml").is_file()


def test_outside_of_a_checkout_a_directory_must_be_named(
    saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.delenv("FAZMAIL_TEMPLATES", raising=False)
    monkeypatch.chdir(saved.parent)

    assert main(["sample", "add", str(saved), "--command", "show system mail"]) == 2
    assert "name one with --directory" in capsys.readouterr().err


def test_a_sample_added_in_a_checkout_is_run_by_the_tests(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = saved.parent / "checkout"
    for folder in ("tests/samples", "tests/unit/templates", "templates/textfsm"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__", "reading"))
    monkeypatch.delenv("FAZMAIL_TEMPLATES", raising=False)
    monkeypatch.chdir(checkout)
    assert main(["sample", "add", str(saved), "--command", "show system mail"]) == 0

    done = subprocess.run(
        [*PYTEST, "tests/unit/templates/test_samples.py", "-k", "my_capture"],
        cwd=checkout,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
