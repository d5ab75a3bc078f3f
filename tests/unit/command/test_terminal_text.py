# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a device, a server, a file or its name says, `fazmail` prints nothing that a terminal acts upon."""

from __future__ import annotations

import ast
import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import run as run_command
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import escaped, escaped_lines
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
# Sequences that begin with ESC or with one character of C1 (CSI, OSC), what ends them, and what turns text around or hides in it.
HOSTILE = "\x1b]0;t\x07\x1b[31mX\x9b31mY\x9d0;x\x9c\x85\x08\x7f\u202e\u200b\u2028"
# A file may be called all this.
HOSTILE_NAME = HOSTILE.replace("/", "")
CONFIGURATION = """\
config system mail
    edit "relay{0}"
        set server "mail{0}"
    next
end
config system global
    set hostname "faz{0}"
end
"""
LOG = """\
smtp:1: <<< 220 mail.example.com {0} ESMTP
smtp:1: >>> AUTH PLAIN AGEAYg==
smtp:1: <<< 535 5.7.8 Error: {0} authentication failed {0}
fazmaild: {0}
unmatched {0} line
"""
OWN_RULE = {
    "id": "OWN-1",
    "title": f"t{HOSTILE}",
    "severity": "low",
    "about": "mail",
    "require": {"server": [f"x{HOSTILE}"]},
    "why": f"w{HOSTILE}",
    "fix": f"f{HOSTILE}",
    "refs": [f"r{HOSTILE}"],
}
# Words with a place for hostile files: {log}, {configuration}, {policy}, {document}, {templates}, {none} (no such file) and {text}.
COMMANDS = [
    *(f"parse --format {form} {{log}}" for form in ("table", "json", "jsonl", "csv", "html", "markdown", "text")),
    *(f"parse --summary --format {form} {{log}}" for form in ("table", "json", "csv")),
    "parse --all {log} {log}", "parse {none}", "parse --device {text} {log}", "parse --since {text} {log}",
    "parse --templates {none} {log}", "parse --vocabulary {none} {log}", "parse -o {none}/x {log}", "{none}",
    *(f"explain --format {form} -f {{log}}" for form in ("why", "json", "html", "markdown", "text")),
    "explain {text}", "explain -f {policy}", "explain --send 99 -f {log}", "explain --cause {text}", "explain -f {none}",
    "classify {text}", "classify -f {log}", "classify -f {none}",
    "check {configuration}", "check --name-by hostname {configuration}", "check --policy {policy} {configuration}", "check {none}",
    "report {document}", "report {none}", "report {log}", "report --since {none} {document}",
    "gather --directory {none} {configuration}",
    "rules lint {policy}", "rules list --policy {policy}", "rules explain OWN-1 --policy {policy}", "rules explain {text}",
    "templates lint --templates {templates}", "templates list --templates {templates}", "templates lint {text}",
    "templates test --templates {templates} --samples {none}",
    "sample add {log} --template fazmaild_debug --directory {none}", "sample add {log} --template {text}",
    "simulate {none}", "run -f {none} faz", "monitor -i {none} faz", "doctor -i {none}", "completion {text}", "{text}", "--{text}",
]  # fmt: skip


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in ("FAZMAIL_TEMPLATES", "FAZMAIL_VOCABULARY"):
        monkeypatch.setenv(name, "")  # commands that are given another place keep it here
    files = {
        name: tmp_path / f"{name}{HOSTILE_NAME}" for name in ("log", "configuration", "policy", "document", "templates")
    }
    files["log"].write_text(LOG.format(HOSTILE), encoding="utf-8")
    # Configurations of a device are quoted, and hold no ESC.
    files["configuration"].write_text(CONFIGURATION.format("\x9b31mX\u202e\x85\x7f"), encoding="utf-8")
    files["policy"].write_text(json.dumps({"rules": [OWN_RULE]}), encoding="utf-8")
    shutil.copytree(ROOT / "templates" / "textfsm", files["templates"])
    (files["templates"] / f"own{HOSTILE_NAME}.textfsm").write_text("Value X (a\n\nStart\n  ^a\n", encoding="utf-8")
    main(["check", "--json", str(files["document"]), str(files["configuration"])])
    return {
        **{name: str(file) for name, file in files.items()},
        "none": str(tmp_path / f"none{HOSTILE_NAME}"),
        "text": HOSTILE,
    }


def acted_upon(text: str) -> list[str]:
    """The lines of a text that do something to a terminal."""
    acting = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return [
        line for line in text.split("\n") if any(unicodedata.category(each) in acting for each in line if each != "\t")
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_a_terminal_acts_upon_is_printed(
    command: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    try:
        main([word.format_map(places) for word in command.split()])
    except SystemExit as end:
        assert end.code

    printed = capsys.readouterr()
    assert printed.out or printed.err
    assert not acted_upon(printed.out.replace("\r\n", "\n"))
    assert not acted_upon(printed.err)


@pytest.mark.parametrize("form", ["html", "markdown", "csv"])
def test_a_report_has_nothing_in_it_that_a_terminal_acts_upon(
    form: str, places: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "report"
    main(["check", f"--{form}", str(file), "--policy", places["policy"], places["configuration"]])

    assert "\\x9b31mX" in file.read_text(encoding="utf-8")
    assert not acted_upon(file.read_text(encoding="utf-8").replace("\r\n", "\n"))


def test_what_a_device_prints_is_shown_and_not_acted_upon(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"command": "get system status", "output": [f"a{HOSTILE}", "tab\tkept", "ä ✓"], "error": "", "records": []}
    monkeypatch.setattr(run_command, "do", lambda *__: {"results": [row], "warnings": [HOSTILE]})
    main(["run", "faz", "get system status"])

    printed = capsys.readouterr()
    assert printed.out == f"a{escaped(HOSTILE)}\ntab\tkept\nä ✓\n"
    assert not acted_upon(printed.err)


@given(st.text())
def test_what_may_be_shown_stays_and_all_else_can_still_be_read(text: str) -> None:
    shown = escaped_lines(text)

    assert not acted_upon(shown)
    assert shown.count("\n") == text.count("\n")
    assert acted_upon(text) or shown == text


def test_commands_print_in_one_place() -> None:
    files = (ROOT / "plugins" / "plugin_utils" / "command").glob("*.py")
    calls = {
        file.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }

    assert calls == {"parser.py"}
