# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the echo of a typed line in what the device shows. Pure: text in, positions out.

Daemons print where the cursor is, so whole lines of theirs may come before the echo and in the middle of it; the
terminal goes on with the typed text at the start of the next line. A terminal that is too narrow wraps the echo.
"""

from __future__ import annotations

import io
import re

from .terminal import Prompt

# Options whose value a device may echo as `*`: seen on FortiOS, where the error below repeats the value in clear.
_SECRET = re.compile(r"""(set\s+["']?[\w-]*(?:passwd|password|passphrase|secret|key)["']?\s+)(\S.*)""", re.DOTALL)
_STARS = re.compile(r'"?(\*+)"?')
# A wrap as readline does it: a blank to reach the next row, and back to its start.
_WRAP = re.compile(r" \r(?=[^\r\n])")
_SEVERAL_CR = re.compile(r"^\r+")

# No echo is longer, whatever is in front of it.
_LONGEST = 65_536

COMPLETE, PARTIAL, DIFFERENT = "complete", "partial", "different"


class Echo:
    """The echo of one line. Text that has been looked at is not looked at again, and of the lines before the echo only their
    text is kept, so a flood before it is cheap."""

    def __init__(self, line: str, prompt: Prompt) -> None:
        self.line = line
        self._prompt = prompt
        self._from = 0  # start of the screen line that is not complete yet
        # How many characters of the line may have been echoed before that: what follows may be more of it or noise.
        # For each: where in the text before the echo it was reached first, and by how many characters.
        self._reached: dict[int, tuple[int, int]] = {0: (0, 0)}
        self._passed = io.StringIO()  # the lines before the echo
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
            self._pass(shown)
        return -1

    def _pass(self, shown: str) -> None:
        """Keep a line that the echo does not end in."""
        place = self._passed.tell()
        # What is reached with the fewest characters of this line counts.
        for reached in sorted(self._reached, reverse=True):
            if shown[:1] != self.line[reached : reached + 1]:
                continue
            for more in range(1, _common(shown, self.line[reached:]) + 1):
                self._reached.setdefault(reached + more, (place, more))
        self._passed.write(f"{shown}\n")

    def typed(self, text: str) -> str:
        """Return what is at the cursor: the COMPLETE line, a PARTIAL one, or something DIFFERENT. `end` comes first."""
        if len(text) - self._from > _LONGEST:
            return DIFFERENT
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
        text, parts = self._passed.getvalue(), [self._noise_before]
        reached, end = self._ended_from, len(text)
        while reached:
            place, more = self._reached[reached]
            parts.append(text[place + more : end])
            reached, end = reached - more, place
        return "".join([*reversed([*parts, text[:end]])]).strip("\n")

    def _ends(self, shown: str) -> bool:
        stars = self._masked(shown)
        if stars and stars.end() == len(shown):
            self._ended_from = 0
            return True
        line = self.line.rstrip()
        if line.endswith(shown):
            for reached in sorted(self._reached):
                if shown == line[reached:]:
                    self._ended_from = reached
                    return True
        # The whole line may follow text without a line end, such as a prompt that was not recognised.
        if line and shown.endswith(line):
            self._ended_from = 0
            self._noise_before = shown[: -len(line)]
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
