# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products and releases that can be simulated, read from firmware.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...plugins.plugin_utils.firmware import Firmware, in_ranges
from ...plugins.plugin_utils.yaml_file import read_beside


@dataclass(frozen=True)
class Model:
    """One product in one release; `firmware` is what a client will read from its `get system status`."""

    name: str
    platform_type: str
    platform_full_name: str
    version: str
    serial_prefix: str
    evidence: str
    firmware: Firmware

    @property
    def family(self) -> str:
        return self.firmware.family


@dataclass(frozen=True)
class StatusLine:
    """One line of `get system status`, with placeholders, and the models that have it."""

    name: str
    value: str
    family: str
    firmware: tuple[str, ...]

    def on(self, model: Model) -> bool:
        return self.family in ("", model.family) and in_ranges(model.firmware.version, self.firmware)


@dataclass(frozen=True)
class Zone:
    """A time zone without daylight saving: hours from Greenwich, abbreviation, and the text of the menu."""

    hours: int
    short: str
    long: str


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = read_beside(__file__, "firmware.yml")
    return data


@cache
def models() -> Mapping[str, Model]:
    """Return every model by name, in the order of the file."""
    return {row["name"]: _model(row) for row in _data()["models"]}


@cache
def status_lines() -> tuple[StatusLine, ...]:
    """Return the lines of `get system status` in order."""
    return tuple(
        StatusLine(row["name"], row["value"], row.get("family", ""), tuple(row.get("firmware", ())))
        for row in _data()["status"]
    )


@cache
def zones() -> Mapping[int, Zone]:
    """Return the time zones by hours from Greenwich."""
    return {hours: Zone(hours, row["short"], row["long"]) for hours, row in _data()["zones"].items()}


def _model(row: Mapping[str, str]) -> Model:
    firmware = Firmware.from_status(row["platform_full_name"], row["version"], row["platform_type"])
    return Model(**row, firmware=firmware)
