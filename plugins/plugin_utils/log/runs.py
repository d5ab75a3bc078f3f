# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug runs: from the switch that turns debug output on, or its first line, to the one that turns it off."""

from __future__ import annotations

import re
from typing import TypedDict

from .clock import Zone
from .sends import Moment

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


class Runs:
    """The debug runs of one device."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.zone = Zone()
        self._begun: Moment | None = None
        self._last_line = 0
        self._first_stamp = self._last_stamp = ""
        self.records = 0

    def command(self, command: str, moment: Moment) -> Run | None:
        """Take in a command; return the run it ends, if it ends one."""
        ended = None
        if _OFF.match(command) or (_ON.match(command) and self.records):
            ended = self.finish()
        if _ON.match(command) and self._begun is None:
            self._begun = moment
        return ended

    def debug(self, line: int, stamp: str) -> None:
        """Take in a line of the mail daemon's debug output."""
        if self._begun is None:
            self._begun = Moment(line, stamp)
        self.records += 1
        self._last_line = line
        if stamp:
            self._first_stamp = self._first_stamp or stamp
            self._last_stamp = stamp

    def finish(self) -> Run | None:
        """Return the run that is on, as far as it printed anything, and end it."""
        row: Run | None = None
        if self._begun is not None and self.records:
            row = {
                "line": self._begun.line,
                "last_line": self._last_line,
                "device": self.device,
                "start": self.zone.written(self._first_stamp),
                "end": self.zone.written(self._last_stamp),
                "zone": self.zone.name,
                "records": self.records,
            }
        self._begun = None
        self._first_stamp = self._last_stamp = ""
        self.records = 0
        return row
