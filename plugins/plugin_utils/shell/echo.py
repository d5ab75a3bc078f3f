# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the echo of a typed line in what the device shows. Pure: text in, positions out.

Daemons print where the cursor is, so whole lines of theirs may come before the echo and in the middle of it; the
terminal goes on with the typed text at the start of the next line. A terminal that is too narrow wraps the echo.
"""

from __future__ import annotations

import re

from .terminal import Prompt

# Options whose value a device may echo as `*`: seen on FortiOS, where the error below repeats the value in clear.
_SECRET = re.compile(r"""(set\s+["']?[\w-]*(?:passwd|password|passphrase|secret|key)["']?\s+)(\S.*)""", re.DOTALL)
_STARS = re.compile(r'"?(\*+)"?')
# A wrap as readline does it: a blank to reach the next row, and back to its start.
_WRAP = re.compile(r" \r(?=[^\r\n])")
_SEVERAL_CR = re.compile(r"^\r+")

COMPLETE, PARTIAL, DIFFERENT = "complete", "partial", "different"


class Echo:
    """The echo of one line. Text that has been looked at is not looked at again, so a flood before it is cheap."""

    def __init__(self, line: str, prompt: Prompt) -> None:
        self.line = line
        self._prompt = prompt
        self._from = 0  # start of the screen line that is not complete yet
        # How many characters of the line may have been echoed before that: what follows may be more of it or noise.
        self._reached = {0}
        self._passed: list[tuple[str, set[int]]] = []  # the lines before, and what had been echoed before each
        self._ended_from = 0
        self._noise_before = ""  # in the line the echo ends in
        secret = _SECRET.match(line)
        self._before_secret = secret[1] if secret else None
        self._stars = len(secret[2].strip('"')) if secret else 0

    def end(self, text: str) -> int:
        """Return the position behind the echo and its line end, or -1. `text` only ever grows from call to call."""
        while (newline := text.find("\n", self._from)) >= 0:
            shown = self._shown(text[self._from : newline])
            self._from = newline + 1
            if self._ends(shown.rstrip()):
                return self._from
            self._passed.append((shown, self._reached))
            self._reached = self._reached | {
                reached + more for reached in self._reached for more in range(_common(shown, self.line[reached:]) + 1)
            }
        return -1

    def typed(self, text: str) -> str:
        """Return what is at the cursor: the COMPLETE line, a PARTIAL one, or something DIFFERENT. `end` comes first."""
        shown = self._shown(text[self._from :])
        rests = [self.line[reached:] for reached in self._reached]
        stars = self._masked(shown)
        if shown in rests or (stars and stars.end() == len(shown) and len(stars[1]) >= self._stars):
            return COMPLETE
        return PARTIAL if stars or any(rest.startswith(shown) for rest in rests) else DIFFERENT

    def _masked(self, shown: str) -> re.Match[str] | None:
        """Return the stars in place of the secret, if this line has one and shows them."""
        if self._before_secret is None or not shown.startswith(self._before_secret):
            return None
        return _STARS.match(shown, len(self._before_secret))

    def noise(self) -> str:
        """Return the text that stood before the echo and in the middle of it, once the echo has ended.

        A line of it may lack its first characters where they are also the next ones of the echo.
        """
        lines = [self._noise_before] if self._noise_before else []
        end = self._ended_from
        for shown, reached in reversed(self._passed):
            # What was echoed in this line is the difference to what had been echoed before it.
            begin = max(each for each in reached if each <= end <= each + _common(shown, self.line[each:]))
            lines.append(shown[end - begin :])
            end = begin
        return "\n".join(reversed(lines)).strip("\n")

    def _ends(self, shown: str) -> bool:
        stars = self._masked(shown)
        if stars and stars.end() == len(shown):
            self._ended_from = 0
            return True
        for reached in sorted(self._reached):
            if shown == self.line[reached:].rstrip():
                self._ended_from = reached
                return True
        # The line as a whole may follow text that nobody ended, such as a prompt that was not recognised.
        if self.line.strip() and shown.endswith(self.line.rstrip()):
            self._ended_from = 0
            self._noise_before = shown[: -len(self.line.rstrip())]
            return True
        return False

    def _shown(self, text: str) -> str:
        text = _WRAP.sub("", _SEVERAL_CR.sub("", text.removesuffix(" \r").rstrip("\r")))
        while (length := self._prompt.length_at_start(text)) and length <= len(text):
            text = text[length:]
        return text


def _common(text: str, other: str) -> int:
    """Return how many characters at the start are the same."""
    for position, (one, two) in enumerate(zip(text, other, strict=False)):
        if one != two:
            return position
    return min(len(text), len(other))
