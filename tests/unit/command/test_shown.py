# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where `fazmail` prints to: lines that fit a terminal, reports that go into a pipe, and `-`, which is no file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import run_document

FAILED = str(Path(__file__).parents[2] / "samples" / "logs" / "swaks_relay_denied.log")
BACKUP = """\
#config-version=FAZVM64-7.4.2-FW-build2397-231220
config system mail
    edit "relay"
        set server "mail.example.com"
    next
end
"""
Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize(
    "command",
    [
        "report {document}",
        "report {run}",
        "check {backup} {none}",
        "rules list",
        "templates list",
        "probe 127.0.0.1:1",
        "parse {log}",
    ],
)
def test_lines_for_people_fit_their_terminal(
    command: str, width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    backup, none, document, run = (tmp_path / name for name in ("faz-hq.conf", "none.png", "document.json", "run.json"))
    backup.write_text(BACKUP, encoding="utf-8")
    none.write_bytes(b"\x89PNG\r\n\x1a\n")
    main(["check", str(backup), str(none), "--json", str(document)])
    ended = {"reason": "the mail through 'relay' failed: " + "long words " * 20, "next": "do what the reason says " * 5}
    results = {"faz-hq": {"state": "taken_back", **ended}}
    run.write_text(json.dumps(run_document(results, "rollout", {"user": "x", "controller": "y"}, {})), encoding="utf-8")
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.chdir(tmp_path)

    main(command.format(backup=backup.name, none=none.name, document=document.name, run=run.name, log=FAILED).split())

    printed = capsys.readouterr().out
    assert printed
    assert [line for line in printed.splitlines() if len(line) > width] == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_goes_into_a_pipe_in_place_of_the_verdict(form: str, tmp_path: Path, capsys: Printed) -> None:
    backup, file = tmp_path / "faz-hq.conf", tmp_path / "document.json"
    backup.write_text(BACKUP, encoding="utf-8")
    status = main(["check", str(backup), "--json", str(file)])
    capsys.readouterr()

    assert (
        main(["report", str(file), f"--{form}", "-", "--csv" if form == "html" else "--html", str(tmp_path / "x")])
        == status
    )
    printed = capsys.readouterr().out
    assert main(["report", str(file), f"--{form}", str(tmp_path / "y")]) == status
    assert printed == (tmp_path / "y").read_bytes().decode()
    assert (tmp_path / "x").exists()
    assert main(["report", str(file), "--json", "-", "--html", "-"]) == 2


def test_a_file_called_as_standard_input_is_read_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    (tmp_path / "-").write_bytes(Path(FAILED).read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)

    assert main(["parse", "--format", "json", "."]) == 1
    assert [file["path"] for file in json.loads(capsys.readouterr().out)["files"]] == ["./-"]
