# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to records: run a template and give its fields their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from ..errors import UserFileError
from ..firmware import Firmware
from ..terminal.clean import lines
from ..terminal.prompts import split
from ..terminal.quoting import unquote
from ..yaml_file import read_beside, read_of_user
from . import find as templates
from .template import Template

_EPOCH = re.compile(r"(?:Wed Dec 31 .* 1969|Thu Jan  ?1 .* 1970)$")


# More do not fit the 64 bits that other programs have for a number, and Python refuses thousands of them.
MOST_DIGITS = 18


def integer(text: str) -> int | str:
    """Return the whole number that a text is, or the text. One of more digits than MOST_DIGITS is the largest of so many."""
    digits = text.removeprefix("-")
    if not digits.isdecimal():
        return text
    number = int(digits) if len(digits) <= MOST_DIGITS else 10**MOST_DIGITS - 1
    return number if digits == text else -number


def _number(text: str) -> float | str:
    """Return the number that a text is, or the text."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if isfinite(value) else text


def _null(text: str) -> str:
    return "" if text == "(null)" else text


def _never(text: str) -> str:
    return "" if _EPOCH.match(text) else text


_CONVERT: dict[str, Callable[[str], Any]] = {
    "integer": integer,
    "number": _number,
    "quoted": unquote,
    "null": _null,
    "never": _never,
}


def preload(*names: str) -> None:
    """Read the index and compile some templates now, so that processes forked later have them."""
    _types()
    templates.choose("get system status")
    for name in names:
        templates.template(name)


@dataclass(frozen=True)
class Records:
    """Records of one template over some lines. `positions` are indexes into those lines, one per record; `matched`
    says of each line whether a rule knew it."""

    template: str
    rows: list[dict[str, Any]]
    positions: list[int]
    matched: list[bool]


def run(template: str, text_lines: Sequence[str]) -> Records:
    """Run a template over lines. Keys are lower case; fields the template left empty are left out."""
    return _run(template, templates.template(template), text_lines)


def _run(template: str, compiled: Template, text_lines: Sequence[str]) -> Records:
    parsed = compiled.parse(text_lines)
    rows = [fields(template, row.values) for row in parsed.rows]
    return Records(template, rows, [row.line for row in parsed.rows], [rule > 0 for rule in parsed.rules])


def fields(template: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one row of a template as the fields of a record."""
    types = _types().get(template, {})
    typed: dict[str, Any] = {}
    for key, value in values.items():
        if not value:
            continue
        name = key.lower()
        kind = types.get(name)
        typed[name] = _convert(kind)(value) if kind else value
        if kind == "never" and typed[name] == "":
            typed[f"{name}_raw"] = value
    return typed


def conversion(template: str, field: str) -> Callable[[str], Any] | None:
    """Return what makes a field of its text, None when it stays as it is."""
    kind = _types().get(template, {}).get(field)
    return _convert(kind) if kind else None


def parse_output(command: str, text: str, firmware: Firmware | None = None) -> list[dict[str, Any]]:
    """Return the records in what a command printed; none when no template reads that command.

    Prompts and late debug output between the lines do not matter.
    """
    name = templates.choose(command, firmware)
    return read_with(name, text) if name else []


def read_with(template: str, text: str) -> list[dict[str, Any]]:
    """Return the records a template finds in a text; prompts do not matter. Raises FileNotFoundError for the template."""
    return run(template, [split(line).text for line in lines(text)]).rows


def read_with_file(file: Path, text: str) -> list[dict[str, Any]]:
    """Return the records that a template of the user's, in no directory, finds in a text. Raises UserFileError."""
    return _run("", templates.compiled(file), [split(line).text for line in lines(text)]).rows


def _types() -> Mapping[str, Mapping[str, Any]]:
    return _types_of(tuple(templates.directories()))


@cache
def _types_of(directories: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """The types of fields, those of a user's directory before ours. Raises UserFileError."""
    types: dict[str, dict[str, Any]] = read_beside(__file__, "fields.yml")
    for directory in directories:
        file = directory / "fields.yml"
        if directory != templates.SHIPPED and file.is_file():
            own = _of_user(file)
            types = types | {template: types.get(template, {}) | fields for template, fields in own.items()}
    return types


def _of_user(file: Path) -> dict[str, dict[str, Any]]:
    expected = f"templates, each with fields and one of {', '.join(_CONVERT)}, or a dictionary of words, for each field"
    read = {} if (given := read_of_user(file, expected)) is None else given
    if not isinstance(read, dict) or not all(isinstance(each, dict) for each in read.values()):
        raise UserFileError(f"{file}: expected {expected}")
    for template, fields in read.items():
        for field, kind in fields.items():
            if not isinstance(kind, dict) and kind not in tuple(_CONVERT):
                raise UserFileError(f"{file}: {template}: {field}: {kind!r}; expected {expected}")
    return read


def _convert(kind: Any) -> Callable[[str], Any]:
    return (lambda text: kind.get(text, text)) if isinstance(kind, dict) else _CONVERT[kind]
