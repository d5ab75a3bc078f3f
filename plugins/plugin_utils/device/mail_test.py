# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test of one mail server: counters, debug as evidence, the test command, counters again - in one session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from ..analysis import analyse
from ..logfile.capture import render
from ..shell.answer import settled_after
from .debug import Journal, Reconnect, debugging
from .device import Device

# Debug output of one test mail is some hundred lines; a flood comes from something else.
_MAX_BYTES, _MAX_LINES = 1_048_576, 10_000
# Seconds to go on listening once the outcome is known, in all and to silence. The dialogue's own pauses tell how much silence
# that is; what comes later still is kept, too, as long as debug is on.
_TAIL, _TAIL_QUIET = 5.0, (0.1, 0.5)


@dataclass(frozen=True)
class MailTest:
    """What the test command printed, the daemon's counters around it, and what ended the wait for debug output."""

    output: str
    before: dict[str, Any]
    after: dict[str, Any]
    ended: str


def test_mail(
    device: Device,
    journal: Journal,
    entry_id: str,
    *,
    mail_from: str,
    mail_to: str,
    debug_level: int,
    wait: float,
    quiet: float,
    alone: Callable[[], bool],
    reconnect: Reconnect,
) -> MailTest:
    """Send a test mail through one entry. The session's results then hold the whole run, to be made a capture of.

    debug_level 0 leaves debug alone. wait, quiet: seconds to listen at most, and to listen to silence.
    alone: asked from time to time; when it says true, nobody waits for the outcome any more. reconnect: opens another session to switch debug
    off when this one is lost.
    """
    session = device.session
    device.status()
    # Read for the capture's sake: the diagnosis compares what the entry demands with what the server offers.
    device.mail_table()
    before = device.fazmaild_statistics()
    ended = "off"
    with debugging(session, journal, debug_level, reconnect) if debug_level else nullcontext():
        first = len(session.results)
        output = device.test_mailserver(entry_id, mail_from, mail_to).text
        if debug_level:

            def decided() -> bool:
                if alone():
                    return True
                verdicts = analyse(render("", "", session.results[first:], session.redactor))["verdicts"]
                return bool(verdicts) and verdicts[-1]["outcome"] != "unknown" and verdicts[-1]["confidence"] == "high"

            ended = session.listen(wait, max_bytes=_MAX_BYTES, max_lines=_MAX_LINES, quiet=quiet, enough=decided)
            if ended == "enough":
                # The outcome is known; the daemon may still be telling how it came about.
                least, most = _TAIL_QUIET
                quiet = settled_after(session.pause, least=least, most=most)
                session.listen(_TAIL, max_bytes=_MAX_BYTES, max_lines=_MAX_LINES, quiet=quiet)
    return MailTest(output, before, device.fazmaild_statistics(), ended)
