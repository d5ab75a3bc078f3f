# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read logs one by one or several in parallel, and write their results in the requested format."""

from __future__ import annotations

import json
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from ..analysis import SCHEMA, collect, preload
from ..log.sorting import SortedBatch, sort
from ..log.stream import Item, LogOptions, follow
from ..log.summary import LogSummary
from ..log.tail import GrowingFile
from ..log.window import Selection
from ..logfile.reader import read
from ..path.saved import SavedPath
from ..processes import processors
from ..report.log import LogReport, verdict_line
from ..report.rows import RowWriter, csv_head, csv_lines, json_lines
from .input import A_LOG, InputError, read_errors
from .output import Output
from .sorted_log import FORKS, sorted_log
from .watch import Watch

_HEAD = {"json": f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "files": [', "csv": csv_head()}
_BETWEEN = {"json": ",", "table": "\n"}
_NO_PART, _TAIL = "]\n}\n", "\n  ]\n}\n"
_WITH_ROWS, _WITH_SHAPES = ("json", "jsonl"), ("json", "jsonl", "table")
_LINES = {"jsonl": json_lines, "csv": csv_lines}
_BLOCK = 1 << 20
_PIECE = 1 << 17
_ENCODER = json.JSONEncoder(indent=2)

# The totals of a file, and its error ("" if there is none).
Result: TypeAlias = tuple[LogSummary, str]


@dataclass(frozen=True)
class Form:
    """The format of the result: table, json, jsonl, csv, or none for totals only. each: a row for each send in a table."""

    name: str
    selection: Selection
    colour: bool = False
    width: int | None = None
    each: bool = False


class OutputDocument:
    """A result with one part for each log, and the text before, between and after the parts."""

    def __init__(self, form: str, out: Output) -> None:
        self.out = out
        self._form = form
        self._parts = 0

    def begin(self) -> None:
        self.out.write(_HEAD.get(self._form, ""))

    def part(self) -> None:
        """Begin the next part."""
        if self._parts:
            self.out.write(_BETWEEN.get(self._form, ""))
        self._parts += 1

    def end(self) -> None:
        if self._form == "json":
            self.out.write(_TAIL if self._parts else _NO_PART)


def results(
    names: Sequence[str], form: Form, document: OutputDocument, jobs: int | None, watch: Watch
) -> Iterator[Result]:
    """Write what is in the files, in their order. An error in one does not stop the others.

    jobs: how many of them are read in parallel; without it one, and a large one in two processes where there are processors.
    """
    if not jobs or jobs == 1 or len(names) == 1 or not FORKS:
        for name in names:
            if watch.next_file():
                yield _read_log(name, form, document, watch, jobs or processors())
        return
    from .workers import in_parallel

    # A fork shares what is loaded, which takes longer than reading a small log.
    preload()

    def work(name: str, path: Path) -> Result:
        with (
            path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file,
            Watch([name], stops=watch.stops) as own,
        ):
            return _read_log(name, form, OutputDocument(form.name, Output(file, str(path))), own)

    for done in in_parallel(names, jobs, work, lambda: watch.stopped):
        watch.done(done.name)
        if done.output.is_file() and done.output.stat().st_size:
            document.part()
            with done.output.open(encoding="utf-8", errors="surrogatepass", newline="") as file:
                for text in iter(lambda: file.read(_BLOCK), ""):
                    document.out.write(text)
        yield done.result or (LogSummary(), done.problem)


def followed(name: str, form: Form, document: OutputDocument) -> Iterator[Result]:
    """Write what is in a file that grows, as it grows, until Ctrl-C or SIGTERM."""
    stopped = False

    def stop(_number: int, _frame: object) -> None:
        # No lock: the thread that is interrupted here may hold it.
        nonlocal stopped
        stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    summary = LogSummary()
    try:
        with read_errors(name, "a saved log"), GrowingFile(Path(name), lambda: stopped) as file:
            batches = read(cast(BinaryIO, file), live=True)
            items = _summed(_items(sort(batches), form, name), summary)
            document.part()
            _write(
                _printed_at_once(items, document.out) if form.name == "table" else items, name, form, document.out, True
            )
        yield summary, ""
    except InputError as error:
        yield summary, str(error)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read_log(name: str, form: Form, document: OutputDocument, watch: Watch, processes: int = 1) -> Result:
    """Write what is in a file; an archive has a part for each file in it."""
    summary = LogSummary()
    try:
        with read_errors(name, A_LOG), closing(sorted_log(name, watch, processes)) as members:
            for member, batches in members:
                document.part()
                _write(_summed(watch.items(_items(batches, form, member)), summary), member, form, document.out)
                if watch.stopped:
                    break
    except InputError as error:
        return summary, str(error)
    return summary, ""


def _items(batches: Iterable[SortedBatch], form: Form, path: str) -> Iterator[Item]:
    rows, shapes, verdicts = form.name in _WITH_ROWS, form.name in _WITH_SHAPES, form.name != "none"
    written = RowWriter(path) if form.name == "jsonl" else None
    return follow(batches, LogOptions(form.selection, rows, shapes, verdicts, SavedPath, written))


def _write(items: Iterable[Item], path: str, form: Form, out: Output, at_once: bool = False) -> None:
    if form.name in _LINES:
        lines = _LINES[form.name](items, path)
        # One at a time for somebody who watches; else to write many at once is faster.
        for piece in lines if at_once else _pieces(lines):
            out.write(piece)
            if at_once:
                out.flush()
    elif form.name == "json":
        out.write("\n    ")
        for piece in _pieces(_ENCODER.iterencode(collect(items, path))):
            out.write(piece.replace("\n", "\n    "))
    elif form.name == "table":
        report = LogReport(path, form.width, form.colour, form.each)
        for item in items:
            report.add(item)
        out.write(report.text() + "\n")
    else:
        deque(items, maxlen=0)  # they are summed on their way


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """Join lines, or parts of lines, into pieces of about `_PIECE` characters."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _summed(items: Iterable[Item], summary: LogSummary) -> Iterator[Item]:
    for item in items:
        summary.add(item)
        yield item


def _printed_at_once(items: Iterable[Item], out: Output) -> Iterator[Item]:
    verdict: dict[str, Any] = {}
    for kind, data in items:
        if kind == "verdict":
            verdict = data
        elif kind == "send":
            out.write(verdict_line(verdict, data) + "\n")
            out.flush()
        elif kind == "summary":
            out.write("\n")
        yield kind, data
