# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch the mail daemon's debug on, and leave every switch as it was found.

The level of a daemon outlives the session that set it. So the state found is written to a journal on the controller
before anything is switched on, and the journal is removed only when the level that was found is read back. If the
controller dies in between, the next task that reaches the device finds the journal and finishes the work.

A switch that cannot be read is not known: it is neither off nor restored. Without a level that could be restored nothing is
switched on, and `diagnose debug reset` is typed only where nobody else's debug is known to be on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from ..shell.errors import SessionError
from ..shell.result import words
from ..shell.session import Session
from ..templates.records import parse_output
from .device import Device
from .journal import HIGHEST_LEVEL, DebugError, DebugState, Journal
from .stop import stoppable
from .tables import DeviceError

Reconnect = Callable[[], AbstractContextManager[Session]]

_INFO = "diagnose debug info"
# The manuals say that the command without a level shows it.
_LEVEL = "diagnose debug application fazmaild"
_OFF = ("0", "disable", "off", "-1")
_SWITCH = {"enable": True, "disable": False}


@dataclass(frozen=True)
class DebugReading:
    """The debug switches as they were read, and why some could not be: the device's words, or ""."""

    state: DebugState
    unread: str


@dataclass
class DebugRun:
    """A time in which fazmaild is debugged.

    before: the switches as they were found. refused: why debug is not on, or "". after: the switches as they were read when
    it had ended; None when they could not be restored. warning: what could not be restored or verified then, or "".
    """

    before: DebugReading
    refused: str = ""
    after: DebugReading | None = None
    warning: str = ""


def read_debug(session: Session) -> DebugReading:
    """Read the debug switches. One that is refused, silent or in other words is None."""
    info = session.run(_INFO, check=False)
    values = {
        (row["section"].lower(), row["name"].lower()): str(row["value"]).lower()
        for row in parse_output(_INFO, info.raw)
    }
    daemons = {name: value for (section, name), value in values.items() if section == "application"}
    own = daemons.get("fazmaild debug level", daemons.get("fazmaild debug filter", ""))
    others = [value not in _OFF for name, value in daemons.items() if not name.startswith("fazmaild ")]
    state = DebugState(
        level=_level(own),
        output=_SWITCH.get(values.get(("general", "console debug output"), "")),
        timestamps=_SWITCH.get(values.get(("general", "debug timestamps"), "")),
        others=any(others) if others else None,
    )
    unread = "" if None not in (state.output, state.timestamps, state.others) else f"{_INFO}: {info.said}"
    if state.level is not None:
        return DebugReading(state, unread)
    shown = session.run(_LEVEL, check=False)
    rows = parse_output(_LEVEL, shown.raw)
    level = _level(str(rows[0]["level"])) if rows else None
    why = [f"{_INFO}: {info.said}", *([f"{_LEVEL}: {shown.said}"] if level is None else [])]
    return DebugReading(DebugState(level, state.output, state.timestamps, state.others), "; ".join(why))


def _level(word: str) -> int | None:
    if word in _OFF:
        return 0
    return int(word) if word.isascii() and word.isdigit() and int(word) <= HIGHEST_LEVEL else None


# Processes further up that wait for the result of this one.
_CALLERS: list[int] = []


def orphaned() -> Callable[[], bool]:
    """Return a question to ask from time to time: has the process that started this one died since now?

    Ansible's workers outlive a killed `ansible-playbook`; nobody would wait for their result.
    """
    parent = os.getppid()
    return lambda: os.getppid() != parent or not all(map(_lives, _CALLERS))


def waited_for_by(caller: int) -> None:
    """Let `orphaned` ask for this process, too: the one that started this one works for it."""
    _CALLERS.append(caller)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def restore(session: Session, before: DebugState) -> DebugReading:
    """Bring the switches back to an earlier state; return them as they are read back.

    What was not read before is left alone, but for the output of this session, which is switched off. Raises DebugError for
    a switch that is read and is another one.
    """
    if not before.output:
        session.run("diagnose debug disable", check=False)
    if (before.level, before.timestamps, before.others) == (0, False, False):
        session.run("diagnose debug reset", check=False)
    now = read_debug(session)
    different = _differences(before, now.state)
    for command in different:
        session.run(command, check=False)
    if different:
        now = read_debug(session)
    for name in ("level", "output", "timestamps"):
        was, read = getattr(before, name), getattr(now.state, name)
        if None not in (was, read) and was != read:
            raise DebugError(
                f"the mail daemon's debug could not be restored: {name} was {was}, and is {read}; on the device type: "
                + "; ".join(["diagnose debug disable", *_differences(before, now.state)])
            )
    return now


