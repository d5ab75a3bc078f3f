# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a log as rows for machines: JSON, lines of JSON, and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..log.summary import LogSummary
from ..terminal.quoting import escaped

COLUMNS = (
    *("path", "device", "line", "last_line", "start", "end", "seconds", "origin", "function", "queue_entry"),
    *("outcome", "stage", "cause", "temporary", "code", "enhanced", "reply", "owner", "confidence", "warnings"),
    *("evidence_line", "evidence"),
)
# Spreadsheets take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_encode = json.JSONEncoder().encode


def json_lines(items: Iterable[tuple[str, dict[str, Any]]], path: str) -> Iterator[str]:
    """Yield a line of JSON for each item, and for the summary at the end."""
    begins: dict[str, str] = {}
    for kind, data in items:
        begin = begins.get(kind)
        if begin is None:
            begin = begins[kind] = _encode({"path": path, "kind": kind})[:-1] + ", "
        yield f"{begin}{_encode(data)[1:]}\n"


def csv_head() -> str:
    """Return the line that names the columns."""
    return _csv_line(COLUMNS)


def csv_lines(items: Iterable[tuple[str, dict[str, Any]]], path: str) -> Iterator[str]:
    """Yield a line of CSV for each send."""
    verdict: Mapping[str, Any] = {}
    for kind, data in items:
        if kind == "verdict":
            verdict = data
        elif kind == "send":
            reply = verdict["reply"] or {}
            said = [each for each in verdict["evidence"] if each["source"] != "fazmaild_statistics"]
            evidence = (said or verdict["evidence"] or [{}])[-1]
            row = {
                **data,
                **{name: verdict[name] for name in ("temporary", "owner", "confidence")},
                "path": path,
                "code": reply.get("code"),
                "enhanced": reply.get("enhanced"),
                "reply": reply.get("text"),
                "warnings": " ".join(verdict["warnings"]),
                "evidence_line": evidence.get("line"),
                "evidence": evidence.get("text"),
            }
            yield _csv_line([cell(row[name]) for name in COLUMNS])


def summary_csv(summary: LogSummary) -> str:
    """Return a line of CSV for each device, period, outcome and cause, below a line that names the columns."""
    rows = [
        (device, period, outcome, cause, sends)
        for (device, period), counts in summary.periods().items()
        for (outcome, cause), sends in sorted(counts.items())
    ]
    return "".join(_csv_line(map(cell, row)) for row in [("device", summary.unit, "outcome", "cause", "sends"), *rows])


def cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula, and that does nothing on a terminal."""
    text = "" if value is None else str(value)
    # Blanks before it do not keep a spreadsheet from seeing a formula.
    formula = text.startswith(_FORMULA) or text.lstrip(" ").startswith(_FORMULA)
    return ("'" if formula else "") + escaped(text)


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
