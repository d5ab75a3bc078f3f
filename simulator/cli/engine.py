# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session of the CLI, without any input or output of its own.

The front feeds bytes and performs the effects that come back: write bytes, begin or stop a job, log out. While a job
runs, typed characters wait; only Ctrl-C is heard.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ...plugins.plugin_utils.device.schema import secret_options
from ..device.jobs import Job
from ..device.state import Device, Session
from ..device.texts import CliError, refuse, say
from .shells import Outcome, Root, Shell
from .terminal import LINE_END, HelpAsked, Interrupted, LineEditor, Pager, Submitted
from .tokenizer import UnmatchedQuoteError, tokenize

_INTERRUPT = "\x03"


@dataclass(frozen=True)
class Write:
    """Send these bytes to the terminal."""

    data: bytes


@dataclass(frozen=True)
class Begin:
    """Do this job; report with `Engine.progress` and `Engine.finished`."""

    job: Job


@dataclass(frozen=True)
class Stop:
    """Ctrl-C: end the job early, still reporting with `Engine.finished`."""


@dataclass(frozen=True)
class Close:
    """The session is over."""


Effect = Write | Begin | Stop | Close


@dataclass(frozen=True)
class Screen:
    """What kind of terminal the session has.

    echo: there is a terminal (pty) that shows what is typed. rows: its height, 0 for a device that does not stop at
    the end of a page. columns: its width, 0 for a device that does not wrap. accept: the text `(Press 'a' to accept):`
    comes first. single: an exec channel, where the prompt is before the output and the session ends with its input.
    motd: what comes before the first prompt. instead: what comes instead of it, and waits for ever.
    look_alikes: the output has lines that look like the prompt. mask_passwords: passwords are echoed as `*`.
    refuse: lines that begin so are refused. swallow: the character typed behind this text is lost, once.
    answers: what is printed for a line that begins with such words, instead of doing what it says.
    """

    echo: bool = True
    rows: int = 0
    columns: int = 0
    accept: bool = False
    single: bool = False
    motd: str = ""
    instead: str = ""
    look_alikes: bool = False
    mask_passwords: bool = False
    refuse: str = ""
    swallow: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


