# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs as HTML that needs neither network nor script, and prints."""

from __future__ import annotations

from typing import Any

from .log_charts import Chart
from .log_page import LogPage
from .log_words import TOOL, period_words
from .page import source, style, template

_HEIGHT = 130
_WIDTH = 1000
_WIDEST_BAR = 60
# From the bottom of a bar.
_ORDER = ("b", "w", "v", "u", "g")


def log_as_html(page: LogPage) -> str:
    """Return the text of the page."""
    look = style("log.css")
    return template("log.html.j2").render(
        page=page,
        charts=[_drawn(chart, page) for chart in page.charts],
        height=_HEIGHT,
        style=look,
        style_hash=source(look),
        tool=TOOL,
    )


def _drawn(chart: Chart, page: LogPage) -> dict[str, Any]:
    """The rectangles of a chart, one column for each period."""
    meanings = dict(page.key)
    highest = max((sum(column.counts.values()) for column in chart.bars), default=0) or 1
    step = min(_WIDEST_BAR, _WIDTH / max(1, len(chart.bars)))
    bars = []
    for number, column in enumerate(chart.bars):
        parts, y = [], float(_HEIGHT)
        for kind in _ORDER:
            if count := column.counts.get(kind, 0):
                height = max(2.0, _HEIGHT * count / highest)
                y -= height
                parts.append({"kind": kind, "y": round(y, 1), "height": round(height, 1)})
        told = "; ".join(f"{column.counts[kind]:,} {meanings[kind]}" for kind in _ORDER if column.counts.get(kind))
        bars.append(
            {
                "x": round(number * step, 1),
                "width": round(max(1.0, step - 2), 1),
                "parts": parts,
                "title": f"{period_words(column.period)}: {told or 'no mail'}",
            }
        )
    first, last = (period_words(chart.bars[place].period) for place in (0, -1))
    total = sum(sum(column.counts.values()) for column in chart.bars)
    words = f"{total:,} mail{'s' * (total != 1)}, at most {highest:,} in one {page.unit}"
    return {
        "title": f"{chart.device or 'Device without a name in the log'}: {words}",
        "words": f"{words}, from {first} to {last}",
        "bars": bars,
        "columns": [(kind, _column(meaning)) for kind, meaning in meanings.items()],
        "rows": [
            (period_words(column.period), {**dict.fromkeys(meanings, 0), **column.counts})
            for column in chart.bars
            if column.counts
        ],
        "first": first,
        "last": last,
        "width": _WIDTH,
    }


def _column(meaning: str) -> str:
    """The letter of a reason where it has one, else its words."""
    letter, mark, __ = meaning.partition(": ")
    return letter if mark and len(letter) == 1 else meaning
