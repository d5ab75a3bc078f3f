# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of a send, and who speaks in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

CLIENT, SERVER, REMARK = "client", "server", ""
ALONE = "text"  # the source of a line that somebody asks about by itself

_OF_COMMAND = frozenset({"test_connection", "cli_error"})
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


@dataclass(frozen=True)
class Delivery:
    """What a mail server writes into its own log about one recipient of a mail.

    status: `sent`, `deferred`, `failed`, or `unsent` where the sender did not get it to a server, or it is not known if it did. dsn: the
    enhanced status code, "" if there is none. text: what it says of the next server, or of its own trouble.
    """

    recipient: str
    status: str
    dsn: str
    text: str


class Step(NamedTuple):
    """One line of a send: where it is, who speaks, what is said, which template read it, and the entry of the queue
    it belongs to ("" when the line does not say).

    mark: what the line says of who speaks, such as `S:`; "" when that is known from the words only. delivery: what a mail
    server's log says of a recipient. process: the one that made this delivery; its session has that name as entry. nothing: it is
    known that a remark tells nothing (`remarks`).
    """

    line: int
    speaker: str
    text: str
    source: str
    entry: str = ""
    mark: str = ""
    delivery: Delivery | None = None
    process: str = ""
    nothing: bool = False

    @property
    def of_command(self) -> bool:
        """Whether the test command printed this, and not the daemon's debug: then it is about the test itself."""
        return self.source in _OF_COMMAND

    @property
    def notation(self) -> int:
        """A number for the notation that the mark is of; 0 when the line has no mark."""
        return _NOTATION_OF.get(self.mark, 0)
