# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the error in what a command printed."""

from __future__ import annotations

import re

from .errors import CliError


def find_error(text: str) -> CliError | None:
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and re.match(r"Unknown action|Command fail|command parse error", lines[-1]):
        return CliError(lines[-1], " ".join(lines[:-1][-3:]))
    return None
