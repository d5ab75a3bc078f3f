# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match texts whatever their digits are, as case-insensitive matching does whatever their case is.

Lines of a log differ in numbers more than in words. Folding puts one digit in the place of all hexadecimal digits, in a
text and in an expression. Where the folded expression does not match a folded text, the expression itself matches none of
the texts that fold to it: what one place of the expression takes, the same place folded takes as well, and digits are alike
for all that an expression can ask of a place (`\\b`, `^`, `$`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from .literals import parse_tree

_HEXADECIMAL = "0123456789abcdefABCDEF"
_FOLDED = bytes.maketrans(_HEXADECIMAL.encode(), b"0" * len(_HEXADECIMAL))
_ZERO = ord("0")


def fold_digits(text: str) -> str:
    """Return a text of the same length with a 0 in place of each character that can be a hexadecimal digit."""
    # Bytes are translated in a third of the time that characters take.
    return text.encode("utf-8", "surrogatepass").translate(_FOLDED).decode("utf-8", "surrogatepass")


@cache
def digit_insensitive(pattern: str, flags: int = 0) -> re.Pattern[str] | None:
    """Return an expression that matches `fold_digits(text)` whenever this one matches `text`, None when there is no proof."""
    try:
        import re._compiler as compiler  # type: ignore[import-not-found]

        tree = parse_tree(pattern, flags)
        _fold_sequence(tree)
        found: re.Pattern[str] = compiler.compile(tree, flags & ~re.UNICODE)
    except (_NotProvable, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return None
    return found


class _NotProvable(Exception):
    """The expression has something of which it is not known what folding makes of it."""


def _fold_sequence(tree: Any) -> None:
    tree[:] = [part for operation, argument in list(tree) for part in _fold_part(tree, operation, argument)]


def _fold_part(tree: Any, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
    match str(operation):
        case "LITERAL":
            return [(operation, ord(fold_digits(chr(argument))))]
        case "NOT_LITERAL" | "IN":
            return _fold_set(tree, operation, argument)
        # What refers to the text of a group asks for the same text: texts that are the same are so when folded.
        case "ANY" | "AT" | "GROUPREF":
            return [(operation, argument)]
        case "ASSERT":
            _fold_sequence(argument[1])
            return [(operation, argument)]
        case "ASSERT_NOT":
            return []  # without it, more is matched
        case "SUBPATTERN":
            _fold_sequence(argument[3])
            return [(operation, argument)]
        case "BRANCH":
            for way in argument[1]:
                _fold_sequence(way)
            return [(operation, argument)]
        case "MAX_REPEAT" | "MIN_REPEAT":
            _fold_sequence(argument[2])
            return [(operation, argument)]
    # What gives nothing back once it has it may match less when its parts match more.
    raise _NotProvable(operation)


def _fold_set(tree: Any, operation: Any, argument: Any) -> Iterable[tuple[Any, Any]]:
    import re._compiler as compiler
    import re._constants as constants  # type: ignore[import-not-found]
    import re._parser as parser  # type: ignore[import-not-found]

    takes = compiler.compile(
        parser.SubPattern(tree.state, [(operation, argument)]), tree.state.flags & ~re.UNICODE
    ).match
    if takes("0") or not any(map(takes, _HEXADECIMAL)):
        return [(operation, argument)]
    as_it_is, zero = [(operation, argument)], [(constants.LITERAL, _ZERO)]
    return [(constants.BRANCH, (None, [parser.SubPattern(tree.state, way) for way in (as_it_is, zero)]))]
