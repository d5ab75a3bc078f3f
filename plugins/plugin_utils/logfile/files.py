# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to read: those that are named, and all below the folders that are named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..whole_file import STANDARD_STREAM


@dataclass(frozen=True)
class ChosenFiles:
    """Files in the order in which they are read, and how many things in folders were passed over."""

    files: list[str]
    left_out: int


def choose_files(names: Sequence[str]) -> ChosenFiles:
    """Return the files that some names of files and folders mean; "-" is standard input.

    Folders are read with all below them, sorted by path, without what is hidden, links to folders, and what is no file,
    such as a pipe or a link to nothing. A folder that cannot be read is among the files, so that whoever opens it says why.
    """
    files: list[str] = []
    left_out = 0
    for name in names:
        if name == STANDARD_STREAM or not Path(name).is_dir():
            files.append(name)
            continue
        found, unreadable = _below(Path(name))
        for path in sorted(found + unreadable):
            if (path in unreadable or path.is_file()) and not any(
                part.startswith(".") for part in path.relative_to(name).parts
            ):
                files.append(f"./{path}" if str(path) == STANDARD_STREAM else str(path))
            else:
                left_out += 1
    return ChosenFiles(files, left_out)


def _below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return everything below a folder but the folders, links to folders included, and the folders that cannot be read."""
    found: list[Path] = []
    unreadable: list[Path] = []
    for base, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(Path(error.filename))):
        links = [name for name in folders if Path(base, name).is_symlink()]
        found += [Path(base, name) for name in (*names, *links)]
    return found, unreadable
