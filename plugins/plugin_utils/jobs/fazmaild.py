# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module fazmaild."""

from __future__ import annotations

from ..device.device import Device
from .job import Context, Options, TaskResult

# Numbers as the daemon's own usage text lists them.
_TESTS = {"paused": 90, "running": 91, "restarted": 99}


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Read the mail daemon's state, and change it where `state` wants another."""
    tests = device.fazmaild_usage()
    status = device.fazmaild_status()
    wanted = options["state"]
    changed = wanted is not None and status.get("state") != wanted
    commands = [f"diagnose test application fazmaild {_TESTS[wanted]}"] if changed else []
    if changed and not context.check_mode:
        device.fazmaild_test(_TESTS[wanted])
        status = device.fazmaild_status()
    return {
        "changed": changed,
        "status": status,
        "statistics": device.fazmaild_statistics(),
        "tests": tests,
        "commands": commands,
    }
