# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a verdict to a person: what became of the mail, why it is this cause and no other, what the path shows, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..smtp.knowledge import reasons
from ..smtp.verdict import EvidenceLine, LostCause, Verdict
from ..yaml_file import read_beside
from .table import visible, wrapped

WIDTH = 100
_LONGEST_QUOTE = 1000
_EVIDENCE_SHOWN = 10
_LINES_OF_STATE = 2

_OPENS = ("config ", "edit ")
_CLOSES = ("next", "end")
_STEP = "    "


class _Line(NamedTuple):
    """A text to be wrapped, and what stands before its first line and before the others."""

    text: str
    first: str = ""
    rest: str = ""


def explain(verdict: Verdict, title: str, width: int | None = None) -> str:
    """Return a verdict in words; `title` says which send it is about. width: of the terminal, None where there is none."""
    most = min(width or WIDTH, WIDTH)
    sure = verdict["outcome"] == "failed" and verdict["confidence"] == "high"
    sections = [
        ("Why", _why(verdict)),
        ("Evidence", _evidence(verdict["evidence"])),
        ("Not the cause", _lost(verdict["why"]["lost"])),
        ("Stages reached", [_Line(" > ".join(verdict["stages_reached"]) or "none")]),
        ("Warnings", _worded("warnings", verdict["warnings"])),
        ("Would prove more", _worded("missing", () if sure else verdict["why"]["missing"])),
        (f"What to do ({verdict['owner']})", _remedies(verdict["remedy"])),
    ]
    lines = [
        *(wrapped(title, most, rest="  ") if width else [visible(title)]),
        "",
        *wrapped(_headline(verdict), most, rest="  "),
    ]
    lines += wrapped(verdict["explanation"], most, "  ", "  ")
    for name, content in sections:
        shown = [
            line
            for text, first, rest in content
            for line in (wrapped(text, most, f"  {first}", f"  {rest}", keep_blanks=True) if text else [""])
        ]
        if shown:
            lines += ["", name, *shown]
    return "\n".join(lines)


def no_send(source: str, width: int | None = None) -> str:
    """Return that a text shows no attempt to send. width: as for explain()."""
    return "\n".join(wrapped(f"{source}: no send was recognised in this text", min(width or WIDTH, WIDTH), rest="  "))


def how_to_record() -> str:
    """Return how to get a log that shows an attempt to send."""
    record = read_beside(__file__, "plain.yml")["record"]
    return "\n".join(
        ["What to do (device admin)", f"  {record['what']}", *(f"      {line}" for line in record["lines"])]
    )


def explain_path(path: Mapping[str, Any], width: int, place: str = "") -> Iterator[str]:
    """Yield lines on what a log shows of the path to a mail server: each finding, a line that proves it, and what to do.

    path: as schemas/parse.json has it. place: the log it is in, where that has to be said.
    """
    where = f"{place}: line {path['line']}" if place else f"line {path['line']}"
    yield from wrapped(f"{where}: {path_words(path)}", width, rest="  ")
    for found in path["findings"]:
        yield from wrapped(found["explanation"], width, f"  {found['finding']}: ", "    ")
        grade = f" ({found['grade']})" if found["grade"] else ""
        for item in found["evidence"][-1 if path["host"] else -_LINES_OF_STATE :]:
            yield from wrapped(item["text"], width, f"  evidence, line {item['line']}{grade}: ", "    ")
        if found["severity"] == "failure":
            cause = f"cause: {found['cause']}; " if found["cause"] else ""
            yield from wrapped(f"{cause}who must act: {found['owner']}", width, "  ", "    ")
        for step in found["remedy"][:1] if found["severity"] == "failure" else ():
            for kind in ("cli", "advice"):
                if step.get(kind):
                    yield from wrapped(step[kind], width, f"  {kind}: ", "    ")


def path_words(path: Mapping[str, Any]) -> str:
    """Return what a row of paths is about. path: as schemas/parse.json has it."""
    device = path["device"] or "the device"
    if not path["host"]:
        return f"what {device} shows of itself"
    port = f" port {path['port']}" if path["port"] else ""
    seen_from = device if path["seen_from"] == "device" else "another computer"
    return f"the path to {path['host']}{port}, as {seen_from} sees it"


