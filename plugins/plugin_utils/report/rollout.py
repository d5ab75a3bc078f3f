# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rollout ended on each device, for a person: one sentence, a table, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..errors import BROKEN_OFF
from .table import shortened, table, visible

# The states of fortiops.mail.mail_rollout, those that need somebody first, with what the sentence says of them.
STATES = {
    "not_taken_back": "not taken back",
    "taken_back": "taken back",
    "refused": "refused",
    "not_reached": "not reached",
    "planned": "would change",
    "proved": "proved",
    "unchanged": "unchanged",
}
_OPEN = "not visited"
_LONGEST_REASON = 160
_MOST_NAMES = 10


def rollout_report(results: Mapping[str, Mapping[str, Any]], width: int | None = None) -> str:
    """Return the report on results of mail_rollout by device; an empty result is of a device that was not visited, which has no row.

    width: of a terminal, to which the table is fitted.
    """
    states = {name: state_of(result) for name, result in results.items()}
    order = [*STATES, _OPEN]
    count = Counter(states.values())
    parts = [f"{count[state]} {STATES.get(state, state)}" for state in order if count[state]]
    names = sorted(states, key=lambda name: (order.index(states[name]), name))
    visited = [name for name in names if states[name] != _OPEN]
    rows = [[name, STATES[states[name]], _reason(results[name])] for name in visited]
    lines = [f"{len(results)} device{'s' if len(results) != 1 else ''}: {', '.join(parts) or 'none'}"]
    lines += ["", table(["device", "state", "reason"], rows, width=width)] if rows else []
    follows: dict[str, list[str]] = {}
    for name in names:
        if follow := results[name].get("next"):
            follows.setdefault(visible(follow), []).append(visible(name))
    lines += [f"{', '.join(each)}: {follow}" for follow, each in follows.items()]
    if left := names[len(visited) :]:
        more = f" and {len(left) - _MOST_NAMES} more" if len(left) > _MOST_NAMES else ""
        lines.append(f"{', '.join(map(visible, left[:_MOST_NAMES]))}{more}: {_OPEN}")
    return "\n".join(lines)


def state_of(result: Mapping[str, Any]) -> str:
    """Return the state in a result of mail_rollout, also of one that failed before there was any, or was skipped."""
    state = result.get("state")
    if state in (*STATES, _OPEN):
        return str(state)
    if result.get("unreachable"):
        return "not_reached"
    if result.get("cause") == BROKEN_OFF:
        # If anything was sent, it is in a restore point, which the next run takes back.
        return "not_taken_back"
    return "refused" if result and not result.get("skipped") else _OPEN


def _reason(result: Mapping[str, Any]) -> str:
    return shortened(visible(result.get("reason") or result.get("msg")), _LONGEST_REASON)
