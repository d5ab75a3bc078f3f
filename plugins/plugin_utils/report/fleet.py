# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the compliance document of what modules returned for the devices of a fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ..policy.check import findings
from ..policy.rules import Rule, collection_rules
from ..policy.waivers import Waiver, waive, waiver_row
from .document import assessed, document, not_assessed


def fleet(
    results: Mapping[str, Any],
    rules: Sequence[Rule] | None = None,
    waivers: Sequence[Waiver] = (),
    today: date | None = None,
) -> dict[str, Any]:
    """Return the document of schemas/compliance.json for results of faz_facts by the name of the device.

    A device whose result has no facts, because it failed or was never there, is in it as not assessed. rules: in place of
    those of the collection. today: the day to hold the waivers against, in place of the present one (UTC).
    """
    today = today or datetime.now(UTC).date()
    rules = collection_rules() if rules is None else rules
    rows = [_row(str(name), result, rules) for name, result in results.items()]
    found = {row["name"]: row["findings"] for row in rows}
    for row in rows:
        row["findings"] = waive(row["findings"], row["name"], waivers, today)
    return document(rows, rules, [waiver_row(each, found, today) for each in waivers])


def _row(name: str, result: Any, rules: Sequence[Rule]) -> dict[str, Any]:
    if not isinstance(result, Mapping) or not result:
        return not_assessed(name, "not_run", "the facts of this device were not read")
    facts = result.get("ansible_facts", {}).get("faz")
    if facts is None:
        cause = result.get("cause") or ("unreachable" if result.get("unreachable") else "error")
        return not_assessed(name, str(cause), str(result.get("msg", "no reason was given")))
    firmware = facts["firmware"]
    return assessed(name, f"{firmware['family']} {firmware['version']}" if firmware else "", findings(facts, rules))
