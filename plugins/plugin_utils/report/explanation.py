# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a verdict to a person: what became of the mail, why it is this cause and no other, and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ..smtp.knowledge import reasons
from ..smtp.verdict import EvidenceLine, LostCause, Verdict
from .table import visible

_WIDTH = 100
_LONGEST_QUOTE = 160
_EVIDENCE_SHOWN = 10

_OPENS = ("config ", "edit ")
_CLOSES = ("next", "end")
_STEP = "    "


def explain(verdict: Verdict, title: str) -> str:
    """Return a verdict in words; `title` says which send it is about."""
    sections = [
        ("Why", _why(verdict)),
        ("Evidence", _evidence(verdict["evidence"])),
        ("Not the cause", _lost(verdict["why"]["lost"])),
        ("Stages reached", [" > ".join(verdict["stages_reached"]) or "none"]),
        ("Warnings", _worded("warnings", verdict["warnings"])),
        ("Would prove more", _worded("missing", verdict["why"]["missing"])),
        (f"What to do ({verdict['owner']})", _remedies(verdict["remedy"])),
    ]
    lines = [_quote(title), "", _headline(verdict), *_wrapped(verdict["explanation"], "  ")]
    for name, content in sections:
        shown = list(content)
        if shown:
            lines += ["", name, *(f"  {line}".rstrip() for line in shown)]
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    stage = verdict["stage"]
    where = f" at {stage}" if stage and verdict["outcome"] == "failed" else ""
    wait = {True: "temporary", False: "permanent", None: ""}[verdict["temporary"]]
    what = "" if verdict["cause"] == verdict["outcome"] else f": {verdict['cause']}"
    details = ", ".join(filter(None, [wait, f"{verdict['confidence']} confidence"]))
    return f"{verdict['outcome'].upper()}{where}{what} ({details})"


def _why(verdict: Verdict) -> Iterator[str]:
    why, rule = verdict["why"], verdict["why"]["rule"]
    line = f"Line {why['line']} decided: " if why["line"] else "Decided: "
    yield from _wrapped(line + reasons()["steps"][why["decided"]])
    if rule:
        source = ", ".join(filter(None, [rule["library"], rule["grade"]]))
        yield f"Rule: {rule['text']}" + (f"  [{source}]" if source else "")
    if reply := verdict["reply"]:
        yield "Reply: " + _quote(" ".join(filter(None, [reply["code"], reply["enhanced"], reply["text"]])))


def _evidence(rows: list[EvidenceLine]) -> Iterator[str]:
    for row in rows[-_EVIDENCE_SHOWN:]:
        yield f"{row['line']:>5}: {_quote(row['text'])}"


def _lost(rows: list[LostCause]) -> Iterator[str]:
    words = reasons()["lost"]
    for row in rows:
        where = f" at {row['stage']}" if row["stage"] else ""
        yield f"{row['cause']}{where}: {words[row['because']]}"
        yield f"{row['line']:>5}: {_quote(row['text'])}"


def _worded(kind: str, names: Iterable[str]) -> Iterator[str]:
    words = reasons()[kind]
    for name in names:
        yield from _wrapped(f"- {words[name]}")


def _remedies(remedies: list[dict[str, str]]) -> Iterator[str]:
    for number, remedy in enumerate(remedies, 1):
        parts = list(remedy_lines(remedy))
        if number > 1 and parts:
            yield ""
        for position, (kind, lines) in enumerate(parts):
            mark = f"{number}. " if position == 0 else "   "
            if kind == "advice":
                yield from ((mark if first == 0 else "   ") + line for first, line in enumerate(_wrapped(lines[0])))
                continue
            yield mark + {"cli": "On the device:", "task": "Or as a task:"}[kind]
            yield from (f"       {line}" for line in lines)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _quote(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + " ..."


# -- remedies --------------------------------------------------------------------------------------------------------


def cli_lines(cli: str) -> list[str]:
    """Return the lines of a remedy's `cli`, indented as the device shows configuration."""
    lines: list[str] = []
    depth = 0
    for line in filter(None, (each.strip() for each in cli.split(" / "))):
        depth = max(0, depth - 1) if line in _CLOSES else depth
        lines.append(_STEP * depth + line)
        depth += line.startswith(_OPENS)
    return lines


def task_lines(task: str) -> list[str]:
    """Return the lines of a remedy's `task` as an item of a play."""
    module, _, arguments = task.partition(": ")
    return [f"- {module}: {arguments}"] if task else []


def remedy_lines(remedy: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a remedy holds in the order to read it: its kind (`advice`, `cli` or `task`) and its lines."""
    if advice := remedy.get("advice"):
        yield "advice", [advice]
    if lines := cli_lines(remedy["cli"]):
        yield "cli", lines
    if lines := task_lines(remedy["task"]):
        yield "task", lines
