# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug runs: from the switch that turns debug output on, or its first line, to the one that turns it off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

from .clock import KnownDevice

# The CLI takes each word cut short, as long as it stays unique.
_ON = re.compile(r"diag(?:nose)?\s+de(?:b(?:ug?)?)?\s+en(?:a(?:b(?:le?)?)?)?\s*$")
_OFF = re.compile(r"diag(?:nose)?\s+de(?:b(?:ug?)?)?\s+(?:dis(?:a(?:b(?:le?)?)?)?|res(?:et?)?)\s*$")


class Run(TypedDict):
    """A debug run as schemas/parse.json has it."""

    line: int
    last_line: int
    device: str
    start: str | None
    end: str | None
    zone: str
    records: int


@dataclass(slots=True)
class _Running:
    """The run that is on. first, last: the stamps of its output."""

    line: int
    last_line: int = 0
    first: str = ""
    last: str = ""
    records: int = 0


class Runs:
    """The debug runs of one device."""

    def __init__(self, device: KnownDevice) -> None:
        self._device = device
        self._run: _Running | None = None

    def command(self, command: str, line: int) -> Run | None:
        """Take in a command; return the run it ends, if it ends one."""
        on = _ON.match(command) is not None
        ended = self.finish() if _OFF.match(command) or (on and self._run and self._run.records) else None
        if on and self._run is None:
            self._run = _Running(line)
        return ended

    def debug(self, line: int, stamp: str, records: int = 1) -> None:
        """Take in a line of the mail daemon's debug output. records: how many lines are counted with it."""
        run = self._run = self._run or _Running(line)
        run.records += records
        run.last_line = line
        if stamp:
            run.first = run.first or stamp
            run.last = stamp

    def finish(self) -> Run | None:
        """Return the run that is on, as far as it printed anything, and end it."""
        run, self._run = self._run, None
        if run is None or not run.records:
            return None
        zone = self._device.zone
        return {
            "line": run.line,
            "last_line": run.last_line,
            "device": self._device.name,
            "start": zone.written(run.first),
            "end": zone.written(run.last),
            "zone": zone.name,
            "records": run.records,
        }
