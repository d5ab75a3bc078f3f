# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make up text for templates: what their expressions match, and what nearly does."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import textfsm
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Template

# What breaks parsers: glued prompts, stamps of several forms, control characters, digits of other alphabets, line ends.
HEADS = (
    "2026-11-24 10:00:00 ",
    "2025-12-24 05:35:24\t",
    "2026-11-24 10:00:00",
    "5350-53-55 35:35:35 ",
    "\u0662\u0660\u0662\u0666-11-24 10:00:00 ",
    "2026-11-24T10:00:00 ",
    "[2026-11-24 10:00:00] ",
    "Nov 24 10:00:00 ",
    "FAZ # ",
    "FAZ # 2026-11-24 10:00:00 ",
)
ODDITIES = (
    *"\t \xa0\x0b\x0c\x1c\x1e\x85\u2028\0\r\u0663\u017f\u212a\u00e9:-.<>[",
    "\x1b[K",
    "FAZ # ",
    "535",
    "a",
    "K",
)
_ANY = "abcXYZ019 .:-_/,<>[]()#%\u00e9\u0663"
_CATEGORIES = {"CATEGORY_DIGIT": "0123456789\u0663", "CATEGORY_SPACE": "  \t\xa0", "CATEGORY_WORD": "abcXYZ019_\u00e9"}


def match_for(pattern: str, chance: random.Random) -> str:
    """Return a text that the pattern matches, or nearly: what looks around and refers back is not obeyed."""
    return _sequence(parser.parse(pattern), chance)


def texts_for(template: textfsm.TextFSM, chance: random.Random, lines: int) -> str:
    """Return lines for all rules of a template, many of them again, at other times, broken, or joined in one."""
    patterns = [rule.regex for rules in template.states.values() for rule in rules]
    made = [match_for(pattern, chance) for pattern in chance.choices(patterns, k=lines)] if patterns else ["a"]
    text = []
    for line in chance.choices(made, k=lines):
        kind = chance.random()
        if kind < 0.15:
            place = chance.randrange(len(line) + 1)
            line = line[:place] + chance.choice(ODDITIES) + line[place:]
        elif kind < 0.22:
            line = line[chance.randrange(len(line) + 1) :]
        elif kind < 0.29:
            line = line[: chance.randrange(len(line) + 1)]
        elif kind < 0.34:
            line = line.swapcase()
        elif kind < 0.37:
            line += chance.choice(made)
        if chance.random() < 0.3:
            line = chance.choice(HEADS[:4] if chance.random() < 0.7 else HEADS) + line
        text.append(line + chance.choice(("\n", "\n", "\r\n", "\r\r\n")))
    whole = "".join(text)
    return whole[: len(whole) - chance.choice((0, 0, 1, 5))]


def rows_of(template: Template, text: str) -> list[list[Any]]:
    """Return the rows of a text in the form of TextFSM.ParseText."""
    return [list(row.values.values()) for row in template.parse(text.splitlines()).rows]


class NumberedTextFSM(textfsm.TextFSM):  # type: ignore[misc]
    """TextFSM, by its own loop over the lines, and the index of the line that began each row.

    A row that no line began, of values that are filled down, has the line that recorded it, or the last of the text.
    """

    def numbered(self, text: str) -> list[tuple[int, list[Any]]]:
        self.Reset()
        self._at, self._begun, self._lines = -1, -1, list[int]()
        self._last = len(text.splitlines()) - 1
        rows = self.ParseText(text)
        return list(zip(self._lines, map(list, rows), strict=True))

    def _CheckLine(self, line: str) -> None:
        self._at += 1
        super()._CheckLine(line)

    def _AssignVar(self, matched: Any, value: str) -> None:
        super()._AssignVar(matched, value)
        if self._begun < 0 and self._GetValue(value) is not None:
            self._begun = self._at

    def _AppendRecord(self) -> None:
        count, begun = len(self._result), self._begun
        if begun < 0:
            begun = self._last if self._cur_state_name == "EOF" else self._at
        super()._AppendRecord()
        self._lines += [begun] * (len(self._result) - count)
        self._begun = -1

    def _ClearRecord(self) -> None:
        super()._ClearRecord()
        self._begun = -1


def _sequence(items: Iterable[tuple[Any, Any]], chance: random.Random) -> str:
    return "".join(_part(str(operation), argument, chance) for operation, argument in items)


def _part(operation: str, argument: Any, chance: random.Random) -> str:
    match operation:
        case "LITERAL":
            return chr(argument)
        case "ANY" | "NOT_LITERAL":
            return chance.choice(_ANY)
        case "IN":
            return _character(argument, chance)
        case "SUBPATTERN":
            return _sequence(argument[3], chance)
        case "ATOMIC_GROUP":
            return _sequence(argument, chance)
        case "BRANCH":
            return _sequence(chance.choice(argument[1]), chance)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least = int(argument[0])
            times = chance.randint(least, min(int(argument[1]), least + chance.choice((0, 1, 1, 3))))
            return "".join(_sequence(argument[2], chance) for __ in range(times))
    return ""


def _character(items: Sequence[tuple[Any, Any]], chance: random.Random) -> str:
    if str(items[0][0]) == "NEGATE":
        return chance.choice(_ANY)
    operation, argument = chance.choice(items)
    match str(operation):
        case "LITERAL":
            return chr(argument)
        case "RANGE":
            return chr(chance.randint(*argument))
    return chance.choice(_CATEGORIES.get(str(argument), _ANY))
