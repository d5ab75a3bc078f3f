# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the compliance document of what modules returned for the devices of a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..policy.check import rules
from ..policy.results import findings
from .document import assessed, document, not_assessed


def fleet(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of schemas/compliance.json for results of faz_facts by the name of the device.

    A device whose result has no facts, because it failed or was never there, is in it as not assessed.
    """
    return document([_row(str(name), result) for name, result in results.items()], rules())


def _row(name: str, result: Any) -> dict[str, Any]:
    if not isinstance(result, Mapping) or not result:
        return not_assessed(name, "not_run", "the facts of this device were not read")
    facts = result.get("ansible_facts", {}).get("faz")
    if facts is None:
        cause = result.get("cause") or ("unreachable" if result.get("unreachable") else "error")
        return not_assessed(name, str(cause), str(result.get("msg", "no reason was given")))
    return assessed(name, f"{facts['firmware']['family']} {facts['firmware']['version']}", findings(facts))
