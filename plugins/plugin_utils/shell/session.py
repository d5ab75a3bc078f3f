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
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from ..redact.redactor import Redactor
from . import terminal
from .answer import ECHO_TIME, AnswerReader
from .echo import COMPLETE, DIFFERENT, PARTIAL, Echo
from .errors import CliError, ClosedError, CommandFailed, EchoError, LimitError, SessionError
from .limits import Countdown, Limits
from .login import learn_prompt
from .result import Result, Submitted, find_error
from .stream import TextStream, Transport
from .transcript import Transcript
from .underway import Underway

_CTRL_C = "\x03"
_LOGOUT_TIME = 1.0
_ASK_EVERY = 1.0
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
        self._stream = TextStream(self.transport, self.watch)
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
        submitted = self._submit(command, idle, countdown, answer)
        self._read(submitted.reply, command, idle, countdown)
        result = self._finish(submitted, answer)
        if result.error is not None and check:
            raise CommandFailed(result.command, result.error)
        return result

    def start(self, command: str) -> Underway:
        """Type a command that may run until it is stopped, such as ping, and return without waiting for its end.

        To be used as a context manager: behind the block the command does not run any more. Nothing else may be typed
        in this session within the block. Raises as `run` does.
        """
        submitted = self._submit(command, self.limits.command_idle, self._countdown())
        return Underway(submitted, self.clock, partial(self._stream.send, _CTRL_C), self._read, self._finish)

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
                    chunk = self._receive(min(deadline, heard + quiet, self.clock() + _ASK_EVERY))
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
        self._stream.send(_CTRL_C)
        reply = AnswerReader(self._learned(), "", empty_line=self._empty_line)
        self._read(reply, "Ctrl-C", self.limits.command_idle, self._countdown(_INTERRUPT_TIME))
        self._before_prompt(terminal.plain(reply.text))
        self._running = False

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

    # -- reading -----------------------------------------------------------------------------------------------------

    def _receive(self, until: float) -> str:
        """Receive, until a time of the clock at most, and ask `asked` every second meanwhile. Raises TimeoutError."""
        while True:
            self.asked()
            left = until - self.clock()
            try:
                return self._stream.receive(max(0.0, min(left, _ASK_EVERY)))
            except TimeoutError:
                if left <= _ASK_EVERY:
                    raise

    def _countdown(self, total: float | None = None) -> Countdown:
        """Begin to count the seconds of a whole command."""
        return Countdown("command_total", total or self.limits.command_total, self.clock)

    def _submit(self, command: str, idle: float, countdown: Countdown, answer: str = "n") -> Submitted:
        if "\n" in command or "\r" in command:
            raise ValueError("a command is one line")
        self._take_late_output()
        prompt, started, begin = self._shown, datetime.now(UTC), self.clock()
        received = self._type(command, idle, countdown)
        self._stream.send("\n" if received is not None else command + "\n")
        self._running = True
        reply = AnswerReader(
            self._learned(), command, received=received or "", reply=answer, empty_line=self._empty_line
        )
        return Submitted(command, reply, prompt, started, begin)

    def _finish(self, submitted: Submitted, answer: str = "n") -> Result:
        """The prompt has come: make the result."""
        self._running = False
        reply = submitted.reply
        self._append(reply.before)
        raw = terminal.cut_lines(self._before_prompt(terminal.plain(reply.text)))
        typed, text = self._transcript.redacted(submitted.command, raw)
        error = find_error(raw)
        if error is not None:
            # Judged as it was printed; quoted without secrets.
            error = find_error(text) or CliError(text.strip().rpartition("\n")[2])
        if error is None and reply.question and answer == "n":
            error = CliError(f"it asked {self.redactor.text(reply.question)!r} and was answered n: nothing was done")
        result = Result(submitted.prompt, typed, text, error, submitted.started, self.clock() - submitted.begin, raw)
        self._transcript.add(result)
        return result

    def _type(self, command: str, idle: float, countdown: Countdown) -> str | None:
        """Type a line that carries a value, without Enter, and wait for its echo; return what came.

        Returns None for any other line, which is not typed: such lines are the same for everybody, and one exchange
        with the device is saved.
        """
        if not terminal.CARRIES_VALUE.search(command):
            return None
        echo = Echo(command, self._learned())
        raw, state = "", PARTIAL
        heard = self.clock()
        self._stream.send(command)
        name, seen = self.redactor.text(command), self._seen_with(command)
        while state != COMPLETE:
            if countdown.left <= 0:
                self._stream.send(terminal.TAKE_BACK)
                raise countdown.error(f"waiting for the echo of {name!r}{seen(raw)}")
            try:
                chunk = self._receive(min(countdown.ends, heard + (ECHO_TIME if state == DIFFERENT else idle)))
            except TimeoutError:
                if countdown.left <= 0:
                    continue
                if state == DIFFERENT:
                    self._stream.send(terminal.TAKE_BACK)
                    raise EchoError(
                        f"the device did not echo {name!r} as it was typed; the line was taken back, nothing was submitted"
                    ) from None
                self._stream.send(terminal.TAKE_BACK)
                raise LimitError("command_idle", idle, f"waiting for the echo of {name!r}{seen(raw)}") from None
            except ClosedError as error:
                raise self._closed_in(command, error, raw) from error
            heard = self.clock()
            raw += chunk
            if len(raw) > self.limits.command_bytes:
                self._stream.send(terminal.TAKE_BACK)
                raise LimitError(
                    "command_bytes", self.limits.command_bytes, f"before the echo of {name!r}{seen(raw)}", "bytes"
                )
            echo.end(raw)
            state = echo.typed(raw)
        return raw

    def _read(
        self,
        reply: AnswerReader,
        command: str,
        idle: float,
        countdown: Countdown,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read until the answer is complete or `enough`. Raises LimitError and ClosedError that name the command."""
        name, seen = self.redactor.text(command), self._seen_with(command)
        heard = self.clock()
        while not reply.done and not enough():
            if countdown.left <= 0:
                raise countdown.error(f"in {name!r}{seen(reply.raw)}")
            silent = self.clock() + reply.patience
            until = min(silent, heard + idle, countdown.ends)
            try:
                keys = reply.take(self._receive(until), self.clock())
                heard = self.clock()
            except TimeoutError:
                if until == silent:
                    keys = reply.silence()
                    # Whatever is typed is a new beginning for the device, too.
                    heard = self.clock() if keys else heard
                elif self.clock() >= heard + idle:
                    raise LimitError("command_idle", idle, f"in {name!r}{seen(reply.raw)}") from None
                else:
                    continue
            except ClosedError as error:
                raise self._closed_in(command, error, reply.text, reply.before) from error
            if len(reply.raw) > self.limits.command_bytes:
                raise LimitError("command_bytes", self.limits.command_bytes, f"in {name!r}{seen(reply.raw)}", "bytes")
            if keys:
                self._stream.send(keys)
        self._empty_line, self.pause = reply.empty_line, reply.pause
        if reply.renamed:
            self._prompt = terminal.Prompt(reply.renamed)

    def _seen_with(self, command: str) -> Callable[[str], str]:
        """Return how to quote the last line that the device showed for a command.

        Below a command with a secret nothing is: what came may be a part of it, which nobody knows for one.
        """
        if self.redactor.text(command) != command:
            return lambda raw: ""
        return lambda raw: terminal.shown_last(self.redactor.text(raw[-terminal.TAIL :]))

    def _closed_in(self, command: str, error: ClosedError, *texts: str) -> ClosedError:
        """Return the error with the last words of the device: in these texts, else before the command."""
        name = self.redactor.text(command)
        quoted = (*texts, self._late) if name == command else (self._late,)
        words = filter(None, (terminal.last_words(self.redactor.text(text)) for text in quoted))
        return ClosedError(f"{error} in {name!r}{next(words, '')}")

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
