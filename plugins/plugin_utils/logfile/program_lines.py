# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the lines that terminal programs write about themselves; program_lines.yml says which these are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ..yaml_file import read_beside


class _Rule(NamedTuple):
    name: str
    has: str
    begins: re.Pattern[str]
    goes_on: re.Pattern[str] | None


def find(text: str, lines: Sequence[str]) -> dict[int, str]:
    """Return position -> name of the rule for such lines. `text` is where the lines come from: it is searched first."""
    found: dict[int, str] = {}
    for rule in _rules():
        if rule.has in text:
            for position, line in enumerate(lines):
                if rule.has in line and rule.begins.match(line):
                    found[position] = rule.name
                    if rule.goes_on:
                        found.update(dict.fromkeys(_going_on(rule.goes_on, lines, position + 1), rule.name))
    return found


def _going_on(pattern: re.Pattern[str], lines: Sequence[str], position: int) -> Iterator[int]:
    while position < len(lines) and pattern.match(lines[position]):
        yield position
        position += 1


@cache
def _rules() -> list[_Rule]:
    rows = read_beside(__file__, "program_lines.yml")
    return [
        _Rule(
            row["rule"], row["has"], re.compile(row["begins"]), re.compile(row["goes_on"]) if "goes_on" in row else None
        )
        for row in rows
    ]
