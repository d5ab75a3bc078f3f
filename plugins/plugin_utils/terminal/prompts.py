# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognise what precedes other text on a line: prompts, commands typed behind them, and time stamps of debug output."""

from __future__ import annotations

import re
from dataclasses import dataclass

# `FAZ-HQ # `, `FAZ-HQ (mail) # `, `(mail)# `, `admin@FAZ+DR # `, `HOST(Primary) (mail) # `; `~` stands for the rest of a name that was cut,
# `$` is the mark of a restricted login.
_PROMPT = re.compile(r"(?:[\w.~+@-]{1,64} ?(?:\([^()]{1,64}\) ?){0,2}|\([^()]{1,80}\) ?)[#$](?: |$)")
_COMMAND = re.compile(
    r"(?:(?:get|sh(?:ow)?|conf(?:ig)?|edit|set|unset|delete|purge|exe(?:c(?:ute)?)?|diag(?:nose)?)(?:\s.*|\s*\?)?"
    r"|next|end|abort|exit|quit)\s*$"
)

# What `diagnose debug timestamp enable` adds: local time of the device, without zone.
# Evidence: verbatim (public article 245012: `2023-01-31 17:53:34    1: show PID and daemon status`).
# Whether there is such a day is not looked at: an expression that ignores digits is proven for many lines at once.
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?= [^ \t])")
STAMP_LENGTH = 19
match_stamp = STAMP.match


@dataclass(frozen=True)
class Split:
    """A line in parts: the prompts it starts with (maybe none), then a command or other text (either may be empty)."""

    prompt: str
    command: str
    text: str


def split(line: str) -> Split:
    """Take prompts off a line. Behind a prompt, a CLI verb makes a command of the rest; all else is output."""
    position = 0
    while match := _PROMPT.match(line, position):
        position = match.end()
    rest = line[position:]
    if position and _COMMAND.match(rest):
        return Split(line[:position], rest.strip(), "")
    return Split(line[:position], "", rest)


def stamp_of(text: str) -> str:
    """Return the time stamp a line begins with, which one blank and a text follow; "" when it has none."""
    return text[:STAMP_LENGTH] if match_stamp(text) else ""
