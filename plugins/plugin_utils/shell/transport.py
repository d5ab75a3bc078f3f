# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The byte stream below a session. SSH is one; tests use another."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """A two-way byte stream to one interactive shell."""

    def send(self, data: bytes) -> None:
        """Send all bytes. Raises OSError when the peer is gone."""

    def receive(self, timeout: float) -> bytes:
        """Return what has arrived, waiting at most `timeout` seconds for the first byte.

        Returns b"" at the end of the stream. Raises TimeoutError when nothing arrived in time, OSError when the
        connection broke.
        """

    def close(self) -> None:
        """Give up the connection and everything that belongs to it. Never raises; may be called twice."""
