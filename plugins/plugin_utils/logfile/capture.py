# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures: what the device printed, as a text file that reads like the terminal did.

The verdict of a live run is computed from this very text, so that the saved file gives the same verdict later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from ..own_files import file_name
from ..redact.redactor import Redactor
from ..whole_file import write_private

FIRST_LINE = "#fortiops.mail capture 1"
HEADER_LINE = re.compile(r"#(?:device|firmware|identity|start|end): \S")


class Printed(Protocol):
    """One command with what it printed; a session's results are of this kind."""

    @property
    def prompt(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def started(self) -> datetime: ...
    @property
    def seconds(self) -> float: ...


def render(device: str, firmware: str, results: Sequence[Printed], redactor: Redactor, identity: str = "") -> str:
    """Return the capture of some commands of one session, redacted, with LF line ends.

    device: the name of the host. identity: the serial number of the device, or else the fingerprint of its host key.
    """
    header = [FIRST_LINE, f"#device: {device}", f"#firmware: {firmware}"]
    if identity:
        header.append(f"#identity: {identity}")
    if results:
        last = results[-1]
        header.append(f"#start: {_stamp(results[0].started)}")
        header.append(f"#end: {_stamp(last.started + timedelta(seconds=last.seconds))}")
    blocks = ["\n".join(filter(None, [f"{result.prompt}{result.command}", result.text])) + "\n" for result in results]
    return redactor.text("\n".join(header) + "\n" + "\n".join(blocks))


def save(text: str, directory: Path, device: str, job: str, started: datetime) -> Path:
    """Write a capture that only its owner can read; return its path. The file appears whole or not at all."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{file_name(device)}-{job}-{started:%Y%m%dT%H%M%S.%f}Z.log"
    write_private(directory / name, text)
    return directory / name


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
