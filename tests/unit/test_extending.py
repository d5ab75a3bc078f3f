# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each recipe of docs/extending.md works: its steps are taken in a copy of the checkout, and its commands succeed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..pages import blocks, write

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
COPIED = [
    "Makefile", "README.md", "bench", "changelogs", "docs", "galaxy.yml", "meta", "playbooks", "plugins", "pyproject.toml",
    "roles", "simulator", "templates", "tests",
]  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the steps need of the checkout, where Python finds it before this one."""
    copy = tmp_path / "ansible_collections" / "fortiops" / "mail"
    copy.mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, symlinks=True)
        else:
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works(name: str, checkout: Path) -> None:
    printed, commands = "", 0
    for block in blocks(RECIPES[name]):
        if block.title:
            write(block, checkout)
        elif block.language == "console":
            done = run(block.text, checkout)
            assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
            printed, commands = done.stdout, commands + 1
        else:
            assert block.language == "text"
            assert all(line in printed for line in block.text.splitlines()), printed

    assert commands


def test_there_are_the_recipes_people_ask_for() -> None:
    assert [name.removeprefix("A ") for name in RECIPES] == [
        "mail option", "template", "cause", "rule", "simulator fault", "report format", "subcommand",
        "device command",
    ]  # fmt: skip


def run(commands: str, directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FAZMAIL_", "PYTEST_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["PYTHONPATH"] = str(directory.parents[2])
    return subprocess.run(
        ["bash", "-ec", commands],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=directory,
        env=environment,
        check=False,
    )
