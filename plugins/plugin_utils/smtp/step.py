# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of a send, and who speaks in it."""

from __future__ import annotations

from dataclasses import dataclass

CLIENT, SERVER, REMARK = "client", "server", ""

_OF_COMMAND = frozenset({"test_connection", "cli_error"})


@dataclass(frozen=True)
class Step:
    """One line of a send: where it stands, who speaks, what is said, which template read it, and the entry of the queue
    it belongs to ("" when the line does not say)."""

    line: int
    speaker: str
    text: str
    source: str
    entry: str = ""

    @property
    def of_command(self) -> bool:
        """Say whether the test command printed this, and not the daemon's debug: then it is about the test itself."""
        return self.source in _OF_COMMAND
