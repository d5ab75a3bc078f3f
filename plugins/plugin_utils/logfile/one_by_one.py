# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a file one by one, each as soon as it is there: for texts that have nothing to do with each other."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from ..terminal.clean import lines
from ..terminal.encoding import decode_lines, detect

# No line of text is longer; what is, is cut into several.
_LONGEST_LINE = 1 << 20
_HEAD = 4096


def stream(file: BinaryIO) -> Iterator[str]:
    """Yield plain lines of a file in bounded memory, one for each of its lines; the encoding shows in its first bytes.

    Raises nothing but the OSError of the file.
    """
    encoding = detect(file.peek(_HEAD) if isinstance(file, io.BufferedReader) else b"")
    file.read(encoding.skip)
    if encoding.unit > 1:
        text = io.TextIOWrapper(file, encoding.name, "replace", newline="\n")
        for part in iter(lambda: text.readline(_LONGEST_LINE), ""):
            yield from lines(part)
        return
    for data in iter(lambda: file.readline(_LONGEST_LINE), b""):
        yield from lines(decode_lines(data)[0])
