# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the first byte of a shell to its prompt: banners, the text to accept, a demand for a new password."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import terminal
from .answer import SETTLE
from .errors import ClosedError, LoginError
from .limits import Countdown
from .stream import TextStream

# No more of a banner is kept than this.
_BANNER = 65_536


# How a device says that it has no session to spare; all assumed, no text of these products is public.
_BUSY = re.compile(r"too many|maximum|limit|exceed|busy|in use|concurrent|later|resource", re.IGNORECASE)


def learn_prompt(stream: TextStream, countdown: Countdown, redact: Callable[[str], str]) -> str:
    """Wait for the CLI and return its prompt; nothing but the key that accepts a banner and empty lines is typed.

    A prompt counts as learned when an empty line brings the very same one again: banners drawn with `#` do not repeat.
    Raises LoginError when the device wants a password changed or ends the session, and LimitError.
    """
    seen = _next_prompt(stream, countdown, redact)
    while True:
        stream.send("\n")
        again = _next_prompt(stream, countdown, redact)
        if again == seen:
            return seen
        seen = again


def no_session(message: str, words: str) -> LoginError:
    """Return the error for a device that accepts the credential and then gives no session; `words` is what it said."""
    return LoginError(message, "busy" if not words or _BUSY.search(words) else "session_refused")


def _next_prompt(stream: TextStream, countdown: Countdown, redact: Callable[[str], str]) -> str:
    text = ""
    prompt = ""
    while (left := countdown.left) > 0:
        try:
            text = (text + stream.receive(min(left, SETTLE) if prompt else left))[-_BANNER:]
        except TimeoutError:
            if prompt:
                return prompt
            continue
        except ClosedError:
            words = terminal.last_words(redact(text))
            raise no_session(f"the device closed the session instead of showing a prompt{words}", words) from None
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
    raise countdown.error("before the device showed a prompt")
