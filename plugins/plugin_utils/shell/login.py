# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the first byte of a shell to its prompt: banners, the text to accept, a demand for a new password."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from . import terminal
from .answer import SETTLE
from .errors import ClosedError
from .limits import Countdown
from .meanings import meaning_of, refusal
from .stream import TextStream

# No more of a banner is kept than this.
_BANNER = 65_536


def learn_prompt(stream: TextStream, countdown: Countdown, redact: Callable[[str], str], expected: str = "") -> str:
    """Wait for the CLI and return its prompt; nothing but the key that accepts a banner and empty lines is typed.

    A prompt counts as learned when an empty line brings the very same one again, whatever its letters: banners drawn with `#`
    do not repeat. expected: the prompt, where it has no mark that prompts are known by. Raises LoginError when the device asks
    for something else or ends the session, and LimitError.
    """
    seen = _next_prompt(stream, countdown, redact, expected)
    typed = 0
    while True:
        stream.send("\n")
        typed += 1
        again = _next_prompt(stream, countdown, redact, expected)
        if again == seen:
            break
        seen = again
    # Where a banner was taken for a prompt, the answers to some empty lines are still on their way.
    if typed > 1:
        _drain(stream, countdown)
    return seen


def _drain(stream: TextStream, countdown: Countdown) -> None:
    """Take what comes until the device is silent."""
    with suppress(TimeoutError):
        while (left := countdown.left) > 0:
            stream.receive(min(left, SETTLE))


def _next_prompt(stream: TextStream, countdown: Countdown, redact: Callable[[str], str], expected: str) -> str:
    text = line = ""
    waiting = False  # for something that this side types: a line that has not ended
    while (left := countdown.left) > 0:
        try:
            text = (text + stream.receive(min(left, SETTLE) if waiting else left))[-_BANNER:]
        except TimeoutError:
            if waiting and terminal.may_be_prompt(line, expected):
                return line
            if waiting and meaning_of(text):
                happened = "the device asks for something else than a command"
                raise refusal(happened, text, "session_refused", redact) from None
            waiting = False
            continue
        except ClosedError:
            # No words are those of a device that has no session to spare.
            otherwise = "session_refused" if text.strip() else "busy"
            raise refusal(
                "the device closed the session instead of showing a prompt", text, otherwise, redact
            ) from None
        line = terminal.last_line(text[-terminal.TAIL :])
        if terminal.PRESS_A.search(line):
            stream.send("a")
            text = line = ""
        # Without a blank at its end the rest of a prompt may be on its way, and a line that looks like none may go on.
        waiting = terminal.may_be_prompt(line, expected) or terminal.is_question(line)
        if terminal.is_usual_prompt(line) and not expected:
            return line
    advice = "; if that is its prompt, set ansible_fortiops_mail_prompt to it" if line else ""
    raise countdown.error(f"before the device showed a prompt{terminal.shown_last(redact(text))}{advice}")
