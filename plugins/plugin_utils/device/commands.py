# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that this collection types on a device, read from commands.yml: one list that all else is held to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..yaml_file import read_beside


@dataclass(frozen=True)
class DeviceCommand:
    """A command by its fixed words; `example` is a line as it is typed. The fields are explained in commands.yml."""

    words: str
    example: str
    template: str | None
    record: bool
    modules: tuple[str, ...]

    def typed_as(self, line: str) -> bool:
        """Return whether a line is this command, perhaps with words behind the fixed ones."""
        return f"{line} ".startswith(f"{self.words} ")


@cache
def commands() -> tuple[DeviceCommand, ...]:
    """Return all commands, in the order of the file."""
    return tuple(
        DeviceCommand(
            words, row.get("example", words), row.get("template"), row.get("record", False), tuple(row["modules"])
        )
        for words, row in read_beside(__file__, "commands.yml").items()
    )


def sent_by(module: str) -> list[DeviceCommand]:
    """Return the commands that a module sends."""
    return [each for each in commands() if module in each.modules]


def recorded() -> list[str]:
    """Return the commands that a recording of a device has when none are named."""
    return [each.words for each in commands() if each.record]
