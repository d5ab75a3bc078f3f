# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses for mail servers whose ports are written into their configuration before they start."""

from __future__ import annotations

import itertools
import random

# From a place that another process does not begin at.
_ADDRESSES = itertools.count(random.randrange(100 * 250 * 250))


def unused_address() -> str:
    """Return a loopback address: never the same again in this process, and one that no other is likely to use.

    So proofs may run side by side, and beside simulators.
    """
    rest, last = divmod(next(_ADDRESSES), 250)
    second, third = divmod(rest, 250)
    return f"127.{150 + second % 100}.{third}.{last + 1}"
