# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One interactive CLI session: a command in, a result out.

The rules come from recorded sessions of these devices: the prompt is learned, not guessed; everything before the echo of
a command is late output of something else; a pager is answered, never configured away; daemons print behind the prompt.
"""

from __future__ import annotations

import codecs
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from ..text.redact import Redactor
from . import terminal
from .cli_errors import find_error
from .errors import CliError, ClosedError, CommandFailed, LimitError, LoginError, SessionError
from .transport import Transport

# How long a stream must be silent before a prompt that has text behind it is taken for a finished command.
_SETTLE = 0.3
# How long to wait for the echo of a command when there is a prompt and no echo: some peers do not echo at all.
_ECHO_TIME = 2.0
# Daemons may print without a pause: ask for a fresh prompt at the latest after this time.
_PROBE_AFTER = 1.0
_LOGOUT_TIME = 1.0
_ASK_EVERY = 1.0
_INTERRUPT_TIME = 10.0


@dataclass(frozen=True)
class Limits:
    """Seconds that each part of a session may take.

    connect: TCP and SSH negotiation; login: from the password to the first prompt; command_idle: silence within one
    command; command_total: one command as a whole.
    """

    connect: float = 10.0
    login: float = 30.0
    command_idle: float = 60.0
    command_total: float = 180.0


@dataclass(frozen=True)
class Result:
    """What one command printed. `prompt` stood before the command, `text` is between its echo and the next prompt."""

    prompt: str
    command: str
    text: str
    error: CliError | None
    started: datetime
    seconds: float


@dataclass
class Session:
    """A logged-in CLI. Use as a context manager, so that it logs out on every path.

    Results, and the errors that name a command, are redacted before anybody sees them.
    """

    transport: Transport
    limits: Limits = field(default_factory=Limits)
    redactor: Redactor = field(default_factory=Redactor)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._prompt: terminal.Prompt | None = None
        self._shown = ""
        self._at_prompt = False  # nothing was printed since the prompt
        self._running = False  # a command was sent and its prompt has not come
        self._closed = False
        self.results: list[Result] = []

    def __enter__(self) -> Self:
        try:
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
    def prompt(self) -> str:
        """The prompt the device shows now, such as `FAZ-HQ # ` or `(mail)# `."""
        return self._shown

    @property
    def context(self) -> str:
        """The configuration shell the session is in, such as `mail`; empty at top level."""
        return self._prompt.context(self._shown) if self._prompt else ""

    def login(self) -> None:
        """Wait for the CLI and learn its prompt.

        A prompt counts as learned when an empty line brings the very same one again: banners drawn with `#` do not
        repeat. Raises LoginError when the device wants a password changed, LimitError after `limits.login` seconds.
        """
        deadline = self.clock() + self.limits.login
        seen = self._first_prompt(deadline)
        while True:
            self._send("\n")
            again = self._first_prompt(deadline)
            if again == seen:
                break
            seen = again
        self._prompt = terminal.Prompt(seen)
        self._shown, self._at_prompt = seen, True

    def run(self, command: str, *, check: bool = True, idle: float | None = None, total: float | None = None) -> Result:
        """Type one command and return what it printed.

        idle, total: seconds, in place of the session's limits. Raises CommandFailed when the device answers with an
        error and `check` is true, LimitError and ClosedError as their names say, ValueError for a command that is not
        exactly one line.
        """
        if "\n" in command or "\r" in command:
            raise ValueError("a command is one line")
        self._take_late_output()
        prompt, started, begin = self._shown, datetime.now(UTC), self.clock()
        self._send(command + "\n")
        self._running = True
        text = self._answer(command, idle or self.limits.command_idle, begin + (total or self.limits.command_total))
        self._running = False
        # Together, because an error line below a `set passwd` repeats the password.
        typed, _, text = self.redactor.text(f"{command}\n{text}").partition("\n")
        error = find_error(text)
        result = Result(prompt, typed, text, error, started, self.clock() - begin)
        self.results.append(result)
        if error is not None and check:
            raise CommandFailed(typed, error)
        return result

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
        (`quiet`), or when `enough()` says so, asked after each whole line and each second of silence (`enough`).
        Nothing is typed. Raises ClosedError when the device ends the session.
        """
        deadline = self.clock() + seconds
        heard = self.clock()
        size = lines = 0
        pending = ""
        try:
            while (left := deadline - self.clock()) > 0:
                try:
                    chunk = self._receive(min(left, heard + quiet - self.clock(), _ASK_EVERY))
                except TimeoutError:
                    if self.clock() >= deadline:
                        return "time"
                    if self.clock() - heard >= quiet:
                        return "quiet"
                    if enough():
                        return "enough"
                    continue
                heard = self.clock()
                pending += chunk
                size += len(chunk)
                lines += chunk.count("\n")
                if "\n" in chunk:
                    # Only whole lines are handed on: the rest may be half a line, half an escape sequence, half a secret.
                    whole, _, pending = pending.rpartition("\n")
                    self._append(whole + "\n")
                    if enough():
                        return "enough"
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
        self._send("\x03")
        self._answer("", self.limits.command_idle, self.clock() + _INTERRUPT_TIME)
        self._running = False

    def close(self) -> None:
        """Log out and close the connection. Never raises; may be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._prompt is not None and not self.context:
                self._send("\x03exit\n" if self._running else "exit\n")
                deadline = self.clock() + _LOGOUT_TIME
                while self._receive(max(0.01, deadline - self.clock())):
                    if self.clock() > deadline:
                        break
        except (OSError, SessionError):
            # The peer may be gone already, or silent: closing is all that is left to do.
            pass
        finally:
            self.transport.close()

    # -- reading -----------------------------------------------------------------------------------------------------

    def _first_prompt(self, deadline: float) -> str:
        text = ""
        while True:
            left = deadline - self.clock()
            if left <= 0:
                raise LimitError("login", self.limits.login, "before the device showed a prompt")
            try:
                text += self._receive(left)
            except TimeoutError:
                continue
            except ClosedError:
                raise LoginError(
                    f"the device closed the session instead of showing a prompt{_last_words(text)}", "session_refused"
                ) from None
            tail = text[-terminal.TAIL :]
            if terminal.PASSWORD_CHANGE.search(tail):
                raise LoginError(
                    "the device demands that the administrator's password be changed; log in by hand and change it",
                    "password_change_required",
                )
            if terminal.PRESS_A.search(tail):
                self._send("a")
                text = ""
            elif match := terminal.ANY_PROMPT_AT_END.search(tail):
                return match[1]

    def _answer(self, command: str, idle: float, deadline: float) -> str:
        """Read up to the prompt behind a command; return what stands between its echo and that prompt."""
        prompt = self._learned()
        begin = self.clock()
        raw = ""
        start = 0  # behind the echo; 0 as long as the echo has not come
        replied = 0  # behind the pager or the question answered last
        glued_since: float | None = None
        while True:
            now = self.clock()
            if now >= deadline:
                raise LimitError("command_total", deadline - begin, f"in {self.redactor.text(command)!r}")
            wait = min(idle, deadline - now)
            shown = prompt.at_end(raw[max(start, len(raw) - terminal.TAIL) :])
            if shown:
                # Without its echo the prompt may be one that came late: give the echo time.
                wait = min(wait, _SETTLE if start else _ECHO_TIME)
            elif glued_since is not None:
                wait = min(wait, _SETTLE)
            try:
                chunk = self._receive(0.0 if shown and start else wait)
            except TimeoutError:
                if shown:
                    return self._before_prompt(terminal.plain(raw[start:]))
                if glued_since is None:
                    if wait == idle:
                        raise LimitError("command_idle", idle, f"in {self.redactor.text(command)!r}") from None
                    continue
                chunk = ""
            before = len(raw)
            raw += chunk
            start = start or max(0, terminal.after_echo(raw, command))
            fresh = raw[max(start, replied, len(raw) - terminal.TAIL) :]
            if terminal.PAGER.search(fresh):
                self._send(" ")
                replied = len(raw)
            elif terminal.QUESTION.search(fresh):
                # No command of this collection asks for a confirmation, so whatever is asked was not meant.
                self._send("n")
                replied = len(raw)
            elif glued_since is not None and (not chunk or self.clock() - glued_since > _PROBE_AFTER):
                self._send("\n")
                glued_since = None
            elif glued_since is None and prompt.followed_by_text(raw, max(start, before - terminal.TAIL)):
                glued_since = self.clock()

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
            while True:
                late += self._receive(0.0)
        except TimeoutError:
            self._append(late)

    def _append(self, raw: str) -> None:
        """Add what was printed without a command to the last result. The prompt it was glued to is kept with it."""
        if not raw or not self.results:
            return
        glue = "\n\n" + self._shown if self._at_prompt else "\n"
        text = self._before_prompt(terminal.plain(raw).removesuffix("\n"))
        if text:
            last = self.results[-1]
            self.results[-1] = replace(last, text=self.redactor.text(last.text + glue + text).lstrip("\n"))

    # -- bytes -------------------------------------------------------------------------------------------------------

    def _receive(self, timeout: float) -> str:
        try:
            data = self.transport.receive(timeout)
        except TimeoutError:
            raise
        except OSError as error:
            raise ClosedError(f"the connection broke: {error}") from error
        if not data:
            raise ClosedError("the device closed the session")
        return self._decoder.decode(data)

    def _send(self, text: str) -> None:
        try:
            self.transport.send(text.encode("utf-8"))
        except OSError as error:
            raise ClosedError(f"the connection broke: {error}") from error

    def _learned(self) -> terminal.Prompt:
        if self._prompt is None:
            raise SessionError("the session is not logged in")
        return self._prompt


def _last_words(text: str) -> str:
    lines = [line.strip() for line in terminal.plain(text).splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
