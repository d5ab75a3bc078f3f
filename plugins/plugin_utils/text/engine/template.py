# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiled TextFSM template that reads lines fast, and keeps what TextFSM forgets: which line made each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import textfsm

from .result import Parsed, Reader
from .stateful import StatefulReader


class Template:
    """A template. It is not changed by reading, so that many texts can be read with it at the same time.

    Raises textfsm.TextFSMTemplateError when the file is no valid template.
    """

    def __init__(self, file: TextIO) -> None:
        self.compiled = textfsm.TextFSM(file)
        self.header: list[str] = self.compiled.header

    def reader(self) -> Reader:
        """Return a reader for one text, to be fed with it piece by piece."""
        return StatefulReader(self.compiled)

    def parse(self, lines: Sequence[str]) -> Parsed:
        """Read all lines of a text. Rows are those of TextFSM.ParseText on the same lines."""
        reader = self.reader()
        parsed = reader.feed(lines)
        return Parsed(parsed.rows + reader.finish().rows, parsed.rules)


def parse(template: Template, text: str) -> list[list[Any]]:
    """Return what textfsm.TextFSM(template).ParseText(text) returns, row for row, or raise what it raises."""
    return [list(row.values.values()) for row in template.parse(text.splitlines()).rows]
