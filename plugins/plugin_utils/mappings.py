# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What filters take: a playbook may give them anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def mappings(value: Any, *keys: str) -> list[Mapping[str, Any]] | None:
    """Return a list of dictionaries that have these keys, or what makes one such as `map`; None for anything else."""
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return None
    rows = list(value)
    return rows if all(isinstance(row, Mapping) and {*keys} <= set(row) for row in rows) else None
