# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a plan to the device, and never leave it half-done without saying so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..shell.errors import CommandFailed, SessionError
from ..shell.session import Session
from .plan import Entry, Plan, differences


class PushError(Exception):
    """The push did not end as planned. `applied` is `no`, `partly` or `unknown`; `sent` the commands typed so far."""

    def __init__(self, message: str, applied: str, sent: list[str]) -> None:
        super().__init__(message)
        self.applied = applied
        self.sent = sent


def push(session: Session, plan: Plan, read_back: Callable[[], Mapping[str, Entry]]) -> None:
    """Type the plan's commands one by one, then read the table back and compare.

    After a refused line the entry is aborted and the table left; the table is read again, so that the error can say
    whether anything was applied. Raises PushError.
    """
    sent: list[str] = []
    in_entry = False
    try:
        for line in plan.lines:
            sent.append(session.redactor.text(line.command))
            session.run(line.command)
            in_entry = line.command.startswith("edit ") or (in_entry and line.command != "next")
    except CommandFailed as error:
        try:
            _leave(session, in_entry)
            found = read_back()
        except SessionError as lost:
            raise PushError(
                f"{error}; the session ended before the table was read back: {lost}", "unknown", sent
            ) from error
        applied = "no" if found == plan.before else "partly"
        state = "nothing was changed" if applied == "no" else "earlier entries of this push were saved"
        raise PushError(f"{error}; the entry was aborted, {state}", applied, sent) from error
    except SessionError as error:
        raise PushError(
            f"the session ended while the configuration was pushed: {error}; "
            "whether the last entry was saved is unknown, run the task again",
            "unknown",
            sent,
        ) from error
    found = read_back()
    wrong = [
        f"entry {key!r}: {text}"
        for key in sorted({*plan.after, *found})
        for text in _compare(plan.after.get(key), found.get(key))
    ]
    if wrong:
        raise PushError("the device stored something else: " + "; ".join(wrong), "partly", sent)


def _compare(expected: Entry | None, found: Entry | None) -> list[str]:
    if expected is None:
        return ["exists, but should not"]
    if found is None:
        return ["does not exist, but should"]
    return differences(expected, found)


def _leave(session: Session, in_entry: bool) -> None:
    """Drop the entry being edited and return to the top level. `end` inside an entry would save it: abort first."""
    if in_entry:
        entry = session.context
        session.run("abort", check=False)
        if session.context == entry:
            # The device knows no abort: a lost session drops the entry, `end` would not.
            session.close()
            return
    if session.context:
        session.run("end", check=False)
