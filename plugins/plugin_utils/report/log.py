# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the result of reading logs to a person: what became of the mails, why, and what to do, in a screen or two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .explanation import explain_path, one_way
from .log_collected import EqualSends, SendGroups
from .log_words import period_words
from .table import table, visible, wrapped

_SHOWN_SENDS = 20
_SHOWN_SHAPES = 5
_SHOWN_NOTES = 10
_SHOWN_CAUSES = 10
_SHOWN_PERIODS = 200
_SHOWN_STEPS = 2
_SHOWN_PATHS = 10
_WIDEST = 160
_COLOURS = {"accepted": "32", "failed": "31", "unknown": "33"}
# Of a terminal that is not known: so wide that nothing is wrapped.
_ENDLESS = 1_000_000


class LogReport:
    """The report on one file, made from its items as they come; it keeps no more than it shows.

    width: of the lines, None for no limit. each: a row for each send, also where there are many.
    """

    def __init__(self, path: str, width: int | None = None, colour: bool = False, each: bool = False) -> None:
        self._path = path
        self._width = width
        self._colour = colour
        self._most = _ENDLESS if each else _SHOWN_SENDS
        self._groups = SendGroups()
        self._rows: list[list[Any]] = []
        self._verdict: Mapping[str, Any] = {}
        self._devices: dict[str, None] = {}
        self._notes: list[Mapping[str, Any]] = []
        self._paths: list[Mapping[str, Any]] = []
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
        elif kind == "path" and len(self._paths) < _SHOWN_PATHS and data["findings"]:
            self._paths.append(data)
        elif kind == "summary":
            self._summary = data

    def text(self) -> str:
        """Return the report, when all items were taken in."""
        return "\n".join(self._lines())

    def _send(self, verdict: Mapping[str, Any], send: Mapping[str, Any]) -> None:
        self._groups.add(verdict, send, self._path)
        if len(self._devices) < 2 and send["device"]:
            self._devices[send["device"]] = None
        if len(self._rows) <= self._most:
            self._rows.append([send["device"], _clock(send["start"]), *_cells(verdict)])

    def _lines(self) -> Iterator[str]:
        counts = self._summary["lines"]
        shown = ", ".join(f"{counts[name]} {name}" for name in counts if name != "total")
        lines = f"{counts['total']} line{'s' * (counts['total'] != 1)}"
        yield from self._wrapped(f"{visible(self._path)}: {self._summary['status']}, {lines}: {shown}")
        for note in self._notes:
            yield from self._wrapped(note["text"], f"note{_at(note['line'])}: ", "  ")
        if counts["total"] and counts.get("outside") == counts["total"]:
            yield "no line is of the device, the client and the time that were asked for"
        elif not self._groups.count:
            yield "no send was recognised in this text"
        elif self._groups.count <= self._most:
            yield ""
            yield self._each()
        else:
            yield ""
            yield f"{self._groups.count} sends; --all has a row for each"
            yield self._grouped()
        for group in self._groups:
            if group.verdict["outcome"] != "accepted":
                yield ""
                yield from self._explained(group)
        for path in self._paths:
            yield ""
            yield from explain_path(path, self._width or _ENDLESS)
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
        return table(kept[0], kept[1:], self._painted, self._width)

    def _grouped(self) -> str:
        header = ["sends", "verdict", "stage", "cause", "who must act", "first", "last"]
        rows = []
        for group in self._groups.most_first():
            __, *verdict, __ = _cells(group.verdict)
            first, last = (group.line, group.span.first), (group.last_line, group.span.last)
            rows.append(
                [group.span.sends, *verdict, *(f"line {line} {_clock(start)}".strip() for line, start in (first, last))]
            )
        return table(header, rows, self._painted, self._width)

    def _explained(self, group: EqualSends) -> Iterator[str]:
        verdict = group.verdict
        often = f" ({group.span.sends} sends, this is the first)" if group.span.sends > 1 else ""
        yield from self._wrapped(f"line {verdict['line']}: {verdict['cause']}{often}. {verdict['explanation']}")
        for item in verdict["evidence"][-3:]:
            yield from self._wrapped(item["text"], f"  evidence, line {item['line']}: ", "    ")
        steps = one_way(verdict["remedy"], [row["text"] for row in verdict["evidence"]])
        for step in list(steps)[:_SHOWN_STEPS]:
            for kind in ("cli", "task", "advice"):
                if step.get(kind):
                    yield from self._wrapped(step[kind], f"  {kind}: ", "    ")

    def _not_recognised(self) -> Iterator[str]:
        shapes = self._summary["unmatched_shapes"]
        if shapes:
            yield ""
        for shape in shapes[:_SHOWN_SHAPES]:
            count = f"{shape['count']} lines like " if shape["count"] > 1 else ""
            yield from self._wrapped(shape["example"], f"not recognised, {count}line {shape['line']}: ", "  ")
        more = sum(shape["count"] for shape in shapes[_SHOWN_SHAPES:]) + self._summary["unmatched_other"]
        if more:
            yield f"not recognised: {more} more lines"

    def _wrapped(self, text: str, first: str = "", rest: str = "  ") -> list[str]:
        return wrapped(text, self._width or _ENDLESS, first, rest)

    def _painted(self, cell: str) -> str:
        colour = _COLOURS.get(cell) if self._colour else None
        return f"\x1b[{colour}m{cell}\x1b[0m" if colour else cell


