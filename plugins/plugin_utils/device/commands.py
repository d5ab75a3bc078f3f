# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that this collection types on a device, read from commands.yml: one list that all else is held to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..firmware import Firmware, in_ranges
from ..yaml_file import read_beside


@dataclass(frozen=True)
class DeviceCommand:
    """A command; `example` is a line as it is typed. The fields are explained in commands.yml."""

    name: str
    example: str
    template: str | None
    record: bool
    modules: tuple[str, ...]
    firmware: tuple[str, ...] = ()

    def typed_as(self, line: str) -> bool:
        """Return whether a line is this command."""
        fixed, filled, __ = self.name.partition("<")
        return line.startswith(fixed) if filled else line == fixed


@cache
def commands() -> tuple[DeviceCommand, ...]:
    """Return all commands, in the order of the file."""
    return tuple(
        DeviceCommand(
            name,
            row.get("example", name),
            row.get("template"),
            row.get("record", False),
            tuple(row["modules"]),
            tuple(row.get("firmware", ())),
        )
        for name, row in read_beside(__file__, "commands.yml").items()
    )


def sent_by(module: str) -> list[DeviceCommand]:
    """Return the commands that a module sends."""
    return [each for each in commands() if module in each.modules]


def lacks(firmware: Firmware, line: str) -> bool:
    """Return whether a firmware is known not to have the command that a line is."""
    return any(each.typed_as(line) and not in_ranges(firmware.version, each.firmware) for each in commands())


def recorded() -> list[str]:
    """Return the commands that a recording of a device has when none are named."""
    return [each.name for each in commands() if each.record]
