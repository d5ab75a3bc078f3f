# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what is wrong with templates before a log does: values that are lost, rules that are never reached, expressions that may take hours."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UserFileError
from ..libraries import textfsm
from ..regex.ambiguity import EXPONENTIAL, LINEAR, growth
from ..yaml_file import read_text_of_user
from .sample_check import samples_of
from .template import Template

_TAKES_ALL = frozenset({"^", "^.*", "^.*$"})


@dataclass(frozen=True)
class TemplateFault:
    """What is wrong with a line of a file (0: with the file)."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.text}"


def lint(directory: Path, samples: Path | None) -> list[TemplateFault]:
    """Look at the templates of a directory, its index, and whether each template has a sample.

    `samples` is None where samples are not kept, as in an installed collection.
    """
    found: list[TemplateFault] = []
    for file in sorted(directory.glob("*.textfsm")):
        found += _template(file)
        if samples is not None and not samples_of(samples, file.stem):
            found.append(
                TemplateFault(file, 0, f"no sample; expected {samples / file.stem}/NAME.raw with NAME.yml beside it")
            )
    return [*found, *_index(directory)]


def rows_of_index(directory: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a directory's index with their line numbers, the header first; none when there is no index."""
    index = directory / "index"
    if not index.is_file():
        return []
    lines = index.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        (number, next(csv.reader([line], skipinitialspace=True)))
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


def _template(file: Path) -> Iterator[TemplateFault]:
    try:
        template = Template(io.StringIO(read_text_of_user(file, "a TextFSM template")))
    except UserFileError as error:
        yield TemplateFault(file, 0, str(error).removeprefix(f"{file}: "))
        return
    except textfsm.TextFSMTemplateError as error:
        yield TemplateFault(file, 0, f"not a valid template: {error}")
        return
    states: dict[str, list[Any]] = template.compiled.states
    names = set(template.header)
    captured = {name for rules in states.values() for rule in rules for name in rule.regex_obj.regex.groupindex}
    for name in sorted(names - captured):
        yield TemplateFault(file, 0, f"value {name} is in no rule")
    records = any(rule.record_op == "Record" for rules in states.values() for rule in rules)
    reached = _reached(states)
    for state, rules in states.items():
        if state not in reached and state != "EOF":
            yield TemplateFault(file, 0, f"state {state} is never reached")
        yield from _rules(file, rules)
        for rule in rules:
            if not records and "EOF" in states and names & set(rule.regex_obj.regex.groupindex):
                yield TemplateFault(
                    file, rule.line_num, "the values of this rule are never recorded: no rule has -> Record"
                )


def _rules(file: Path, rules: list[Any]) -> Iterator[TemplateFault]:
    seen: dict[str, int] = {}
    ends = 0
    for rule in rules:
        if ends:
            yield TemplateFault(file, rule.line_num, f"never reached: the rule in line {ends} takes every line")
        elif rule.regex in seen:
            yield TemplateFault(file, rule.line_num, f"never reached: line {seen[rule.regex]} has the same expression")
        time = growth(rule.regex)
        if time.kind == EXPONENTIAL:
            yield TemplateFault(
                file, rule.line_num, "a repetition inside a repetition may take hours on a line that does not match"
            )
        elif time.kind != LINEAR:
            yield TemplateFault(
                file,
                rule.line_num,
                "two repetitions can share a text, so that a long line that does not match takes a time that grows with the "
                f"square of its length, as {time.before!r} does with many times {time.again!r} behind it",
            )
        if rule.line_op != "Continue":
            seen.setdefault(rule.regex, rule.line_num)
            ends = ends or (rule.line_num if rule.regex in _TAKES_ALL else 0)


def _reached(states: dict[str, list[Any]]) -> set[str]:
    reached, waiting = {"Start"}, ["Start"]
    while waiting:
        for rule in states[waiting.pop()]:
            if rule.line_op != "Error" and rule.new_state in states and rule.new_state not in reached:
                reached.add(rule.new_state)
                waiting.append(rule.new_state)
    return reached


def _index(directory: Path) -> Iterator[TemplateFault]:
    file = directory / "index"
    rows = rows_of_index(directory)
    if not rows:
        yield TemplateFault(
            file, 0, "no index; expected a row for each command: Template, Hostname, Platform, Version, Command"
        )
        return
    (first, header), *others = rows
    if header[0] != "Template" or "Command" not in header:
        yield TemplateFault(
            file, first, f"expected a header with Template first, and Command, found {', '.join(header)}"
        )
    for number, row in others:
        if len(row) != len(header):
            yield TemplateFault(
                file,
                number,
                f"expected {len(header)} columns, found {len(row)}: an expression cannot have a comma here; "
                "instead of {1,3} write it out, or +",
            )
            continue
        if not (directory / row[0]).is_file():
            yield TemplateFault(file, number, f"there is no template {row[0]} in {directory}")
        for name, column in zip(header[1:], row[1:], strict=True):
            try:
                re.compile(re.sub(r"\[\[(.+?)\]\]", r"(?:\1)", column))
            except re.error as error:
                yield TemplateFault(file, number, f"{name} is no regular expression: {error}")
