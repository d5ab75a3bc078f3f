# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed texts of the device, read from texts.yml: each has a grade of evidence and a source."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...plugins.plugin_utils.errors import UserFileError
from ...plugins.plugin_utils.yaml_file import read_beside, read_of_user

ENVIRONMENT = "FAZMAIL_SIMULATOR_TEXTS"
GRADES = ("verbatim", "documented", "reproduced", "assumed")


@dataclass(frozen=True)
class Text:
    """One text with `{placeholders}`; `evidence` is one of GRADES, `source` says in words where it comes from.

    shown_by: the line that makes a device print it, with words in angle brackets, "" where that is no line that may be typed.
    """

    text: str
    evidence: str
    source: str
    shown_by: str = ""


class CliError(Exception):
    """The device refuses a command; `lines` is what it prints."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(" / ".join(line for line in lines if line))
        self.lines = lines


@cache
def texts() -> Mapping[str, Text]:
    """Return all texts by name, those of the file FAZMAIL_SIMULATOR_TEXTS in place of ours.

    Raises UserFileError, and ValueError for a text without a known grade of evidence.
    """
    data: Mapping[str, Mapping[str, Any]] = read_beside(__file__, "texts.yml")
    if yours := os.environ.get(ENVIRONMENT):
        data = {**data, **_of_user(Path(yours), data)}
    found = {
        name: Text(row["text"], row["evidence"], row.get("source", ""), row.get("shown_by", ""))
        for name, row in data.items()
    }
    for name, text in found.items():
        if text.evidence not in GRADES:
            raise ValueError(f"texts.yml: {name}: evidence is {text.evidence!r}, expected one of {', '.join(GRADES)}")
    return found


def _of_user(file: Path, known: Container[str]) -> dict[str, Mapping[str, Any]]:
    expected = "names of simulator/device/texts.yml, each with text and evidence"
    read = read_of_user(file, expected) or {}
    rows = read.items() if isinstance(read, dict) else [("", None)]
    for name, row in rows:
        if name not in known or not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise UserFileError(f"{file}: {name or read!r}: expected {expected}")
        if row.get("evidence") not in GRADES:
            raise UserFileError(
                f"{file}: {name}: evidence is {row.get('evidence')!r}; expected one of {', '.join(GRADES)}"
            )
    return dict(rows)


def say(name: str, **values: object) -> list[str]:
    """Return the lines of a text with its placeholders filled in."""
    return texts()[name].text.rstrip("\n").format_map(values).split("\n")


def refuse(name: str, **values: object) -> CliError:
    """Return the error whose lines are a text: `raise refuse("unknown_action")`."""
    return CliError(say(name, **values))