def summary_report(summary: Mapping[str, Any], width: int | None = None) -> str:
    """Return the readable form of a summary of schema fortiops.mail/summary/1."""
    files = ", ".join(f"{number} {status}" for status, number in summary["files"].items() if number)
    lines = ", ".join(f"{number} {name}" for name, number in summary["lines"].items() if name != "total")
    verdicts = ", ".join(f"{number} {outcome}" for outcome, number in summary["verdicts"].items())
    head = (
        f"files: {files or 'none'}",
        f"lines: {summary['lines'].get('total', 0)}: {lines}",
        f"sends: {summary['sends']}: {verdicts}",
    )
    parts = [line for text in head for line in wrapped(text, width or _ENDLESS, rest="  ")]
    if summary["causes"]:
        causes = [
            [row["sends"], row["outcome"], row["cause"], row["owner"], _clock(row["first"]), _clock(row["last"])]
            for row in summary["causes"][:_SHOWN_CAUSES]
        ]
        parts += ["", table(["sends", "verdict", "cause", "who must act", "first", "last"], causes, width=width)]
        if more := len(summary["causes"]) - _SHOWN_CAUSES:
            parts += [f"{more} more causes"] if more > 0 else []
    if summary["findings"]:
        found = [
            [row["device"], row["severity"], row["finding"], row["cause"] or "", row["owner"]]
            for row in summary["findings"][:_SHOWN_PERIODS]
        ]
        parts += ["", table(["device", "severity", "finding", "cause", "who must act"], found, width=width)]
        if (more := len(summary["findings"]) - _SHOWN_PERIODS) > 0:
            parts.append(f"{more} more findings; --format json has all")
    several = len({row["device"] for row in summary["periods"]}) > 1
    rows = [
        [
            *([row["device"]] if several else []),
            period_words(row["period"] or ""),
            row["accepted"],
            row["failed"],
            row["unknown"],
        ]
        for row in summary["periods"][:_SHOWN_PERIODS]
    ]
    if rows:
        header = [*(["device"] if several else []), summary["unit"], "accepted", "failed", "unknown"]
        parts += ["", table(header, rows, width=width)]
    if (more := len(summary["periods"]) - _SHOWN_PERIODS) > 0:
        parts.append(f"{more} more rows; --format csv has all")
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


def _clock(start: str | None) -> str:
    return (start or "").replace("T", " ")


def _at(line: int) -> str:
    return f", line {line}" if line else ""
