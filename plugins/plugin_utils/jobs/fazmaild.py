# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module fazmaild."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..device.device import Device, UnreadValues
from ..shell.result import Result
from .job import Context, JobError, Options, TaskResult

# Numbers as the daemon's own usage text lists them.
_TESTS = {"paused": 90, "running": 91, "restarted": 99}
# Seconds in which a daemon is up again after a restart, and between two looks.
_UP_AGAIN, _LOOK_EVERY = 10.0, 0.5


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Read the mail daemon's state, and change it where `state` wants another. Raises JobError for a change without effect."""
    unread = UnreadValues()
    tests = unread.tried("tests", device.fazmaild_usage)
    status = unread.tried("status", device.fazmaild_status)
    wanted = options["state"]
    changes = wanted is not None and (status or {}).get("state") != wanted
    commands = [f"diagnose test application fazmaild {_TESTS[wanted]}"] if changes else []
    if changes and not context.check_mode:
        result = device.fazmaild_test(_TESTS[wanted])
        status = _changed(device, wanted, status or {}, result, unread)
    statistics = unread.tried("statistics", device.fazmaild_statistics)
    return {
        "changed": changes,
        "identity": device.identity(),
        "status": status,
        "statistics": statistics,
        "tests": tests,
        "commands": commands,
        "unread": unread,
    }


def _changed(
    device: Device,
    wanted: str,
    before: Mapping[str, Any],
    result: Result,
    unread: UnreadValues,
) -> dict[str, Any]:
    """Return the status once it is the one wanted. Raises JobError when it is another, or cannot be read."""
    field = "pid" if wanted == "restarted" else "state"
    deadline = device.session.clock() + (_UP_AGAIN if wanted == "restarted" else 0.0)
    while True:
        after = unread.tried("status", device.fazmaild_status) or {}
        if field == "state":
            done = after.get("state") == wanted
        else:
            done = "pid" in before and "pid" in after and after["pid"] != before["pid"]
        if done:
            return after
        if device.session.clock() >= deadline:
            break
        device.session.listen(_LOOK_EVERY, max_bytes=2**20, max_lines=10_000)
    answer = f"after {result.command!r} {result.said}"
    if field in before and field in after:
        still = f"its process id is still {after['pid']}" if field == "pid" else f"it is {after['state']}"
        raise JobError(f"the mail daemon was not {wanted}: {answer}, and {still}", "read_back", applied="no")
    reason = unread.get("status", f"its {field} is not in the status before and after")
    raise JobError(
        f"whether the mail daemon is {wanted} cannot be read: {answer}; {reason}", "read_back", applied="unknown"
    )
