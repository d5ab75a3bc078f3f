# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as Markdown, for chats and merge requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .document import Assessment, failures

_SPECIAL = re.compile(r"([\\`*_\[\]|~^$#!])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", ":": "&#58;"}
_MOST_ROWS = 200


def as_markdown(summary: Assessment) -> str:
    """Return the text of the file: what is wrong, and what was not assessed."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Assessment) -> Iterator[str]:
    yield f"## {summary.verdict}"
    yield ""
    yield (
        f"{len(summary.assessed)} assessed, {len(summary.not_assessed)} not assessed, "
        f"{len(summary.clean)} without a finding. Made {_text(summary.data['created'])}."
    )
    rows = [(device, finding) for device in summary.broken + summary.minor for finding in failures(device)]
    if rows:
        yield from _head("device", "severity", "rule", "about", "found", "fix")
    for device, finding in rows[:_MOST_ROWS]:
        found = (finding[name] for name in ("severity", "rule", "entry", "detail"))
        yield _row(device["name"], *found, finding["fix"])
    if len(rows) > _MOST_ROWS:
        yield f"\n{len(rows) - _MOST_ROWS} more findings are in the document."
    if summary.of_waivers:
        yield ""
        yield _text(summary.of_waivers)
    if summary.gaps:
        yield from _head("not assessed", "cause or rule", "why")
    for gap in summary.gaps[:_MOST_ROWS]:
        yield _row(*gap)
    if len(summary.gaps) > _MOST_ROWS:
        yield f"\n{len(summary.gaps) - _MOST_ROWS} more gaps are in the document."


def _head(*names: str) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"


def _row(*cells: Any) -> str:
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(value: Any) -> str:
    """A value as text that means nothing to Markdown: no markup, no link, nobody mentioned."""
    escaped = _SPECIAL.sub(r"\\\1", str(value))
    return "".join(_ENTITIES.get(character, character) for character in escaped) or " "
