# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put each line of a log into exactly one bucket, and make records of those that are understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import parse, templates
from .parse import run
from .prompts import split

EVENT, IGNORED, FOREIGN, UNMATCHED = "event", "ignored", "foreign", "unmatched"

# Templates for what was saved without the command that printed it. Each knows only lines that no other output has.
_WITHOUT_COMMAND = ("fazmaild_statistics", "fazmaild_usage", "show_system_mail", "sniffer_packet")


@dataclass(frozen=True)
class Line:
    """One line: its number in the file, its text without prompts, and the command it is output of ("" if none)."""

    number: int
    text: str


@dataclass(frozen=True)
class Record:
    """What a template made of a line."""

    template: str
    line: int
    text: str
    fields: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"template": self.template, "line": self.line, **self.fields}


@dataclass
class Segment:
    """A command with the lines it printed. The first segment of a file has no command."""

    command: str
    line: int
    lines: list[Line] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


@dataclass
class Sorted:
    """A file in segments, with the bucket of each line: `buckets[number - 1]`."""

    segments: list[Segment]
    buckets: list[str]
    unmatched: list[Line]

    def count(self) -> dict[str, int]:
        return {
            "total": len(self.buckets),
            **{name: self.buckets.count(name) for name in (EVENT, IGNORED, FOREIGN, UNMATCHED)},
        }


def preload() -> None:
    """Read rules and templates now, so that processes forked later have them."""
    _ignored()
    parse.preload("smtp_dialogue", "test_connection", *_WITHOUT_COMMAND)


def sort(lines: list[str], recognised: Callable[[str], bool]) -> Sorted:
    """Sort the lines of a file. `recognised` says whether a text without any form is known by its words."""
    segments = [Segment("", 1)]
    buckets: list[str] = []
    for number, line in enumerate(lines, 1):
        parts = split(line)
        if parts.command:
            segments.append(Segment(parts.command, number))
            buckets.append(IGNORED)
        elif not parts.text.strip() or ignored_by(parts.text) is not None:
            buckets.append(IGNORED)
        else:
            segments[-1].lines.append(Line(number, parts.text))
            buckets.append(UNMATCHED)
    unmatched: list[Line] = []
    for segment in segments:
        unmatched += _read(segment, buckets, recognised)
    return Sorted(segments, buckets, unmatched)


def ignored_by(text: str) -> str | None:
    """Return the name of the rule by which a line is ignored, or None."""
    return next((name for name, pattern in _ignored() if pattern.match(text)), None)


def _read(segment: Segment, buckets: list[str], recognised: Callable[[str], bool]) -> list[Line]:
    """Give a segment's lines to one template after the other; return those that none knows."""
    own = templates.choose(segment.command) if segment.command else None
    rest = _take("foreign_debug", segment, segment.lines, buckets, FOREIGN)
    rest = _take("fazmaild_debug", segment, rest, buckets, EVENT)
    if own:
        rest = _take("cli_error", segment, rest, buckets, EVENT)
        rest = _take(own, segment, rest, buckets, EVENT)
    rest = _take("smtp_dialogue", segment, rest, buckets, EVENT)
    if not segment.command:
        for name in _WITHOUT_COMMAND:
            rest = _take(name, segment, rest, buckets, EVENT)
    rest = _take("cli_error", segment, rest, buckets, EVENT)
    unknown = []
    for line in rest:
        if recognised(line.text):
            buckets[line.number - 1] = EVENT
            segment.records.append(Record("vocabulary", line.number, line.text, {"text": line.text}))
        else:
            unknown.append(line)
    segment.records.sort(key=lambda record: record.line)
    return unknown


def _take(template: str, segment: Segment, lines: list[Line], buckets: list[str], bucket: str) -> list[Line]:
    """Run a template over lines, keep its records, and return the lines it does not know."""
    if not lines:
        return lines
    found = run(template, [line.text for line in lines])
    for row, position in zip(found.rows, found.positions, strict=True):
        line = lines[position]
        segment.records.append(Record(template, line.number, line.text, row))
    for line, matched in zip(lines, found.matched, strict=True):
        if matched:
            buckets[line.number - 1] = bucket
    return [line for line, matched in zip(lines, found.matched, strict=True) if not matched]


@cache
def _ignored() -> list[tuple[str, re.Pattern[str]]]:
    rules: dict[str, str] = yaml.safe_load(Path(__file__).with_name("ignored.yml").read_text(encoding="utf-8"))
    return [(name, re.compile(pattern)) for name, pattern in rules.items()]
