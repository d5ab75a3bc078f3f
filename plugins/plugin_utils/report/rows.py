# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a log as rows for machines: JSON, lines of JSON, and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from ..log.kinds import Kind, UnmadeRow, row_of
from ..log.summary import LogSummary
from ..templates.records import MOST_DIGITS, integer
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


class _RowForm(NamedTuple):
    """How a line of JSON is made of a line of a kind: a format for the number and the fields, what cuts these out of the text
    (None where they have to be converted), and which are integers."""

    text: str
    cut: Callable[[str], tuple[str, ...]] | None
    integers: tuple[int, ...]


def json_lines(items: Iterable[tuple[str, Mapping[str, Any]]], path: str) -> Iterator[str]:
    """Yield a line of JSON for each item, and for the summary at the end."""
    begins: dict[str, str] = {}
    forms: dict[Kind, _RowForm] = {}
    for kind, data in items:
        if isinstance(data, UnmadeRow):
            form = forms.get(data.kind)
            if form is None:
                if len(forms) >= _MOST_FORMS:
                    forms.clear()
                form = forms[data.kind] = _form(data.kind, _encode({"path": path, "kind": kind})[:-1])
            if (line := _of_form(form, data.number, data.text)) is not None:
                yield line
                continue
            data = row_of(data.kind, data.number, data.text)
        begin = begins.get(kind)
        if begin is None:
            begin = begins[kind] = _encode({"path": path, "kind": kind})[:-1] + ", "
        yield f"{begin}{_encode(data)[1:]}\n"


def _form(kind: Kind, begin: str) -> _RowForm:
    slices = kind.slices if kind.reading.template else (("text", 0, None, None),)
    integers = [place for place, (*__, convert) in enumerate(slices) if convert is integer]
    marks = ["%s" if place in integers else '"%s"' for place in range(len(slices))]
    begin += f', "template": "{kind.reading.template}"' if kind.reading.template else ""
    names = "".join(f", {_encode(name)}: {mark}" for (name, *__), mark in zip(slices, marks, strict=True))
    places = [slice(begin, end) for __, begin, end, _convert in slices]
    simple = len(places) > 1 and all(convert in (None, integer) for *__, convert in slices)
    cut = itemgetter(*places) if simple else (lambda text: (text,)) if not kind.reading.template else None
    return _RowForm(f'{begin.replace("%", "%%")}, "line": %d{names}}}\n', cut, tuple(integers))


def _of_form(form: _RowForm, number: int, text: str) -> str | None:
    """Return a line of JSON, None where it has to be encoded."""
    if form.cut is None or '"' in text or "\\" in text or not (text.isascii() and text.isprintable()):
        return None
    fields = form.cut(text)
    for place in form.integers:
        digits = fields[place]
        if not digits.isdigit() or len(digits) > MOST_DIGITS or (digits[0] == "0" and len(digits) > 1):
            return None
    return form.text % (number, *fields)


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
