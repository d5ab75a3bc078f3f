# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as a git repository had them at a revision, read through the command `git`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from .input import InputError


def files_at(revision: str, paths: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[tuple[str, bytes | str]]:
    """Yield the files below some paths at a revision, under the names they have in the work tree, and their bytes.

    Hidden files are left out. Raises InputError where a path is in no repository, or the revision is not there.
    """
    for path in paths:
        folder = _folder(path)
        inside = "." if Path(path).is_dir() else Path(path).name
        listed = _git(folder, revision, "ls-tree", "-r", "-z", "--name-only", _commit(folder, revision), "--", inside)
        for name in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
            file = Path(folder, name)
            if any(part.startswith(".") for part in Path(name).parts) or any(file.match(each) for each in exclude):
                continue
            yield str(file), _git(folder, revision, "show", f"{_commit(folder, revision)}:./{name}")


def time_of(revision: str, path: str) -> datetime:
    """Return when a revision was committed. Raises InputError."""
    folder = _folder(path)
    text = _git(folder, revision, "show", "-s", "--format=%cI", _commit(folder, revision))
    return datetime.fromisoformat(text.decode("ascii").strip())


def _folder(path: str) -> Path:
    return Path(path) if Path(path).is_dir() else Path(path).parent


def _commit(folder: Path, revision: str) -> str:
    name = f"{revision}^{{commit}}"
    return _git(folder, revision, "rev-parse", "--verify", "--end-of-options", name).decode("ascii").strip()


def _git(folder: Path, revision: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise InputError(f"git:{revision}: git cannot be run: {error.strerror}; install it") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise InputError(
            f"git:{revision}: {said}; expected a revision of the repository of {folder}, such as git:HEAD~1"
        )
    return done.stdout
