# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask unknown secrets in lines that come one after the other: what is in one decides about those after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..terminal.clean import ESCAPE_SEQUENCE
from .known_secrets import MASK
from .secret_rules import (
    ALL,
    CHALLENGE,
    COMMUNITIES,
    KEY_BEGIN,
    LOGIN,
    LOGIN_OVER,
    ONE_TIME_CODE,
    ONLY_RESPONSE,
    REJECTED_VALUE,
    REPLY,
    RESPONSE,
    SET_SECRET,
    Doubts,
    hinted,
    masks_of,
)

_KEY_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
# A key of 16384 bits has some 200 lines; when one was cut off, what comes behind is to be read again.
_KEY_LINES = 250
_COMMUNITIES_END = re.compile(r"^(?:end\b|config system\b)")
_COMMUNITY_LINES = 1000
_COMMUNITY = re.compile(rf"(\bset name\s+)(?!{MASK})\S.*")
# An error follows within this many lines of the `set` that it is about.
_ERROR_WITHIN = 6
_RESPONSE_WITHIN = 2
_LOGIN_WITHIN = 12
_FAR = 1000
# The program or function that a line begins with, behind a prompt and a time stamp.
_PROGRAM = re.compile(
    r"(?:[\w.~-]{1,64} ?(?:\([^()]{1,64}\) ?)?[#$] )?(?:[0-9/:.,TZ+-]{1,32}\s+){0,3}\[?([A-Za-z_]\w*)(?=[:(\[])"
)
# A sentence that ends in a plain word or number, or in the serial number of a device: base64 of a name or password hardly ever is one.
# Eight digits are two groups of four, and the first byte of such a group is no ASCII.
_SENTENCE = re.compile(r"\w (?:[a-z]+|[0-9a-f]+|F[A-Z]{1,3}-?[A-Z0-9]{1,8}\d{8})\s*$")


class SecretLines:
    """Masks lines in their order; what it saw in one decides about those after it. The number of lines stays."""

    def __init__(self) -> None:
        self._key_lines = 0  # how many more lines may belong to a key
        self._community_lines = 0  # how many more lines may belong to the table of SNMP communities
        self._since_challenge = self._since_secret = self._since_login = _FAR
        # The programs that printed the latest challenge and the latest AUTH. What another one prints is no end of these.
        self._challenger = self._client = ""

    @property
    def awaiting(self) -> bool:
        """Whether the next line is one of those that are masked because of an earlier one."""
        return (
            self._since_login <= _LOGIN_WITHIN
            or self._since_challenge <= _RESPONSE_WITHIN
            or self._since_secret <= _ERROR_WITHIN
            or self._key_lines > 0
            or self._community_lines > 0
        )

    def masked(self, lines: list[str]) -> list[str]:
        """Return the next lines, with masks."""
        changed = self.masks(lines, hinted(lines, range(len(lines)), ALL))
        if not changed:
            return lines
        masked = list(lines)
        for place, line in changed.items():
            masked[place] = line
        return masked

    def masks(
        self, lines: Sequence[str], places: Sequence[int], doubts: Callable[[int], Doubts] = lambda place: ALL
    ) -> dict[int, str]:
        """Return the lines that are masked among the next ones, by their position.

        places: the positions of those that may hold a secret by themselves, or begin what is masked in later lines.
        doubts: tells which rules may fit the line at a position.
        """
        changed: dict[int, str] = {}
        following = iter((*places, len(lines)))
        hint = next(following)
        place = 0
        while True:
            if not self.awaiting:
                place = hint
            if place == len(lines):
                return changed
            line, possible = lines[place], doubts(place)
            if (place == hint or not self._passed(possible)) and (masked := self._line(line, possible)) is not line:
                changed[place] = masked
            if place == hint:
                hint = next(following)
            place += 1

    def _passed(self, doubts: Doubts) -> bool:
        """Return whether a line is nothing to those before it, which is further from them then."""
        challenged = self._since_challenge <= _RESPONSE_WITHIN
        logging_in = self._since_login <= _LOGIN_WITHIN
        rejecting = self._since_secret <= _ERROR_WITHIN
        if (
            self._key_lines
            or self._community_lines
            or (challenged and (REPLY.name in doubts or RESPONSE.name in doubts))
            or (logging_in and (LOGIN_OVER.name in doubts or ONLY_RESPONSE.name in doubts))
            or (rejecting and REJECTED_VALUE.name in doubts)
        ):
            return False
        self._since_challenge += challenged
        self._since_login += logging_in
        self._since_secret += rejecting
        return True

    def _line(self, line: str, doubts: Doubts) -> str:
        bare = ESCAPE_SEQUENCE.sub("", line) if "\x1b" in line else line
        text = bare.rstrip("\r")
        masked = self._text(text, doubts)
        # Colours are lost only where something was masked.
        return line if masked == text else masked + bare[len(text) :]

    def _text(self, line: str, doubts: Doubts) -> str:
        low = line.lower()
        if self._key_lines or KEY_BEGIN.fits(line, low, doubts):
            self._key_lines = 0 if _KEY_END.search(line) else (self._key_lines or _KEY_LINES) - 1
            return MASK
        if self._community_lines:
            self._community_lines = 0 if _COMMUNITIES_END.match(line) else self._community_lines - 1
            line = _COMMUNITY.sub(rf"\1{MASK}", line)
        if COMMUNITIES.fits(line, low, doubts):
            self._community_lines = _COMMUNITY_LINES
        # An AUTH exchange: 334, the client's base64, 334, base64. The answers may be a line or two further down.
        if CHALLENGE.fits(line, low, doubts):
            self._since_challenge = 0
            self._challenger = _program_of(line)
        elif self._since_challenge <= _RESPONSE_WITHIN:
            self._since_challenge += 1
            if REPLY.fits(line, low, doubts):
                if _is_of(self._challenger, line):
                    self._since_challenge = _FAR
            elif not _SENTENCE.search(line) or _is_of(self._challenger, line):
                line = RESPONSE.masked(line, low, doubts)
        if LOGIN.fits(line, low, doubts):
            self._since_login = 0
            self._client = _program_of(line)
        elif self._since_login <= _LOGIN_WITHIN:
            if LOGIN_OVER.fits(line, low, doubts) and _is_of(self._client, line):
                self._since_login = _FAR
            else:
                self._since_login += 1
                line = ONLY_RESPONSE.masked(line, low, doubts)
        line = ONE_TIME_CODE.masked(line, low, doubts)
        # A rejected password is repeated in the error below its `set`.
        if self._since_secret <= _ERROR_WITHIN:
            self._since_secret += 1
            line = REJECTED_VALUE.masked(line, low, doubts)
        if SET_SECRET.fits(line, low, doubts):
            self._since_secret = 0
        for rule in masks_of(doubts):
            line = rule.masked(line, low, doubts)
        return line


def _is_of(program: str, line: str) -> bool:
    """Return whether a program may have printed a line: it names that one, or none."""
    return _program_of(line) in ("", program)


def _program_of(line: str) -> str:
    """Return the name of the program or function that a line begins with, "" when it has none."""
    match = _PROGRAM.match(line)
    return match[1] if match else ""
