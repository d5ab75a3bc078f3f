# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the result of reading logs to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .table import table, visible

_SHOWN_UNMATCHED = 5


def log_report(document: Mapping[str, Any]) -> str:
    """Return a readable report of a result document of schema fortiops.mail/parse/1."""
    return "\n\n".join("\n".join(_file(file)) for file in document["files"])


def _file(file: Mapping[str, Any]) -> Iterator[str]:
    counts = file["lines"]
    buckets = ", ".join(f"{counts[name]} {name}" for name in ("event", "ignored", "foreign", "unmatched"))
    yield f"{visible(file['path'])}: {file['status']}, {counts['total']} lines: {buckets}"
    if file["verdicts"]:
        yield ""
        yield table(
            ["line", "verdict", "stage", "cause", "who must act", "confidence"],
            [
                [each[name] for name in ("line", "outcome", "stage", "cause", "owner", "confidence")]
                for each in file["verdicts"]
            ],
        )
    else:
        yield "no send was recognised in this text"
    for verdict in file["verdicts"]:
        if verdict["outcome"] != "accepted":
            yield ""
            yield from _explained(verdict)
    for line in file["unmatched"][:_SHOWN_UNMATCHED]:
        yield f"not recognised, line {line['line']}: {visible(line['text'])[:160]}"
    if (more := len(file["unmatched"]) - _SHOWN_UNMATCHED) > 0:
        yield f"not recognised: {more} more lines"


def _explained(verdict: Mapping[str, Any]) -> Iterator[str]:
    yield f"line {verdict['line']}: {verdict['cause']}. {verdict['explanation']}"
    for item in verdict["evidence"][-3:]:
        yield f"  evidence, line {item['line']}: {visible(item['text'])[:160]}"
    for step in verdict["remedy"][:2]:
        for kind in ("cli", "task", "advice"):
            if step.get(kind):
                yield f"  {kind}: {step[kind]}"
