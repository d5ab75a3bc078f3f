# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One shell or exec channel of a device: performs what the engine asks for, over a wire that may be faulty."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from typing import Protocol

import asyncssh

from ..cli.engine import Begin, Close, Effect, Engine, Screen, Stop, Write
from ..cli.replay import Replay
from ..cli.terminal import LINE_END
from ..device.jobs import Job, Lookup, Ping, Reboot, SendMail, Sniff, Traceroute
from ..device.texts import say
from ..network.ping import LookupRun, PingRun, TracerouteRun
from ..network.sniffer import SniffRun
from .appliance import Appliance
from .wire import Wire

_ROWS, _COLUMNS = 24, 80


class Conversation(Protocol):
    """What a session talks to: the engine of a device, or a recording of one."""

    @property
    def prompt(self) -> str: ...
    def start(self) -> list[Effect]: ...
    def feed(self, data: bytes) -> list[Effect]: ...
    def end_of_input(self) -> list[Effect]: ...
    def progress(self, lines: Iterable[str]) -> list[Effect]: ...
    def finished(self, lines: Iterable[str] = ()) -> list[Effect]: ...
    def debug(self, lines: Iterable[str]) -> list[Effect]: ...


class Run(Protocol):
    """A command that prints as time goes by, until it ends or is stopped."""

    def lines(self) -> AsyncGenerator[list[str], None]: ...
    def stop(self) -> None: ...