def _differences(before: DebugState, now: DebugState) -> list[str]:
    """Return what to type for the switches that were read before, and are not known to be so now."""
    commands = []
    if before.level is not None and now.level != before.level:
        commands.append(f"{_LEVEL} {before.level}")
    if before.timestamps is not None and now.timestamps != before.timestamps:
        commands.append(f"diagnose debug timestamp {'enable' if before.timestamps else 'disable'}")
    if before.output and not now.output:
        commands.append("diagnose debug enable")
    return commands


def finish_interrupted(session: Session, journal: Journal) -> str:
    """Restore what an earlier run left switched on. Return a remark about it, or "" when there was nothing to do."""
    if not journal.exists():
        return ""
    with journal.locked() as held:
        before = held.remembered() if held else None
        if held is None or before is None:
            return ""
        now = restore(session, before)
        if now.state.level is None:
            return (
                "an earlier debug run was interrupted, and whether the mail daemon's debug is restored cannot be read "
                f"({now.unread}); the next task tries again, as remembered in {journal.path}"
            )
        held.remember(None)
        return (
            "an earlier debug run was interrupted; the mail daemon's debug level is "
            f"{now.state.level} again, as it was before that run"
        )


@contextmanager
def debugging(session: Session, journal: Journal, level: int, reconnect: Reconnect) -> Iterator[DebugRun]:
    """Debug fazmaild at `level` inside the block; yield what was found before, and whether debug is on.

    On every way out the earlier state is restored and read back. When the session dies inside the block, `reconnect`
    opens another one for that; when that fails, too, the journal stays for the next contact. Nothing is switched while another
    task of this controller debugs the same device. Raises DebugError when that other session cannot be opened.
    """
    finish_interrupted(session, journal)
    with stoppable(session) as stop, journal.locked() as held:
        run = DebugRun(read_debug(session))
        before = run.before.state
        if held is None:
            run.refused = f"another task on this controller is debugging this device (it holds {journal.path})"
            yield run
            return
        if before.level is None:
            run.refused = f"the level to restore cannot be read ({run.before.unread})"
            yield run
            return
        held.remember(before)
        broken = True
        try:
            run.refused = _switch_on(session, level, before)
            yield run
            broken = False
        finally:
            stop.hold()
            try:
                run.after = _restored(session, before, journal, reconnect)
            except DebugError as error:
                run.warning = str(error)
            if run.after is not None and run.after.state.level is not None:
                held.remember(None)
            else:
                run.warning = run.warning or (
                    f"whether the mail daemon's debug is restored to level {before.level} cannot be read "
                    f"({run.after.unread if run.after else ''})"
                )
                run.warning += f". The next task on this device does it, as remembered in {journal.path}"
            # What was found out meanwhile counts all the same.
            if broken and run.after is None:
                raise DebugError(run.warning)


def _switch_on(session: Session, level: int, before: DebugState) -> str:
    """Switch debug on; return why it is not on, or ""."""
    # Time stamps that could not be restored are left alone.
    stamps = ["diagnose debug timestamp enable"] if before.timestamps is not None else []
    for line in (f"{_LEVEL} {level}", *stamps):
        if said := _typed(session, line):
            return said
    now = read_debug(session)
    if now.state.level is None:
        return f"the level cannot be read back ({now.unread})"
    if now.state.level != level:
        return f"{_LEVEL} {level}: the level that is read back is {now.state.level}"
    return _typed(session, "diagnose debug enable")


def _typed(session: Session, line: str) -> str:
    """Type a line that prints nothing when it is done; return what the device said, or ""."""
    result = session.run(line, check=False)
    return f"{line}: {result.said}" if result.error is not None or words(result.text) else ""


def _restored(session: Session, before: DebugState, journal: Journal, reconnect: Reconnect) -> DebugReading:
    """Restore the switches, over another session where this one has ended. Raises DebugError."""
    try:
        session.interrupt()
        return restore(session, before)
    except SessionError as error:
        lost = error
    try:
        with reconnect() as another:
            # Of a cluster, another unit may answer now; the switches are those of the unit.
            found = Device(another).identity()
            if found == journal.device:
                return restore(another, before)
            problem = f"the device {found} answers in place of {journal.device}"
    except (DeviceError, SessionError) as error:
        problem = f"the device could not be reached again ({error})"
    raise DebugError(
        f"the session ended before debug was switched off ({lost}), and {problem}; to do it now, type on the device: "
        f"diagnose debug disable; {_LEVEL} {before.level}"
    ) from lost
