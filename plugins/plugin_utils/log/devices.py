# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a log: which one a line is of, and what each of them is doing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from .clock import KnownDevice
from .runs import Runs
from .sends import Send, Sends
from .subject import MailSubject

_MOST = 64
_HOST = re.compile(r"[\w.~-]+")
_CAPTURE = re.compile(r"#fortiops\.mail capture ")
_DEVICE = re.compile(r"#device: (\S+)")
# Where a terminal program begins to write, somebody may have logged in to another device.
_TERMINAL = frozenset({"putty_header", "script_header"})


class PathEvidence(Protocol):
    """Takes in what a device shows of the path to a mail server, and corrects verdicts by it (path/saved.py)."""

    def command(self, number: int, command: str, template: str) -> None: ...

    def line(self, number: int, text: str, template: str) -> None: ...

    def record(self, number: int, template: str, fields: Mapping[str, Any]) -> None: ...

    def concluded(self, send: Send, product: str) -> Send: ...

    def paths(self, device: KnownDevice, gone: bool) -> Sequence[Mapping[str, Any]]: ...


class LogDevice(KnownDevice):
    """What is going on on one device."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sends = Sends(self)
        self.runs = Runs(self)
        self.subject = MailSubject()
        self.evidence: PathEvidence | None = None
        self.stamp = ""  # the latest


class LogDevices:
    """Finds out from headers and prompts whose line the next one is.

    The header of a capture counts for the whole capture. Without one it is who was given the latest command: what looks
    like a prompt in front of other text may be part of that text, so it counts only as long as nothing is known.
    """

    def __init__(self) -> None:
        self.current = LogDevice("")
        self._known = {"": self.current}
        self._of_capture = False

    @property
    def unknown(self) -> bool:
        """Return whether a prompt in front of any line tells whose lines follow: nothing else does."""
        return not (self._of_capture or self.current.name)

    def header(self, rule: str, text: str) -> Iterator[LogDevice]:
        """Take in a header line; yield the devices whose session is over."""
        if rule in _TERMINAL:
            self._of_capture = False
            yield from self.leave()
        elif _CAPTURE.match(text):
            yield self._known.pop(self.current.name)
            self._of_capture = False
            yield from self._switch("")
        elif name := _DEVICE.match(text):
            yield from self._switch(name[1])
            self._of_capture = True

    def prompt(self, prompt: str, is_command: bool) -> Iterator[LogDevice]:
        """Take in a prompt; yield devices that nothing was heard of for long."""
        if self._of_capture or not (is_command or not self.current.name):
            return
        name = _HOST.match(prompt)
        if name is not None and name[0] != self.current.name:
            yield from self._switch(name[0])

    def leave(self) -> Iterator[LogDevice]:
        """Take in that somebody logged out: whose line the next one is, nothing tells. Yield the device that was left."""
        if not self._of_capture:
            yield self.current
            yield from self._switch("")

    def know(self, device: LogDevice) -> bool:
        """Return whether more may come of a device."""
        return self._known.get(device.name) is device

    def all(self) -> list[LogDevice]:
        return list(self._known.values())

    def _switch(self, name: str) -> Iterator[LogDevice]:
        unnamed = self._known.pop("", None)
        if name in self._known:
            if unnamed is not None:
                yield unnamed
            self.current = self._known.pop(name)
        elif unnamed is not None:
            self.current = unnamed
            unnamed.name = name
        else:
            self.current = LogDevice(name)
        self._known[name] = self.current
        if len(self._known) > _MOST:
            yield self._known.pop(next(iter(self._known), name))
