# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands only read, from read_only.yml: what is not in that list may change the device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ..yaml_file import read_beside

_OPTIONAL = re.compile(r"\[\[(\w+)\]\]")
# A second command, or a file. What stands in quotation marks is a value.
_UNSAFE = re.compile(r"[;&|<>`$\\]")
# Some firmware filters its output; FMG 6.4.11 answers to a pipe with a parse error.
_FILTER = re.compile(r"(?<!\s)\s*\|\s*grep(?:\s+-[A-Za-z0-9]+)*\s+(?:[\w.:/@*^-]+|'[^']*'|\"[^\"]*\")\s*$", re.ASCII)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class ReadOnly:
    """A kind of commands that only read. `endless`: such a command may go on until it is stopped."""

    name: str
    typed: re.Pattern[str]
    endless: bool


@cache
def read_only() -> tuple[ReadOnly, ...]:
    """Return all kinds, in the order of the file."""
    return tuple(
        ReadOnly(
            name,
            re.compile(_OPTIONAL.sub(lambda rest: _cut_anywhere(rest[1]), row["typed"]), re.ASCII),
            row.get("endless", False),
        )
        for name, row in read_beside(__file__, "read_only.yml").items()
    )


def kind_of(line: str) -> ReadOnly | None:
    """Return the kind of a line that only reads; None where it may change the device."""
    # Keys act while they are typed, in quotation marks as well: help, and those that edit the line.
    if "?" in line or not line.isprintable():
        return None
    line = _FILTER.sub("", line)
    if _UNSAFE.search(_QUOTED.sub("", line)):
        return None
    words = " ".join(line.split())
    return next((each for each in read_only() if each.typed.fullmatch(words)), None)


def expected(endless: bool = True) -> str:
    """Return what may be typed, as an error message lists it. endless: also what may go on until it is stopped."""
    return ", ".join(each.name for each in read_only() if endless or not each.endless)


def _cut_anywhere(rest: str) -> str:
    """Return an expression for the beginnings of a word: `nose` gives n, no, nos and nose, or nothing."""
    return "".join(f"(?:{letter}" for letter in rest) + ")?" * len(rest)
