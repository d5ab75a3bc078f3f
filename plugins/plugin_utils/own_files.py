# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the collection itself keeps on the controller: how they are called, and read like any other input."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .errors import FazmailError

# Names of files may have 255 bytes; others put a job and a time beside this.
_LONGEST = 120
LONGEST = 1_048_576


class DamagedFileError(FazmailError):
    """A file of our own does not hold what was written to it. The message says what is wrong, and does not name the file."""

    cause = "damaged_file"


def file_name(text: str) -> str:
    """Return a name of at most 120 ASCII characters for what belongs to a host or device, without separators.

    Names that differ stay different. A name of letters, digits, `-`, `_` and `.` is its own file name, unless it is long or
    begins with a dot.
    """
    name = quote(text, safe="", errors="surrogatepass")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > _LONGEST:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name = f"{name[: _LONGEST - len(digest) - 1]}-{digest}"
    return name or "%"


def loaded(data: bytes) -> Any:
    """Return the JSON value of a file. Raises DamagedFileError for anything that is none, is too large or too deep."""
    if len(data) > LONGEST:
        raise DamagedFileError(f"it has {len(data)} bytes, more than {LONGEST}")
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise DamagedFileError("it holds bytes that are not UTF-8") from None
    except (ValueError, RecursionError):
        raise DamagedFileError("it does not hold JSON") from None


def set_aside(path: Path, data: bytes) -> Path:
    """Keep the content of a damaged file beside it under another name, and return that. Raises OSError."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(data)
    return aside
