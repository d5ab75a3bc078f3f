# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document for a terminal: the verdict, the rules that are broken, and what was not assessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .assessment import Assessment, unknowns
from .document import DeviceRow
from .table import shortened, table, wrapped

_MOST_ROWS = 20


def as_text(summary: Assessment, width: int | None = None) -> str:
    """Return a few lines, of at most `width` characters if it is given; the details are for the other reports."""
    return "\n".join(_lines(summary, width))


def _lines(summary: Assessment, width: int | None) -> Iterator[str]:
    for sentence in (summary.verdict, summary.of_changes, summary.of_waivers, summary.of_replaced):
        if sentence:
            yield from wrapped(sentence, width) if width else [sentence]
    if summary.by_rule:
        yield ""
        yield table(
            ["severity", "rule", "devices", "what it asks for"],
            [[rule["severity"], rule["id"], count, rule["title"]] for rule, count in summary.by_rule],
            width=width,
        )
    if summary.errors:
        yield ""
        rows = [[_name(each), error["cause"], _reason(error["message"])] for each, error in summary.errors]
        yield from _first(["not assessed", "cause", "why"], rows, width)
    open_rules: dict[tuple[str, str], list[str]] = defaultdict(list)
    for device in summary.assessed:
        for finding in filter(summary.open, unknowns(device)):
            open_rules[_name(device), _reason(finding["detail"])].append(finding["rule"])
    if open_rules:
        yield ""
        rows = [[name, why, _few(rules)] for (name, why), rules in open_rules.items()]
        yield from _first(["assessed in part", "why", "rules"], rows, width)


def _name(device: DeviceRow) -> str:
    return shortened(device["name"], 60)


def _reason(text: str) -> str:
    return shortened(text, 160)


def _few(rules: list[str]) -> str:
    unique = list(dict.fromkeys(rules))
    return ", ".join(unique[:3]) + (f" and {len(unique) - 3} more" if len(unique) > 3 else "")


def _first(header: list[str], rows: list[list[str]], width: int | None) -> Iterator[str]:
    yield table(header, rows[:_MOST_ROWS], width=width)
    if len(rows) > _MOST_ROWS:
        yield f"and {len(rows) - _MOST_ROWS} more"
