# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiled TextFSM template that reads lines fast, and keeps what TextFSM forgets: which line made each row.

TextFSM itself reads the template; here its compiled rules are run, and never one that cannot match.
"""

from __future__ import annotations

import gc
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TextIO

import textfsm

from ..regex.automaton import ambiguous
from ..regex.limit import LIMIT, PATIENCE, LimitedPattern
from .local import LineReader, LineTemplate, memories
from .result import Parsed, Reader
from .stateful import StatefulReader, states_of

_LOG = logging.getLogger("fazmail")


class Template:
    """A template. What it reads does not change it, so that many texts can be read with it at the same time.

    With a name it is one that others wrote: its rules that may take for ever on a line are stopped after a second, and that
    is reported under the name, with logging, as is usual for a library. The line then counts as one that no rule knows.

    memories: what makes it remember earlier lines, in words; a template without any is local to a line (`line_local`).
    Raises textfsm.TextFSMTemplateError when the file is no valid template.
    """

    def __init__(self, file: TextIO, name: str = "") -> None:
        self._source = file.read()
        self._name = name
        self.compiled = textfsm.TextFSM(io.StringIO(self._source))
        self.header: list[str] = self.compiled.header
        self.memories = memories(self.compiled)
        if name:
            for rule in (rule for rules in self.compiled.states.values() for rule in rules):
                if ambiguous(rule.regex):
                    rule.regex_obj.regex = LimitedPattern(rule.regex_obj.regex, rule.line_num)

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_source, (self._source, self._name)

    @property
    def line_local(self) -> bool:
        """Whether what it makes of a line does not depend on other lines, so that a text can be cut anywhere."""
        return not self.memories

    def reader(self) -> Reader:
        """Return a reader for one text, to be fed with it piece by piece."""
        if self.line_local:
            return LineReader(self._lines, self._late)
        return StatefulReader(self.compiled, self._states, self._late)

    def parse(self, lines: Sequence[str]) -> Parsed:
        """Read all lines of a text. Rows are those of TextFSM.ParseText on the same lines."""
        with no_collection():
            reader = self.reader()
            parsed = reader.feed(lines)
            return Parsed(parsed.rows + reader.finish().rows, parsed.rules)

    def _late(self, rule: int, line: int) -> None:
        _LOG.warning(
            "%s: the rule in line %d took longer than %g s on line %d of its text, which counts as not understood; "
            "after %d such lines the rule is left out. `fazmail templates lint` says which expressions are too slow",
            *(self._name, rule, LIMIT, line + 1, PATIENCE),
        )

    @cached_property
    def _lines(self) -> LineTemplate:
        return LineTemplate(self.compiled)

    @cached_property
    def _states(self) -> Any:
        return states_of(self.compiled)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep Python from looking for cycles among rows, of which there are many and in which there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _of_source(source: str, name: str) -> Template:
    return Template(io.StringIO(source), name)
