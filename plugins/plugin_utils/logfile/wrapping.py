# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put lines together again that a serial console or a mail program broke into several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..terminal.prompts import split

# A terminal breaks where its last column is, a mail program at the last blank before its margin.
_TERMINALS = (80, 132)
_NARROWEST_MARGIN, _WIDEST_MARGIN = 66, 79
# Longer chains of continuations are no wrapped line.
_MOST_LINES = 40

# How a line begins that is no continuation: whatever the device, a mail daemon's debug or a dialogue starts a line with.
_BEGINS = re.compile(
    r"""\s*$
    |\s*(?:config|edit|set|unset|next|end|show|get|diagnose|execute|exit|quit)\b
    |[\w.~-]{1,64}\ ?(?:\([^()]{1,64}\)\ ?)?[#$](?:\ |$)|\([^()]{1,80}\)\ ?[#$](?:\ |$)
    |[\[(<]?\d{4}-\d\d-\d\d\b|[\[(<]?\d\d:\d\d:\d\d\b
    |\[?[A-Za-z_]\w*:\d+\b
    |\s*(?:<|>|-->|->|~>|<~|=>|===|\*{1,3}|>>>|<<<|\}\ \[|\{\ \[|[CS]:|SMTP(?:<<|>>)|(?:CLIENT|SERVER)\ ->)(?:\s|$)
    |[2-5]\d\d[ -]
    |[A-Za-z][\w /().-]{0,40}(?:\s+:\s|:\s{2,})
    |\#|=~=~|Script\ |Command\ fail|command\ parse\ error|login\ as:|curl:
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Wrapping:
    """The column at which lines were broken, and whether that was at a blank, which is then lost."""

    width: int
    at_blank: bool

    def goes_on(self, line: str, following: str) -> bool:
        """Return whether it is certain enough that a line was broken and goes on in the following one."""
        if not following.strip() or begins_record(following):
            return False
        if not self.at_blank:
            return len(line) == self.width
        if len(line.rstrip()) > self.width:
            return False
        # What is below a command is its answer, unless it is quoted as the words of a command are.
        if split(line).command and not following.startswith('"') and line.count('"') % 2 == 0:
            return False
        # The next word had no room: that is why the line was broken there.
        return len(line.rstrip()) + 1 + len(following.split(" ", 1)[0]) > self.width

    def join(self, lines: Sequence[str]) -> list[int]:
        """Return how many lines each whole line takes, in order."""
        spans: list[int] = []
        known = False
        for position, line in enumerate(lines):
            before = lines[position - 1] if position else ""
            if known and position and spans[-1] < _MOST_LINES and self.goes_on(before, line):
                spans[-1] += 1
            else:
                spans.append(1)
                known = begins_record(line)
        return spans

    def whole(self, parts: Sequence[str]) -> str:
        """Return the line that these parts were."""
        return " ".join(part.rstrip() for part in parts) if self.at_blank else "".join(parts)


def begins_record(line: str) -> bool:
    """Return whether a line looks like the beginning of something, not like the rest of a broken line."""
    return _BEGINS.match(line) is not None


def find_wrapping(lines: Sequence[str]) -> Wrapping | None:
    """Return how the first lines of a file were wrapped, None where nothing shows that they were."""
    longest = max(map(len, lines), default=0)
    if longest in _TERMINALS:
        wrapping = Wrapping(longest, at_blank=False)
    else:
        # A line without a blank cannot be broken at one.
        widest = max((len(line.rstrip()) for line in lines if " " in line.strip()), default=0)
        if widest > _WIDEST_MARGIN:
            return None
        wrapping = Wrapping(max(widest, _NARROWEST_MARGIN), at_blank=True)
    return wrapping if max(wrapping.join(lines), default=0) > 1 else None
