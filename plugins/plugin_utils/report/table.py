# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain text tables for people."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..terminal.quoting import escaped

# Of a text behind its indent, whatever the width of the terminal.
_NARROWEST = 12
_VERDICT_COLUMNS = {
    "device": "device",
    "firmware": "firmware",
    "configured": "configured",
    "outcome": "verdict",
    "cause": "cause",
    "owner": "who must act",
}


def verdict_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the table of devices and their verdicts.

    Each row has the keys device, firmware, configured, outcome, cause and owner; what is missing shows as a dash.
    """
    return table(list(_VERDICT_COLUMNS.values()), [[row.get(name) for name in _VERDICT_COLUMNS] for row in rows])


def table(
    header: Sequence[str], rows: Iterable[Sequence[Any]], paint: Callable[[str], str] = str, width: int | None = None
) -> str:
    """Return rows in aligned columns below a header. Control and bidirectional characters are shown as escapes.

    `paint` may add colour to a cell of the rows; it takes no room. width: of the terminal; cells are wrapped so that no line is
    longer, and where there is no room for columns each row becomes a few lines of its own. Nothing is cut.
    """
    cells = [list(header), *([visible(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    if width is not None and (fitting := _fitting(cells, widths, width)) is not None:
        widths = fitting
    elif width is not None:
        return "\n".join(line for row in cells[1:] for line in (*_stacked(header, row, width), "")).rstrip("\n")
    lines = [*_lines(cells[0], widths, str), "  ".join("-" * width for width in widths)]
    for row in cells[1:]:
        lines += _lines(row, widths, paint)
    return "\n".join(lines)


def wrapped(text: str, width: int, first: str = "", rest: str = "", keep_blanks: bool = False) -> list[str]:
    """Return a text in lines of at most this many characters, behind what begins the first and the other lines.

    A word that is longer is broken, not cut. keep_blanks: blanks at the beginning stay, as in a configuration.
    """
    text = visible(text)
    blanks = text[: len(text) - len(text.lstrip(" "))] if keep_blanks else ""
    return textwrap.wrap(
        text.strip(),
        max(width, len(first) + len(blanks) + _NARROWEST),
        initial_indent=first + blanks,
        subsequent_indent=rest + blanks,
        break_on_hyphens=False,
    )


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, with dots where something of it was left out."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def visible(value: Any) -> str:
    """Return a value on one line as a terminal may safely show it; an empty value is a dash."""
    text = "" if value is None else str(value)
    return escaped(text) or "-"


def _fitting(cells: Sequence[Sequence[str]], widths: Sequence[int], width: int) -> list[int] | None:
    """Return the widths of columns that fit a line, the widest made narrower; None where words would have to be broken."""
    fitting = list(widths)
    least = [max(len(word) for row in cells for word in (row[column].split() or [""])) for column in range(len(widths))]
    while sum(fitting) + 2 * (len(fitting) - 1) > width:
        column = max(
            (each for each in range(len(fitting)) if fitting[each] > least[each]),
            key=lambda each: fitting[each],
            default=None,
        )
        if column is None:
            return None
        fitting[column] -= 1
    return fitting


def _stacked(header: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    names = max(map(len, header))
    for name, cell in zip(header, row, strict=True):
        yield from wrapped(cell, width, f"{name:{names}}  ", " " * (names + 2))


def _lines(cells: Sequence[str], widths: Sequence[int], paint: Callable[[str], str]) -> list[str]:
    """A row, which takes more lines than one where its cells are wrapped."""
    parts = [
        textwrap.wrap(cell, width) if len(cell) > width else [cell] for cell, width in zip(cells, widths, strict=True)
    ]
    height = max((len(part) for part in parts), default=1)
    return [
        _line([part[place] if place < len(part) else "" for part in parts], widths, paint) for place in range(height)
    ]


def _line(cells: Sequence[str], widths: Sequence[int], paint: Callable[[str], str]) -> str:
    padded = ((cell, " " * (width - len(cell))) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(paint(cell) + blanks for cell, blanks in padded).rstrip()
