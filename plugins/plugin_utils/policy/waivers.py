# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: exceptions from a rule that somebody agreed to, for a reason and until a day. One without an end is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from .check import FAIL, Finding
from .rules import Rule

WAIVED = "waived"

_NEEDED = ("rule", "device", "reason", "by", "until")


class WaiverError(ValueError):
    """A waiver cannot be used; the message says which one, and what was expected."""


class WaiverRow(TypedDict):
    """A waiver as schemas/compliance.json has it. `state` is `active`, `expired`, or `unused` when it covers nothing."""

    rule: str
    device: str
    entry: str
    reason: str
    by: str
    until: str
    state: str


@dataclass(frozen=True)
class Waiver:
    """Whoever is named in `by` puts up with findings of a rule, on devices whose name is like `device`, `until` that day.

    device: a name, or a pattern with `*` and `?`. entry: what the finding is about; all of the rule when it is empty.
    """

    rule: str
    device: str
    reason: str
    by: str
    until: date
    entry: str = ""

    def covers(self, device: str, finding: Finding) -> bool:
        """Return whether this is about a finding of a device, whatever the day is."""
        return (
            finding["rule"] == self.rule
            and fnmatchcase(device, self.device)
            and self.entry in ("", str(finding["entry"]))
        )


def read_waivers(rows: Any, rules: Sequence[Rule]) -> list[Waiver]:
    """Return the waivers in a list of mappings, each about one of these rules. Raises WaiverError."""
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise WaiverError(f"waivers are {type(rows).__name__}, expected a list of mappings with {', '.join(_NEEDED)}")
    known = [rule["id"] for rule in rules]
    return [_waiver(row, known, f"waiver {number}") for number, row in enumerate(rows, 1)]


def _waiver(row: Any, known: Sequence[str], which: str) -> Waiver:
    if not isinstance(row, Mapping):
        raise WaiverError(f"{which} is {type(row).__name__}, expected a mapping with {', '.join(_NEEDED)}")
    if unknown := sorted(set(map(str, row)) - {*_NEEDED, "entry"}):
        raise WaiverError(f"{which} has {', '.join(unknown)}, expected {', '.join(_NEEDED)} and perhaps entry")
    values = {name: str(row.get(name) or "").strip() for name in (*_NEEDED, "entry")}
    for name in _NEEDED:
        if not values[name]:
            raise WaiverError(
                f"{which} has no {name}; a waiver says which rule, which device, why, who agreed and until when"
            )
    if values["rule"] not in known:
        raise WaiverError(f"{which} is about rule {values['rule']!r}, expected one of {', '.join(known)}")
    try:
        until = date.fromisoformat(values.pop("until"))
    except ValueError:
        raise WaiverError(f"{which} holds until {row['until']!r}, expected a day such as 2027-03-31") from None
    return Waiver(until=until, **values)


def waive(findings: Sequence[Finding], device: str, waivers: Sequence[Waiver], today: date) -> list[Finding]:
    """Return the findings of a device: those that failed and are covered are `waived`, and their detail says why.

    A waiver holds on its last day, too. Where one has ended, the finding stays failed and its detail says that.
    """
    return [_with_waiver(finding, device, waivers, today) for finding in findings]


def _with_waiver(finding: Finding, device: str, waivers: Sequence[Waiver], today: date) -> Finding:
    covering = [waiver for waiver in waivers if waiver.covers(device, finding)] if finding["status"] == FAIL else []
    if not covering:
        return finding
    latest = max(covering, key=lambda waiver: waiver.until)
    if latest.until < today:
        return {**finding, "detail": f"{finding['detail']}; the waiver by {latest.by} ended on {latest.until}"}
    detail = f"{finding['detail']}; waived by {latest.by} until {latest.until}: {latest.reason}"
    return {**finding, "status": WAIVED, "detail": detail}


def waiver_row(waiver: Waiver, devices: Mapping[str, Sequence[Finding]], today: date) -> WaiverRow:
    """Return a waiver as a row of schemas/compliance.json.

    devices: the findings by device, as they were before they were waived.
    """
    used = any(
        finding["status"] == FAIL and waiver.covers(name, finding)
        for name, findings in devices.items()
        for finding in findings
    )
    state = "expired" if waiver.until < today else "active" if used else "unused"
    return {
        "rule": waiver.rule,
        "device": waiver.device,
        "entry": waiver.entry,
        "reason": waiver.reason,
        "by": waiver.by,
        "until": waiver.until.isoformat(),
        "state": state,
    }
