# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the codes of a negative reply say by themselves, read from codes.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..yaml_file import read_beside

# An enhanced status code anywhere in a sentence: `#5.1.1`, `dsn=5.1.1`, `(5.1.1)`, `Status: 5.1.1`. Its second number goes
# to 7, which few versions of programs have.
_ENHANCED = re.compile(r"[45](?<![\w.-].)\.[0-7]\.\d{1,3}(?![\w-]|\.\w)")


def enhanced_in(text: str, code: str = "") -> str:
    """Return the first enhanced status code that stands in a text, of the class of a reply code if one is given."""
    found: list[str] = _ENHANCED.findall(text) if "." in text else []
    return next((each for each in found if each[0] == (code or each)[0]), "") if found else ""


def stage_of(code: str) -> str:
    """Return the only stage at which a reply code is given (RFC 4954), "" for codes that are given at several."""
    return "auth" if code in ("432", "525", "534", "535", "538") else ""


def narrow(enhanced: str, code: str = "") -> str:
    """Return the cause that an enhanced status code names in a reply with a code, "" if it leaves more than one."""
    return _looked_up("narrow", enhanced) if _holds(enhanced, code) else ""


def wide(code: str, enhanced: str, stage: str) -> Iterator[tuple[str, str, str]]:
    """Yield what codes and stage make likely, the likeliest first: kind of the rule, its detail, cause."""
    if cause := _looked_up("wide", enhanced):
        yield "enhanced_code", enhanced, cause
    if cause := _looked_up("basic", code):
        yield "reply_code", code, cause
    if by_class := read_beside(__file__, "codes.yml")["stage"].get(stage):
        yield "reply_class", f"{code} at stage {stage}", by_class[0 if (code or enhanced).startswith("4") else 1]
        return
    if (cause := _looked_up("alone", enhanced)) and _holds(enhanced, code):
        yield "enhanced_code", enhanced, cause
    if cause := _looked_up("alone", code):
        yield "reply_code", code, cause


def _holds(enhanced: str, code: str) -> bool:
    """Whether an enhanced status code says something in a reply with this code."""
    table = read_beside(__file__, "codes.yml")["only_with"]
    only = table.get(enhanced) or table.get("X" + enhanced[1:])
    return not only or not code or code in only


def _looked_up(table: str, code: str) -> str:
    rows = _rows(table)
    return rows.get(code) or rows.get("X" + code[1:], "")


@cache
def _rows(table: str) -> dict[str, str]:
    rows = {}
    for code, cause in read_beside(__file__, "codes.yml")[table].items():
        first, __, last = str(code).partition("-")
        subject, __, detail = first.rpartition(".")
        for number in range(int(detail), int(last or detail) + 1):
            rows[f"{subject}.{number}" if subject else str(number)] = str(cause)
    return rows
