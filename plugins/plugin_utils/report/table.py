# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain text tables for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..terminal.quoting import escaped

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


def table(header: Sequence[str], rows: Iterable[Sequence[Any]], paint: Callable[[str], str] = str) -> str:
    """Return rows in aligned columns below a header. Control and bidirectional characters are shown as escapes.

    `paint` may add colour to a cell of the rows; it takes no room.
    """
    cells = [list(header), *([visible(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [_line(cells[0], widths, str), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths, paint) for row in cells[1:]]
    return "\n".join(lines)


def visible(value: Any) -> str:
    """Return a value on one line as a terminal may safely show it; an empty value is a dash."""
    text = "" if value is None else str(value)
    return escaped(text) or "-"


def _line(cells: Sequence[str], widths: Sequence[int], paint: Callable[[str], str]) -> str:
    padded = ((cell, " " * (width - len(cell))) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(paint(cell) + blanks for cell, blanks in padded).rstrip()
