# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a document of ours from JSON, which anybody may have written: it is held to the types that the document is made of."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from ..errors import FazmailError
from .table import visible

# Not of a category that terminals act on, but XML has no place for them.
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


class DocumentError(FazmailError):
    """A text is not a document of this schema, or documents do not go together. The message says what was expected."""

    cause = "document"


def loaded(text: str, schema: str, origin: str) -> dict[str, Any]:
    """Return the JSON object of a schema. origin: what writes such a document, for messages. Raises DocumentError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("schema") != schema:
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise DocumentError(f"schema is {found!r}, expected {schema!r}; {origin} such a document")
    return data


def check(value: Any, kind: Any, where: str) -> None:
    """Raise DocumentError unless a value has a type: of JSON, a list, dictionary or TypedDict of such, or one of several."""
    origin, inner = get_origin(kind), get_args(kind)
    if NoneType in inner:
        if value is not None:
            check(value, next(each for each in inner if each is not NoneType), where)
    elif is_typeddict(kind):
        _check_fields(value, kind, where)
    elif origin is list:
        _expect(isinstance(value, list), value, "list", where)
        for number, each in enumerate(value):
            check(each, inner[0], f"{where}[{number}]")
    elif origin is dict:
        _expect(isinstance(value, dict), value, "an object", where)
        for name, each in value.items():
            check(each, inner[1], f"{where}.{name}")
    else:
        _expect(value.__class__ is kind, value, kind.__name__, where)


def _check_fields(value: Any, kind: Any, where: str) -> None:
    _expect(isinstance(value, dict), value, "an object", where)
    for name, field, optional in _fields(kind):
        if name in value:
            check(value[name], field, f"{where}.{name}")
        elif not optional:
            raise DocumentError(f"{where}.{name} is missing, expected {getattr(field, '__name__', field)}")


@cache
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:
    """Return the fields of a TypedDict: name, type, and whether it may be left out."""
    hints = get_type_hints(kind, include_extras=True).items()
    optional = {name: get_origin(hint) is NotRequired for name, hint in hints}
    return [(name, get_args(hint)[0] if optional[name] else hint, optional[name]) for name, hint in hints]


def _expect(good: bool, value: Any, expected: str, where: str) -> None:
    if not good:
        raise DocumentError(f"{where} is {type(value).__name__}, expected {expected}")


def check_time(value: str, where: str) -> None:
    """Raise DocumentError unless a text is a time with a zone."""
    try:
        time = datetime.datetime.fromisoformat(value)
        good = time.tzinfo is not None and time.astimezone(datetime.UTC) is not None
    except (OverflowError, ValueError):
        good = False
    if not good:
        raise DocumentError(f"{where} is {value!r}, expected a time such as 2026-11-24T10:00:00+00:00")


def check_word(value: str, expected: Sequence[str], where: str) -> None:
    """Raise DocumentError unless a text is one of several."""
    if value not in expected:
        raise DocumentError(f"{where} is {value!r}, expected one of {', '.join(expected)}")


def safe(value: Any) -> Any:
    """Return data with every text on one line, without control and bidirectional characters."""
    if isinstance(value, Mapping):
        return {key: safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [safe(each) for each in value]
    if isinstance(value, str) and value:
        return _NONCHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(value))
    return value
