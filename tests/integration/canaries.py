# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are easy to find, and where a run may have left one."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from .processes import children

# Holds every character that is written differently somewhere.
CANARY = 'Canary-7f3a"\\<&b!x'


def forms(secret: str) -> list[str]:
    """Ten ways to write a secret; base64 as far as it does not depend on what stands around it."""
    data = secret.encode()
    cli = secret.replace("\\", "\\\\").replace('"', '\\"')
    return [
        secret,
        cli,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(cli)[1:-1],
        html.escape(secret),
        quote(secret, safe=""),
        *(
            base64.b64encode(b"\0" * shift + data).decode()[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
            for shift in range(3)
        ),
    ]


def leaks(secrets: Iterable[str], texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return where which form of a secret is shown. texts: where each was found, and the text."""
    wanted = [form for secret in secrets for form in forms(secret)]
    return [(where, form) for where, text in texts for form in wanted if form in text]


def written(directory: Path, *inputs: str) -> Iterator[tuple[str, str]]:
    """The files below a directory as texts, without those that the test itself has put secrets into."""
    for file in directory.rglob("*"):
        if file.is_file() and file.name not in inputs:
            yield str(file), file.read_bytes().decode("utf-8", "replace")


def processes(parent: int) -> Iterator[tuple[str, str]]:
    """Command line and environment of a process and all its descendants, as any user with enough rights may see them."""
    for pid in [parent, *children(parent)]:
        for name in ("cmdline", "environ"):
            yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
