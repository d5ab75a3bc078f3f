# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the lines that terminal programs write about themselves; program_lines.yml says which these are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ..regex.digits import may_contain, may_match
from ..yaml_file import read_beside


class _Rule(NamedTuple):
    name: str
    has: str
    begins: re.Pattern[str]
    goes_on: re.Pattern[str] | None


def find(lines: Sequence[str], places: Sequence[int]) -> dict[int, str]:
    """Return position -> name of the rule for such lines. `places`: positions of all lines that may be such, or begin some."""
    found: dict[int, str] = {}
    text = "\n".join([lines[place] for place in places])
    for rule in _rules():
        if rule.has in text:
            for place in places:
                if rule.has in lines[place] and rule.begins.match(lines[place]):
                    found[place] = rule.name
                    if rule.goes_on:
                        found.update(dict.fromkeys(_going_on(rule.goes_on, lines, place + 1), rule.name))
    return found


def may_begin(folded: str) -> bool:
    """Return whether a line that folds to this one (`fold_words`) may be such a line, or the first of several."""
    return any(may_contain(rule.has, folded) and may_match(rule.begins, folded) for rule in _rules())


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
