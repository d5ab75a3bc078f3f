# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn events into debug text. How a real device prints a send is not known, so there is more than one way: dialects.

dialects.yml has a template for each event a dialect prints; an event without one is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...plugins.plugin_utils.yaml_file import read_beside
from .events import Event, Target

_MASK = "****"


@dataclass(frozen=True)
class Dialect:
    """One way of printing: a template for each kind of event, and for each stage of a failure a code and a text."""

    name: str
    evidence: str
    templates: Mapping[str, tuple[str, ...]]
    results: Mapping[str, tuple[int, str]]

    def lines(self, event: Event, task: int, target: Target, clear_secrets: bool = True) -> list[str]:
        """Return what is printed for an event of the task with this number."""
        text = _masked(event.text) if event.secret and not clear_secrets else event.text
        values = {
            "text": text,
            "task": task,
            "server": target.server,
            "port": target.port,
            "address": target.address,
            "stage": event.stage,
            "number": event.number,
        }
        code, result = self.results.get(event.stage, (0, "{text}"))
        values |= {"code": code, "result": result.format_map(values)}
        return [template.format_map(values) for template in self.templates.get(event.kind, ())]


def _masked(line: str) -> str:
    words = line.split(" ")
    return " ".join([*words[:-1], _MASK])


@cache
def dialects() -> Mapping[str, Dialect]:
    """Return every dialect by name."""
    data: Mapping[str, Any] = read_beside(__file__, "dialects.yml")
    return {
        name: Dialect(
            name=name,
            evidence=row["evidence"],
            templates={kind: tuple(lines) for kind, lines in row["lines"].items()},
            results={stage: (each["code"], each["text"]) for stage, each in row.get("results", {}).items()},
        )
        for name, row in data.items()
    }