def _headline(verdict: Verdict) -> str:
    stage = verdict["stage"]
    where = f" at {stage}" if stage and verdict["outcome"] == "failed" else ""
    wait = {True: "temporary", False: "permanent", None: ""}[verdict["temporary"]]
    what = "" if verdict["cause"] == verdict["outcome"] else f": {verdict['cause']}"
    details = ", ".join(filter(None, [wait, f"{verdict['confidence']} confidence"]))
    return f"{verdict['outcome'].upper()}{where}{what} ({details})"


def _why(verdict: Verdict) -> Iterator[_Line]:
    why, rule = verdict["why"], verdict["why"]["rule"]
    line = f"Line {why['line']} decided: " if why["line"] else "Decided: "
    yield _Line(line + reasons()["steps"][why["decided"]])
    if rule:
        source = ", ".join(filter(None, [rule["library"], rule["grade"]]))
        yield _Line(f"Rule: {rule['text']}" + (f"  [{source}]" if source else ""), rest="  ")
        if what := rule.get("what"):
            yield _Line(f"Who: {rule['who'] or 'whoever'}; what: {what} (phrases.yml)", rest="  ")
    if reply := verdict["reply"]:
        said = " ".join(filter(None, [reply["code"], reply["enhanced"], reply["text"]]))
        yield _Line(_quote(said), "Reply: ", "  ")


def _evidence(rows: list[EvidenceLine]) -> Iterator[_Line]:
    for row in rows[-_EVIDENCE_SHOWN:]:
        yield _Line(_quote(row["text"]), f"{row['line']:>5}: ", " " * 7)


def _lost(rows: list[LostCause]) -> Iterator[_Line]:
    words = reasons()["lost"]
    for row in rows:
        where = f" at {row['stage']}" if row["stage"] else ""
        yield _Line(f"{row['cause']}{where}: {words[row['because']]}")
        yield _Line(_quote(row["text"]), f"{row['line']:>5}: ", " " * 7)


def _worded(kind: str, names: Iterable[str]) -> Iterator[_Line]:
    words = reasons()[kind]
    for name in names:
        yield _Line(words[name], "- ", "  ")


def _remedies(remedies: list[dict[str, str]]) -> Iterator[_Line]:
    for number, remedy in enumerate(remedies, 1):
        parts = list(remedy_lines(remedy))
        if number > 1 and parts:
            yield _Line("")
        for position, (kind, lines) in enumerate(parts):
            mark = f"{number}. " if position == 0 else "   "
            if kind == "advice":
                yield _Line(lines[0], mark, "   ")
                continue
            yield _Line({"cli": "On the device:", "task": "Or as a task:"}[kind], mark, "   ")
            for line in lines:
                yield _Line(line, " " * 7, " " * 9)


def _quote(text: str) -> str:
    """A text of a log, which may be as long as a line of a file can be."""
    more = len(text) - _LONGEST_QUOTE
    return text if more <= 0 else f"{text[:_LONGEST_QUOTE]} ... ({more} more characters)"


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
    module, __, arguments = task.partition(": ")
    return [f"- {module}: {arguments}"] if task else []


def one_way(remedies: Iterable[Mapping[str, str]], hints: Iterable[str] = ()) -> Iterator[Mapping[str, str]]:
    """Yield the remedies of one way: no others to the same end, and none for the mail servers of somebody else.

    hints: texts that may name the mail server, such as its name and what it answered.
    """
    text = " ".join(hints).lower()
    for remedy in remedies:
        domains = remedy.get("only_for", "").split()
        if "way" not in remedy and (not domains or any(domain in text for domain in domains)):
            yield remedy


def remedy_lines(remedy: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a remedy holds in the order to read it: its kind (`advice`, `cli` or `task`) and its lines."""
    if advice := remedy.get("advice"):
        yield "advice", [advice]
    if lines := cli_lines(remedy["cli"]):
        yield "cli", lines
    if lines := task_lines(remedy["task"]):
        yield "task", lines