class Engine:
    """The CLI of one session. `heard` is called with each submitted line, as typed, and the prompt it stood at."""

    def __init__(
        self,
        device: Device,
        session: Session,
        screen: Screen | None = None,
        heard: Callable[[str, str], None] = lambda prompt, line: None,
    ) -> None:
        self.device = device
        self.session = session
        self.screen = screen or Screen()
        self._heard = heard
        self._shell: Shell | None = Root(device, session)
        masks = _in_password if self.screen.mask_passwords else lambda typed: False
        self._editor = LineEditor(self.screen.echo, self.screen.columns, masks)
        self._pager = Pager(self.screen.rows)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting: deque[str] = deque()
        self._accepting = self.screen.accept
        self._confirmed: Callable[[], Outcome] | None = None  # a question is open: what `y` leads to
        self._swallow = self.screen.swallow
        self._busy = False
        self._ended = False  # no more input will come
        self._effects: list[Effect] = []

    @property
    def prompt(self) -> str:
        return self._shell.prompt if self._shell else ""

    def start(self) -> list[Effect]:
        """The session is open: show the first prompt."""
        if self._accepting:
            self._write(LINE_END.join(say("press_a")))
        elif not self.screen.single:
            self._greet()
        return self._take()

    def feed(self, data: bytes) -> list[Effect]:
        """Take typed bytes."""
        for character in self._decoder.decode(data):
            if self._busy and character == _INTERRUPT:
                # What was typed ahead is lost with the command, as on any terminal.
                self._waiting.clear()
                self._effects.append(Stop())
            else:
                self._waiting.append(character)
        self._work()
        return self._take()

    def end_of_input(self) -> list[Effect]:
        """The client will send nothing more: the session ends when everything typed has been done."""
        self._ended = True
        self._work()
        return self._take()

    def progress(self, lines: Iterable[str]) -> list[Effect]:
        """A job printed these lines."""
        self._write_lines(lines)
        return self._take()

    def finished(self, lines: Iterable[str] = ()) -> list[Effect]:
        """The job printed these last lines and is over."""
        self._write_lines(lines)
        self._busy = False
        self._prompt()
        self._work()
        return self._take()

    def debug(self, lines: Iterable[str]) -> list[Effect]:
        """Print debug text where the cursor is: behind a prompt, in the middle of a typed line, between output."""
        if self.session.debug_output:
            self._write_lines(lines)
        return self._take()

    # -- keys --------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while self._waiting and not self._busy and self._shell is not None:
            self._press(self._waiting.popleft())
        if self._ended and not self._busy and self._shell is not None:
            if self._editor.typed:
                self._press("\n")
            if not self._busy:
                self._log_out()

    def _press(self, character: str) -> None:
        if self._accepting:
            if character == "a":
                self._accepting = False
                self._write(("a" if self.screen.echo else "") + LINE_END * 2)
                self._greet()
            return
        if self.screen.instead:
            # Nothing leads out of this, as of a demand for a new password that nobody here gives.
            if character in "\r\n":
                self._heard(self.screen.instead.splitlines()[-1], "***")
            return
        if self._confirmed is not None:
            self._reply(character)
            return
        if self._pager.waiting:
            self._write(self._pager.press(character))
            if not self._pager.waiting:
                self._prompt()
            return
        if self._swallow and self._editor.typed == self._swallow:
            self._swallow = ""
            return
        shown, key = self._editor.press(character, len(self.prompt))
        self._write(shown)
        if isinstance(key, Submitted):
            self._submit(key.line)
        elif isinstance(key, HelpAsked):
            self._help(key.line)
        elif isinstance(key, Interrupted):
            self._prompt()

    def _submit(self, line: str) -> None:
        assert self._shell is not None
        self._heard(self.prompt, line)
        if self.screen.single:
            self._write(self.prompt)
        try:
            words = _words(line)
            if not words:
                self._write("" if self.screen.single else self.prompt)
                return
            if self.screen.refuse and line.startswith(self.screen.refuse):
                raise refuse("value_invalid", option=words[min(1, len(words) - 1)], value=words[-1])
            if (answer := self._answer(line)) is not None:
                self._print(answer.splitlines())
                return
            outcome = self._shell.run(words)
        except CliError as error:
            self._print(error.lines)
            return
        self._go(outcome)

    def _answer(self, line: str) -> str | None:
        """Return what is printed in place of what a line does; the longest beginning counts."""
        typed = f"{' '.join(line.split())} "
        fitting = [begin for begin in self.screen.answers if typed.startswith(f"{begin} ")]
        return self.screen.answers[max(fitting, key=len)] if fitting else None

    def _go(self, outcome: Outcome) -> None:
        self._shell = outcome.shell
        if self._shell is None:
            self._log_out()
        elif outcome.job is not None:
            self._busy = True
            self._effects.append(Begin(outcome.job))
        elif outcome.confirmed is not None:
            self._confirmed = outcome.confirmed
            self._write(LINE_END.join(outcome.lines) + " ")
        else:
            self._print(outcome.lines)

    def _reply(self, character: str) -> None:
        """Take the key for an open question. It acts at once, and is echoed on the same line."""
        if character not in "yn\x03" or self._confirmed is None:
            return
        confirmed, self._confirmed = self._confirmed, None
        self._write((character if character > " " else "") + LINE_END)
        if character == "y":
            self._go(confirmed())
        else:
            self._prompt()

    def _help(self, line: str) -> None:
        assert self._shell is not None
        beginning = "" if not line or line[-1].isspace() else line.split()[-1]
        try:
            words = _words(line[: len(line) - len(beginning)])
            self._write_lines(self._shell.help(words, beginning))
        except CliError as error:
            self._write_lines(error.lines)
        self._write(LINE_END + self.prompt + line)

    def _log_out(self) -> None:
        self._shell = None
        self._effects.append(Close())

    # -- screen ------------------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        if self.screen.motd:
            self._write(LINE_END.join(self.screen.motd.splitlines()) + LINE_END)
        if self.screen.instead:
            self._write(LINE_END.join(self.screen.instead.splitlines()))
        else:
            self._write(self.prompt)

    def _print(self, lines: Iterable[str]) -> None:
        lines = list(lines)
        if self.screen.look_alikes and lines:
            alike = [self.prompt, f"{self.prompt}is no prompt"]
            # In a configuration they can only be lines of a value.
            lines[1:1] = ['    set banner "', *alike, '"'] if lines[0].startswith("config ") else alike
        if self.screen.rows and len(lines) >= self.screen.rows and not self.screen.single:
            self._write(self._pager.start(lines))
        else:
            self._write_lines(lines)
            self._prompt()

    def _prompt(self) -> None:
        if not self.screen.single:
            self._write(LINE_END + self.prompt)

    def _write_lines(self, lines: Iterable[str]) -> None:
        self._write("".join(line + LINE_END for line in lines))

    def _write(self, text: str) -> None:
        if text:
            self._effects.append(Write(text.encode("utf-8")))

    def _take(self) -> list[Effect]:
        """Return the effects in order, neighbouring writes as one."""
        taken: list[Effect] = []
        for effect in self._effects:
            last = taken[-1] if taken else None
            if isinstance(effect, Write) and isinstance(last, Write):
                taken[-1] = Write(last.data + effect.data)
            else:
                taken.append(effect)
        self._effects = []
        return taken


def _in_password(typed: str) -> bool:
    """Return whether the value of a password option is being typed."""
    words = typed.lstrip().split(" ", 2)
    return len(words) == 3 and words[0] == "set" and words[1].strip("\"'") in secret_options()


def _words(line: str) -> list[str]:
    try:
        return tokenize(line)
    except UnmatchedQuoteError as error:
        raise refuse("unmatched_quote", mark="double" if error.mark == '"' else "single") from None
