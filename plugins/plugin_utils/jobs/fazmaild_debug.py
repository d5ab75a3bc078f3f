# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module fazmaild_debug."""

from __future__ import annotations

from ..analysis import analyse
from ..device.debug import debugging
from ..device.device import Device
from ..device.journal import DebugError
from .job import Context, Options, TaskResult, check_limits

_LIMITS = {"level": 255, "seconds": 86400, "max_lines": 10**7, "max_bytes": 2**30}


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Listen to the mail daemon's debug output for some time, and leave the debug switches as they were."""
    check_limits(options, _LIMITS)
    if context.check_mode:
        return {"skipped": True, "msg": "debug would be switched on; nothing is done in check mode"}
    with debugging(device.session, context.journal, options["level"], context.open_session) as debug:
        if debug.refused:
            raise DebugError(f"debug of the mail daemon is not on: {debug.refused}")
        ended = device.session.listen(
            options["seconds"], max_bytes=options["max_bytes"], max_lines=options["max_lines"], enough=context.alone
        )
        if not device.session.results[-1].text.strip():
            # To read the switch of the output while debug output comes would mix the two.
            context.warnings.append(
                "the device printed no debug output: the daemon had nothing to say, or diagnose debug enable had no effect"
            )
    text, saved = context.capture(device, "fazmaild_debug")
    if debug.after is None:
        raise DebugError(debug.warning, **saved)
    after = debug.after
    context.warnings += [debug.warning] if debug.warning else []
    log = analyse(text)
    return {
        "ended": ended,
        **{key: log[key] for key in ("status", "lines", "records", "unmatched", "verdicts")},
        "restored": {name: getattr(after.state, name) for name in ("level", "output", "timestamps")},
        **({"unread": {"restored": after.unread}} if after.unread else {}),
        **saved,
    }
