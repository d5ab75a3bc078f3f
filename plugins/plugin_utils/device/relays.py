# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets for public relays, from relays.yml: they fill in the options that a task leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..firmware import Firmware, in_ranges
from ..yaml_file import read_beside
from .desired import PlanError
from .schema import system_mail


@cache
def relays() -> dict[str, dict[str, Any]]:
    """Return the presets by name."""
    loaded: dict[str, dict[str, Any]] = read_beside(__file__, "relays.yml")
    return loaded


def with_presets(entry: Mapping[str, Any], firmware: Firmware) -> dict[str, Any]:
    """Return a desired entry with its `relay` replaced by the options of that relay; options of the task take precedence.

    Raises PlanError for an unknown relay, for one that this firmware cannot use, and when an option is missing that only
    the user can know.
    """
    named = {name: value for name, value in entry.items() if name != "relay" and value is not None}
    relay = entry.get("relay")
    if relay is None:
        return named
    where = f"entry {entry.get('id')!r}: relay"
    if relay not in relays():
        raise PlanError(f"{where}: {relay!r} is not one of {', '.join(relays())}")
    preset = relays()[relay]
    filled = {**preset["options"], **named}
    for name, value in filled.items():
        if name in preset["options"] and name not in named and not _usable(name, value, firmware):
            raise PlanError(
                f"{where}: {relay} needs {name}: {value}, which {firmware} does not have. {preset['notes']}"
            )
    if missing := [name for name in preset["ask_for"] if not filled.get(name)]:
        raise PlanError(f"{where}: {relay} needs {', '.join(missing)} as well. {preset['notes']}")
    return filled


def _usable(name: str, value: Any, firmware: Firmware) -> bool:
    option = system_mail().option(name)
    if not in_ranges(firmware.version, option.firmware):
        return False
    return not option.choices or value in [choice.name for choice in option.choices_on(firmware)]
