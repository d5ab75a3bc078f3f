# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the lines that terminal programs write about themselves; own_lines.yml says which these are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml


class _Rule(NamedTuple):
    name: str
    has: str
    begins: re.Pattern[str]


def find(text: str, lines: Sequence[str]) -> dict[int, str]:
    """Return position -> name of the rule for such lines. `text` is where the lines come from: it is searched first."""
    found: dict[int, str] = {}
    for rule in _rules():
        if rule.has in text:
            for position, line in enumerate(lines):
                if rule.has in line and rule.begins.match(line):
                    found[position] = rule.name
    return found


@cache
def _rules() -> list[_Rule]:
    rows = yaml.safe_load(Path(__file__).with_name("own_lines.yml").read_text(encoding="utf-8"))
    return [_Rule(row["rule"], row["has"], re.compile(row["begins"])) for row in rows]
