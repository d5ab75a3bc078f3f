# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs as Markdown, for a ticket or a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .as_markdown import markdown_table, markdown_text
from .log_page import LogPage
from .log_sections import Section, WorkStep
from .log_words import TOOL, LogLine, period_words
from .table import visible

_SIGNS = {"reached": "✓", "failed": "✗", "untried": "·", "unseen": "?", "skipped": "·"}
_FENCE = "```"


def log_as_markdown(page: LogPage) -> str:
    """Return the text of the page."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: LogPage) -> Iterator[str]:
    yield f"# {markdown_text(page.headline)}"
    for sentence in (*page.happened, *page.remarks):
        yield ""
        yield markdown_text(sentence)
    yield ""
    yield from (f"- **{name}**: {markdown_text(value)}" for name, value in page.facts)
    if page.asked:
        yield from _steps([page.asked], "##")
    for section in page.sections:
        yield from _section(section, page)
    if page.others:
        yield from ("", "## Less frequent", "")
        yield from _list(page.others)
    if page.has_placeholders:
        yield from ("", markdown_text("Words in <angle brackets> are for you to fill in."))
    if page.network:
        yield from ("", "## What the log shows of the way to a mail server", "")
        yield from _list(page.network)
    if page.charts:
        yield from ("", f"## {markdown_text(page.chart_words)}")
        kinds = page.key
        for chart in page.charts:
            rows = [
                (period_words(column.period), *(f"{column.counts.get(kind, 0):,}" for kind, __ in kinds))
                for column in chart.bars
                if column.counts
            ]
            if chart.device:
                yield from ("", f"### {markdown_text(chart.device)}")
            yield from markdown_table(("from", *(markdown_text(meaning) for __, meaning in kinds)), rows)
    if page.device_rows:
        yield from ("", "## Devices")
        yield from markdown_table(
            ("device", "product and firmware", "serial number", "mails", "first", "last"), page.device_rows
        )
    yield from ("", "## What was read", "", markdown_text(f"{page.read} Passwords and other secrets are replaced."))
    if page.notes:
        yield ""
        yield from _list(page.notes)
    if page.not_understood:
        yield from ("", "Lines that were not understood, an example of each kind:", "")
        yield from _log_lines(page.not_understood, page)
    yield ""
    yield f"Made by {TOOL} from the text of the log alone; nobody connected to the device or the mail server."


def _section(section: Section, page: LogPage) -> Iterator[str]:
    level = "##"
    if section.letter:
        yield from ("", f"## {section.letter}: {markdown_text(section.plain)}", "", markdown_text(section.counted))
        level = "###"
    yield from _steps(section.steps, level)
    yield from ("", f"{level} The way of the mail", "")
    for rung in section.rungs:
        words = f"**{rung.words}**" if rung.state == "failed" else rung.words
        yield f"- {_SIGNS[rung.state]} {markdown_text(rung.name)}: {words}"
    yield from ("", f"{level} How sure is that?", "", markdown_text(section.sure))
    for warning in section.warnings:
        yield from ("", f"Beside that: {markdown_text(warning)}")
    if section.proof:
        yield from ("", "What would prove more:", "")
        yield from _list(section.proof)
    if section.evidence:
        yield from ("", f"{level} What shows it in the log", "")
        yield from _log_lines(section.evidence, page)


def _steps(steps: Sequence[WorkStep], level: str) -> Iterator[str]:
    yield from ("", f"{level} What to do" + (", in this order" if len(steps) > 1 else ""), "")
    for number, step in enumerate(steps, 1):
        who = f"**{step.who}:** " if step.who else ""
        yield f"{number}. {who}{markdown_text(step.what)}"
        if step.lines:
            yield ""
            yield from (f"   {line}" for line in _code(step.lines))
            yield ""
        if step.note:
            yield from ("", f"   {markdown_text(step.note)}", "")


def _log_lines(rows: Sequence[LogLine], page: LogPage) -> Iterator[str]:
    several = len(page.logs.files) > 1
    return iter(_code([f"{f'{row.path}, ' if several else ''}line {row.number}: {row.text}" for row in rows]))


def _code(lines: Iterable[str]) -> list[str]:
    """Lines that mean nothing to Markdown, in a fence that none of them can end."""
    shown = [visible(line) for line in lines]
    fence = _FENCE
    while any(fence in line for line in shown):
        fence += "`"
    return [f"{fence}text", *shown, fence]


def _list(sentences: Iterable[str]) -> Iterator[str]:
    yield from (f"- {markdown_text(sentence)}" for sentence in sentences)
