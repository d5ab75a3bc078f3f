# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file on the controller that remembers which debug switches to restore on one device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import FazmailError
from ..own_files import DamagedFileError, LockedFile, file_name, loaded, set_aside

HIGHEST_LEVEL = 255


class DebugError(FazmailError):
    """Debug could not be switched as intended; the message says what to type on the device."""

    cause = "debug"


@dataclass(frozen=True)
class DebugState:
    """The debug switches that this collection touches. None is what could not be read.

    others: some other daemon is being debugged, so a reset would take it away from somebody.
    """

    level: int | None
    output: bool | None
    timestamps: bool | None
    others: bool | None


# Something was about to be switched on, and what was there before is lost. A reset might take it away from somebody.
_SAFE = DebugState(level=0, output=False, timestamps=False, others=True)


class Journal:
    """The file of one device; whoever is at work there holds a lock on it.

    device: the identity of the device. former: host and port, by which the file was called in earlier versions. `notes`:
    what an operator should know about the file.
    """

    def __init__(self, directory: Path, device: str, former: tuple[str, int] | None = None) -> None:
        self.device = device
        self.path = directory / f"debug-{file_name(device)}.json"
        self.notes: list[str] = []
        former_path = directory / f"debug-{file_name(former[0])}-{former[1]}.json" if former else None
        self._file = LockedFile(self.path, device, former_path)

    def exists(self) -> bool:
        """Return whether there may be something to restore."""
        return self._file.exists()

    @contextmanager
    def locked(self) -> Iterator[Journal | None]:
        """Open and lock the file; yields None when another process on this controller holds the lock.

        Raises DebugError when there can be no such file.
        """
        with ExitStack() as stack:
            try:
                held = stack.enter_context(self._file.locked())
            except OSError as error:
                raise self._unwritable(error) from error
            yield self if held else None

    def remember(self, state: DebugState | None) -> None:
        """Write down the state to restore, or that there is none. Only inside `locked`. Raises DebugError."""
        try:
            if state is None:
                self._file.clear()
            else:
                self._file.write(state=asdict(state))
        except OSError as error:
            raise self._unwritable(error) from error

    def remembered(self) -> DebugState | None:
        """Return the state to restore, or None. Only inside `locked`.

        Of a damaged file, which is set aside, it is the safe state: off. Raises DebugError for the file of another device.
        """
        data = self._file.content()
        if not data:
            return None
        try:
            entry = _checked(loaded(data))
        except DamagedFileError as error:
            try:
                kept = f"its content is now in {set_aside(self.path, data).name}"
            except OSError as full:
                kept = f"its content could not be kept ({full.strerror})"
            self.remember(_SAFE)
            self.notes.append(
                f"{self.path}, which remembers the debug level to restore, was damaged: {error}. What it was before is not "
                f"known, so debug is switched off; {kept}"
            )
            return _SAFE
        device = self.device
        if entry.get("device", device) != device:
            raise DebugError(
                f"{self.path} remembers the debug level of the device {entry['device']}, and this is {device}; move the file "
                "back to where it belongs, or remove it"
            )
        return DebugState(**entry["state"])

    def _unwritable(self, error: OSError) -> DebugError:
        return DebugError(
            f"{self.path}, which remembers the debug level to restore, cannot be written: {error.strerror}; set "
            "ansible_fortiops_mail_state_dir to a directory this user may write to"
        )


def _checked(entry: Any) -> Mapping[str, Any]:
    """Return the content of a journal if it is one that can be acted upon. Raises DamagedFileError."""
    if not isinstance(entry, dict) or not isinstance(entry.get("state"), dict):
        raise DamagedFileError("it holds no state")
    state = entry["state"]
    if set(state) != set(DebugState.__dataclass_fields__):
        raise DamagedFileError(f"its state has {', '.join(sorted(map(repr, state))) or 'nothing'}")
    for name, value in state.items():
        levels = range(HIGHEST_LEVEL + 1) if name == "level" else (True, False)
        if value is not None and (type(value) is not type(levels[0]) or value not in levels):
            raise DamagedFileError(f"its {name} is {value!r}"[:200])
    if not isinstance(entry.get("device", ""), str):
        raise DamagedFileError("its device is not text")
    return entry
