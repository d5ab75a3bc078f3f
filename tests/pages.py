# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fenced blocks of a page, for the tests that do what a page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Block(NamedTuple):
    """A fenced block. `title` is the file it is about; `expected`: a file that a step before must have made."""

    language: str
    title: str
    expected: bool
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in Markdown that name a language."""
    found = re.findall(r"^```(\w+)(?: title=(\S+)( expected)?)?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [Block(language, title, bool(expected), text) for language, title, expected, text in found]


def write(block: Block, directory: Path) -> None:
    """Write the file of a block, or change it where the block is a `diff`. Raises ValueError if the file differs from it."""
    file = directory / block.title
    if block.language == "diff":
        text = file.read_text(encoding="utf-8")
        for change in block.text.split("\n...\n"):
            text = _changed(text, change.splitlines(), block.title)
    else:
        text = block.text
        file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _changed(text: str, change: list[str], name: str) -> str:
    """Replace the one place that has the lines of a change that begin with a blank or `-` by those with a blank or `+`."""
    before = "".join(f"{line[1:]}\n" for line in change if line[:1] in (" ", "-", ""))
    after = "".join(f"{line[1:]}\n" for line in change if line[:1] in (" ", "+", ""))
    places = [match.start() for match in re.finditer(f"(?m)^{re.escape(before)}", text)]
    if len(places) != 1:
        raise ValueError(f"{name} has {len(places)} places like this, expected one:\n{before}")
    return text[: places[0]] + after + text[places[0] + len(before) :]
