# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module faz_facts."""

from __future__ import annotations

from ..device.device import Device
from ..device.facts import gather
from .job import Context, Options, TaskResult


def work(device: Device, _options: Options, _context: Context) -> TaskResult:
    """Return the facts of the device."""
    facts = gather(device)
    return {"ansible_facts": {"faz": facts}, "unread": facts["unread"]}
