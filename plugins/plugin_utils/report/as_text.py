# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document for a terminal: the verdict, the rules that are broken, and what was not assessed."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Assessment
from .table import table

_MOST_ROWS = 20


def as_text(summary: Assessment) -> str:
    """Return a few lines; the details are for the other reports."""
    return "\n".join(_lines(summary))


def _lines(summary: Assessment) -> Iterator[str]:
    yield summary.verdict
    if summary.by_rule:
        yield ""
        yield table(
            ["severity", "rule", "devices", "what it asks for"],
            [[rule["severity"], rule["id"], count, rule["title"]] for rule, count in summary.by_rule],
        )
    if summary.of_waivers:
        yield ""
        yield summary.of_waivers
    if summary.gaps:
        yield ""
        yield table(
            ["not assessed", "cause or rule", "why"],
            [[name[:60], cause[:40], why[:120]] for name, cause, why in summary.gaps[:_MOST_ROWS]],
        )
        if len(summary.gaps) > _MOST_ROWS:
            yield f"and {len(summary.gaps) - _MOST_ROWS} more"
