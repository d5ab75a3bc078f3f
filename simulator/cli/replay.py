# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that only repeats what was recorded of a real one. Pure, like the engine it replaces."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from ...plugins.plugin_utils.shell.recording import RecordedCommand, Recording
from ..device.texts import say
from .engine import Close, Effect, Write
from .terminal import ECHO_LINE_END, LINE_END, LineEditor, Submitted

_LEAVE = ("exit", "quit")


class Replay:
    """One session with a recording: each command prints what it printed then, in whatever order they come.

    A command that was recorded several times gives one answer after the other, the last one again and again. One that
    was never recorded is an unknown action. Keys that were pressed behind a command act there, at once, and nowhere else.
    The bytes of a recording hold the echo: what has been echoed as it was typed is not shown twice.
    """

    def __init__(self, recording: Recording, heard: Callable[[str, str], None] = lambda prompt, line: None) -> None:
        self._recording = recording
        self._heard = heard
        self._editor = LineEditor(echo=True)
        self._recorded: dict[str, deque[RecordedCommand]] = defaultdict(deque)
        for exchange in recording.exchanges:
            self._recorded[exchange.command].append(exchange)
        self._shown = recording.init_prompt
        self._keys = deque(recording.keys)  # what may be pressed now
        self._pressed = ""

    @property
    def prompt(self) -> str:
        return self._shown.rpartition(b"\n")[2].decode("utf-8", "replace").rpartition("\r")[2]

    def start(self) -> list[Effect]:
        return [Write(self._recording.init_prompt)]

    def feed(self, data: bytes) -> list[Effect]:
        effects: list[Effect] = []
        for character in data.decode("utf-8", "replace"):
            if self._keys:
                effects += self._press(character)
                continue
            shown, key = self._editor.press(character)
            if not isinstance(key, Submitted):
                effects.append(Write(shown.encode()))
                continue
            self._heard(self.prompt, key.line)
            effects.append(Write(self._output(key.line)))
            if key.line in _LEAVE:
                effects.append(Close())
                break
        return effects

    def _press(self, character: str) -> list[Effect]:
        """Take a key while the next one that was recorded is waited for; others do nothing."""
        keys, output = self._keys[0]
        self._pressed += character
        if not keys.startswith(self._pressed):
            self._pressed = character if keys.startswith(character) else ""
        if self._pressed != keys:
            return []
        self._pressed = ""
        self._keys.popleft()
        self._shown = output
        self._heard(self.prompt, keys)
        return [Write(output)]

    def _output(self, line: str) -> bytes:
        recorded = self._recorded.get(line)
        if recorded:
            exchange = recorded.popleft() if len(recorded) > 1 else recorded[0]
            self._keys.extend(exchange.keys)
            if b"\n" in exchange.output:
                self._shown = exchange.output
            return exchange.output.removeprefix(line.encode())
        prompt = self.prompt
        if not line:
            return (ECHO_LINE_END + prompt).encode()
        answer = "".join(each + LINE_END for each in say("unknown_action"))
        return (ECHO_LINE_END + answer + LINE_END + prompt).encode()

    def end_of_input(self) -> list[Effect]:
        return [Close()]

    # A recording has no daemons and no jobs.

    def progress(self, lines: Iterable[str]) -> list[Effect]:
        return []

    def finished(self, lines: Iterable[str] = ()) -> list[Effect]:
        return []

    def debug(self, lines: Iterable[str]) -> list[Effect]:
        return []
