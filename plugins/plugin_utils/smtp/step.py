# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of a send."""

from __future__ import annotations

from dataclasses import dataclass

from .speech import Speech

ALONE = "text"  # the source of a line that somebody asks about by itself

_OF_COMMAND = frozenset({"test_connection", "cli_error"})


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


# One is made of each line: this takes half the time of a tuple with names.
@dataclass(slots=True, eq=False)
class Step:
    """One line of a send: where it is, what it says, and which template read it.

    entry: of the queue that it belongs to. stamp: when it was printed. function: that printed it. Each is "" when the line does not
    say. delivery: what a mail server's log says of a recipient. process: the one that made this delivery; its session has that
    name as entry.
    """

    line: int
    says: Speech
    source: str
    entry: str = ""
    stamp: str = ""
    function: str = ""
    delivery: Delivery | None = None
    process: str = ""

    @property
    def speaker(self) -> str:
        return self.says.speaker

    @property
    def text(self) -> str:
        return self.says.text

    @property
    def of_command(self) -> bool:
        """Whether the test command printed this, and not the daemon's debug: then it is about the test itself."""
        return self.source in _OF_COMMAND
