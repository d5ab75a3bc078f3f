# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the compliance document of saved configuration, one device in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..logfile.archives import open_log
from ..logfile.files import choose_files
from ..policy.backup import facts_of, holds_configuration
from ..policy.check import check
from ..policy.policy import Policy
from ..terminal.encoding import decode
from ..whole_file import STANDARD_STREAM
from .document import DeviceRow, Document, assessed, not_assessed
from .fleet import judged
from .read_json import DocumentError

_MOST_BYTES = 100_000_000
_OURS = ("", "FortiAnalyzer", "FortiManager")


def saved_files(paths: Sequence[str], exclude: Sequence[str] = ()) -> list[str]:
    """Return the files that some paths of files and folders stand for, but those that match a pattern. Raises DocumentError."""
    for path in paths:
        if path != STANDARD_STREAM and not Path(path).exists():
            raise DocumentError(f"{path}: no such file or folder; expected saved configuration")
    return [file for file in choose_files(paths).files if not any(Path(file).match(pattern) for pattern in exclude)]


def contents(files: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
    """Yield the name of each file and the bytes in it, or the reason, a text, why it could not be read.

    Files may be packed; each file of an archive is one of its own.
    """
    for file in files:
        try:
            with open_log(file) as members:
                for member in members:
                    data = member.stream.read(_MOST_BYTES + 1) or b""
                    while len(data) <= _MOST_BYTES and (more := member.stream.read(_MOST_BYTES + 1 - len(data))):
                        data += more
                    problem = member.stream.problem
                    if len(data) > _MOST_BYTES:
                        problem = f"has more than {_MOST_BYTES // 10**6} MB; expected the configuration of one device"
                    yield member.name, problem or data
        except OSError as error:
            yield file, f"cannot be read: {error.strerror or error}"


def saved(
    files: Iterable[tuple[str, bytes | str]],
    policy: Policy,
    roots: Sequence[str] = (),
    by_hostname: bool = False,
    release: str = "",
    now: datetime | None = None,
) -> tuple[Document, list[str]]:
    """Return the document for files of saved configuration, and the files of other products, which are not in it.

    files: the name of each and its bytes, or the reason, a text, why it could not be read. roots: the paths that were named; the
    folders between them and a file are the groups of its device. A device is called as its file, or by_hostname as the device
    itself; of several that would have one name, each is called by its whole path. release: of devices whose file does not tell it.
    """
    rows: list[tuple[DeviceRow, str]] = []
    others = []
    for file, content in files:
        row, hostname, product = _row(file, content, policy, _groups(file, roots), release)
        if product not in _OURS:
            others.append(file)
            continue
        rows.append((row, (by_hostname and hostname) or Path(file.rpartition("!")[2]).stem or file))
    often = Counter(name for __, name in rows)
    for row, name in rows:
        row["name"] = name if often[name] == 1 else row["file"]
    return judged((row for row, __ in rows), policy.rules, policy.waivers, now or datetime.now(UTC)), others


def _row(
    file: str, content: bytes | str, policy: Policy, groups: Sequence[str], release: str
) -> tuple[DeviceRow, str, str]:
    if isinstance(content, str):
        return not_assessed(file, "unreadable", content, groups, file), "", ""
    text = decode(content)
    if not holds_configuration(text):
        found = "the file is empty" if not text.strip() else "no configuration is in the file"
        return (
            not_assessed(file, "no_configuration", f"{found}; expected a backup or the output of show", groups, file),
            "",
            "",
        )
    facts = facts_of(text, release)
    known = facts["firmware"]
    firmware = f"{known['family']} {known['version']}" if known else f"{facts['product']} {facts['branch']}".strip()
    row = assessed(file, firmware, check(facts, policy.rules), groups, file=file)
    return row, facts["hostname"], facts["product"]


def _groups(file: str, roots: Sequence[str]) -> list[str]:
    path = Path(file)
    root = next((each for each in map(Path, roots) if each != path and path.is_relative_to(each)), None)
    return list(path.relative_to(root).parts[:-1]) if root else []
