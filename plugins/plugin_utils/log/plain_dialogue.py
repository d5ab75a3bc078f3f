# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialogues without marks: what telnet shows, JavaMail's debug, `sendmail -v`, the session log of Chilkat.

A greeting on a line of its own and a hello below it begin one, or a hello alone; until the server closes it, what looks like a command is of
the client and what looks like a reply is of the server. Between 354 and the dot everything is the message, whatever it looks
like. Where the client's lines have marks, only the replies are read here. Of a reply of several lines some programs mark only
the first: the others are read here as well.
"""

from __future__ import annotations

import re

from ..smtp.speech import CLIENT, SERVER, is_reply, verb_of
from .chain import EVENT, IGNORED, UNMATCHED, DelayedRecord, Reading
from .classifier import Line
from .openings import BARE_HELLO, BARE_REPLY

TEMPLATE = "plain_dialogue"
_GREETING = re.compile(r"220[ -]\S")
# Who only looks whether a server answers says goodbye at once.
_HELLO_OR_QUIT = re.compile(r"(?:EHLO|HELO|LHLO)\b|QUIT\s*$", re.IGNORECASE)
_MARKED_HELLO = re.compile(r"\s*>>> (?:EHLO|HELO|LHLO)\b", re.IGNORECASE)
_LOGIN = re.compile(r"(?:<redacted>|[A-Za-z0-9+/=]+|\*)$")
# Chilkat prints the end of each line.
_LINE_END = "<CRLF>"
# Remarks of a program that may come between the greeting and the hello.
_MOST_BETWEEN = 5
_IDLE, _GREETED, _OPEN, _MARKED = range(4)


class PlainDialogue:
    """Follows the dialogues without marks of one log."""

    def __init__(self) -> None:
        self._state = _IDLE
        self._between = 0
        self._content = False
        self._challenged = False
        self._silent = False  # nothing is seen of what the client says, as telnet of Windows does not show it
        self._goes_on = ""  # the code of a reply with a mark whose last line is still to come

    @property
    def is_open(self) -> bool:
        """Whether the next lines may go on with such a dialogue."""
        return self._state != _IDLE

    def read(self, line: Line | DelayedRecord) -> Line | DelayedRecord:
        """Return a line with what it is in the dialogue, or as it was."""
        if isinstance(line, DelayedRecord):
            return line
        if line.said and line.said[1]:
            speaker, __, text = line.said
            self._goes_on = text[:3] if speaker == SERVER and text[3:4] == "-" else ""
        elif self._goes_on and line.text[:3] == self._goes_on and line.text[3:4] in ("-", " "):
            self._goes_on = self._goes_on if line.text[3] == "-" else ""
            return _said_by(SERVER, line, line.text.strip())
        if self._state == _IDLE and not (BARE_REPLY.match(line.text) or BARE_HELLO.match(line.text)):
            return line
        if line.reading.command:
            self._state, self._content = _IDLE, False
            return line
        text = line.text if line.text.startswith("354") else line.text.removesuffix(_LINE_END)
        speaker = self._speaker(text, line.reading)
        if not speaker:
            return line
        return _said_by(speaker, line, text.strip())

    def _speaker(self, text: str, reading: Reading) -> str:
        if self._content and self._state == _OPEN and not self._silent:
            if reading.bucket == IGNORED and not text.strip():
                return ""
            self._content = text.strip() != "."
            return CLIENT
        if self._state in (_IDLE, _GREETED) and _GREETING.match(text):
            self._state, self._between, self._content, self._silent = _GREETED, 0, False, False
            return SERVER
        if self._state == _IDLE and BARE_HELLO.match(text):
            self._state, self._content, self._silent = _OPEN, False, False
            return CLIENT
        if self._state == _GREETED:
            return self._hello(text, reading)
        return self._said(text, reading)

    def _hello(self, text: str, reading: Reading) -> str:
        if _HELLO_OR_QUIT.match(text):
            self._state = _OPEN
            return CLIENT
        if is_reply(text):
            self._state, self._silent = _OPEN, True
            return self._said(text, reading)
        self._between += 1
        if _MARKED_HELLO.match(text):
            self._state = _MARKED
        elif self._between > _MOST_BETWEEN:
            self._state = _IDLE
        return ""

    def _said(self, text: str, reading: Reading) -> str:
        if is_reply(text):
            self._challenged = text.startswith("334")
            self._content = text.startswith("354")
            if text.startswith(("221 ", "421 ")) or text in ("221", "421"):
                self._state = _IDLE
            return SERVER
        if self._state == _OPEN and verb_of(text):
            self._silent = False
        if self._state == _OPEN and (verb_of(text) or (self._challenged and _LOGIN.match(text))):
            self._challenged = False
            return CLIENT
        if self._state == _OPEN and text.strip() == "." and reading.bucket == UNMATCHED:
            return CLIENT
        return ""


def _said_by(speaker: str, line: Line, text: str) -> Line:
    return line._replace(
        reading=Reading(EVENT, TEMPLATE, TEMPLATE),
        fields={"speaker": speaker, "text": text},
        said=(speaker, "", text),
    )
