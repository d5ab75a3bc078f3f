# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the result of reading logs to a person: what became of the mails, why, and what to do, in a screen or two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .table import table, visible

_SHOWN_SENDS = 20
_SHOWN_SHAPES = 5
_SHOWN_NOTES = 10
_WIDEST = 160
_COLOURS = {"accepted": "32", "failed": "31", "unknown": "33"}


@dataclass
class _Group:
    """Sends with the same verdict: how many, and the first of them."""

    verdict: Mapping[str, Any]
    start: str
    sends: int = 0
    last_line: int = 0
    last_start: str = ""


class LogReport:
    """The report on one file, made from its items as they come; it keeps no more than it shows."""

    def __init__(self, path: str, colour: bool = False) -> None:
        self._path = path
        self._colour = colour
        self._groups: dict[tuple[str, str, str], _Group] = {}
        self._rows: list[list[Any]] = []
        self._verdict: Mapping[str, Any] = {}
        self._sends = 0
        self._devices: dict[str, None] = {}
        self._notes: list[Mapping[str, Any]] = []
        self._summary: Mapping[str, Any] = {}

    def add(self, item: tuple[str, Mapping[str, Any]]) -> None:
        """Take in the next item of the file."""
        kind, data = item
        if kind == "verdict":
            self._verdict = data
        elif kind == "send":
            self._send(self._verdict, data)
        elif kind == "note" and len(self._notes) < _SHOWN_NOTES:
            self._notes.append(data)
        elif kind == "summary":
            self._summary = data

    def text(self) -> str:
        """Return the report, when all items were taken in."""
        return "\n".join(self._lines())

    def _send(self, verdict: Mapping[str, Any], send: Mapping[str, Any]) -> None:
        self._sends += 1
        start = _clock(send["start"])
        key = (verdict["outcome"], verdict["stage"], verdict["cause"])
        group = self._groups.setdefault(key, _Group(verdict, start))
        group.sends += 1
        group.last_line, group.last_start = send["line"], start
        if len(self._devices) < 2 and send["device"]:
            self._devices[send["device"]] = None
        if len(self._rows) <= _SHOWN_SENDS:
            self._rows.append([send["device"], start, *_cells(verdict)])

    def _lines(self) -> Iterator[str]:
        counts = self._summary["lines"]
        shown = ", ".join(f"{counts[name]} {name}" for name in counts if name != "total")
        yield f"{visible(self._path)}: {self._summary['status']}, {counts['total']} lines: {shown}"
        for note in self._notes:
            yield f"note{_at(note['line'])}: {visible(note['text'])}"
        if counts["total"] and counts.get("outside") == counts["total"]:
            yield "no line is of the device and the time that were asked for"
        elif not self._sends:
            yield "no send was recognised in this text"
        elif self._sends <= _SHOWN_SENDS:
            yield ""
            yield self._each()
        else:
            yield ""
            yield f"{self._sends} sends; --format csv has a row for each"
            yield self._grouped()
        for group in self._groups.values():
            if group.verdict["outcome"] != "accepted":
                yield ""
                yield from _explained(group)
        yield from self._not_recognised()

    def _each(self) -> str:
        """The sends one by one; a column that would say the same in each row is left out."""
        header = ["device", "start", "line", "verdict", "stage", "cause", "who must act", "confidence"]
        left_out = {
            *([0] if len(self._devices) < 2 else []),
            *([1] if not any(row[1] for row in self._rows) else []),
        }
        rows = [header, *self._rows]
        kept = [[cell for place, cell in enumerate(row) if place not in left_out] for row in rows]
        return table(kept[0], kept[1:], self._painted)

    def _grouped(self) -> str:
        header = ["sends", "verdict", "stage", "cause", "who must act", "first", "last"]
        groups = sorted(self._groups.values(), key=lambda group: -group.sends)
        rows = []
        for group in groups:
            _, *verdict, _ = _cells(group.verdict)
            first, last = (group.verdict["line"], group.start), (group.last_line, group.last_start)
            rows.append([group.sends, *verdict, *(f"line {line} {start}".strip() for line, start in (first, last))])
        return table(header, rows, self._painted)

    def _not_recognised(self) -> Iterator[str]:
        shapes = self._summary["unmatched_shapes"]
        if shapes:
            yield ""
        for shape in shapes[:_SHOWN_SHAPES]:
            count = f"{shape['count']} lines like " if shape["count"] > 1 else ""
            yield f"not recognised, {count}line {shape['line']}: {visible(shape['example'])[:_WIDEST]}"
        more = sum(shape["count"] for shape in shapes[_SHOWN_SHAPES:]) + self._summary["unmatched_other"]
        if more:
            yield f"not recognised: {more} more lines"

    def _painted(self, cell: str) -> str:
        colour = _COLOURS.get(cell) if self._colour else None
        return f"\x1b[{colour}m{cell}\x1b[0m" if colour else cell


def summary_report(summary: Mapping[str, Any], colour: bool = False) -> str:
    """Return the readable form of a summary of schema fortiops.mail/summary/1."""
    files = ", ".join(f"{number} {status}" for status, number in summary["files"].items() if number)
    lines = ", ".join(f"{number} {name}" for name, number in summary["lines"].items() if name != "total")
    verdicts = ", ".join(f"{number} {outcome}" for outcome, number in summary["verdicts"].items())
    parts = [
        f"files: {files or 'none'}",
        f"lines: {summary['lines'].get('total', 0)}: {lines}",
        f"sends: {summary['sends']}: {verdicts}",
    ]
    if summary["causes"]:
        causes = [[row["sends"], row["outcome"], row["cause"], row["owner"]] for row in summary["causes"][:10]]
        parts += ["", table(["sends", "verdict", "cause", "who must act"], causes)]
    if summary["hours"]:
        hours = [
            [row["hour"] and row["hour"].replace("T", " ") + ":00", row["accepted"], row["failed"], row["unknown"]]
            for row in summary["hours"]
        ]
        parts += ["", table(["hour", "accepted", "failed", "unknown"], hours)]
    return "\n".join(parts)


def verdict_line(verdict: Mapping[str, Any], send: Mapping[str, Any]) -> str:
    """Return a send in one line, for somebody who watches a log grow."""
    told = " ".join(visible(verdict[name]) for name in ("outcome", "stage", "cause") if verdict[name])
    when = f" {_clock(send['start'])}" if send["start"] else ""
    device = f" {visible(send['device'])}" if send["device"] else ""
    proof = f": {visible(verdict['evidence'][-1]['text'])[:_WIDEST]}" if verdict["evidence"] else ""
    return f"line {verdict['line']}{when}{device} {told}{proof}"


def _cells(verdict: Mapping[str, Any]) -> list[Any]:
    return [verdict[name] for name in ("line", "outcome", "stage", "cause", "owner", "confidence")]


def _explained(group: _Group) -> Iterator[str]:
    verdict = group.verdict
    often = f" ({group.sends} sends, this is the first)" if group.sends > 1 else ""
    yield f"line {verdict['line']}: {verdict['cause']}{often}. {verdict['explanation']}"
    for item in verdict["evidence"][-3:]:
        yield f"  evidence, line {item['line']}: {visible(item['text'])[:_WIDEST]}"
    for step in verdict["remedy"][:2]:
        for kind in ("cli", "task", "advice"):
            if step.get(kind):
                yield f"  {kind}: {visible(step[kind])}"


def _clock(start: str | None) -> str:
    return (start or "").replace("T", " ")


def _at(line: int) -> str:
    return f", line {line}" if line else ""
