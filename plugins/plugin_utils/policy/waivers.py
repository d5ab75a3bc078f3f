# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: agreed exceptions from a rule, each with a reason, the person who agreed, and a last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from ..errors import FazmailError
from .check import FAIL, NOT_ASSESSED, Finding
from .rules import Rule

WAIVED = "waived"

_NEEDED = ("rule", "device", "reason", "by", "until")


class WaiverError(FazmailError):
    """A waiver cannot be used. The message names it and what was expected."""

    cause = "waivers"


class WaiverRow(TypedDict):
    """A waiver as schemas/compliance.json has it.

    `state` is `active`; `expired`; `unused`, when the devices were assessed and nothing needs it; `not_assessed`, when a device
    or the rule on it was not; or `out_of_scope`, when no device is meant.
    """

    rule: str
    device: str
    entry: str
    reason: str
    by: str
    until: str
    state: str


@dataclass(frozen=True)
class Waiver:
    """An exception from a rule that `by` agreed to, for devices whose name matches `device`, with `until` as its last day.

    device: a name, or a pattern with `*` and `?`. entry: the entry of the finding; empty for all findings of the rule.
    """

    rule: str
    device: str
    reason: str
    by: str
    until: date
    entry: str = ""

    def covers(self, device: str, finding: Finding) -> bool:
        """Return whether this covers a finding of a device, on whatever day."""
        return (
            finding["rule"] == self.rule
            and fnmatchcase(device, self.device)
            and self.entry in ("", str(finding["entry"]))
        )


def read_waivers(rows: Any, rules: Sequence[Rule], first: int = 1) -> list[Waiver]:
    """Return the waivers in a list of mappings, each about one of these rules. Raises WaiverError.

    first: the number of the first row in messages.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise WaiverError(f"waivers are {type(rows).__name__}, expected a list of mappings with {', '.join(_NEEDED)}")
    known = [rule["id"] for rule in rules]
    return [_waiver(row, known, f"waiver {number}") for number, row in enumerate(rows, first)]


def _waiver(row: Any, known: Sequence[str], which: str) -> Waiver:
    if not isinstance(row, Mapping):
        raise WaiverError(f"{which} is {type(row).__name__}, expected a mapping with {', '.join(_NEEDED)}")
    if unknown := sorted(set(map(str, row)) - {*_NEEDED, "entry"}):
        raise WaiverError(f"{which} has {', '.join(unknown)}, expected {', '.join(_NEEDED)} and perhaps entry")
    values = {name: str(row.get(name) or "").strip() for name in (*_NEEDED, "entry")}
    for name in _NEEDED:
        if not values[name]:
            raise WaiverError(
                f"{which} has no {name}; expected rule, device, reason, by (who agreed) and until (the last day)"
            )
    if values["rule"] not in known:
        raise WaiverError(f"{which} is about rule {values['rule']!r}, expected one of {', '.join(known)}")
    try:
        until = date.fromisoformat(values.pop("until"))
    except ValueError:
        raise WaiverError(f"{which} has until {row['until']!r}, expected a day such as 2027-03-31") from None
    return Waiver(until=until, **values)


def waive(findings: Sequence[Finding], device: str, waivers: Sequence[Waiver], today: date) -> list[Finding]:
    """Return the findings of a device; those that failed and are covered become `waived`, with their waiver.

    A waiver still holds on its last day. Where it has ended, the finding fails and names the waiver all the same. Findings that
    were waived before are judged again, so that documents can be merged.
    """
    return [_with_waiver(finding, device, waivers, today) for finding in findings]


def _with_waiver(finding: Finding, device: str, waivers: Sequence[Waiver], today: date) -> Finding:
    if finding["status"] not in (FAIL, WAIVED):
        return finding
    latest = max((each for each in waivers if each.covers(device, finding)), key=lambda each: each.until, default=None)
    if latest is None:
        return {**finding, "status": FAIL, "waiver": None}
    return {
        **finding,
        "status": WAIVED if latest.until >= today else FAIL,
        "waiver": {"by": latest.by, "until": latest.until.isoformat(), "reason": latest.reason},
    }


def waiver_row(waiver: Waiver, devices: Mapping[str, Sequence[Finding] | None], today: date) -> WaiverRow:
    """Return a waiver as a row of schemas/compliance.json.

    devices: the findings by device, None for one that could not be assessed.
    """
    return {
        "rule": waiver.rule,
        "device": waiver.device,
        "entry": waiver.entry,
        "reason": waiver.reason,
        "by": waiver.by,
        "until": waiver.until.isoformat(),
        "state": "expired" if waiver.until < today else _state(waiver, devices),
    }


def _state(waiver: Waiver, devices: Mapping[str, Sequence[Finding] | None]) -> str:
    in_scope = {name: rows for name, rows in devices.items() if fnmatchcase(name, waiver.device)}
    covered = [
        finding["status"] for name, rows in in_scope.items() for finding in rows or () if waiver.covers(name, finding)
    ]
    if any(status in (FAIL, WAIVED) for status in covered):
        return "active"
    # The finding of a table that was not read has no entry.
    unknown = any(
        finding["rule"] == waiver.rule and finding["status"] == NOT_ASSESSED
        for rows in in_scope.values()
        for finding in rows or ()
    )
    if unknown or None in in_scope.values():
        return "not_assessed"
    return "unused" if in_scope else "out_of_scope"
