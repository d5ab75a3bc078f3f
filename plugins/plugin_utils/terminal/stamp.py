# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time stamp that debug output has with `diagnose debug timestamp enable`: local time of the device, without zone."""

from __future__ import annotations

import re

# Evidence: verbatim (public article 245012: `2023-01-31 17:53:34    1: show PID and daemon status`).
_STAMP = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]) (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?= [^ \t])"
)
LENGTH = 19

match = _STAMP.match


def stamp_of(text: str) -> str:
    """Return the time stamp a line begins with, which one blank and a text follow; "" when it has none."""
    return text[:LENGTH] if _STAMP.match(text) else ""
