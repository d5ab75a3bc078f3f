# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device printed, compared with what is assumed of it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ...plugins.plugin_utils.templates import records
from ..device.texts import texts
from .assumptions import Assumption, assumptions

# What no command shows.
_OF_OTHERS = ("login", "phrase")
CONFIRMED, DIFFERENT, NOT_SEEN = "confirmed", "different", "not seen"


@dataclass(frozen=True)
class Comparison:
    """What became of an assumption; seen: the lines of the device that are not as assumed, or that confirm it."""

    assumption: Assumption
    status: str
    seen: tuple[str, ...] = ()


def compared(answers: Mapping[str, str], debug: Sequence[str] = ()) -> list[Comparison]:
    """Compare the answers of a device, by the command of the assumption, and lines of the mail daemon's debug.

    A command may print several texts, of which one answer shows a part: a text is different only where lines are left that no
    other text of the command explains. Of the dialects of the daemon, a device can have one only.
    """
    found = [
        _compared(each, answers.get(each.command, ""), debug) for each in assumptions() if each.kind not in _OF_OTHERS
    ]
    if not any(each.assumption.kind == "dialect" and each.status == CONFIRMED for each in found):
        return found
    return [
        Comparison(each.assumption, NOT_SEEN)
        if each.assumption.kind == "dialect" and each.status == DIFFERENT
        else each
        for each in found
    ]


def _compared(assumption: Assumption, answer: str, debug: Sequence[str]) -> Comparison:
    if assumption.kind == "template":
        lines = filled(answer)
        read = records.run(assumption.name, lines)
        # What a template takes for an error because it knows no better.
        errors = {position for row, position in zip(read.rows, read.positions, strict=True) if "error" in row}
        strange = [line for number, line in enumerate(lines) if number in errors or not read.matched[number]]
        return _judged(assumption, lines, strange, bool(lines) and not strange)
    if assumption.kind == "dialect":
        lines = [line for line in debug if not _printed_by("idle_pending", "idle_no_request", line=line)]
        patterns = [pattern(line) for line in assumption.wording.splitlines()]
        strange = [line for line in lines if not any(each.fullmatch(line) for each in patterns)]
        return _judged(assumption, lines, strange, bool(lines) and not strange)
    lines = filled(answer)
    wanted = [pattern(line) for line in filled(assumption.wording)]
    shown = all(any(each.fullmatch(line) for line in lines) for each in wanted)
    names = [name for name, text in texts().items() if assumption.command and text.shown_by == assumption.command]
    strange = [line for line in lines if not _printed_by(*names, line=line)]
    seen = [line for line in lines if any(each.fullmatch(line) for each in wanted)] if shown else strange
    return _judged(assumption, seen, strange, shown)


def _judged(assumption: Assumption, lines: Sequence[str], strange: Sequence[str], confirmed: bool) -> Comparison:
    if confirmed:
        return Comparison(assumption, CONFIRMED, tuple(lines))
    return Comparison(assumption, DIFFERENT if strange else NOT_SEEN, tuple(strange))


def filled(text: str) -> list[str]:
    """Return the lines of a text without those that are empty."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@cache
def pattern(line: str) -> re.Pattern[str]:
    """Return the expression of a line with placeholders in braces; any number of blanks is as good as another."""
    return re.compile("".join(_parts(line)) + r"\s*")


def _parts(line: str) -> Iterator[str]:
    for literal, name, __, __ in string.Formatter().parse(line):
        yield re.sub(r"(?:\\ )+", r"\\s+", re.escape(literal))
        if name is not None:
            yield "(.*)"


def _printed_by(*names: str, line: str) -> bool:
    return any(pattern(each).fullmatch(line) for name in names for each in filled(texts()[name].text))
