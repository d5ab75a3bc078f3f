# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the module mail_test: test one mail server, with the daemon's debug as evidence."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..analysis import analyse
from ..device.debug import DebugRun, debugging
from ..device.device import Device, UnreadValues, check_test_words
from ..logfile.capture import render
from ..path.saved import of_device
from ..shell.answer import settled_after
from ..shell.errors import ClosedError, SessionError
from .job import Context, JobError, Options, TaskResult, check_limits, check_sender

_LIMITS = {"debug_level": 255, "wait": 3600, "quiet": 3600}
# Debug output of one test mail is some hundred lines; a flood comes from something else.
_MAX_BYTES, _MAX_LINES = 1_048_576, 10_000
# Seconds to go on listening once the outcome is known, in all and to silence. The dialogue's own pauses tell how much silence
# that is; what comes later still is kept, too, as long as debug is on.
_TAIL, _TAIL_QUIET = 5.0, (0.1, 0.5)


def work(device: Device, options: Options, context: Context) -> TaskResult:
    """Send a test mail through one entry and return its verdict."""
    check_options(options)
    if context.check_mode:
        return {"skipped": True, "msg": "a test mail would be sent; nothing is sent in check mode"}
    return send(device, options, context)


def check_options(options: Options) -> None:
    """Raise JobError or PlanError for options of a test that cannot be used."""
    check_limits(options, _LIMITS, may_be_zero=("wait", "quiet"))
    check_sender(options)
    check_test_words(options["id"], options["mail_from"] or "", options["mail_to"] or "")


def send(device: Device, options: Options, context: Context, since: int = 0) -> TaskResult:
    """Send a test mail and return its verdict, which is computed from the results of the session from `since` on.

    Raises JobError when no attempt to send is seen.
    """
    words = (options["id"], options["mail_from"] or "", options["mail_to"] or "")
    unread = UnreadValues()
    # Read for the capture's sake: the diagnosis compares what the entry demands with what the server offers.
    unread.tried("mail", device.mail_table)
    # Whether the daemon runs is for the capture, too.
    device.session.run("diagnose test application fazmaild 1", check=False)
    before = unread.tried("counters.before", device.fazmaild_statistics)
    level = options["debug_level"] if options["debug"] else 0
    ended = "off"
    with _debugging(device, level, context) as debug:
        first = len(device.session.results)
        sent = device.test_mailserver(*words)
        if debug is not None and not debug.refused:
            ended = _listen(device, first, options["wait"], options["quiet"], context)
    if debug is not None:
        context.warnings += [debug.warning] if debug.warning else []
        if debug.refused:
            unread["debug"] = debug.refused
    after = _counters_after(device, unread)
    text, saved = context.capture(device, "mail_test", device.session.results[since:])
    log = analyse(text)
    verdicts, shown = log["verdicts"], {"findings": of_device(log["paths"])}
    if not verdicts:
        raise JobError(f"no attempt to send is seen: {sent.command}: {sent.said}", "command", **shown, **saved)
    return {
        "verdict": verdicts[-1],
        **shown,
        "counters": {"before": before, "after": after},
        "output": sent.text.splitlines(),
        "debug_ended": ended,
        "unread": unread,
        **saved,
    }


def _counters_after(device: Device, unread: UnreadValues) -> dict[str, Any] | None:
    """Return the counters, or None with the reason. The mail was sent: a session that ends now takes back nothing of what was seen."""
    try:
        return unread.tried("counters.after", device.fazmaild_statistics)
    except SessionError as error:
        unread["counters.after"] = str(error)
        device.session.close()
        return None


def _debugging(device: Device, level: int, context: Context) -> AbstractContextManager[DebugRun | None]:
    return debugging(device.session, context.journal, level, context.open_session) if level else nullcontext()


def _listen(device: Device, first: int, wait: float, quiet: float, context: Context) -> str:
    """Listen until the outcome is known, or for so many seconds in all or of silence; return what ended it, `closed` for the device.

    first: the result of the session from which on the verdict is computed.
    """
    session = device.session

    def decided() -> bool:
        if context.alone():
            return True
        verdicts = analyse(render("", "", session.results[first:], session.redactor))["verdicts"]
        return bool(verdicts) and verdicts[-1]["outcome"] != "unknown" and verdicts[-1]["confidence"] == "high"

    try:
        ended = session.listen(wait, max_bytes=_MAX_BYTES, max_lines=_MAX_LINES, quiet=quiet, enough=decided)
        if ended == "enough":
            # The outcome is known; the daemon may still be telling how it came about.
            least, most = _TAIL_QUIET
            quiet = settled_after(session.pause, least=least, most=most)
            session.listen(_TAIL, max_bytes=_MAX_BYTES, max_lines=_MAX_LINES, quiet=quiet)
    except ClosedError:
        return "closed"
    return ended
