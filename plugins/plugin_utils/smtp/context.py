# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a send beside what was said in it: the entry, the envelope asked for, the daemon's counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COUNTERS = ("sent", "failed", "discarded")


@dataclass(frozen=True)
class SendContext:
    """What else is known of a send, beside its dialogue.

    entry: the tested entry of `config system mail` under Python names, if it was read. sender, recipient: the addresses
    the test was asked to use, "" if unknown. before, after: the daemon's counters around the send, with their line
    numbers under `line`. others: how many counted mails are known to be others, by counter. paused: the daemon says it is
    paused.
    """

    entry_id: str = ""
    entry: Mapping[str, Any] | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    paused: bool = False
    sender: str = ""
    recipient: str = ""
    others: Mapping[str, int] = field(default_factory=dict)

    def rose(self, counter: str) -> bool | None:
        """Return whether a counter rose by more than other mails account for; None when it was not read on both sides."""
        rise = self._rise(counter)
        return None if rise is None else rise > self.others.get(counter, 0)

    @property
    def went_back(self) -> bool:
        """Return whether a counter is lower than before: the daemon was restarted, or its counters were reset."""
        return bool(self.before) and any((self._rise(counter) or 0) < 0 for counter in COUNTERS)

    def _rise(self, counter: str) -> int | None:
        before, after = self.before.get(counter), self.after.get(counter)
        return after - before if isinstance(before, int) and isinstance(after, int) else None

    @property
    def queue_full(self) -> bool:
        """Return whether the queue was at its limit after the send."""
        return is_full(self.after)


def is_full(counters: Mapping[str, Any]) -> bool:
    """Return whether the queue is at its limit where the daemon's counters were read."""
    length, limit = counters.get("queue_length"), counters.get("queue_limit")
    return isinstance(length, int) and isinstance(limit, int) and length >= limit > 0
