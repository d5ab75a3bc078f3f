# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reading a log gives: batches of clean lines that still know where in the file they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that its reader decided or lost, for a person to see.

    `line` is the 1-based number of the line it is about, 0 when it is about the whole file. `kind` is one of
    `encoding`, `mixed_encodings`, `nul_bytes`, `rtf`, `typographic`, `quoting`, `indented`, `strings`, `entities`,
    `prefix`, `pointed`, `stamps`, `wrapped`, `line_cut`, `unread`, `stopped`; `text` is a sentence.
    """

    line: int
    kind: str
    text: str


@dataclass(slots=True)
class Batch:
    """Some lines in the order of the file. The sequences run parallel to `texts`; no line is split over two batches.

    texts     lines without line end, terminal sequences, pager remains, mail quoting and the stamps of a terminal program
    numbers   1-based number in the file of the line each text begins on; strictly increasing over all batches
    spans     how many lines of the file each text covers: more than 1 where wrapped lines were joined; empty where each covers
              one. Over all batches they sum to the number of lines in the file
    notes     what was found out or lost while these lines were read; also a file without any line may have some
    """

    texts: list[str]
    numbers: Sequence[int]
    spans: Sequence[int] = ()
    notes: list[Note] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)
