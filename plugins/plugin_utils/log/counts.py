# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count where the lines of a log went, and keep an example of each shape that nothing recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .chain import BUCKETS, FOREIGN, IGNORED, UNMATCHED, Reading

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

    def has(self, reading: Reading) -> bool:
        """Return whether lines like this were counted before, so that they may be counted in any order."""
        if reading.bucket == UNMATCHED:
            return (
                not self.with_shapes
                or reading.by in self.shapes
                or (reading.by != "" and len(self.shapes) >= _MOST_SHAPES)
            )
        return reading.bucket != FOREIGN or reading.by in self.foreign_by or not self._has_room()

    def count(self, reading: Reading, number: int, text: str, lines: int = 1) -> None:
        """Count a line of the log, which covers this many lines of the file."""
        bucket = reading.bucket
        self.buckets[bucket] += lines
        if bucket == IGNORED:
            self.ignored_by[reading.by] += lines
        elif bucket == FOREIGN:
            self.foreign_by[reading.by if reading.by in self.foreign_by or self._has_room() else OTHER] += lines
        elif bucket == UNMATCHED and self.with_shapes:
            self._count_shape(reading.by, number, text, lines)

    def count_unmatched(self, shape: str, number: int, text: str) -> None:
        """Count a line that nothing knows. shape: "" for one that is none of those that are counted."""
        self.buckets[UNMATCHED] += 1
        self._count_shape(shape, number, text, 1)

    def may_have(self, words: Iterable[str]) -> bool:
        """Return whether a shape with all of some words may be one of those that are counted."""
        if len(self.shapes) < _MOST_SHAPES:
            return True
        if not self._words:
            self._words = {word for shape in self.shapes for word in shape.split(" ")}
        return self._words.issuperset(words)

    def leave_out(self, lines: int = 1) -> None:
        """Count a line whose time or device was not asked for."""
        self.outside = (self.outside or 0) + lines

    def _has_room(self) -> bool:
        return len(self.foreign_by) < _MOST_DAEMONS

    def _count_shape(self, shape: str, number: int, text: str, lines: int) -> None:
        known = self.shapes.get(shape)
        if known is not None:
            known["count"] += lines
        elif len(self.shapes) < _MOST_SHAPES:
            self.shapes[shape] = {"shape": shape, "count": lines, "line": number, "example": text[:_LONGEST_EXAMPLE]}
        else:
            self.shapeless += lines

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
