# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page for a customer says of equal sends: how far they came, what shows it, what to do. No input or output."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..smtp.knowledge import causes, stages
from ..smtp.onward import cause_told
from ..terminal.quoting import escaped
from .explanation import cli_lines, one_way, path_words
from .log_collected import EqualSends
from .log_words import LogLine, file_name, mails, moment

Words = Mapping[str, Any]
_MOST_EVIDENCE = 8
_CONVERSATION = frozenset({"greeting", "ehlo"})
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Rung:
    """A step of the way of a mail. state: reached, failed, untried, unseen or skipped; words: the same for a person."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class WorkStep:
    """Something to do: who does it, what it is, what to type on the device, and what else to know."""

    who: str
    what: str
    lines: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class Section:
    """Equal sends: what became of them, and what to do. letter: the mark of it in charts, "" where there is only one."""

    letter: str
    kind: str
    counted: str
    outcome: str
    plain: str
    count: int
    rungs: Sequence[Rung]
    evidence: Sequence[LogLine]
    steps: Sequence[WorkStep]
    proof: Sequence[str]
    sure: str
    warnings: Sequence[str]


def section_of(group: EqualSends, letter: str, kind: str, words: Words, *, several: bool) -> Section:
    """Return what the page says of equal sends. kind: their mark in charts; several: whether the page is about several devices."""
    verdict = group.verdict
    first, last = moment(group.span.first), moment(group.span.last)
    names = [name for name, __ in group.devices.most_common(4) if name]
    devices = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
    where = f" of {devices}" if devices and several else ""
    when = (f", on {first}" if first == last else f", the first on {first}, the last on {last}") if first else ""
    return Section(
        letter=letter,
        kind=kind,
        outcome=verdict["outcome"],
        plain=plain_reason(group),
        count=group.span.sends,
        counted=mails(group.span.sends).capitalize() + where + when + ".",
        rungs=_rungs(verdict, words),
        evidence=[
            LogLine(file_name(group.path), row["line"], escaped(row["text"]))
            for row in verdict["evidence"][-_MOST_EVIDENCE:]
        ],
        steps=_steps(group, words),
        proof=_proof(verdict, words),
        sure=f"{words['sure'][verdict['confidence']]}: {words['decided'][verdict['why']['decided']]}",
        warnings=[words["warnings"][name] for name in verdict["warnings"]],
    )


def section_of_finding(
    found: Mapping[str, Any], path: Mapping[str, Any], log: str, letter: str, words: Words
) -> Section:
    """Return what the page says of a finding that keeps mail back, as of mails that failed so.

    path: the row of paths that it is in. log: the file.
    """
    verdict = {
        **found,
        "line": found["evidence"][0]["line"] if found["evidence"] else path["line"],
        "outcome": "failed",
        "cause": found["cause"] or found["finding"],
        "stages_reached": [],
        "warnings": [],
        "confidence": "high" if found["grade"] == "verbatim" else "medium",
        "why": {"decided": "path" if path["host"] else "state", "missing": []},
    }
    section = section_of(EqualSends(verdict, {}, log, 0), letter, "", words, several=False)
    about = path_words(path)
    return replace(
        section,
        counted=f"{about[0].upper()}{about[1:]}.",
        plain=found["explanation"],
        proof=section.proof if path["host"] else (),
    )


def plain_reason(group: EqualSends) -> str:
    """Why the mails of a group ended so, in plain words."""
    cause = causes().get(group.verdict["cause"])
    return cause.plain if cause else str(group.verdict["explanation"])


def _rungs(verdict: Mapping[str, Any], words: Words) -> list[Rung]:
    rungs = list(words["rungs"])
    reached = set(verdict["stages_reached"])
    if "tls" in reached and "starttls" not in reached:
        # Encrypted from the first byte: before the mail server says hello.
        rungs.insert(3, rungs.pop(4))
    places = {stage: place for place, rung in enumerate(rungs) for stage in rung["stages"]}
    furthest = max((places[stage] for stage in reached), default=-1)
    failed = -1
    if verdict["outcome"] == "failed":
        failed = places[verdict["stage"]] if verdict["stage"] in places else max(furthest, 0)
    shown = []
    for place, rung in enumerate(rungs):
        if place == failed:
            state = "failed"
        elif failed >= 0 and place > failed:
            state = "untried"
        elif reached.intersection(rung["stages"]):
            state = "reached"
        elif place > furthest and failed < 0:
            state = "unseen"
        elif not rung["skipped"]:
            state = "reached"  # there is no way around it
        else:
            # Only a conversation that was seen shows what was left out.
            state = "skipped" if reached & _CONVERSATION else "unseen"
        shown.append(Rung(rung["name"], state, words["states"].get(state, rung["skipped"])))
    return shown


def _steps(group: EqualSends, words: Words) -> list[WorkStep]:
    verdict = group.verdict
    owners = words["owners"]
    cause = causes().get(verdict["cause"])
    cause = cause and cause_told(cause, verdict["warnings"])
    chosen = list(one_way(verdict["remedy"], [*group.servers, *(row["text"] for row in verdict["evidence"])]))
    steps: list[WorkStep] = []
    if cause is not None:
        first = chosen.pop(0) if chosen else {"cli": ""}
        who = owners[verdict["owner"]] if verdict["outcome"] != "accepted" else ""
        steps.append(WorkStep(who, cause.plain_remedy, cli_lines(first["cli"]), first.get("advice", "")))
    for remedy in chosen:
        steps.append(WorkStep("", remedy.get("advice") or "On the device:", cli_lines(remedy["cli"])))
    if verdict["outcome"] != "accepted":
        test = "diagnose test connection mailserver <id> <sender> <recipient>"
        steps.append(WorkStep("", "Then send a test mail from the device, and see whether it arrives:", [test]))
    entries = [name for name in group.entries if name]
    return [_of_entry(step, entries[0]) for step in steps] if len(entries) == 1 else steps


def _proof(verdict: Mapping[str, Any], words: Words) -> list[str]:
    """What would prove more than this log does; nothing where it is sure why the mail failed."""
    if verdict["outcome"] == "failed" and verdict["confidence"] == "high":
        return []
    proofs = words["proof"]
    order = stages()
    early = verdict["stage"] in order and order.index(verdict["stage"]) <= order.index("tcp")
    names = {"accepted": ["mailbox"], "unknown": ["debug"]}.get(
        verdict["outcome"], ["packets"] if early else ["server_log"]
    )
    missing = verdict["why"]["missing"]
    return [
        proofs[name] for name in [*names, *(["counters"] if "counters" in missing and names != ["mailbox"] else [])]
    ]


def _of_entry(step: WorkStep, name: str) -> WorkStep:
    """A step with the entry of the mail table that it is about, as far as that can be typed as it is."""
    if not _PLAIN_NAME.fullmatch(name):
        return step
    return replace(step, lines=[line.replace("<id>", name) for line in step.lines])