class Terminal(asyncssh.SSHServerSession[bytes]):
    """One session of a device. `full` says that the client does not read as fast as the device writes."""

    def __init__(self, appliance: Appliance) -> None:
        self.full = False
        self._appliance = appliance
        self._session = appliance.open_session()
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._engine: Conversation | None = None
        self._wire = Wire(self, appliance.faults, appliance.clock)
        self._pty = False
        self._rows = self._columns = 0
        self._command: str | None = None
        self._job: asyncio.Task[None] | None = None
        self._run: Run | None = None
        self._last_key = 0.0
        self._idle: asyncio.Task[None] | None = None

    # -- what the client does ----------------------------------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        self._pty = True
        self._columns, self._rows = term_size[:2]
        return self._appliance.spec.switches.login_fault != "no-terminal"

    def shell_requested(self) -> bool:
        return self._appliance.spec.switches.login_fault != "no-shell"

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        appliance = self._appliance
        limit = appliance.spec.switches.max_sessions
        if (limit and len(appliance.sessions) >= limit) or appliance.triggers.busy():
            self._say_and_close(say("too_many_sessions"), 1)
            return
        if appliance.spec.switches.login_fault == "shell-closed":
            self._say_and_close(appliance.spec.switches.login_text.splitlines(), 1)
            return
        appliance.sessions.add(self)
        self._engine = self._conversation()
        self._perform(self._engine.start())
        if appliance.faults.idle_timeout:
            self._last_key = appliance.clock.now()
            self._idle = asyncio.create_task(self._end_when_idle(appliance.faults.idle_timeout))
        if self._command is not None:
            self._perform(self._engine.feed(self._command.encode()))
            self._perform(self._engine.end_of_input())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._last_key = self._appliance.clock.now()
        if self._engine is not None:
            self._perform(self._engine.feed(data))

    def eof_received(self) -> bool:
        if self._engine is not None:
            self._perform(self._engine.end_of_input())
        return True

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False

    def connection_lost(self, exc: Exception | None) -> None:
        # An entry being edited is dropped with the engine; what is set for the whole device stays.
        self._channel = None
        self._engine = None
        self._wire.close()
        self._appliance.sessions.discard(self)
        for task in (self._job, self._idle):
            if task is not None:
                task.cancel()

    # -- what the device does ----------------------------------------------------------------------------------------

    def debug(self, lines: Iterable[str]) -> None:
        if self._engine is not None:
            self._perform(self._engine.debug(lines))

    def _conversation(self) -> Conversation:
        appliance, switches, faults = self._appliance, self._appliance.spec.switches, self._appliance.faults
        if appliance.spec.recording is not None:
            return Replay(appliance.spec.recording, self._heard)
        self._session.denied = faults.denied
        self._session.own_mark, self._session.shows_host = faults.prompt_mark, faults.host_in_prompts
        self._session.longest_name = faults.cut_names
        single = self._command is not None
        screen = Screen(
            echo=self._pty and not single,
            rows=(self._rows or _ROWS) if self._pty and switches.console_output == "more" else 0,
            columns=(self._columns or _COLUMNS) if self._pty and faults.wrap else 0,
            accept=switches.post_login_banner and not single,
            single=single,
            motd="" if single else faults.motd,
            instead="" if single else self._instead(),
            look_alikes=faults.look_alikes,
            mask_passwords=faults.mask_passwords,
            refuse=faults.refuse,
            swallow=faults.swallow,
            answers=dict(faults.answer),
        )
        return Engine(appliance.device, self._session, screen, self._heard)

    def _instead(self) -> str:
        """Return the text that comes instead of a prompt, if one does."""
        switches = self._appliance.spec.switches
        if self._appliance.faults.must_change_password:
            return "\n".join(say("must_change_password") + say("new_password"))
        return switches.login_text if switches.login_fault == "shell" else ""

    def _heard(self, prompt: str, line: str) -> None:
        self._appliance.hear(self._session, prompt, line)
        if strikes := self._appliance.triggers.hear(line):
            self._wire.strike(strikes)

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._wire.write(effect.data, self._engine.prompt if self._engine else "")
            elif isinstance(effect, Begin):
                self._job = asyncio.create_task(self._do(effect.job))
            elif isinstance(effect, Stop):
                self._stop()
            elif isinstance(effect, Close):
                self._wire.then(lambda: self._close(0))
        self._appliance.look()

    async def _do(self, job: Job) -> None:
        last: list[str] = []
        try:
            self._run = self._run_of(job)
            if self._run is not None:
                # Closed at once also when the session goes away, so that nobody watches the interface for it any more.
                async with contextlib.aclosing(self._run.lines()) as printed:
                    async for lines in printed:
                        if self._engine is not None:
                            self._perform(self._engine.progress(lines))
            elif isinstance(job, SendMail):
                last = await self._appliance.daemon.test(job.mail)
            elif isinstance(job, Reboot):
                self._appliance.reboot()
        except asyncio.CancelledError:
            # Ctrl-C, or the session is gone, in which case there is nobody to tell.
            pass
        self._run = None
        if self._engine is not None:
            self._perform(self._engine.finished(last))

    def _run_of(self, job: Job) -> Run | None:
        appliance, interval = self._appliance, self._appliance.spec.switches.ping_interval
        if isinstance(job, Ping):
            return PingRun(appliance.hosts, job.host, interval)
        if isinstance(job, Lookup):
            return LookupRun(appliance.hosts, job.host, interval)
        if isinstance(job, Traceroute):
            return TracerouteRun(appliance.hosts, job.host, interval)
        return SniffRun(appliance.interface, job, appliance.device.local) if isinstance(job, Sniff) else None

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()
        elif self._job is not None:
            self._job.cancel()

    async def _end_when_idle(self, limit: float) -> None:
        clock = self._appliance.clock
        while (left := self._last_key + limit - clock.now()) > 0:
            await clock.sleep(left)
        self._say_and_close(say("idle_timeout"), 0)

    def _say_and_close(self, lines: Iterable[str], status: int) -> None:
        text = "".join(LINE_END + line for line in lines)
        self._wire.write((text + LINE_END).encode(), "")
        self._wire.then(lambda: self._close(status))

    # -- the line below the wire -------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.write(data)

    def end_of_file(self) -> None:
        if self._channel is not None:
            self._channel.write_eof()

    def hang_up(self) -> None:
        if self._channel is not None:
            self._channel.get_connection().abort()

    def _close(self, status: int) -> None:
        if self._channel is not None:
            self._channel.exit(status)
