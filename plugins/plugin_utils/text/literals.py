# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text has to contain for a regular expression to match it.

A search for some fixed characters is much cheaper than a search for an expression, so expressions need to be tried only
on texts that have those characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from re import _constants as opcodes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

# Parsed expressions are pairs of an opcode and its arguments, whose shape depends on the opcode.
Parsed: TypeAlias = Iterable[tuple[Any, Any]]


def required_literals(expression: str) -> tuple[str, ...]:
    """Return lower-case strings of which every match contains at least one, whatever its case; () when there are none."""
    return _best(_choices(parser.parse(expression)))


def _choices(parsed: Parsed) -> list[tuple[str, ...]]:
    """Each choice is a set of strings of which a match has one; a match satisfies every choice."""
    found: list[tuple[str, ...]] = []
    run = ""
    for opcode, arguments in parsed:
        if opcode is opcodes.LITERAL:
            run += chr(arguments).lower()
            continue
        if opcode in (opcodes.AT, opcodes.ASSERT, opcodes.ASSERT_NOT):
            continue  # these match between two characters
        if run:
            found.append((run,))
            run = ""
        if opcode is opcodes.SUBPATTERN:
            found += _choices(arguments[3])
        elif opcode in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT) and arguments[0] > 0:
            found += _choices(arguments[2])
        elif opcode is opcodes.BRANCH:
            branches = [_best(_choices(branch)) for branch in arguments[1]]
            if all(branches):
                found.append(tuple(literal for branch in branches for literal in branch))
    if run:
        found.append((run,))
    return found


def _best(choices: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The choice that the fewest texts satisfy, as far as one can tell: whose shortest string is the longest."""
    return max(choices, key=lambda each: (min(map(len, each)), -len(each)), default=())
