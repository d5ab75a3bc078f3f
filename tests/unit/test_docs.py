# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents name tests, files and folders that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_the_comparison_names_exists() -> None:
    text = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("|")][2:]
    named = {re.search(r"`(test_\w+)` \|$", row)[1] for row in rows}  # type: ignore[index]
    defined = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(rows) >= 8
    assert named <= defined


def test_the_rooms_of_the_design_are_the_folders_of_the_project() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rooms = text[text.index("## Rooms") : text.index("## How a task runs")]
    utilities = {line.split("/")[0].strip() for line in rooms.splitlines() if re.match(r"    [a-z]+/  ", line)}
    folders = {
        each.name
        for each in (ROOT / "plugins" / "plugin_utils").iterdir()
        if each.is_dir() and each.name != "__pycache__"
    }
    assert utilities == folders


def test_no_module_has_grown_two_reasons() -> None:
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "simulator").rglob("*.py")]
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_nothing_below_the_actions_imports_ansible() -> None:
    files = [*(ROOT / "plugins" / "plugin_utils").rglob("*.py"), *(ROOT / "simulator").rglob("*.py")]
    guilty = [
        file.name
        for file in files
        if re.search(r"^\s*(?:from|import) ansible(?:\.|\s|$)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert guilty == []
