# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs as Markdown tables: medians with the range of the repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from runs import Run
from variants import VARIANTS

_HEADINGS = (
    "variant",
    "devices",
    "runs",
    "wall s",
    "CPU s",
    "peak PSS MB",
    "processes",
    "logins",
    "tasks per host",
    "failed",
)


def table(runs: Sequence[Run]) -> str:
    """Return one row for each variant and size, in the order in which they first ran, grouped by size."""
    rows = []
    for size in sorted({run.size for run in runs}):
        for name in dict.fromkeys(run.variant for run in runs if run.size == size):
            rows.append(_row([run for run in runs if (run.size, run.variant) == (size, name)]))
    return markdown(_HEADINGS, rows)


def legend(names: Iterable[str]) -> str:
    """Say what each variant is."""
    return "\n".join(f"- `{name}`: {VARIANTS[name].title}" for name in names)


def broken_table(runs: Sequence[Run]) -> str:
    """Return what became of fleets with broken devices."""
    headings = (
        "variant",
        "devices",
        "broken",
        "wall s",
        "last healthy device done after s",
        "healthy failed",
        "broken failed",
    )
    rows = []
    for run in runs:
        failed = [name for name in run.broken if name in run.failed]
        healthy = [name for name in run.failed if name not in run.broken]
        rows.append(
            (
                run.variant,
                str(run.size),
                str(len(run.broken)),
                f"{run.usage.wall:.1f}",
                f"{run.healthy:.1f}",
                str(len(healthy)),
                f"{len(failed)} of {len(run.broken)}",
            )
        )
    return markdown(headings, rows)


def causes(run: Run) -> str:
    """Return what each broken device failed with."""
    rows = [(name, fault, run.failed.get(name, "did not fail")) for name, fault in sorted(run.broken.items())]
    return markdown(("device", "what is wrong with it", "failed with"), rows)


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [
        headings,
        ["---"] * len(headings),
        *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows),
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _row(runs: Sequence[Run]) -> tuple[str, ...]:
    first = runs[0]
    return (
        first.variant,
        str(first.size),
        str(len(runs)),
        _spread(runs, lambda run: run.usage.wall, 1),
        _spread(runs, lambda run: run.usage.cpu, 1),
        _spread(runs, lambda run: run.usage.pss, 0),
        _spread(runs, lambda run: run.usage.processes, 0),
        _spread(runs, lambda run: run.heard.logins, 0),
        str(first.tasks or "-"),
        str(sum(len(run.failed) for run in runs)),
    )


def _spread(runs: Sequence[Run], value: Callable[[Run], float], digits: int) -> str:
    values = [value(run) for run in runs]
    middle, low, high = (f"{each:.{digits}f}" for each in (median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low}-{high})"
