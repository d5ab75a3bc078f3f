# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong in a send, so kept that a question about all of it takes no longer the more there is of it."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum

from .knowledge import Meaning
from .step import Step

# What follows from another failure, and says nothing if there is an earlier one.
VAGUE = frozenset({"connection_lost", "tls_handshake_failed", "unknown"})
_NUMBERS = re.compile(r"\d+")


class Binding(Enum):
    """What a failure is about: a command of the mail, one of its recipients, or whatever the words say."""

    COMMAND = "command"
    RECIPIENT = "recipient"
    NONE = "none"


@dataclass(slots=True, eq=False)
class SendFailure:
    """Something that went wrong. `code` is empty for errors that are no reply; `successes` is how many steps had
    succeeded before."""

    step: Step
    stage: str
    meaning: Meaning
    code: str = ""
    enhanced: str = ""
    text: str = ""
    successes: int = 0
    binding: Binding = Binding.NONE


class Failures(list[SendFailure]):
    """Failures in their order, to be added with `append` only."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[tuple[str, str]] = set()  # what each of them tells: stages, causes, words

    def append(self, failure: SendFailure) -> None:
        super().append(failure)
        meaning = failure.meaning
        self._known |= {("at", failure.stage), ("cause", meaning.cause), ("meant", meaning.stage)}
        if meaning.cause in VAGUE:
            self._known.add(("meant vaguely", meaning.stage))
        if failure.code:
            self._known.add(("answered", failure.stage))
        if not failure.step.says.speaker:
            self._known.add(("words", _NUMBERS.sub("", failure.step.says.text)))

    def at(self, stages: Set[str]) -> bool:
        """Return whether anything went wrong at one of these stages."""
        return any(("at", stage) in self._known for stage in stages)

    def answered_at(self, stage: str) -> bool:
        """Return whether a reply at this stage was negative."""
        return ("answered", stage) in self._known

    def told_in_words_of(self, text: str) -> bool:
        """Return whether a remark has said the same, whatever the numbers in it."""
        return ("words", _NUMBERS.sub("", text)) in self._known

    def may_be(self, meaning: Meaning) -> bool:
        """Return whether this may be one of the failures in other words: the same cause, or vaguely the same stage."""
        how = "meant" if meaning.cause in VAGUE else "meant vaguely"
        return ("cause", meaning.cause) in self._known or (meaning.stage != "" and (how, meaning.stage) in self._known)
