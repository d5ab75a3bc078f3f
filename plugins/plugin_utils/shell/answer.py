# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the answer to one command ends, and what must be typed until then. Pure: text and times in, keys out.

A prompt at the end of what has arrived ends the answer at once when it is below an empty line, as these devices
print it, and nothing speaks against it. It is asked to show itself a second time, with an empty line, when other lines
of the output began like a prompt, or when text follows it: daemons print there. Another prompt than the one that was learned
counts where it comes again below an empty line, as at the login: somebody has given the device another name.
"""

from __future__ import annotations

import math
import re

from . import terminal
from .echo import Echo
from .terminal import Prompt

# How long a stream must be silent before a prompt that is not beyond doubt is believed, or asked for once more.
SETTLE = 0.3
# How long to wait for the echo of a command when there is a prompt and no echo: some peers do not echo at all.
ECHO_TIME = 2.0
# Daemons may print without a pause: ask for a fresh prompt at the latest after this time.
_PROBE_AFTER = 1.0
# A stream that comes in drops pauses anywhere: wait this many times its longest pause.
_PAUSES = 3
# A daemon speaks up when it pleases: silence behind a line of its means nothing before this time.
_LEAST = 0.05
_EMPTY_LINE_AT_END = re.compile(r"\n\r*\n\r*$")

PROBE = "\n"


def settled_after(pause: float, *, least: float = 0.0, most: float) -> float:
    """Return how many seconds of silence tell that a stream has ended whose longest pause so far is known."""
    return max(least, min(most, _PAUSES * pause))


class AnswerReader:
    """Reads the answer to a command that has been submitted.

    received: what came since the command was typed. reply: the key for a question. empty_line: whether the device is
    expected to print an empty line before its prompt. Afterwards `done` is true, `text` is the answer as received,
    `shown` the prompt, `renamed` that prompt where it is a new one, `before` what came before the echo, `question` what was
    asked, `pause` the longest silence between two pieces of the output, in seconds.
    """

    def __init__(
        self, prompt: Prompt, command: str, *, received: str = "", reply: str = "n", empty_line: bool = True
    ) -> None:
        self.raw = received
        self.done = False
        self.shown = ""
        self.renamed = ""
        self.question = ""
        self.empty_line = empty_line
        self._prompt = prompt
        self._reply = reply
        self._echo = Echo(command, prompt)
        self._start = 0  # behind the echo; 0 as long as it has not come
        self._asked = ""  # a question that the output ends with; what goes on was none
        self._replied = 0  # behind the pager or the question answered last
        self._entered = False  # Enter was pressed behind the reply, as some questions want it
        self._probed = 0  # where the answer to the last empty line must be; 0 when none was typed
        self._other = ""  # the prompt of another host, which the output ends with
        self._asked_for = ""  # that prompt, once an empty line was typed for it
        self._suspect = False  # some line of the output began like a prompt
        self._glued: float | None = None  # since when a prompt is followed by text
        self._heard: float | None = None  # when the last piece of the output came
        self.pause = 0.0

    @property
    def text(self) -> str:
        """What came behind the echo, prompts included."""
        return self.raw[self._start :]

    @property
    def before(self) -> str:
        """What came before the echo: late output of something else."""
        return self._echo.noise() if self._start else ""

    @property
    def patience(self) -> float:
        """Seconds of silence after which `silence` is to be called; infinite when it would do nothing."""
        if self.shown:
            if not self._start:
                # Without its echo the prompt may be one that came late: give the echo time.
                return ECHO_TIME
            # A suspect prompt is asked for once more, which costs nothing; else silence has to do.
            doubt = (
                self._probed or not (self._suspect or self._below_empty_line()) or self._prompt.may_go_on(self.shown)
            )
            return SETTLE if doubt else settled_after(self.pause, most=SETTLE)
        if self._glued is not None:
            return settled_after(self.pause, least=_LEAST, most=SETTLE)
        if self._asked or self._hidden_pager():
            return SETTLE
        if self._other:
            return SETTLE if self._asked_for else ECHO_TIME
        if self.question and not self._entered:
            return ECHO_TIME
        return math.inf

    def take(self, chunk: str, now: float) -> str:
        """Take what arrived at this time; return the keys to press."""
        before = len(self.raw)
        self.raw += chunk
        if not self._start:
            self._start = max(0, self._echo.end(self.raw))
        elif self._heard is not None:
            self.pause = max(self.pause, now - self._heard)
        if self._start and len(self.raw) > self._start:
            self._heard = now
        since = max(self._start - 1, before - terminal.TAIL, 0)  # with the line end before the first line
        self._suspect = self._suspect or (bool(self._start) and self._prompt.begins_line(self.raw, since))
        self.shown = self._prompt.at_end(self.raw[max(self._start, len(self.raw) - terminal.TAIL) :]) or ""
        line = terminal.last_line(self.raw[max(self._start, self._probed, len(self.raw) - terminal.TAIL) :])
        self._other = line if self._start and not self.shown and terminal.is_other_host(line) else ""
        fresh = self.raw[max(self._start, self._replied, len(self.raw) - terminal.TAIL) :]
        if terminal.PAGER.search(fresh):
            return self._press(" ")
        question = terminal.QUESTION.search(fresh)
        self._asked = fresh[: question.end()].splitlines()[-1].strip() if question else ""
        if shown := self._prompt_that_was_asked_for(before):
            # A daemon may print after it: with a flood there is never silence.
            self.shown, self.done = shown, True
        elif self.shown:
            return ""
        elif self._glued is None:
            # What was followed by text before the last empty line was typed has been answered with that line.
            behind = max(since, self._probed - 1)
            self._glued = now if self._prompt.followed_by_text(self.raw, behind) else None
        elif now - self._glued > _PROBE_AFTER:
            return self._probe()
        return ""

    def silence(self) -> str:
        """Nothing came for as long as `patience` said; return the keys to press."""
        if self.shown:
            if self._start and self._suspect and not self._probed:
                return self._probe()
            if self._start and not self._probed:
                self.empty_line = self._below_empty_line()
            self.done = True
            return ""
        if self._glued is not None:
            return self._probe()
        if self._asked:
            self.question, self._asked = self._asked, ""
            return self._press(self._reply)
        if self._hidden_pager():
            return self._press(" ")
        if self._other and self._asked_for == self._other:
            self.shown = self.renamed = self._other
            self.done = True
            return ""
        if self._other:
            self._asked_for = self._other
            return self._probe()
        if self.question and not self._entered:
            self._entered = True
            return "\n"
        return ""

    def _press(self, key: str) -> str:
        self._replied = len(self.raw)
        self.shown = ""
        return key

    def _probe(self) -> str:
        self._probed = len(self.raw)
        self._glued, self._other = None, ""
        self._heard = None  # the silence before it was ours
        self.shown = ""
        return PROBE

    def _prompt_that_was_asked_for(self, before: int) -> str | None:
        if not self._probed:
            return None
        since = max(self._probed, before - terminal.TAIL)
        return self._prompt.after_empty_line(self.raw[since:], whole=since == self._probed)

    def _below_empty_line(self) -> bool:
        return not self.empty_line or bool(_EMPTY_LINE_AT_END.search(self.raw[: len(self.raw) - len(self.shown)]))

    def _hidden_pager(self) -> bool:
        """The marker of the pager, followed by output of a daemon."""
        fresh = self.raw[max(self._start, self._replied, len(self.raw) - terminal.TAIL) :]
        return terminal.PAGER_LINE.search(fresh) is not None
