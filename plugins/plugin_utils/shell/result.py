# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that was typed, and what it printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .answer import Answer
from .errors import CliError


@dataclass(frozen=True)
class Submitted:
    """A command that was typed and has not come back. `begin` is a time of the session's clock."""

    command: str
    reply: Answer
    prompt: str
    started: datetime
    begin: float


@dataclass(frozen=True)
class Result:
    """What one command printed. `prompt` stood before the command, `text` is between its echo and the next prompt."""

    prompt: str
    command: str
    text: str
    error: CliError | None
    started: datetime
    seconds: float
