# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of source code in a traceback of Python. They say what a program would do, not what happened: `raise
SMTPAuthenticationError(code, resp)` stands there whatever the server said.

The rest of a traceback, and those of other languages, need no context: ignored.yml names them.
"""

from __future__ import annotations

from .chain import IGNORED, DelayedRecord, Reading
from .classifier import Line
from .openings import PYTHON_FRAME

_RULE = "python_trace"


class SourceCode:
    """Follows the tracebacks of one log."""

    def __init__(self) -> None:
        self._column = -1

    @property
    def is_open(self) -> bool:
        """Whether the next line may be source code."""
        return self._column >= 0

    def read(self, item: Line | DelayedRecord) -> Line | DelayedRecord:
        """Return a line as one to ignore if it is a frame of a traceback or its source code, else as it was."""
        if isinstance(item, DelayedRecord):
            return item
        if frame := PYTHON_FRAME.search(item.text):
            self._column = frame.start()
        elif not (self.is_open and self._is_deeper(item.text)):
            self._column = -1
            return item
        return item._replace(reading=Reading(IGNORED, _RULE), fields={}, said=None)

    def _is_deeper(self, text: str) -> bool:
        """Return whether a line stands further to the right than the frame, behind what a log may put before each line."""
        return text[self._column :].startswith("  ") and bool(text.strip())
