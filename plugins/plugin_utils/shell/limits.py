# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of a session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How long each part of a session may take, in seconds, and how much one command may print, in bytes.

    connect: TCP, and again SSH negotiation; login: everything up to the first prompt, these two included;
    command_idle: silence within one command; command_total: one command as a whole.
    """

    connect: float = 10.0
    login: float = 30.0
    command_idle: float = 60.0
    command_total: float = 180.0
    command_bytes: int = 8_388_608
