# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a log as rows for machines: JSON, lines of JSON, and CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from ..log.kinds import Kind, row_of
from ..log.stream import WRITTEN
from ..log.summary import LogSummary
from ..terminal.quoting import escaped

COLUMNS = (
    *("path", "device", "line", "last_line", "start", "end", "seconds", "origin", "function", "queue_entry"),
    *("outcome", "stage", "cause", "temporary", "code", "enhanced", "reply", "owner", "confidence", "warnings"),
    *("evidence_line", "evidence"),
)
_MOST_FORMS = 10_000
# Spreadsheets take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_encode = json.JSONEncoder().encode


def json_lines(items: Iterable[tuple[str, Any]], path: str) -> Iterator[str]:
    """Yield a line of JSON for each item, and for the summary at the end."""
    begins: dict[str, str] = {}
    for kind, data in items:
        if kind == WRITTEN:
            yield "".join(data)
            continue
        begin = begins.get(kind)
        if begin is None:
            begin = begins[kind] = _encode({"path": path, "kind": kind})[:-1] + ", "
        yield f"{begin}{_encode(data)[1:]}\n"


class RowWriter(dict[Kind, Callable[[int, str], str]]):
    """By kind, what writes the row of a line as `json_lines` does, from its number and its text."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def __missing__(self, kind: Kind) -> Callable[[int, str], str]:
        if len(self) >= _MOST_FORMS:
            self.clear()
        begin = _encode({"path": self._path, "kind": "record" if kind.reading.template else "unmatched"})[:-1]
        write = self[kind] = _writer(kind, begin)
        return write


def _writer(kind: Kind, begin: str) -> Callable[[int, str], str]:
    """Return what writes the row of a line. begin: of each row.

    Fields that are strings or integers are put into a form, where JSON has them as they are in the text.
    """

    def encode(number: int, text: str) -> str:
        return f"{begin}, {_encode(row_of(kind, number, text))[1:]}\n"

    template = kind.reading.template
    slices = kind.slices if template else (("text", 0, sys.maxsize, None),)
    if any(convert not in (None, int) for *__, convert in slices):
        return encode
    marks = [f"{_encode(name)}: " + ("%s" if convert else '"%s"') for name, __, ___, convert in slices]
    head = begin + (f', "template": "{template}"' if template else "") + ', "line": '
    # An empty slice more, as one alone would come without a tuple.
    form = ", ".join(["", *marks]) + "}\n%s"
    cut = itemgetter(*(slice(start, end) for __, start, end, ___ in slices), slice(0, 0))
    firsts = [start for __, start, end, convert in slices if convert and end - start > 1]
    first_digits = itemgetter(*firsts) if firsts else None

    def write(number: int, text: str) -> str:
        if '"' in text or "\\" in text or not (text.isascii() and text.isprintable()):
            return encode(number, text)
        if first_digits is not None and "0" in first_digits(text):
            return encode(number, text)
        return f"{head}{number}{form % cut(text)}"

    return write


def csv_head() -> str:
    """Return the line that names the columns."""
    return _csv_line(COLUMNS)


def csv_lines(items: Iterable[tuple[str, dict[str, Any]]], path: str) -> Iterator[str]:
    """Yield a line of CSV for each send, and for each finding on the way of the mail."""
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
        elif kind == "path":
            for found in data["findings"]:
                evidence = found["evidence"][-1] if found["evidence"] else {}
                row = {
                    **{name: found[name] for name in ("stage", "temporary", "owner")},
                    **{"path": path, "device": data["device"], "line": data["line"], "origin": "finding"},
                    "outcome": found["severity"],
                    "cause": found["cause"] or found["finding"],
                    "evidence_line": evidence.get("line"),
                    "evidence": evidence.get("text"),
                }
                yield _csv_line([cell(row.get(name)) for name in COLUMNS])


def summary_csv(summary: LogSummary) -> str:
    """Return a line of CSV for each device, period, outcome and cause, below a line that names the columns, and one without sends
    for each finding on the way of the mail."""
    rows = [
        (device, period, outcome, cause, sends)
        for (device, period), counts in summary.periods().items()
        for (outcome, cause), sends in sorted(counts.items())
    ]
    rows += [
        (device, "", severity, cause or finding, 0) for device, finding, cause, severity, __ in sorted(summary.findings)
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
