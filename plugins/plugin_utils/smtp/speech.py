# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one line says by itself: a command, a line of a reply, or a remark. It is worked out once for all lines that say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .progress import NOTHING, Progress

CLIENT, SERVER, REMARK = "client", "server", ""
# The most that a remark may tell.
TELLS_NOTHING, TELLS_PROGRESS, TELLS_OUTCOME = range(3)

# The marks that one program prints belong together: what has the marks of another is text that somebody quotes.
_NOTATIONS = (
    ("CLIENT -> SERVER:", "SERVER -> CLIENT:"),
    ("SMTP>>", "SMTP+>", "SMTP|>", "SMTP<<", "SMTP(closed)<<"),
    (">>>", "<<<"),
    ("-->", "<--"),
    ("->", "~>", "<-", "<**", "<~", "<~*"),
    ("send:", "reply:"),
    ("C:", "S:"),
    ("smtpCmdSent:", "smtpCmdResp:", "SmtpCmdSent:", "SmtpCmdResp:", "InitialResponse:"),
    (">", "<"),
    ("session",),
)
_NOTATION_OF = {mark: number for number, marks in enumerate(_NOTATIONS, 1) for mark in marks}
_REPLY = re.compile(r"^([2-5][0-5]\d)(?:([ -])(?:\s*([245]\.\d{1,3}\.\d{1,3})(?:\s+|$))?(.*))?$", re.DOTALL)
_VERB = re.compile(
    r"\s*(EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL|RCPT|DATA|BDAT|RSET|NOOP|VRFY|EXPN|HELP|QUIT)\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"\s*(?:MAIL FROM|RCPT TO):\s*<([^<>]*)>", re.IGNORECASE)
# Longer texts hardly ever come twice, and would fill the memory.
_LONGEST = 512


@dataclass(slots=True, eq=False)
class Reply:
    """A reply, or one line of it. The last line decides about its code (RFC 5321, 4.2.1). complete: the last line is there."""

    code: str
    complete: bool
    enhanced: str
    lines: Sequence[str]

    @property
    def text(self) -> str:
        return " ".join([line for line in self.lines if line])


class Speech:
    """Who speaks, by which mark, and what is said.

    mark: what the line says of who speaks, such as `S:`; "" when that is known from the words only. notation: a number for the
    notation that the mark is of; 0 when the line has no mark. verb: of a client's command, in capitals; "" when it is none.
    reply: of a server; None when it is no line of a reply. begins_session: a server greets, or a client says hello. opens: another
    send may begin with it. told: how far a remark tells that the client is; None until it is read (`remarks`). silent: it is proven
    that it tells no outcome.
    """

    __slots__ = ("begins_session", "mark", "notation", "opens", "reply", "silent", "speaker", "text", "told", "verb")

    def __init__(self, speaker: str, mark: str, text: str, most: int = TELLS_OUTCOME) -> None:
        self.speaker = speaker
        self.mark = mark
        self.text = text
        self.told: Progress | None = None if most else NOTHING
        self.silent = most < TELLS_OUTCOME
        self.notation = _NOTATION_OF.get(mark, 0)
        self.verb = verb_of(text) if speaker == CLIENT else ""
        self.reply = _reply_line(text) if speaker == SERVER else None
        self.begins_session = text.startswith("220") if speaker == SERVER else self.verb in ("EHLO", "HELO", "LHLO")
        self.opens = most > TELLS_NOTHING if speaker == REMARK else self.begins_session or self.verb == "MAIL"


# Clients and servers say the same of each mail.
short_speech = lru_cache(maxsize=2048)(Speech)


def speech(speaker: str, mark: str, text: str) -> Speech:
    """Return what a line says, which may be of any length."""
    return (Speech if len(text) > _LONGEST else short_speech)(speaker, mark, text)


def verb_of(text: str) -> str:
    """Return the command that a client's line is, in capitals; "" when it is none."""
    match = _VERB.match(text)
    return match[1].upper() if match else ""


def address_of(text: str) -> str:
    """Return the address of the envelope that a client's line names, in lower case; "" when it names none."""
    match = _ADDRESS.match(text)
    return match[1].lower() if match else ""


def is_reply(text: str) -> bool:
    """Return whether a text has the form of a line of a reply."""
    return _REPLY.match(text) is not None


def _reply_line(text: str) -> Reply | None:
    match = _REPLY.match(text)
    return None if match is None else Reply(match[1], match[2] != "-", match[3] or "", (match[4] or "",))
