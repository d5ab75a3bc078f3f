# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One interactive CLI session: a command in, a result out.

The rules come from recorded sessions of these devices: the prompt is learned, not guessed; everything before the echo of
a command is late output of something else; a pager is answered, never configured away; daemons print behind the prompt.
"""

# In some runs pylint does not see that the errors of other files are exceptions.
# pylint: disable=bad-exception-cause

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from ..redact.redactor import Redactor
from . import terminal
from .answer import AnswerReader
from .errors import CliError, ClosedError, CommandFailed, SessionError
from .exchange import CommandExchange
from .limits import Countdown, Limits
from .login import learn_prompt
from .result import Result, find_error
from .stream import ASK_EVERY, TextStream, Transport
from .transcript import Transcript
from .underway import Underway

_CTRL_C = "\x03"
_LOGOUT_TIME = 1.0
# A question that takes long to answer is asked less often, so that a flood of output does not become a flood of work.
_ASK_SHARE = 4
_INTERRUPT_TIME = 10.0
# What is taken of late output before the next command is typed; a daemon that never pauses must not hold that up.
_LATE_BYTES = 1_048_576


@dataclass
class Session:
    """A logged-in CLI. Use as a context manager, so that it logs out on every path.

    Results, and the errors that name a command, are redacted, but for `raw` of a result. `watch` is shown the bytes as
    they arrive, secrets included. `countdown` is what is left of the login limit when the connection was made under it.
    `host_key` is the fingerprint of the device's host key, or "" where the transport has none. `expected_prompt` is the prompt of a
    device whose prompt has no mark that prompts are known by. `asked` is called at least every second while the device is
    waited for; what it raises ends the wait.
    """

    transport: Transport
    limits: Limits = field(default_factory=Limits)
    redactor: Redactor = field(default_factory=Redactor)
    clock: Callable[[], float] = time.monotonic
    watch: Callable[[bytes], None] | None = field(default=None, repr=False)
    countdown: Countdown | None = field(default=None, repr=False)
    host_key: str = ""
    expected_prompt: str = ""
    asked: Callable[[], None] = field(default=lambda: None, repr=False)

    def __post_init__(self) -> None:
        self._stream = TextStream(self.transport, self.watch, self.clock, self._ask)
        self._prompt: terminal.Prompt | None = None
        self._shown = ""
        self._at_prompt = False  # nothing was printed since the prompt
        self._empty_line = True  # the device prints an empty line before its prompt
        self._running = False  # a command was sent and its prompt has not come
        self._closed = False
        # The longest silence, in seconds, between two pieces of what the last command made the device print.
        self.pause = 0.0
        self._transcript = Transcript(self._redacted)
        self._late = ""  # what came between the last two commands

    def _ask(self) -> None:
        self.asked()  # which may have been replaced since the stream was made

    def __enter__(self) -> Self:
        try:
            if self._prompt is None:
                self.login()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the session was closed; nothing can be typed any more."""
        return self._closed

    @property
    def prompt(self) -> str:
        """The prompt the device shows now, such as `FAZ-HQ # ` or `(mail)# `."""
        return self._shown

    @property
    def context(self) -> str:
        """The configuration shell the session is in, such as `mail`; empty at top level."""
        return self._prompt.context(self._shown) if self._prompt else ""

    @property
    def results(self) -> list[Result]:
        """All commands so far with what they printed, also what came after their prompt."""
        return self._transcript.results

    def login(self) -> None:
        """Wait for the CLI and learn its prompt. Raises LoginError and LimitError as `learn_prompt` does."""
        countdown = self.countdown or Countdown("login", self.limits.login, self.clock)
        seen = learn_prompt(self._stream, countdown, self.redactor.text, self.expected_prompt)
        self._prompt = terminal.Prompt(seen)
        self._shown, self._at_prompt = seen, True

    def run(
        self,
        command: str,
        *,
        check: bool = True,
        idle: float | None = None,
        total: float | None = None,
        answer: str = "n",
    ) -> Result:
        """Type one command and return what it printed.

        A line that carries a value is submitted only when the device has echoed just that. idle, total: seconds, in
        place of the session's limits. answer: the key for a question such as `(y/n)`; a question answered `n` is an
        error, as the command was not done. Raises CommandFailed when the device answers with an error and `check` is
        true, EchoError, LimitError and ClosedError as their names say, ValueError for a command that is not exactly one
        line.
        """
        idle = idle or self.limits.command_idle
        countdown = self._countdown(total)
        exchange = self._submit(command, idle, countdown, answer)
        exchange.read(idle, countdown)
        result = self._finish(exchange, answer)
        if result.error is not None and check:
            raise CommandFailed(result.command, result.error)
        return result

    def start(self, command: str) -> Underway:
        """Type a command that may run until it is stopped, such as ping, and return without waiting for its end.

        To be used as a context manager: behind the block the command does not run any more. Nothing else may be typed
        in this session within the block. Raises as `run` does.
        """
        exchange = self._submit(command, self.limits.command_idle, self._countdown())
        return Underway(exchange, self.clock, partial(self._stream.send, _CTRL_C), self._finish)

    def listen(
        self,
        seconds: float,
        *,
        max_bytes: int,
        max_lines: int,
        quiet: float = math.inf,
        enough: Callable[[], bool] = lambda: False,
    ) -> str:
        """Collect what the device prints by itself and add it to the last result; return what ended it.

        Ends after `seconds` (`time`), `max_bytes` or `max_lines` (`bytes`, `lines`), `quiet` seconds without a byte
        (`quiet`), or when `enough()` says so, asked first, after whole lines and each second of silence (`enough`).
        Nothing is typed. Raises ClosedError when the device ends the session.
        """
        if enough():
            return "enough"
        deadline = self.clock() + seconds
        heard = self.clock()
        ask_at = -math.inf
        size = lines = 0
        pending = ""
        try:
            while self.clock() < deadline:
                try:
                    chunk = self._stream.receive_until(min(deadline, heard + quiet, self.clock() + ASK_EVERY))
                except TimeoutError:
                    if self.clock() >= deadline:
                        return "time"
                    if self.clock() - heard >= quiet:
                        return "quiet"
                    if enough():
                        return "enough"
                    continue
                self.pause = max(self.pause, self.clock() - heard)
                heard = self.clock()
                pending += chunk
                size += len(chunk)
                lines += chunk.count("\n")
                if "\n" in chunk:
                    # Only whole lines are handed on: the rest may be half a line, half a secret.
                    whole, __, pending = pending.rpartition("\n")
                    self._append(whole + "\n")
                    if heard >= ask_at:
                        if enough():
                            return "enough"
                        ask_at = heard + _ASK_SHARE * (self.clock() - heard)
                if size >= max_bytes:
                    return "bytes"
                if lines >= max_lines:
                    return "lines"
            return "time"
        finally:
            self._append(pending)

    def interrupt(self) -> None:
        """Stop the command that is still running, if there is one, and wait for the prompt.

        Raises LimitError when the device does not come back. At a prompt nothing is typed: some products of this
        family close the session on a Ctrl-C outside a command.
        """
        if not self._running:
            return
        exchange = self._exchange("Ctrl-C")
        exchange.press(_CTRL_C, AnswerReader(self._learned(), "", empty_line=self._empty_line))
        exchange.read(self.limits.command_idle, self._countdown(_INTERRUPT_TIME))
        self._came_back(exchange.reply)
        self._before_prompt(terminal.plain(exchange.reply.text))

    def close(self) -> None:
        """Log out and close the connection. Never raises; may be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._prompt is not None and not self.context:
                self._stream.send(f"{_CTRL_C if self._running else ''}exit\n")
                deadline = self.clock() + _LOGOUT_TIME
                while self.clock() < deadline:
                    self._stream.receive(max(0.01, deadline - self.clock()))
        except (OSError, SessionError):
            # The peer may be gone already, or silent: closing is all that is left to do.
            pass
        finally:
            self.transport.close()

    # -- one command -------------------------------------------------------------------------------------------------

    def _countdown(self, total: float | None = None) -> Countdown:
        """Begin to count the seconds of a whole command."""
        return Countdown("command_total", total or self.limits.command_total, self.clock)

    def _exchange(self, command: str) -> CommandExchange:
        return CommandExchange(command, self._stream, self.redactor, self.limits.command_bytes, self._late)

    def _submit(self, command: str, idle: float, countdown: Countdown, answer: str = "n") -> CommandExchange:
        if "\n" in command or "\r" in command:
            raise ValueError("a command is one line")
        self._take_late_output()
        exchange = self._exchange(command)
        received = exchange.type(self._learned(), idle, countdown)
        reply = AnswerReader(
            self._learned(), command, received=received or "", reply=answer, empty_line=self._empty_line
        )
        exchange.press("\n" if received is not None else command + "\n", reply)
        self._running = True
        return exchange

    def _finish(self, exchange: CommandExchange, answer: str = "n") -> Result:
        """Make the result of a command whose prompt has come."""
        reply, prompt = exchange.reply, self._shown
        self._came_back(reply)
        self._append(reply.before)
        raw = terminal.cut_lines(self._before_prompt(terminal.plain(reply.text)))
        typed, text = self._transcript.redacted(exchange.command, raw)
        error = find_error(raw)
        if error is not None:
            # Judged as it was printed; quoted without secrets.
            error = find_error(text) or CliError(text.strip().rpartition("\n")[2])
        if error is None and reply.question and answer == "n":
            error = CliError(f"it asked {self.redactor.text(reply.question)!r} and was answered n: nothing was done")
        result = Result(prompt, typed, text, error, exchange.started, self.clock() - exchange.begin, raw)
        self._transcript.add(result)
        return result

    def _came_back(self, reply: AnswerReader) -> None:
        """The prompt has come: remember what the answer tells of the device."""
        self._running = False
        self._empty_line, self.pause = reply.empty_line, reply.pause
        if reply.renamed:
            self._prompt = terminal.Prompt(reply.renamed)

    # -- what the screen shows ---------------------------------------------------------------------------------------

    def _before_prompt(self, text: str) -> str:
        """Return the text without the prompts at its end, and remember what the screen now shows."""
        self._at_prompt = False
        while (shown := self._learned().at_end(text)) is not None:
            text = text[: len(text) - len(shown)].rstrip("\n")
            self._shown, self._at_prompt = shown, True
        return text

    def _take_late_output(self) -> None:
        """What arrived since the last prompt belongs to the command before, not to the next one."""
        late = ""
        try:
            while len(late) < _LATE_BYTES:
                late += self._stream.receive(0.0)
        except TimeoutError:
            pass
        except ClosedError as error:
            # A device tells an administrator who is idle too long why it ends the session.
            raise ClosedError(f"{error}{terminal.last_words(self.redactor.text(late))}") from error
        # The session may be about to end, with a reason given here.
        self._late = late
        self._append(late)

    def _redacted(self, text: str) -> str:
        # Of the redactor that the session has now: more secrets may be known than at its beginning.
        return self.redactor.text(text)

    def _append(self, raw: str) -> None:
        """Add what was printed without a command to the last result. The prompt it was glued to is kept with it."""
        if not raw or self._transcript.empty:
            return
        glue = "\n\n" + self._shown if self._at_prompt else "\n"
        text = terminal.cut_lines(self._before_prompt(terminal.plain(raw).removesuffix("\n")))
        if text:
            self._transcript.append(glue + text)

    def _learned(self) -> terminal.Prompt:
        if self._prompt is None:
            raise SessionError("the session is not logged in")
        return self._prompt
