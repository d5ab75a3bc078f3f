# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tour of CONTRIBUTING.md: its commands succeed, and the files it names are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..pages import blocks

# What the project promises to those who work on it does not depend on the Python that runs it.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOUR = CONTRIBUTING.partition("## A tour")[2].partition("\n## ")[0]
COMMANDS = [line for block in blocks(TOUR) for line in block.text.splitlines() if line != "make install"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_tour_succeeds(command: str) -> None:
    here = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(here, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    # A log in which a mail failed is not an error of the command.
    assert done.returncode in ((0, 1) if "fazmail parse" in command else (0,)), done.stdout + done.stderr


def test_the_tour_names_files_that_exist() -> None:
    utils = ROOT / "plugins" / "plugin_utils"
    named = [name for name in re.findall(r"`([\w./]+)`", TOUR) if "/" in name and not name.startswith(".venv")]
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists() and not (utils / name).exists()] == []


def test_a_capture_becomes_a_sample(tmp_path: Path) -> None:
    (command,) = re.findall(r"^fazmail .*$", CONTRIBUTING, re.MULTILINE)
    log = "2026-11-24 10:00:00 sendmail_task:1: set passwd hunter2hunter2\n"
    (tmp_path / "debug.log").write_text(log, encoding="utf-8")
    subprocess.run(f"{Path(sys.executable).parent}/{command}", shell=True, cwd=tmp_path, check=True)
    written = [file.read_text(encoding="utf-8") for file in (tmp_path / "samples").rglob("*") if file.is_file()]
    assert len(written) == 2 and any("sendmail_task" in text for text in written)
    assert not any("hunter2" in text for text in written)
