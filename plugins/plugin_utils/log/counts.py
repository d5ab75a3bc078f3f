# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count where the lines of a log went, and keep an example of each shape that nothing recognised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .chain import BUCKETS, FOREIGN, IGNORED, UNMATCHED

OTHER = "other"

_MOST_SHAPES = 200
_MOST_DAEMONS = 200
_LONGEST_EXAMPLE = 300


@dataclass
class LineCounts:
    """The lines of a file by what became of them. Each line of the file counts once, also where wrapped lines were joined.

    outside: lines that were left out because of their time or device; None when nothing is left out. with_shapes: what
    unmatched lines look like is counted, too.
    """

    outside: int | None = None
    buckets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BUCKETS, 0))
    ignored_by: Counter[str] = field(default_factory=Counter)
    foreign_by: Counter[str] = field(default_factory=Counter)
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    shapeless: int = 0
    with_shapes: bool = True
    _words: set[str] = field(default_factory=set)

    def count(self, bucket: str, by: str, number: int, text: str, lines: int = 1) -> None:
        """Count a line of the log, which covers this many lines of the file. by: as in `Reading`; "" for a shape that is not counted."""
        self.buckets[bucket] += lines
        if bucket == IGNORED:
            self.ignored_by[by] += lines
        elif bucket == FOREIGN:
            has_room = len(self.foreign_by) < _MOST_DAEMONS
            self.foreign_by[by if has_room or by in self.foreign_by else OTHER] += lines
        elif bucket == UNMATCHED and self.with_shapes:
            if (known := self.shapes.get(by)) is not None:
                known["count"] += lines
            elif len(self.shapes) < _MOST_SHAPES:
                self.shapes[by] = {"shape": by, "count": lines, "line": number, "example": text[:_LONGEST_EXAMPLE]}
            else:
                self.shapeless += lines

    @property
    def all_words(self) -> set[str] | None:
        """The words of all shapes that are counted, None as long as another one would be counted, too."""
        if not self._words and len(self.shapes) == _MOST_SHAPES:
            self._words = {word for shape in self.shapes for word in shape.split(" ")}
        return self._words or None

    def without_shape(self, lines: int) -> None:
        """Count lines that nothing knows, and whose shapes are not counted."""
        self.buckets[UNMATCHED] += lines
        self.shapeless += lines

    def leave_out(self, lines: int = 1) -> None:
        """Count a line whose time or device was not asked for."""
        self.outside = (self.outside or 0) + lines

    def as_dict(self) -> dict[str, Any]:
        """Return status and counts as docs/design.md says."""
        counts = dict(self.buckets)
        if self.outside is not None:
            counts["outside"] = self.outside
        return {
            "status": "empty" if not counts["event"] else "partial" if counts["unmatched"] else "complete",
            "lines": {"total": sum(counts.values()), **counts},
            "ignored_by": _most_first(self.ignored_by),
            "foreign_by": _most_first(self.foreign_by),
            "unmatched_shapes": sorted(self.shapes.values(), key=lambda each: -each["count"]),
            "unmatched_other": self.shapeless,
        }


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
