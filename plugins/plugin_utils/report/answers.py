# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One answer for each device, as text that a person reads in ten seconds: a table, and below it what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .table import table, visible

_SHOWN_STEPS = 2
_HEADER = ("device", "mail server", "mail", "cause", "who must act", "confidence")


def answers_report(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the report. Each row has device, server (as `host:port`) and answer, see path/conclude.py."""
    lines = [table(_HEADER, [_cells(row) for row in rows])]
    lines += ["\n".join(_explained(row)) for row in rows if row["answer"]["outcome"] != "accepted" or _doubts(row)]
    return "\n\n".join(lines)


def _cells(row: Mapping[str, Any]) -> list[Any]:
    answer = row["answer"]
    return [row["device"], row["server"], answer["outcome"], answer["cause"], answer["owner"], answer["confidence"]]


def _explained(row: Mapping[str, Any]) -> Iterator[str]:
    answer = row["answer"]
    yield f"{visible(row['device'])}: {visible(answer['explanation'])}"
    if answer["outcome"] != "accepted":
        for step in answer["remedy"][:_SHOWN_STEPS]:
            for kind in ("cli", "advice"):
                if step.get(kind):
                    yield f"  {kind}: {visible(step[kind])}"
    for sentence in _doubts(row):
        yield f"  but: {visible(sentence)}"


def _doubts(row: Mapping[str, Any]) -> list[str]:
    doubts: list[str] = row["answer"]["contradictions"]
    return doubts
