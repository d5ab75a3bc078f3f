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
    numbers under `line`. others: how many counted mails are known to be others, by counter. daemon: what `daemon_state`
    returns of it.
    """

    entry_id: str = ""
    entry: Mapping[str, Any] | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    daemon: str = ""
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
    def held(self) -> bool:
        """Return whether the daemon was not there to send anything, or was told not to."""
        return self.daemon in ("paused", "stopped")

    @property
    def queue_full(self) -> bool:
        """Return whether the queue was at its limit after the send."""
        return is_full(self.after)


def daemon_state(fields: Mapping[str, Any]) -> str:
    """Return `running`, `paused` or `stopped`, as a record of the daemon says, "" where it says nothing of that."""
    if fields.get("pid") == 0 or fields.get("stopped") or fields.get("none"):
        return "stopped"
    if fields.get("paused"):
        return "paused"
    return "running" if fields.get("running") else str(fields.get("state", ""))


def is_full(counters: Mapping[str, Any]) -> bool:
    """Return whether the queue is at its limit where the daemon's counters were read."""
    length, limit = counters.get("queue_length"), counters.get("queue_limit")
    return isinstance(length, int) and isinstance(limit, int) and length >= limit > 0
