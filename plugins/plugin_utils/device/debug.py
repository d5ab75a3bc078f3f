# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch the mail daemon's debug on for a bounded time, and leave the device as it was found.

The level of a daemon outlives the session that set it. So the state found is written to a journal on the controller
before anything is switched on, and the journal is removed only when `diagnose debug info` shows that state again. If the
controller dies in between, the next task that reaches the device finds the journal and finishes the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from ..shell.errors import SessionError
from ..shell.session import Session
from ..templates.records import parse_output
from .journal import DebugError, DebugState, Journal
from .stop import stoppable

Reconnect = Callable[[], AbstractContextManager[Session]]

_INFO = "diagnose debug info"
_OFF = ("", "0", "disable", "off", "-1")


def read_state(session: Session) -> DebugState:
    """Read the state of the debug switches."""
    values = {
        (row["section"].lower(), row["name"].lower()): str(row["value"]).lower()
        for row in parse_output(_INFO, session.run(_INFO).text)
    }
    level = values.get(
        ("application", "fazmaild debug level"), values.get(("application", "fazmaild debug filter"), "")
    )
    return DebugState(
        level=int(level) if level.isdigit() else 0,
        output=values.get(("general", "console debug output")) == "enable",
        timestamps=values.get(("general", "debug timestamps")) == "enable",
        others=any(
            section == "application" and not name.startswith("fazmaild ") and value not in _OFF
            for (section, name), value in values.items()
        ),
    )


def orphaned() -> Callable[[], bool]:
    """Return a question to ask from time to time: has the process that started this one died since now?

    Ansible's workers outlive a killed `ansible-playbook`; nobody would wait for their result.
    """
    parent = os.getppid()
    return lambda: os.getppid() != parent


def restore(session: Session, before: DebugState) -> DebugState:
    """Bring the switches back to an earlier state and verify it; return the state read back. Raises DebugError."""
    if not before.output:
        session.run("diagnose debug disable", check=False)
    if before.level == 0 and not before.others and not before.timestamps:
        session.run("diagnose debug reset", check=False)
    now = read_state(session)
    still_different = []
    if now.level != before.level:
        still_different.append(f"diagnose debug application fazmaild {before.level}")
    if now.timestamps != before.timestamps:
        still_different.append(f"diagnose debug timestamp {'enable' if before.timestamps else 'disable'}")
    if before.output and not now.output:
        still_different.append("diagnose debug enable")
    for command in still_different:
        session.run(command, check=False)
    if still_different:
        now = read_state(session)
    if (now.level, now.output) != (before.level, before.output):
        raise DebugError(
            f"the mail daemon's debug could not be restored to level {before.level}; on the device type: "
            "diagnose debug disable; diagnose debug reset"
        )
    return now


def finish_interrupted(session: Session, journal: Journal) -> DebugState | None:
    """Restore what an earlier run left switched on. Return the restored state, or None when there was nothing to do."""
    if not journal.exists():
        return None
    with journal.locked() as held:
        before = held.remembered() if held else None
        if held is None or before is None:
            return None
        after = restore(session, before)
        held.remember(None)
        return after


@contextmanager
def debugging(session: Session, journal: Journal, level: int, reconnect: Reconnect) -> Iterator[DebugState]:
    """Debug fazmaild at `level` inside the block; yield the state found before.

    On every way out the earlier state is restored and verified. When the session dies inside the block, `reconnect`
    opens another one for that; when that fails, too, the journal stays for the next contact. Raises DebugError when the
    state cannot be restored, or when another task of this controller is debugging the same device.
    """
    finish_interrupted(session, journal)
    with stoppable() as stop, journal.locked() as held:
        if held is None:
            raise DebugError(f"another task on this controller is debugging this device (it holds {journal.path})")
        before = read_state(session)
        held.remember(before)
        try:
            session.run(f"diagnose debug application fazmaild {level}")
            session.run("diagnose debug timestamp enable")
            session.run("diagnose debug enable")
            yield before
        finally:
            stop.hold()
            try:
                session.interrupt()
                restore(session, before)
            except SessionError as error:
                _restore_anew(reconnect, before, journal, error)
            held.remember(None)


def _restore_anew(reconnect: Reconnect, before: DebugState, journal: Journal, lost: SessionError) -> None:
    try:
        with reconnect() as another:
            restore(another, before)
    except SessionError as error:
        raise DebugError(
            f"the session ended before debug was switched off ({lost}), and the device could not be reached again ({error}). "
            f"The next task on this device does it, as remembered in {journal.path}; to do it now, type on the device: "
            "diagnose debug disable; diagnose debug reset"
        ) from lost
