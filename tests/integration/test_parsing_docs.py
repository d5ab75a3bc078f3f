# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/parsing.md shows is what happens, step by step, in one directory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import textfsm
import yaml
from ansible_collections.fortiops.mail.plugins.filter.records import records
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Note

from ..pages import blocks, write

# What a page shows is the same in each Python.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "parsing.md").read_text(encoding="utf-8")


BLOCKS = blocks(PAGE)


def run(commands: str, directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAZMAIL_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.run(
        commands, shell=True, capture_output=True, text=True, timeout=60, cwd=directory, env=environment, check=False
    )


def test_the_steps_do_what_they_say(tmp_path: Path) -> None:
    printed = ""
    steps = 0
    for block in BLOCKS:
        if block.expected:
            assert (tmp_path / block.title).read_text(encoding="utf-8") == block.text
        elif block.title:
            write(block, tmp_path)
        elif block.language == "console":
            done = run(block.text, tmp_path)
            assert done.returncode in (0, 1, 3), done.stderr
            assert not done.stderr
            printed = done.stdout
            steps += 1
        elif block.language == "text":
            assert all(line in printed for line in block.text.splitlines()), printed
    assert steps >= 4


def test_the_log_is_not_understood_without_the_template(tmp_path: Path) -> None:
    (log,) = (block for block in BLOCKS if block.title == "queue.log")
    (tmp_path / log.title).write_text(log.text, encoding="utf-8")

    done = run("fazmail parse queue.log", tmp_path)

    assert done.returncode == 3
    assert "2 unmatched" in done.stdout


def test_cli_parse_gets_what_the_filter_gives() -> None:
    """The parser ansible.utils.textfsm opens template_path, and makes a dictionary of header and row of ParseText."""
    (block,) = (block for block in BLOCKS if block.title == "cli_parse.yml")
    (task,) = yaml.safe_load(block.text)
    parser = task["ansible.utils.cli_parse"]["parser"]
    folder = task["vars"]["textfsm"].split("fortiops/mail/")[1]
    template = ROOT / parser["template_path"].replace("{{ textfsm }}", folder)
    text = (ROOT / "tests" / "samples" / "fazmaild_statistics" / "never_sent.raw").read_text(encoding="utf-8")

    with template.open(encoding="utf-8") as file:
        table = textfsm.TextFSM(file)
    (parsed,) = [dict(zip(table.header, row, strict=True)) for row in table.ParseText(text)]

    assert parser["name"] == "ansible.utils.textfsm"
    (record,) = records(text, template="fazmaild_statistics")
    same = {name: value for name, value in record.items() if name.upper() in parsed}
    assert {name: str(value) for name, value in same.items() if value != ""} == {
        name: parsed[name.upper()] for name, value in same.items() if value != ""
    }
    assert parsed["QUEUE_LENGTH"] == str(record["queue_length"])


def test_the_templates_open_in_any_locale() -> None:
    """cli_parse opens a template in the encoding of the machine."""
    for file in (ROOT / "templates" / "textfsm").glob("*.textfsm"):
        file.read_text(encoding="ascii")


def test_the_filter_works_as_the_page_says(tmp_path: Path) -> None:
    (example,) = (block for block in BLOCKS if block.language == "yaml" and "mail.records" in block.text)
    text = (ROOT / "tests" / "samples" / "fazmaild_statistics" / "never_sent.raw").read_text(encoding="utf-8")
    tasks: list[dict[str, Any]] = yaml.safe_load(example.text)
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"text": text}, "tasks": tasks}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")

    done = run("ansible-playbook play.yml", tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r'"msg": "?0"?', done.stdout), done.stdout


def test_every_kind_of_note_is_on_the_page() -> None:
    kinds = re.findall(r"`(\w+)`", str(Note.__doc__).split("one of")[1].split(";")[0])

    assert len(kinds) > 8
    for kind in kinds:
        assert f"`{kind}`" in PAGE, kind


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_what_the_page_links_to_exists(link: str) -> None:
    assert (ROOT / "docs" / link.partition("#")[0]).exists()
