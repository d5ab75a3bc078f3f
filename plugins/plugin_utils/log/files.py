# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to read: those that are named, and all below the folders that are named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Choice:
    """Files in the order in which they are read, and how many hidden files were passed over."""

    files: list[str]
    hidden: int


def choose_files(names: Sequence[str]) -> Choice:
    """Return the files that some names of files and folders stand for; "-" is standard input.

    Folders are read with all below them, sorted by path, without hidden files and folders. Raises OSError for a folder
    that cannot be read.
    """
    files: list[str] = []
    hidden = 0
    for name in names:
        if name == "-" or not Path(name).is_dir():
            files.append(name)
            continue
        for path in _below(Path(name)):
            if any(part.startswith(".") for part in path.relative_to(name).parts):
                hidden += 1
            else:
                files.append(str(path))
    return Choice(files, hidden)


def _below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise error

    found = [Path(base, name) for base, _, names in os.walk(folder, onerror=refuse) for name in names]
    return iter(sorted(path for path in found if path.is_file()))
