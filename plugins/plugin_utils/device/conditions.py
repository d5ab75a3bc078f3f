# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions on what commands printed, such as `result[0].queue_length lt 10`: what a task waits for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import FazmailError
from ..regex.limit import TooSlow, limited

_FORM = re.compile(r"result\[(\d{1,4})\](?:\.(\w+))? +(not +)?(\w+) +(\S.*)")
_EXPECTED = (
    "expected `result[NUMBER] contains TEXT`, `result[NUMBER] matches EXPRESSION` or `result[NUMBER].FIELD OPERATOR VALUE`, "
    "where the operator is contains, matches, eq, ne, lt, le, gt or ge, and `not` may stand before it"
)
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda found, wanted: bool(found == wanted),
    "ne": lambda found, wanted: bool(found != wanted),
    "lt": lambda found, wanted: bool(found < wanted),
    "le": lambda found, wanted: bool(found <= wanted),
    "gt": lambda found, wanted: bool(found > wanted),
    "ge": lambda found, wanted: bool(found >= wanted),
}


class ConditionError(FazmailError):
    """A condition cannot be read, or asks for what no command gives."""

    cause = "option"


@dataclass(frozen=True)
class Condition:
    """A condition on one result: on its text, or on a field that one of its records must have. `text` is as it was given."""

    text: str
    number: int
    field: str
    negated: bool
    operator: str
    value: str

    def holds(self, output: str, records: Sequence[Mapping[str, Any]]) -> bool:
        """Return whether it holds for what a command printed. A field that no record has fulfils nothing, not even a `not`."""
        if not self.field:
            return self._true_of(output) != self.negated
        return any(self._true_of(row[self.field]) != self.negated for row in records if self.field in row)

    def _true_of(self, found: Any) -> bool:
        if self.operator == "contains":
            return self.value in str(found)
        if self.operator == "matches":
            try:
                return limited(re.compile(self.value, re.MULTILINE), str(found), search=True) is not None
            except TooSlow:
                raise ConditionError(f"wait_for {self.text!r}: the expression takes too long") from None
        left, right = _number(found), _number(self.value)
        if left is not None and right is not None:
            return _COMPARED[self.operator](left, right)
        return self.operator in ("eq", "ne") and _COMPARED[self.operator](str(found), self.value)


def condition(text: str, results: int) -> Condition:
    """Read a condition on one of so many results. Raises ConditionError."""
    match = _FORM.fullmatch(text.strip())
    if match is None or match[4] not in ("contains", "matches", *_COMPARED):
        raise ConditionError(f"wait_for {text!r}: {_EXPECTED}")
    number = int(match[1])
    if number >= results:
        raise ConditionError(
            f"wait_for {text!r}: there is no result[{number}]; the last command is result[{results - 1}]"
        )
    if match[4] in _COMPARED and not match[2]:
        raise ConditionError(f"wait_for {text!r}: {match[4]} compares a field; {_EXPECTED}")
    if match[4] == "matches":
        try:
            re.compile(match[5])
        except re.error as error:
            raise ConditionError(f"wait_for {text!r}: {error} in the expression") from None
    return Condition(text, number, match[2] or "", bool(match[3]), match[4], match[5])


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
