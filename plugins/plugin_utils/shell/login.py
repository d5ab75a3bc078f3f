# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the first byte of a shell to its prompt: banners, the text to accept, a demand for a new password."""

from __future__ import annotations

from collections.abc import Callable

from . import terminal
from .answer import SETTLE
from .errors import ClosedError, LimitError, LoginError
from .stream import Stream

# No more of a banner is kept than this.
_BANNER = 65_536


def learn_prompt(stream: Stream, clock: Callable[[], float], limit: float, redact: Callable[[str], str]) -> str:
    """Wait for the CLI and return its prompt; nothing but the key that accepts a banner and empty lines is typed.

    A prompt counts as learned when an empty line brings the very same one again: banners drawn with `#` do not repeat.
    limit: seconds. Raises LoginError when the device wants a password changed or ends the session, and LimitError.
    """
    deadline = clock() + limit
    seen = _next_prompt(stream, clock, deadline, limit, redact)
    while True:
        stream.send("\n")
        again = _next_prompt(stream, clock, deadline, limit, redact)
        if again == seen:
            return seen
        seen = again


def _next_prompt(
    stream: Stream, clock: Callable[[], float], deadline: float, limit: float, redact: Callable[[str], str]
) -> str:
    text = ""
    prompt = ""
    while (left := deadline - clock()) > 0:
        try:
            text = (text + stream.receive(min(left, SETTLE) if prompt else left))[-_BANNER:]
        except TimeoutError:
            if prompt:
                return prompt
            continue
        except ClosedError:
            raise LoginError(
                f"the device closed the session instead of showing a prompt{terminal.last_words(redact(text))}",
                "session_refused",
            ) from None
        tail = text[-terminal.TAIL :]
        if terminal.PASSWORD_CHANGE.search(tail):
            raise LoginError(
                "the device demands that the administrator's password be changed; log in by hand and change it",
                "password_change_required",
            )
        if terminal.PRESS_A.search(tail):
            stream.send("a")
            text = ""
        match = terminal.ANY_PROMPT_AT_END.search(tail)
        prompt = match[1] if match else ""
        if prompt.endswith(" "):
            return prompt
        # Without a blank at its end, the rest of the prompt may be on its way.
    raise LimitError("login", limit, "before the device showed a prompt")
