# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch the mail daemon's debug on for a bounded time, and leave the device as it was found.

The level of a daemon outlives the session that set it. So the state found is written to a journal on the controller
before anything is switched on, and the journal is removed only when `diagnose debug info` shows that state again. If the
controller dies in between, the next task that reaches the device finds the journal and finishes the work.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote as file_name

from ..errors import FazmailError
from ..shell.errors import SessionError
from ..shell.session import Session
from ..templates.records import parse_output
from .stop import stoppable

Reconnect = Callable[[], AbstractContextManager[Session]]

_INFO = "diagnose debug info"
_OFF = ("", "0", "disable", "off", "-1")


class DebugError(FazmailError):
    """Debug could not be switched as intended; the message says what to type on the device."""

    cause = "debug"


@dataclass(frozen=True)
class DebugState:
    """What `diagnose debug info` shows of the switches this collection touches."""

    level: int
    output: bool
    timestamps: bool
    others: bool  # some other daemon is being debugged, so a reset would take it away from somebody

    @property
    def off(self) -> bool:
        return self.level == 0 and not self.output


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


class Journal:
    """The file that remembers what to restore on one device; whoever is at work there holds a lock on it."""

    def __init__(self, directory: Path, host: str, port: int) -> None:
        self.path = directory / f"debug-{file_name(host, safe='')}-{port}.json"

    @contextmanager
    def locked(self) -> Iterator[IO[str] | None]:
        """Open and lock the file; yields None when another process on this controller holds the lock.

        The lock ends with the process that holds it, also after `kill -9`. A holder whose parent is dead is about to
        finish, and is waited for. An empty file is removed afterwards. Raises DebugError when there can be no such file.
        """
        with self._open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not _parent_is_dead(file):
                    yield None
                    return
                fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield file
            finally:
                if file.seek(0, os.SEEK_END) == 0:
                    self.path.unlink(missing_ok=True)

    def _open(self) -> IO[str]:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise DebugError(
                f"{self.path}, which remembers the debug level to restore, cannot be written: {error.strerror}; set "
                "ansible_fortiops_mail_state_dir to a directory this user may write to"
            ) from error


def _remember(file: IO[str], state: DebugState | None) -> None:
    file.seek(0)
    file.truncate()
    if state is not None:
        json.dump({"parent": os.getppid(), "state": asdict(state)}, file)
    file.flush()
    os.fsync(file.fileno())


def _remembered(file: IO[str]) -> DebugState | None:
    file.seek(0)
    text = file.read()
    if not text:
        return None
    try:
        return DebugState(**json.loads(text)["state"])
    except (ValueError, TypeError, KeyError):
        # Something was about to be switched on, and what was there before is lost: off is the safe state.
        return DebugState(level=0, output=False, timestamps=False, others=True)


def _parent_is_dead(file: IO[str]) -> bool:
    file.seek(0)
    try:
        os.kill(json.loads(file.read())["parent"], 0)
    except ProcessLookupError:
        return True
    except (ValueError, TypeError, KeyError, OSError):
        return False
    return False


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
    if not journal.path.exists():
        return None
    with journal.locked() as file:
        before = _remembered(file) if file else None
        if file is None or before is None:
            return None
        after = restore(session, before)
        _remember(file, None)
        return after


@contextmanager
def debugging(session: Session, journal: Journal, level: int, reconnect: Reconnect) -> Iterator[DebugState]:
    """Debug fazmaild at `level` inside the block; yield the state found before.

    On every way out the earlier state is restored and verified. When the session dies inside the block, `reconnect`
    opens another one for that; when that fails, too, the journal stays for the next contact. Raises DebugError when the
    state cannot be restored, or when another task of this controller is debugging the same device.
    """
    finish_interrupted(session, journal)
    with stoppable() as stop, journal.locked() as file:
        if file is None:
            raise DebugError(f"another task on this controller is debugging this device (it holds {journal.path})")
        before = read_state(session)
        _remember(file, before)
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
            _remember(file, None)


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
