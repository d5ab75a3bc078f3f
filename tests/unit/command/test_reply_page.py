# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/reply.md shows is what happens, from the mail of a customer to the page for the reply."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

from ...pages import blocks, write

PAGE = (Path(__file__).parents[3] / "docs" / "reply.md").read_text(encoding="utf-8")


def test_the_steps_do_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    printed, steps = "", 0
    for block in blocks(PAGE):
        if block.title:
            write(block, tmp_path)
        elif block.language == "console":
            program, *words = shlex.split(block.text)
            assert (program, main(words)) in {("fazmail", 0), ("fazmail", 1)}
            captured = capsys.readouterr()
            assert captured.err == ""
            printed, steps = captured.out, steps + 1
        elif "diagnose" not in block.text:
            shown = [line for line in block.text.splitlines() if line.strip() not in printed]
            assert shown == [], printed

    assert steps == 5
    page = (tmp_path / "reply.html").read_text(encoding="utf-8")
    assert "The mail server refused the user name or the password" in page
    assert "AGFsZXJ0" not in page
