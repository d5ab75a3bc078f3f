# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CONTRIBUTING.md asks of everybody holds for what is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WORDS = re.findall(
    r"^\| ([^|]+) \| [^|]+ \|$", CONTRIBUTING.partition("| not | but |\n| --- | --- |\n")[2], re.MULTILINE
)
READ_BY_PEOPLE = ["README.md", "docs", "roles", "playbooks", "plugins", "simulator", "changelogs/fragments"]


@pytest.mark.parametrize("word", WORDS)
def test_a_text_for_people_has_the_usual_word(word: str) -> None:
    places = [ROOT / each for each in READ_BY_PEOPLE]
    files = [file for each in places for file in ([each] if each.is_file() else each.rglob("*")) if file.is_file()]
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        if file.suffix in (".cfg", ".j2", ".md", ".py", ".textfsm", ".yml")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(rf"\b{re.escape(word)}\b", line, re.IGNORECASE)
    ]

    assert len(files) > 10
    assert not found, "\n".join(found)


def test_there_are_words_to_look_for() -> None:
    assert {"say whether", "told of", "comes to", "mended"} <= set(WORDS)


def test_hooks_run_the_commands_of_make_lint() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook["entry"].replace(".venv/bin/", "$(BIN)/") for repo in config["repos"] for hook in repo["hooks"]]
    lint = re.search(r"^lint: install\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert lint is not None
    assert hooks and set(hooks) <= set(lint[1].replace("\t", "").splitlines())


def test_a_name_that_nobody_needs_is_written_as_ansible_test_allows() -> None:
    files = [file for folder in ("plugins", "simulator", "tests", "bench") for file in (ROOT / folder).rglob("*.py")]
    names = [
        f"{file.relative_to(ROOT)}:{node.lineno}: write __ instead of _"
        for file in files
        for node in ast.walk(ast.parse(file.read_bytes()))
        if (isinstance(node, ast.Name) and node.id == "_") or (isinstance(node, ast.arg) and node.arg == "_")
    ]

    assert not names, "\n".join(names)
