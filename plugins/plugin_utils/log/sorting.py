# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of lines that were sorted, and their form between a process that sorts and one that follows the sends.

Only sorted lines leave a process: their secrets are masked.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..logfile.batch import Batch, Note
from .chain import DelayedRecord
from .classifier import Segment, Sorter
from .kinds import Kind

# Kinds that two processes have numbers for; more than are known at a time below a command.
_MOST_KINDS = 20_000


class SortedBatch(NamedTuple):
    """Some lines in the order of the file, masked and sorted.

    joined: how many lines of the file those are that are more than one, by their number. late: records that the end of the
    file finishes.
    """

    segments: Iterable[Segment] = ()
    joined: Mapping[int, int] = {}
    notes: Sequence[Note] = ()
    late: Sequence[DelayedRecord] = ()


def sort(batches: Iterable[Batch]) -> Iterator[SortedBatch]:
    """Yield some batches sorted, and one more that the end of the file finishes. Secrets are removed first."""
    sorter = Sorter()
    for batch in batches:
        joined = dict(zip(batch.numbers, batch.spans, strict=True)) if batch.spans else {}
        yield SortedBatch(sorter.segments(batch.texts, batch.numbers), joined, batch.notes)
    yield SortedBatch(late=sorter.finish())


class Packer:
    """Packs sorted batches, in which a number stands for each kind, and one text for all lines of a segment."""

    def __init__(self) -> None:
        self._numbers: dict[Kind | None, int] = {}

    def packed(self, batch: SortedBatch) -> bytes:
        """Return a batch for `Unpacker`, which has to have all of them, in this order."""
        segments = [self._segment(segment) for segment in batch.segments]
        return pickle.dumps((segments, *batch[1:]), pickle.HIGHEST_PROTOCOL)

    def _segment(self, segment: Segment) -> tuple[object, ...]:
        if forget := len(self._numbers) > _MOST_KINDS:
            self._numbers.clear()
        new = list(set(segment.kinds).difference(self._numbers))
        self._numbers.update(zip(new, range(len(self._numbers), len(self._numbers) + len(new)), strict=True))
        kinds = list(map(self._numbers.__getitem__, segment.kinds))
        return forget, new, "\n".join(segment.texts), kinds, segment._replace(texts=[], kinds=[])


class Unpacker:
    """Unpacks what a `Packer` has packed."""

    def __init__(self) -> None:
        self._kinds: list[Kind | None] = []

    def unpacked(self, data: bytes) -> SortedBatch:
        """Return the next batch."""
        # It comes from a process that this one has made.
        segments, *rest = pickle.loads(data)  # nosec B301
        return SortedBatch([self._segment(*segment) for segment in segments], *rest)

    def _segment(self, forget: bool, new: list[Kind | None], texts: str, kinds: list[int], segment: Segment) -> Segment:
        if forget:
            self._kinds.clear()
        self._kinds += new
        return segment._replace(texts=texts.split("\n"), kinds=list(map(self._kinds.__getitem__, kinds)))
