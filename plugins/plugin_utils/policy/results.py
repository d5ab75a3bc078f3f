# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what a module returned for a device against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..firmware import Firmware
from .check import check
from .rules import Rule


def findings(result: Any, rules: Sequence[Rule] | None = None) -> list[dict[str, Any]]:
    """Return the findings for a result of faz_facts or system_mail_info, or for the facts.

    rules: in place of those of the collection. Raises ValueError for anything else.
    """
    if isinstance(result, Mapping):
        facts = result.get("ansible_facts", {}).get("faz", result)
        if "entries" in facts and "device" in facts:
            return check(facts["entries"], _firmware(facts["device"]), rules=rules)
        if "mail" in facts and "firmware" in facts:
            return check(
                facts["mail"],
                _firmware(facts["firmware"]),
                facts.get("alert_destinations"),
                facts.get("alertemail"),
                rules,
            )
    raise ValueError(
        "takes the result of fortiops.mail.faz_facts or fortiops.mail.system_mail_info; this value is neither"
    )


def _firmware(known: Mapping[str, Any]) -> Firmware:
    return Firmware.from_text(f"{known['family']} {known['version']}")
