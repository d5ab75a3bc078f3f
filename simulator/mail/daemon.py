# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""fazmaild: sends what is queued, counts, and prints its debug - partly after the command that asked has returned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..device.state import Device, Mail
from ..device.texts import say
from ..network.hosts import HostMap
from ..network.packets import Interface
from .client import Message, send
from .dialects import Dialect, dialects
from .events import Event, Result, Target
from .settings import MailSettings

# Events that are told at once; the rest follows when the result is known (assumed: debug is written by another process).
_AT_ONCE = ("begin", "resolved", "connect")

_Result = TypeVar("_Result")
Print = Callable[[list[str]], None]


@dataclass(frozen=True)
class DaemonSettings:
    """Seconds between idle lines, for the connection and each reply, and between a result and the rest of its debug.

    trusted: certificates in PEM to check those of mail servers against; none are checked when empty.
    """

    hosts: HostMap = field(default_factory=lambda: HostMap({}))
    dialect: str = "function"
    clear_secrets: bool = True
    idle_line_interval: float = 5.0
    smtp_timeout: float = 10.0
    debug_delay: float = 0.05
    trusted: str = ""


class MailDaemon:
    """The running daemon of one device. `emit` receives debug lines while the daemon is being debugged.

    `interface` is shown the packets of its connections.
    """

    def __init__(
        self, device: Device, settings: DaemonSettings, emit: Print, interface: Interface | None = None
    ) -> None:
        self.device = device
        self.interface = interface or Interface(device.clock, device.random, "127.0.0.1")
        self.settings = settings
        self._emit = emit
        self._dialect: Dialect = dialects()[settings.dialect]
        self._tasks: set[asyncio.Task[Any]] = set()
        self._idle: asyncio.Task[None] | None = None

    async def test(self, mail: Mail) -> list[str]:
        """Send one mail and return what the test command prints. The mail is sent even if nobody waits for it."""
        settings = self._settings_of(mail)
        result = await asyncio.shield(self._spawn(self._send(mail, settings)))
        return say(
            "test_accepted" if result.accepted else "test_failed",
            entry=mail.entry,
            server=settings.server,
            port=settings.port,
            recipient=mail.recipient,
            reason=result.reason,
        )

    def look(self) -> None:
        """The state may have changed: start or stop the idle lines, and send the queue after a pause."""
        debugging = self.device.debug.fazmaild > 0
        if debugging and self._idle is None:
            self._idle = asyncio.create_task(self._idle_lines())
        elif not debugging and self._idle is not None:
            self._idle.cancel()
            self._idle = None
        state = self.device.daemon
        if not state.paused:
            while state.queue:
                mail = state.queue.popleft()
                self._spawn(self._send(mail, self._settings_of(mail)))

    async def settled(self) -> None:
        """Wait until nothing is being sent and all debug text of what was sent is printed."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Stop everything that runs."""
        for task in [*self._tasks, *([self._idle] if self._idle else [])]:
            task.cancel()

    # -- work --------------------------------------------------------------------------------------------------------

    def _settings_of(self, mail: Mail) -> MailSettings:
        return MailSettings.of(self.device.mail.effective(mail.values), self.settings.trusted)

    async def _send(self, mail: Mail, settings: MailSettings) -> Result:
        device, state = self.device, self.device.daemon
        place = self.settings.hosts.find(settings.server, settings.port)
        target = Target(settings.server, settings.port, place.address)
        later: list[str] = []

        def tell(event: Event) -> None:
            lines = self._dialect.lines(event, mail.number, target, self.settings.clear_secrets)
            lines = [device.stamped(line) for line in lines]
            if later or event.kind not in _AT_ONCE:
                later.extend(lines)
            else:
                self._print(lines)

        shown = (place.address, settings.port)
        trail = self.interface.connection(shown, place.fault)
        message = Message(mail.sender, mail.recipient, device.hostname, device.serial)
        state.sending += 1
        try:
            result = await send(settings, place, message, tell, self.settings.smtp_timeout, trail)
        finally:
            state.sending -= 1
        state.finish(result.accepted, device.clock())
        self._spawn(self._print_later(later))
        return result

    async def _print_later(self, lines: list[str]) -> None:
        await asyncio.sleep(self.settings.debug_delay)
        self._print(lines)

    async def _idle_lines(self) -> None:
        while True:
            await asyncio.sleep(self.settings.idle_line_interval)
            self._print([self.device.stamped(line) for line in self.device.idle_lines()])

    def _print(self, lines: list[str]) -> None:
        if lines and self.device.debug.fazmaild > 0:
            self._emit(lines)

    def _spawn(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
