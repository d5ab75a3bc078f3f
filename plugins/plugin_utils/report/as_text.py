# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document for a terminal: the verdict, the rules that are broken, and what was not assessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .assessment import Assessment, unknowns
from .table import table

_MOST_ROWS = 20


def as_text(summary: Assessment) -> str:
    """Return a few lines; the details are for the other reports."""
    return "\n".join(_lines(summary))


def _lines(summary: Assessment) -> Iterator[str]:
    yield summary.verdict
    for sentence in (summary.of_changes, summary.of_waivers, summary.of_replaced):
        if sentence:
            yield sentence
    if summary.by_rule:
        yield ""
        yield table(
            ["severity", "rule", "devices", "what it asks for"],
            [[rule["severity"], rule["id"], count, rule["title"]] for rule, count in summary.by_rule],
        )
    if summary.errors:
        yield ""
        rows = [[each["name"][:60], error["cause"][:40], error["message"][:120]] for each, error in summary.errors]
        yield from _first(["not assessed", "cause", "why"], rows)
    open_rules: dict[tuple[str, str], list[str]] = defaultdict(list)
    for device in summary.assessed:
        for finding in filter(summary.open, unknowns(device)):
            open_rules[device["name"][:60], finding["detail"][:120]].append(finding["rule"])
    if open_rules:
        yield ""
        rows = [[name, why, _few(rules)] for (name, why), rules in open_rules.items()]
        yield from _first(["assessed in part", "why", "rules"], rows)


def _few(rules: list[str]) -> str:
    unique = list(dict.fromkeys(rules))
    return ", ".join(unique[:3]) + (f" and {len(unique) - 3} more" if len(unique) > 3 else "")


def _first(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield table(header, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"and {len(rows) - _MOST_ROWS} more"
