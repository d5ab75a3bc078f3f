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

# What the project promises to those who work on it does not depend on the Python that runs it.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
# What is made, and what no step needs.
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".*cache", ".ansible", ".hypothesis", "build", "demo-output*", "dev", "dist"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, where Python finds it before this one."""
    copy = tmp_path / "ansible_collections" / "fortiops" / "mail"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=NOT_COPIED)
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
        timeout=300,
        cwd=directory,
        env=environment,
        check=False,
    )
