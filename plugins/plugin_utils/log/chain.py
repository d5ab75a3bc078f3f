# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask templates about a line, one after the other: the first that knows it has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..libraries import textfsm
from ..regex.digits import Unproven, first_match, may_match
from ..templates import find as templates
from ..templates.records import fields, run
from ..terminal.prompts import stamp_of

EVENT, IGNORED, FOREIGN, UNMATCHED = "event", "ignored", "foreign", "unmatched"
_NAME = re.compile(r"\(\?P<\w+>")
# To compile one expression of all rules takes as long as to try each of them on so many lines.
_FEW = 400
_REFERS = re.compile(r"\(\?P=|\\[1-9]|\(\?\(")
# Templates whose records tell of a send.
TELLING = frozenset({"fazmaild_debug", "smtp_dialogue", "test_connection", "vocabulary", "plain_dialogue", "cli_error"})
BUCKETS = (EVENT, IGNORED, FOREIGN, UNMATCHED)


# Readings are shared by all lines that are alike, and so compared by identity.
@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a line is, whatever its number and its time stamp.

    by: the rule that ignores it, the daemon it is of, the template that knows it, or the shape of what nothing knows.
    template, fields: of the record the line makes by itself; no template when it makes none. stamped: the time stamp of
    the line is the field `timestamp` of the record. whole: the text of the line is the field `text` of the record.
    ask: what the line is depends on lines before it, which the template at this position of the chain has seen; -1 if not.
    """

    bucket: str
    by: str
    template: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    stamped: bool = False
    whole: bool = False
    command: str = ""
    ask: int = -1

    @property
    def telling(self) -> bool:
        """Return whether the record tells of a send."""
        return self.template in TELLING and not is_idle(self.fields)


class ChainTemplate:
    """One template of a chain. `local`: it makes of each line what it would make of that line alone."""

    def __init__(self, name: str) -> None:
        template = templates.template(name)
        self.name = name
        self.local = template.line_local
        self.bucket = FOREIGN if name == "foreign_debug" else EVENT
        states = template.compiled.states
        self._rules = [
            rule.regex_obj.regex for state in ([states["Start"]] if self.local else states.values()) for rule in state
        ]

        # A rule that may take for ever is tried under its limit, by the template itself.
        limited = any(not isinstance(rule, re.Pattern) for rule in self._rules)
        self._matches = [lambda __: True] if limited else [rule.match for rule in self._rules]
        self._asked = 0

    def may_know(self, text: str) -> bool:
        """Return whether any rule of any state matches: a line that none matches leaves the template as it was."""
        self._asked += 1
        matches = self._matches if self._asked <= _FEW or len(self._matches) == 1 else self._any_rule
        return any(match(text) for match in matches)

    @cached_property
    def _any_rule(self) -> list[Callable[[str], object]]:
        return _union(self._rules)

    def prove(self, folded: str) -> re.Match[str] | None:
        """Return how the rule matches that knows all texts which fold to this one, None when none knows any of them.

        Raises Unproven where that is not known.
        """
        if not self.local:
            if any(may_match(rule, folded) for rule in self._rules):
                raise Unproven
            return None
        found = first_match(self._rules, folded)
        return found[1] if found else None


class Chain:
    """Some templates in the order in which they are asked."""

    def __init__(self, names: Sequence[str]) -> None:
        self.links = [_link(name, tuple(templates.directories())) for name in names]

    def read(self, texts: Sequence[str], start: int = 0) -> list[Reading | None]:
        """Return what each text is, None for those that no template knows; `start` is the position to begin at."""
        readings: list[Reading | None] = [None] * len(texts)
        rest = list(range(len(texts)))
        for position, link in enumerate(self.links[start:], start):
            asked = [number for number in rest if link.may_know(texts[number])]
            if not asked:
                continue
            if link.local:
                for place, reading in read_alone(link, [texts[number] for number in asked]):
                    readings[asked[place]] = reading
            else:
                for number in asked:
                    readings[number] = Reading(link.bucket, link.name, ask=position)
            rest = [number for number in rest if readings[number] is None]
        return readings


def read_alone(link: ChainTemplate, texts: Sequence[str]) -> Iterator[tuple[int, Reading]]:
    """Position and reading of each text that a line-local template knows."""
    found = run(link.name, texts)
    rows = dict(zip(found.positions, found.rows, strict=True))
    for position, matched in enumerate(found.matched):
        if matched:
            yield position, _reading(link, texts[position], rows.get(position))


def _reading(link: ChainTemplate, text: str, row: dict[str, Any] | None) -> Reading:
    by = str((row or {}).get("daemon", "")) if link.bucket == FOREIGN else link.name
    if row is None:
        return Reading(link.bucket, by)
    stamp = stamp_of(text)
    stamped = bool(stamp) and row.get("timestamp") == stamp
    if stamped:
        row = {name: value for name, value in row.items() if name != "timestamp"}
    return Reading(link.bucket, by, link.name, row, stamped)


def is_idle(fields: Mapping[str, Any]) -> bool:
    """Return whether a record is of the mail daemon's idle loop."""
    return "pending_tasks" in fields or "last_sent_time" in fields


class Questions:
    """The templates of a chain that have to see the lines of one command in their order."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._open: dict[int, Asked] = {}

    def ask(self, position: int, number: int, text: str) -> tuple[bool, list[DelayedRecord]]:
        """Give a line to the template at this position; return whether it knows it, and what it has finished."""
        if position not in self._open:
            self._open[position] = Asked(self._chain.links[position].name)
        return self._open[position].feed(number, text)

    def finish(self) -> list[DelayedRecord]:
        """What the end of the output finishes, in the order of its lines."""
        late = [record for position in sorted(self._open) for record in self._open[position].finish()]
        self._open = {}
        return sorted(late, key=lambda record: record.number)


@dataclass(frozen=True, slots=True)
class DelayedRecord:
    """A record that is finished some lines below the one it begins at."""

    number: int
    template: str
    fields: dict[str, Any]


class Asked:
    """One such template. An index of its reader is one less than the number of the line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reader = templates.template(name).reader()

    def feed(self, number: int, text: str) -> tuple[bool, list[DelayedRecord]]:
        try:
            parsed = self._reader.feed([text], number - 1)
        except textfsm.TextFSMError:  # the action Error of a rule: the template does not want this line
            return False, []
        return parsed.rules[0] > 0, self._late(parsed.rows)

    def finish(self) -> list[DelayedRecord]:
        return self._late(self._reader.finish().rows)

    def _late(self, rows: Sequence[Any]) -> list[DelayedRecord]:
        return [DelayedRecord(row.line + 1, self._name, fields(self._name, row.values)) for row in rows]


def _union(rules: Sequence[re.Pattern[str]]) -> list[Callable[[str], object]]:
    """Return what tells whether any of some rules matches: one expression, where nothing in them is against that."""
    texts = [_NAME.sub("(?:", rule.pattern) for rule in rules]
    if all(
        rule.flags == re.UNICODE.value and not _REFERS.search(text) for rule, text in zip(rules, texts, strict=True)
    ):
        return [re.compile("|".join(f"(?:{text})" for text in texts)).match]
    return [rule.match for rule in rules]


@cache
def _link(name: str, directories: tuple[Path, ...]) -> ChainTemplate:
    """The template of that name in these directories, which a user may change between two files."""
    return ChainTemplate(name)
