# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs as plain text, for a terminal or a mail: nothing is wider than the lines may be, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .log_charts import Bar, Chart
from .log_page import LogPage
from .log_sections import Section, WorkStep
from .log_words import TOOL, LogLine, period_words
from .table import table, visible, wrapped

_SIGNS = {"reached": "[ok]", "failed": "[X]", "untried": "[ ]", "unseen": "[?]", "skipped": "[-]"}
_BLOCKS = {"g": "\u2588", "b": "\u2592", "w": "\u2593", "v": "\u2591", "u": "\u00b7"}
_ORDER = ("g", "b", "w", "v", "u")
_LONGEST_BAR = 40
# A period, the blanks around a number, and the blocks that kinds get which are too few for one.
_BEFORE_A_BAR = len("2026-11-24 10:00    ") + len(_ORDER)


def log_as_text(page: LogPage, width: int) -> str:
    """Return the text of the page, in lines of at most this many characters where words allow it."""
    return "\n".join(line.rstrip() for line in _lines(page, width)) + "\n"


def _lines(page: LogPage, width: int) -> Iterator[str]:
    yield from wrapped(page.headline.upper(), width)
    for sentence in (*page.happened, *page.remarks):
        yield ""
        yield from wrapped(sentence, width)
    yield ""
    name_width = max(len(name) for name, __ in page.facts)
    for name, value in page.facts:
        yield from wrapped(value, width, f"{name:{name_width}}  ", " " * (name_width + 2))
    if page.asked:
        yield from _steps([page.asked], width)
    for section in page.sections:
        yield from _section(section, page, width)
    if page.others:
        yield from _title("Less frequent", width)
        yield from _list(page.others, width)
    if page.has_placeholders:
        yield ""
        yield from wrapped("Words in <angle brackets> are for you to fill in.", width)
    if page.network:
        yield from _title("What the log shows of the way to a mail server", width)
        yield from _list(page.network, width)
    if page.charts:
        yield from _title(page.chart_words, width)
        for kind, meaning in page.key:
            yield from wrapped(meaning, width, f"{_BLOCKS[kind]} ", "  ")
        for chart in page.charts:
            yield from _chart(chart, width)
    if page.device_rows:
        yield from _title("Devices", width)
        yield table(
            ("device", "product and firmware", "serial number", "mails", "first", "last"), page.device_rows, width=width
        )
    yield from _title("What was read", width)
    yield from wrapped(f"{page.read} Passwords and other secrets are replaced.", width)
    yield from _list(page.notes, width)
    if page.not_understood:
        yield from wrapped("Lines that were not understood, an example of each kind:", width)
        yield from _log_lines(page.not_understood, page, width)
    yield ""
    yield from wrapped(
        f"Made by {TOOL} from the text of the log alone; nobody connected to the device or the mail server.", width
    )


def _section(section: Section, page: LogPage, width: int) -> Iterator[str]:
    if section.letter:
        yield from _title(f"{section.letter}: {section.plain}", width)
        yield from wrapped(section.counted, width)
    yield from _steps(section.steps, width)
    yield from _title("The way of the mail", width)
    for rung in section.rungs:
        yield from wrapped(f"{rung.name}: {rung.words}", width, f"{_SIGNS[rung.state]:5}", "     ")
    yield from _title("How sure is that?", width)
    yield from wrapped(section.sure, width)
    for warning in section.warnings:
        yield from wrapped(f"Beside that: {warning}", width)
    if section.proof:
        yield from wrapped("What would prove more:", width)
        yield from _list(section.proof, width)
    if section.evidence:
        yield from _title("What shows it in the log", width)
        yield from _log_lines(section.evidence, page, width)


def _steps(steps: Sequence[WorkStep], width: int) -> Iterator[str]:
    yield from _title("What to do" + (", in this order" if len(steps) > 1 else ""), width)
    for number, step in enumerate(steps, 1):
        who = f"{step.who}: " if step.who else ""
        yield from wrapped(who + step.what, width, f"{number}. ", "   ")
        for line in step.lines:
            yield from wrapped(line, width, "       ", "         ", keep_blanks=True)
        if step.note:
            yield from wrapped(step.note, width, "   ", "   ")


def _chart(chart: Chart, width: int) -> Iterator[str]:
    yield ""
    if chart.device:
        yield from wrapped(chart.device, width)
    shown = [column for column in chart.bars if column.counts]
    highest = max(sum(column.counts.values()) for column in shown)
    digits = len(f"{highest:,}")
    room = max(1, min(_LONGEST_BAR, width - _BEFORE_A_BAR - digits))
    for column in shown:
        yield f"{period_words(column.period)}  {sum(column.counts.values()):>{digits},}  {_blocks(column, highest, room)}"


def _blocks(column: Bar, highest: int, room: int) -> str:
    """A bar of blocks; each kind that is there has at least one."""
    return "".join(
        _BLOCKS[kind] * max(1, round(room * column.counts[kind] / highest))
        for kind in _ORDER
        if column.counts.get(kind)
    )


def _log_lines(rows: Iterable[LogLine], page: LogPage, width: int) -> Iterator[str]:
    several = len(page.logs.files) > 1
    for row in rows:
        place = f"{row.path}, line {row.number}" if several else f"line {row.number}"
        if several:
            yield from wrapped(place, width)
            yield from wrapped(row.text, width, "    ", "    ")
        else:
            yield from wrapped(row.text, width, f"{place:>10}: ", " " * 12)


def _list(sentences: Iterable[str], width: int) -> Iterator[str]:
    for sentence in sentences:
        yield from wrapped(sentence, width, "- ", "  ")


def _title(text: str, width: int) -> Iterator[str]:
    lines = wrapped(text, width)
    yield ""
    yield from lines
    yield "-" * min(width, max(len(visible(line)) for line in lines))
