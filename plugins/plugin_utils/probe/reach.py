# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a TCP connection to the first address that answers."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence

from .failure import ProbeError, by_error
from .wire import Wire

REACHABLE, REFUSED, FILTERED, UNREACHABLE, UNRESOLVED = (
    "reachable",
    "refused",
    "filtered",
    "unreachable",
    "unresolved",
)


def connect(addresses: Sequence[str], port: int, deadline: float) -> Wire:
    """Return a connection to the first of the addresses that answers. Raises Unreached.

    They share the time until the deadline evenly, so that one that keeps silent leaves time for the next.
    """
    last: Unreached | None = None
    for number, address in enumerate(addresses):
        share = (deadline - time.monotonic()) / (len(addresses) - number)
        try:
            return Wire(socket.create_connection((address, port), timeout=max(share, 0.001)), deadline)
        except OSError as error:
            failure = by_error(error, "tcp")
            last = Unreached(failure.stage, failure.cause, failure.evidence, address=address, state=_state(error))
    if last is None:
        raise ValueError("no address to connect to")
    raise last


class Unreached(ProbeError):
    """No connection: the last address that was tried, and how it answered."""

    def __init__(self, stage: str, cause: str, evidence: str, address: str, state: str) -> None:
        super().__init__(stage, cause, evidence)
        self.address = address
        self.state = state


def _state(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    return FILTERED if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT else UNREACHABLE
