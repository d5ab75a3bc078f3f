# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines of a mail server's log are about the mails of some clients: `--client` of `fazmail parse`.

A line is when it names a client, or the queue id or session of a mail that such a line had before. So all lines of the mail
are followed, to the queue id that the next server gave to it as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Fields of a record that tell the mail or the session of a line.
_IDS = ("queue_id", "delivery", "session", "message_id")
_NO_MAIL = frozenset({"", "NOQUEUE"})
_PASSED_ON = re.compile(r"\bqueued as ([\w-]+)")
_MOST = 100_000


class ClientLines:
    """Follows the mails of some clients in one log. Each is an IP address, a host name, or the address of a sender, in capitals or not."""

    def __init__(self, clients: Sequence[str]) -> None:
        self._names = re.compile("|".join(map(_expression, clients)), re.IGNORECASE)
        self._ids: dict[str, None] = {}  # the latest is last

    def has(self, text: str, fields: Mapping[str, Any]) -> bool:
        """Return whether a line is about a mail of theirs. fields: of its record, if it has one."""
        ids = {str(fields.get(name, "")) for name in _IDS} - _NO_MAIL
        found = self._names.search(text) is not None or not ids.isdisjoint(self._ids)
        if found:
            ids.update(_PASSED_ON.findall(str(fields.get("text", ""))))
            for each in ids:
                self._ids.pop(each, None)
                if not fields.get("ended"):  # what ends with this line is another mail when it comes again
                    self._ids[each] = None
            while len(self._ids) > _MOST:
                del self._ids[next(iter(self._ids))]
        return found


def _expression(client: str) -> str:
    """A name counts as a whole: `faz` is not in `faz2`, but is the host `faz.example.com`; 192.0.2.1 is not in 192.0.2.10."""
    client = client.strip().strip("[]")
    name = re.escape(client)
    if re.fullmatch(r"[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*", client):
        return rf"(?<![\w.:]){name}(?![\w:]|\.\d)"
    if "@" in client:
        return rf"(?<![\w.+-]){name}(?![\w-]|\.\w)"
    return rf"(?<![\w.@-]){name}(?![\w@-])" if "." not in client else rf"(?<![\w.@-]){name}(?![\w@-]|\.\w)"
