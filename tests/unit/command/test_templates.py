# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail templates` tells an author of templates what is wrong with them, in words and by its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.find import ENVIRONMENT

INDEX = "Template, Hostname, Platform, Version, Command\n\ndisk.textfsm, .*, .*, 7\\..*, get disk$\n"
TEMPLATE = (
    "# Evidence: documented.\nValue NAME (\\w+)\nValue SIZE (\\d+)\n\nStart\n  ^${NAME}: ${SIZE} GB$$ -> Record\n"
)
RAW = "sda: 80 GB\nno disk sdb\n"
EXPECTED = "evidence: assumed\nrecords:\n- {line: 1, name: sda, size: '80'}\nunmatched: [2]\n"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of a user in which nothing is wrong."""
    # The command sets it for the rest of its process.
    monkeypatch.setenv(ENVIRONMENT, "")
    (tmp_path / "samples" / "disk").mkdir(parents=True)
    for name, text in {"index": INDEX, "disk.textfsm": TEMPLATE}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "samples" / "disk" / "one.raw").write_text(RAW, encoding="utf-8")
    (tmp_path / "samples" / "disk" / "one.yml").write_text(EXPECTED, encoding="utf-8")
    return tmp_path


def fazmail(*words: str | Path) -> int:
    return main(["templates", *map(str, words)])


def test_nothing_is_wrong_with_our_own_templates(capsys: pytest.CaptureFixture[str]) -> None:
    assert fazmail("lint") == 0
    assert "templates, no faults" in capsys.readouterr().out
    assert fazmail("test") == 0
    assert "none failed" in capsys.readouterr().out


def test_a_good_directory_of_a_user_has_no_faults(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fazmail("lint", "--templates", directory) == 0
    assert capsys.readouterr().out == "1 template, no faults\n"
    assert fazmail("test", "--templates", directory) == 0
    assert capsys.readouterr().out == "1 sample, none failed\n"


def test_the_directory_of_the_environment_is_looked_at_unless_another_is_named(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(directory))
    assert fazmail("lint") == 0
    assert capsys.readouterr().out == "1 template, no faults\n"
    monkeypatch.setenv(ENVIRONMENT, str(directory / "gone"))
    assert fazmail("lint") == 2
    assert f"{directory}/gone: no such folder" in capsys.readouterr().err
    assert fazmail("lint", "--templates", directory) == 0


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("Start\n  ^${NAME}: x$$ -> Record\n", "value SIZE is in no rule"),
        ("Start\n  ^${NAME}: ${SIZE}\n\nEOF\n", "disk.textfsm:6: the values of this rule are never recorded"),
        ("Start\n  ^(\\w+\\s?)*${NAME}: ${SIZE} -> Record\n", ":6: a repetition inside a repetition"),
        (
            "Start\n  ^${NAME}: ${SIZE} -> Record\n  ^${NAME}: ${SIZE} -> Clear\n",
            ":7: never reached: line 6 has the same expression",
        ),
        ("Start\n  ^.*\n  ^${NAME}: ${SIZE} -> Record\n", ":7: never reached: the rule in line 6 takes every line"),
        ("Start\n  ^${NAME}: ${SIZE} -> Record\n\nOther\n  ^x -> Start\n", "state Other is never reached"),
        ("Start\n  ^${NAME -> Record\n", "not a valid template"),
    ],
)
def test_a_fault_of_a_template_is_named(
    directory: Path, capsys: pytest.CaptureFixture[str], rules: str, words: str
) -> None:
    (directory / "disk.textfsm").write_text(TEMPLATE.partition("Start")[0] + rules, encoding="utf-8")

    assert fazmail("lint", "--templates", directory) == 1
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("disk.textfsm, .*, .*, .*, get disk \\d{1,3}$", "index:4: expected 5 columns, found 6"),
        ("dsik.textfsm, .*, .*, .*, get disk$", "index:4: there is no template dsik.textfsm"),
        ("disk.textfsm, .*, .*, .*, get (disk$", "index:4: Command is no regular expression"),
    ],
)
def test_a_fault_of_an_index_is_named(
    directory: Path, capsys: pytest.CaptureFixture[str], row: str, words: str
) -> None:
    (directory / "index").write_text(f"{INDEX}{row}\n", encoding="utf-8")

    assert fazmail("lint", "--templates", directory) == 1
    assert words in capsys.readouterr().out


def test_an_index_that_is_no_text_is_named_and_does_nothing_to_the_terminal(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "index").write_bytes(b"\xff\x1b[31m, x\n")

    assert fazmail("lint", "--templates", directory) == 1
    assert "expected a header with Template first, and Command, found \ufffd\\x1b[31m" in capsys.readouterr().out
    assert fazmail("list", "--templates", directory) == 2
    assert "index: expected a header with Template first" in capsys.readouterr().err


def test_a_template_without_a_sample_is_a_fault(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (directory / "samples" / "disk" / "one.raw").unlink()

    assert fazmail("lint", "--templates", directory) == 1
    assert "disk.textfsm: no sample; expected" in capsys.readouterr().out
    assert fazmail("test", "--templates", directory) == 2
    assert "no samples" in capsys.readouterr().err


def test_a_template_that_carries_values_from_line_to_line_is_no_fault(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEMPLATE.replace("Value NAME", "Value Filldown NAME")
    (directory / "disk.textfsm").write_text(text, encoding="utf-8")

    assert fazmail("lint", "--templates", directory) == 0
    assert capsys.readouterr().out == "1 template, no faults\n"


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (EXPECTED.replace("80", "81"), "record 1: expected {'line': 1, 'name': 'sda', 'size': '81'}, found"),
        (EXPECTED.replace("[2]", "[]"), "expected the unmatched lines [], found [2]"),
        ("just text", "expected a mapping with evidence and records"),
        ("a: [", "one.yml: not YAML: "),
    ],
)
def test_a_sample_that_fails_says_how(
    directory: Path, capsys: pytest.CaptureFixture[str], expected: str, words: str
) -> None:
    (directory / "samples" / "disk" / "one.yml").write_text(expected, encoding="utf-8")

    assert fazmail("test", "--templates", directory) == 1
    assert words in capsys.readouterr().out


def test_templates_are_listed_with_what_is_known_of_them(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (directory / "spare.textfsm").write_text(TEMPLATE.partition("\n")[2], encoding="utf-8")

    assert fazmail("list", "--templates", directory, "--format", "json") == 0
    disk, spare = json.loads(capsys.readouterr().out)
    assert disk == {
        "template": "disk",
        "platform": ".*",
        "command": "get disk$",
        "version": "7\\..*",
        "evidence": "documented",
        "samples": 1,
    }
    assert (spare["template"], spare["command"], spare["evidence"], spare["samples"]) == ("spare", "", "not stated", 0)
    assert fazmail("list", "--templates", directory) == 0
    assert "get disk$" in capsys.readouterr().out


def test_a_directory_that_cannot_be_meant_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fazmail("lint", "--templates", tmp_path / "none") == 2
    assert "no such folder" in capsys.readouterr().err
    assert fazmail("lint", "--templates", tmp_path) == 2
    assert "no templates" in capsys.readouterr().err


def test_a_template_that_cannot_be_read_is_a_fault_of_it(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (directory / "folder.textfsm").mkdir()
    (directory / "bytes.textfsm").write_bytes(b"\xff\n")
    assert fazmail("lint", "--templates", directory) == 1
    said = capsys.readouterr().out
    assert f"{directory / 'folder.textfsm'}: cannot be read: Is a directory; expected a TextFSM template\n" in said
    assert f"{directory / 'bytes.textfsm'}: not UTF-8 at byte 0; expected a TextFSM template\n" in said
