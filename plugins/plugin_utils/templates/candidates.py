# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules can match a line at all, told by one search for the literals of all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any

from ..regex.literals import required

# Kept answers; a template of a few dozen rules meets a few hundred combinations of literals.
_MOST_ANSWERS = 10_000


class Candidates:
    """The rules of one state of a template.

    present: finds the literals in a line, for `of`. anywhere: the rules that may match a line without any literal.
    """

    def __init__(self, rules: Sequence[Any]) -> None:
        needed = [required(rule.regex) for rule in rules]
        begins = {text[0] for texts in needed for text in texts}
        needed = [tuple(_without_end(text, begins) for text in texts) for texts in needed]
        literals = {text for texts in needed for text in texts}
        self._rules = tuple(rules)
        self._numbers = {
            found: {number for number, texts in enumerate(needed) if any(_may_hide(found, text) for text in texts)}
            for found in literals
        }
        self._always = {number for number, texts in enumerate(needed) if not texts}
        self._answers: dict[tuple[str, ...], tuple[Any, ...]] = {}
        self.present = re.compile(_one_of(literals)).findall
        self.anywhere = self._answer(())

    def of(self, present: list[str]) -> tuple[Any, ...]:
        """Return the rules that can match a line with these literals, in the order of the template."""
        if not present:
            return self.anywhere
        key = tuple(present)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answer(key)
            if len(self._answers) < _MOST_ANSWERS:
                self._answers[key] = answer
        return answer

    def _answer(self, present: Sequence[str]) -> tuple[Any, ...]:
        numbers = self._always.union(*(self._numbers[text] for text in present))
        return tuple(rule for number, rule in enumerate(self._rules) if number in numbers)


def _one_of(literals: Set[str]) -> str:
    """Return an expression for any of some literals. At one place it finds the longest.

    They are grouped by their first character, so that most places of a line are passed with one comparison.
    """
    rest: dict[str, list[str]] = {}
    for literal in sorted(literals, key=lambda text: (-len(text), text)):
        rest.setdefault(literal[0], []).append(re.escape(literal[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(others)})" for first, others in rest.items()) or "(?!)"


def _without_end(text: str, begins: Set[str]) -> str:
    """Take off what other literals may begin with, or they would hide behind this one."""
    while len(text) > 3 and text[-1] in begins:
        text = text[:-1]
    return text


def _may_hide(found: str, text: str) -> bool:
    """Say whether `text` may begin where `found` stands in a line: the search goes on behind what it has found."""
    return any(
        found.startswith(text, start) or (start and text.startswith(found[start:])) for start in range(len(found))
    )
