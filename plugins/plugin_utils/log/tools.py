# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of nslookup, ping, traceroute, telnet and the like, as people use them on a computer other than the device.

It tells of the path to a mail server, and never of a mail. A line begins it where the template of the tool knows that line;
the first line that the template does not know ends it.
"""

from __future__ import annotations

from .chain import EVENT, IGNORED, UNMATCHED, Asked, DelayedRecord, Reading
from .classifier import Line
from .openings import Opening, is_prompt, opening_of


class ToolOutput:
    """Follows the output of such tools in one log."""

    def __init__(self) -> None:
        self._name = ""
        self._asked: Asked | None = None
        self._left = False  # somebody is on another computer: what the device's command would read is not its output

    @property
    def is_open(self) -> bool:
        """Whether the next lines may go on with such output."""
        return self._asked is not None

    def read(self, item: Line | DelayedRecord) -> list[Line | DelayedRecord]:
        """Return a line with what it is in the output of a tool, or as it was, below the records that it finishes."""
        if isinstance(item, DelayedRecord):
            return [item]
        late: list[DelayedRecord] = []
        if self._asked is not None:
            if not item.text.strip():
                return [item]
            known, late = (False, []) if item.reading.command else self._asked.feed(item.number, item.text)
            if known:
                return [*late, self._of_tool(item)]
            late += self.finish()
            if is_prompt(item.text):
                return [*late, item._replace(reading=Reading(IGNORED, "prompt"), said=None)]
        opening = None if item.reading.command else opening_of(item.text)
        if opening is None or not (opening.prompted or self._left or _is_free(item)):
            return [*late, item]
        return [*late, *self._begun(item, opening)]

    def back(self) -> None:
        """Take in that somebody types commands of the device again."""
        self._left = False

    def finish(self) -> list[DelayedRecord]:
        """Return the records that the end of the output finishes."""
        late = self._asked.finish() if self._asked is not None else []
        self._asked = None
        return late

    def _begun(self, item: Line, opening: Opening) -> list[Line | DelayedRecord]:
        asked = Asked(opening.template)
        known, late = asked.feed(item.number, opening.text)
        if not known:
            return [item]
        self._name, self._asked, self._left = opening.template, asked, self._left or opening.prompted
        return [*late, self._of_tool(item)]

    def _of_tool(self, item: Line) -> Line:
        return item._replace(reading=Reading(EVENT, self._name), fields={}, said=None)


def _is_free(item: Line) -> bool:
    """Return whether nothing else knows a line, but for the words in it."""
    return item.reading.bucket == UNMATCHED or item.reading.template == "vocabulary"
