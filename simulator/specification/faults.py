# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a device misbehaves, as data: what its terminal shows and what its connection does to the bytes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .reading import Reader

SPLITS = ("crlf", "prompt", "utf8")


@dataclass(frozen=True)
class Faults:
    """The misbehaviour of one device; the default is none. Times are in seconds of the simulator's clock.

    On the terminal:
    motd: text before the first prompt. must_change_password: a dialogue about a new password comes instead of a prompt.
    prompt_mark: what prompts end with, in place of `#` and `$`. host_in_prompts: the prompts of shells begin with the host name.
    cut_names: longer names in these prompts are cut in the middle, 0 for never.
    denied: the prompt ends in `$`, and commands that begin so are denied. answer: what is printed for lines that begin so,
    in place of what they do. look_alikes: lines that look like the prompt are in the output of each command. wrap: what is
    typed is wrapped at the width of the terminal.
    mask_passwords: a typed password is shown as `*`. refuse: lines that begin so are refused, with the error repeating
    their last word. shorten, lower_case: texts are stored only up to so many characters, 0 for all, or in small letters, without
    a warning. confirm_restart: test 99 of the mail daemon asks first.
    swallow: the character typed behind this text is lost, once in a session.
    debug_flood: debug lines each second, while the mail daemon is being debugged. clock_offset: how wrong the clock is.

    On the wire:
    segment: bytes in each write, 0 for all at once. split: cut inside line ends, prompts or characters. delay: between
    two writes. stall_before_prompt: before each prompt. idle_timeout: without a key until the session ends, 0 for never.
    busy_sessions: as many sessions, from the next one on, are refused as if too many were open. dropped_greetings: as many
    connections are closed before the SSH greeting.
    disconnect_after_bytes: bytes one session gets until its connection breaks, 0 for no limit.
    disconnect_after, silent_after, half_close_after: the first session to type a line that begins so is cut off,
    hears nothing more, or gets an end of file, all instead of the answer; the line itself is carried out.
    disconnect_after_commands, silent_after_commands, half_close_after_commands: the same at the n-th line the device
    receives, 0 for never. Each strikes once, so that the next session finds a device in order.
    """

    motd: str = ""
    must_change_password: bool = False
    prompt_mark: str = ""
    host_in_prompts: bool = False
    cut_names: int = 0
    denied: tuple[str, ...] = ()
    answer: tuple[tuple[str, str], ...] = ()
    look_alikes: bool = False
    wrap: bool = False
    mask_passwords: bool = False
    confirm_restart: bool = False
    refuse: str = ""
    swallow: str = ""
    shorten: int = 0
    lower_case: bool = False
    debug_flood: int = 0
    clock_offset: int = 0

    segment: int = 0
    split: tuple[str, ...] = ()
    delay: float = 0.0
    stall_before_prompt: float = 0.0
    idle_timeout: float = 0.0
    busy_sessions: int = 0
    dropped_greetings: int = 0
    disconnect_after_bytes: int = 0
    disconnect_after: str = ""
    disconnect_after_commands: int = 0
    silent_after: str = ""
    silent_after_commands: int = 0
    half_close_after: str = ""
    half_close_after_commands: int = 0


NONE = Faults()
_MOST = 10**9


def read_faults(reader: Reader, known: Faults) -> Faults:
    """Read the section `faults` of a fleet file over what `defaults` says. Raises FleetError."""
    values: dict[str, Any] = {}
    for each in fields(Faults):
        default = getattr(known, each.name)
        if each.name == "split":
            values["split"] = reader.list_of_texts("split", default)
            for word in values["split"]:
                if word not in SPLITS:
                    raise reader.error("split", f"is {word!r}, expected some of {', '.join(SPLITS)}")
        elif each.name == "denied":
            values["denied"] = reader.list_of_texts("denied", default)
        elif each.name == "answer":
            values["answer"] = tuple(reader.below("answer").texts().items() if reader.has("answer") else default)
        elif isinstance(default, bool):
            values[each.name] = reader.boolean(each.name, default)
        elif isinstance(default, int):
            values[each.name] = reader.integer(each.name, default, -_MOST if each.name == "clock_offset" else 0, _MOST)
        elif isinstance(default, float):
            values[each.name] = reader.seconds(each.name, default)
        else:
            values[each.name] = reader.text(each.name, default)
    reader.finish()
    return Faults(**values)


class Triggers:
    """Counts the sessions and the lines a device receives and says when a fault strikes. Each fault strikes once."""

    def __init__(self, faults: Faults) -> None:
        # For each kind: how a line begins that it strikes at, and the number of the line that it strikes at.
        self._waiting = {
            "disconnect": (faults.disconnect_after, faults.disconnect_after_commands),
            "silent": (faults.silent_after, faults.silent_after_commands),
            "half_close": (faults.half_close_after, faults.half_close_after_commands),
        }
        self._commands = 0
        self._busy = faults.busy_sessions
        self._dropped = faults.dropped_greetings

    def busy(self) -> bool:
        """Whether the session that begins now finds no room."""
        self._busy -= 1
        return self._busy >= 0

    def drops(self) -> bool:
        """Whether the connection that begins now is closed before the greeting."""
        self._dropped -= 1
        return self._dropped >= 0

    def hear(self, line: str) -> str:
        """Return what strikes the session that typed this line: `disconnect`, `silent`, `half_close`, or "" for nothing."""
        self._commands += 1
        for kind, (beginning, number) in self._waiting.items():
            if (beginning and line.startswith(beginning)) or self._commands == number:
                del self._waiting[kind]
                return kind
        return ""
