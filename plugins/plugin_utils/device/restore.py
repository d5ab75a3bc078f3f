# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore the mail table to an earlier state, as far as it could be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .plan import Entry
from .schema import system_mail


@dataclass(frozen=True)
class Restoration:
    """How to restore a table.

    restore: entries for the state merged, with every option that differs. delete: entries for the state deleted, which did
    not exist before. passwords: ids with an earlier password that cannot be restored, because a device never shows one.
    """

    restore: list[dict[str, Any]]
    delete: list[dict[str, Any]]
    passwords: list[str]


def restoration(
    before: Mapping[str, Entry], after: Mapping[str, Entry], passwords: Mapping[str, Mapping[str, str]]
) -> Restoration:
    """Compare the table before and after a push (device words, as system_mail returns them) and return how to restore the first.

    passwords: what the push did with each password, by entry id and option.
    """
    restore = []
    lost = []
    for key, entry in before.items():
        changes = _changes(entry, after.get(key, {}))
        if changes or key not in after:
            restore.append({"id": key, **changes})
        if any(
            option.name not in after.get(key, {}) or passwords.get(key, {}).get(option.python_name) == "set"
            for option in system_mail().options
            if option.secret and option.name in entry
        ):
            lost.append(key)
    return Restoration(restore, [{"id": key} for key in after if key not in before], lost)


def _changes(entry: Entry, now: Entry) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for option in system_mail().options:
        if option.secret:
            continue
        default = option.default or ""
        was, is_now = entry.get(option.name, default), now.get(option.name, default)
        if was != is_now:
            changes[option.python_name] = int(was) if option.type == "integer" else was
    return changes
