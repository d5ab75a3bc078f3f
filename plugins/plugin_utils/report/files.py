# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of reports: earlier documents are read, reports are written all or none; and the documents of runs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..own_files import file_name
from ..whole_file import WriteError, read_whole, write_private, write_whole
from .assessment import Assessment
from .document import Document, read
from .formats import converted
from .read_json import DocumentError
from .run import RunDocument, read_run

_RUN = re.compile(rb'"schema":\s*"fortiops\.mail/run/')
_HEAD = 1000


def read_document(text: bytes, name: str) -> Document:
    """Return a document from the bytes of a file. Raises DocumentError, which names the file."""
    with _named(name, "a compliance document"):
        return read(text.decode("utf-8-sig"))


def is_run_file(text: bytes) -> bool:
    """Return whether the bytes of a file are, or were meant to be, the document of a run."""
    return _RUN.search(text[:_HEAD]) is not None


def read_run_file(text: bytes, name: str) -> RunDocument:
    """Return the document of a run from the bytes of a file. Raises DocumentError, which names the file."""
    with _named(name, "the document of a run"):
        return read_run(text.decode("utf-8-sig"))


@contextmanager
def _named(name: str, expected: str) -> Iterator[None]:
    """Name the file in an error about its text."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 at byte {error.start}; expected {expected}") from None
    except DocumentError as error:
        raise DocumentError(f"{name}: {error}") from None


def write_run(document: RunDocument, directory: Path, file: Path | None) -> Path:
    """Write the document of a run, for its owner only, and return where. Raises OSError.

    file: of an earlier part of the same run, which is replaced; without it a new file in the directory.
    """
    if file is None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = re.sub(r"[-:]|\+.*", "", document["created"])
        file = directory / f"{file_name(document['job'])}-{stamp}Z-{os.urandom(3).hex()}.json"
    write_private(file, json.dumps(document, indent=1) + "\n")
    return file


def earlier_documents(place: Path, must_exist: bool = True) -> list[Document]:
    """Return the document in a file, or those in the files *.json of a folder. Raises DocumentError.

    must_exist: else there may be none yet, as before the first run.
    """
    if not place.exists() and not must_exist:
        return []
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    if not files and must_exist:
        raise DocumentError(f"{place}: no file *.json in it; expected earlier compliance documents")
    try:
        return [read_document(read_whole(file), str(file)) for file in files]
    except OSError as error:
        raise DocumentError(
            f"{error.filename}: cannot be read: {error.strerror}; expected a compliance document"
        ) from None


def write_reports(summary: Assessment, files: Mapping[str, Path]) -> None:
    """Write reports by the name of their format, all of them or none. Raises WriteError."""
    places = [file.resolve() for file in files.values()]
    if len(set(places)) < len(places):
        raise WriteError("two reports have the same file; expected a file for each")
    write_whole({file: converted(name, summary) for name, file in files.items()})
