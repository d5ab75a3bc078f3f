# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sends over time of the page for a customer, as bars for each device. No input or output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..log.summary import LogSummary

_MOST_CHARTS = 6
_MOST_BARS = 120


@dataclass(frozen=True)
class Bar:
    """The sends of a period: how many of each kind."""

    period: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Chart:
    """The sends of a device over time."""

    device: str
    bars: Sequence[Bar]


def charts(summary: LogSummary, kind_of: Callable[[str, str], str]) -> list[Chart]:
    """Return a chart for each device, those with the most sends first; none where all sends are of one period.

    kind_of: the mark of an outcome and cause.
    """
    found: dict[str, dict[str, Counter[str]]] = {}
    for (device, period), counts in summary.periods().items():
        if not period:
            continue
        kinds = found.setdefault(device, {}).setdefault(period, Counter())
        for (outcome, cause), number in counts.items():
            kinds[kind_of(outcome, cause)] += number
    periods = _all_periods({period for bars in found.values() for period in bars}, summary.unit)
    if len(periods) < 2:
        return []  # a single column says nothing
    ordered = sorted(found, key=lambda device: -summary.devices[device].sends if device in summary.devices else 0)
    return [
        Chart(device, [Bar(period, found[device].get(period, Counter())) for period in periods])
        for device in ordered[:_MOST_CHARTS]
    ]


def _all_periods(known: set[str], unit: str) -> list[str]:
    """All periods from the first to the last, also those without a send; only those with one where they are too many."""
    if not known:
        return []
    form = "%Y-%m-%dT%H" if unit == "hour" else "%Y-%m-%d"
    step = timedelta(hours=1) if unit == "hour" else timedelta(days=1)
    try:
        at, last = datetime.strptime(min(known), form), datetime.strptime(max(known), form)
    except ValueError:  # a damaged line may have any digits
        return sorted(known)[-_MOST_BARS:]
    if (last - at) / step >= _MOST_BARS:
        return sorted(known)[-_MOST_BARS:]
    periods = []
    while at <= last:
        periods.append(at.strftime(form))
        at += step
    return periods
