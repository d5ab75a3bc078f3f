# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the screen of the CLI: prompts, echo, pager, questions. Pure functions of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..redact.redactor import MASK
from ..terminal.clean import ESCAPE_SEQUENCE, PAGER_MARK, screen

# The end of the stream is all that is ever searched for a prompt: output may be megabytes long.
TAIL = 512

# No device prints longer lines; more of one is not kept.
LONGEST_LINE = 65_536
CUT_LINE = f"{MASK[:-1]}: the rest of a line of more than {LONGEST_LINE} characters>"

# The device begins a line with it; elsewhere it is part of what is printed.
PAGER_LINE = re.compile(rf"(?:^|(?<=[\r\n])){PAGER_MARK}")
PAGER = re.compile(PAGER_LINE.pattern + r"\s*$")
PRESS_A = re.compile(r"\(Press 'a' to accept\)\s*:?\s*$")
QUESTION = re.compile(r"\((?:y/n|yes/no)\)\s*\??\s*$|\[y/n\]\s*:?\s*$", re.IGNORECASE)

# What prompts look like, as far as was seen: top level `FAZVM64 # ` (one report has no blank before the mark; `~` ends a name that
# was cut; `$` marks a restricted administrator), or a configuration shell such as `(mail)# `, where the hostname is not shown.
_USUAL_PROMPT = re.compile(r"(?:[\w.~-]+ ?(?:\([^()\r\n]+\) ?)?|\([^()\r\n]+\) ?)[#$] ")
_MARKS = "#$"
_DRAWING = "#$*=-_+| \t"
# So much of a name is left where it was cut.
_KEPT = 4
_ASKING = re.compile(r"[:?>]\s*$")

# Lines that carry a value somebody chose: what of it reaches the device must be seen before it is submitted.
CARRIES_VALUE = re.compile(r"^\s*(?:set|edit|delete)\s|\"")
TAKE_BACK = "\x15"  # Ctrl-U

_LINE = re.compile(r"(?:^|(?<=[\r\n]))([^\r\n]+)([\r\n]?)")
_LINE_BELOW_EMPTY_ONE = re.compile(r"(?:^|(?<=\n))\r*\n([^\r\n]+)")

# How a terminal takes back a typed character.
_TAKEN_BACK = "\b \b"
_SEQUENCE_BEGUN = re.compile(r"\x1b(?:[()]|\[[0-?]*[ -/]*|\][^\x07\x1b\n]*\x1b?)?$")
_LONGEST_SEQUENCE = 4096


def last_line(text: str) -> str:
    """Return what stands behind the last line end."""
    return text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]


def may_be_prompt(line: str, expected: str = "") -> bool:
    """Return whether a line that has not ended may be a prompt: the expected one, or else any text with a mark at its end."""
    text = line.rstrip()
    if expected:
        return text == expected.rstrip()
    return text[-1:] in tuple(_MARKS) and line[len(text) :] in ("", " ") and bool(text.strip(_DRAWING))


def is_usual_prompt(line: str) -> bool:
    """Return whether a line is a complete prompt of a form that was seen before."""
    return _USUAL_PROMPT.fullmatch(line) is not None


def is_other_host(line: str) -> bool:
    """Return whether a line is a prompt of a usual form at the top level, of whatever host."""
    return is_usual_prompt(line) and not line.startswith("(")


def is_question(line: str) -> bool:
    """Return whether a line that has not ended asks for something."""
    return _ASKING.search(line) is not None


class Prompt:
    """The prompt of one session, learned after login: the exact text at top level, and any configuration shell.

    A shell is shown as `(mail)# `, or behind the name as `FAZ-HQ (mail) # `, where `~` may stand for the rest of the name.
    """

    def __init__(self, top_level: str) -> None:
        self.top_level = top_level
        text = top_level.rstrip()
        name, mark = text[:-1].rstrip(), re.escape(text[-1:])
        shown = rf"{re.escape(name)}|{re.escape(name[:_KEPT])}[^\s()]{{0,64}}~"
        # An entry's name may hold anything.
        self._shell = re.compile(rf"(?:(?:{shown}) ?)?\(([^\r\n]{{1,80}})\) ?{mark} ?")

    def at_end(self, text: str) -> str | None:
        """Return the prompt the text ends with, or None."""
        last = last_line(text[-TAIL:])
        return last if last == self.top_level or self._shell.fullmatch(last) else None

    def may_go_on(self, prompt: str) -> bool:
        """Return whether the blank that ends the top-level prompt of this device is still to come."""
        return self.top_level.endswith(" ") and not prompt.endswith(" ")

    def followed_by_text(self, text: str, position: int) -> bool:
        """Return whether a line from this position on starts with a prompt and goes on, as debug output does."""
        return any(end < line.end(1) for line, end in self._lines_with_prompt(text, position))

    def after_empty_line(self, text: str, whole: bool = True) -> str | None:
        """Return the first prompt below an empty line, as when Enter was pressed.

        `whole` says that the text begins where Enter was pressed, so that the line end it begins with is that of Enter.
        """
        for line in _LINE_BELOW_EMPTY_ONE.finditer(text, 0 if whole else 2):
            if length := self.length_at_start(line[1]):
                return line[1][:length]
        return None

    def begins_line(self, text: str, position: int) -> bool:
        """Return whether a line from this position on starts with a prompt and is complete, so that it was no prompt."""
        return any(line[2] for line, __ in self._lines_with_prompt(text, position))

    def length_at_start(self, text: str) -> int:
        """Return the length of the prompt the text starts with, 0 when there is none."""
        if text.startswith(self.top_level):
            return len(self.top_level)
        match = self._shell.match(text)
        return match.end() if match else 0

    def context(self, prompt: str) -> str:
        """Return the name of the configuration shell a prompt shows, or "" at top level."""
        shell = None if prompt == self.top_level else self._shell.fullmatch(prompt)
        return shell[1] if shell else ""

    def _lines_with_prompt(self, text: str, position: int) -> Iterator[tuple[re.Match[str], int]]:
        """Yield each line that starts with a prompt, and where the prompt ends. Lines begin behind `position`."""
        for line in _LINE.finditer(text, position + 1 if position else 0):
            if length := self.length_at_start(line[1]):
                yield line, line.start(1) + length


class EscapeFilter:
    """Takes colours and other terminal sequences out of a stream, also those that arrive in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the next piece without them. The beginning of one is held back until the rest of it comes."""
        text = ESCAPE_SEQUENCE.sub("", self._held + text)
        self._held = ""
        if "\x1b" in text and (begun := _SEQUENCE_BEGUN.search(text)) and len(begun[0]) <= _LONGEST_SEQUENCE:
            self._held = begun[0]
            text = text[: begun.start()]
        return text


def plain(text: str) -> str:
    """Return what remains on the screen: line ends as LF, without pager marks and erasures."""
    return screen(text.replace(_TAKEN_BACK, "")).replace("\r", "\n")


def cut_lines(text: str) -> str:
    """Return the text with lines of more than LONGEST_LINE characters cut, and a note at their end, as in logs."""
    if len(text) <= LONGEST_LINE:
        return text
    lines = text.split("\n")
    return "\n".join(line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + CUT_LINE for line in lines)


def last_words(text: str) -> str:
    """Return the last line that is not empty, for the end of a sentence."""
    lines = [line.strip() for line in plain(text).splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""


def shown_last(text: str) -> str:
    """Return the last line that is not empty, for an error about something that did not come."""
    words = last_words(text)
    return f"; the last line that it showed is {words[2:]!r}" if words else "; it showed nothing"
