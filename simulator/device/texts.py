# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed texts of the device, read from texts.yml: each has a grade of evidence and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...plugins.plugin_utils.yaml_file import read_beside

GRADES = ("verbatim", "documented", "reproduced", "assumed")


@dataclass(frozen=True)
class Text:
    """One text with `{placeholders}`; `evidence` is one of GRADES, `source` says in words where it comes from."""

    text: str
    evidence: str
    source: str


class CliError(Exception):
    """The device refuses a command; `lines` is what it prints."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(" / ".join(line for line in lines if line))
        self.lines = lines


@cache
def texts() -> Mapping[str, Text]:
    """Return all texts by name. Raises ValueError for a text without a known grade of evidence."""
    data: Mapping[str, Mapping[str, Any]] = read_beside(__file__, "texts.yml")
    found = {name: Text(row["text"], row["evidence"], row.get("source", "")) for name, row in data.items()}
    for name, text in found.items():
        if text.evidence not in GRADES:
            raise ValueError(f"texts.yml: {name}: evidence is {text.evidence!r}, expected one of {', '.join(GRADES)}")
    return found


def say(name: str, **values: object) -> list[str]:
    """Return the lines of a text with its placeholders filled in."""
    return texts()[name].text.rstrip("\n").format_map(values).split("\n")


def refuse(name: str, **values: object) -> CliError:
    """Return the error whose lines are a text: `raise refuse("unknown_action")`."""
    return CliError(say(name, **values))
