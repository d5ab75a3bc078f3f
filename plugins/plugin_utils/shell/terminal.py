# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the screen of the CLI: prompts, echo, pager, questions. Pure functions of text."""

from __future__ import annotations

import re

# The end of the stream is all that is ever searched for a prompt: output may be megabytes long.
TAIL = 512

PAGER = re.compile(r"--More--\s*$")
PRESS_A = re.compile(r"\(Press 'a' to accept\)\s*:?\s*$")
PASSWORD_CHANGE = re.compile(r"(?i)forced to change your password|\bnew password\s*:\s*$|\bold password\s*:\s*$")
QUESTION = re.compile(r"\((?:y/n|yes/no)\)\s*\??\s*$|\[y/n\]\s*:?\s*$", re.IGNORECASE)

# Top level `FAZVM64 # ` (one report has no blank before the mark; `~` ends a name that was cut; `$` marks a read-only
# administrator), or a configuration shell such as `(mail)# `, where the hostname is not shown.
_ANY_PROMPT = r"(?:[\w.~-]+ ?(?:\([^()\r\n]+\) ?)?|\([^()\r\n]+\) ?)[#$] ?"
ANY_PROMPT_AT_END = re.compile(rf"(?:^|[\r\n])({_ANY_PROMPT})$")

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_PAGER_ERASED = re.compile(r"--More-- ?(?:\r *\r|(?:\x08 ?)+)?")
_ERASED = re.compile(r"\r +\r")
_LINE_END = re.compile(r"\r*\n")


class Prompt:
    """The prompt of one session, learned after login: the exact text at top level, and any configuration shell."""

    def __init__(self, top_level: str) -> None:
        self.top_level = top_level
        mark = re.escape(top_level.rstrip())[-1:]
        shell = rf"\([^\r\n]{{1,80}}\) ?{mark} ?"  # an entry's name may hold anything
        either = rf"{re.escape(top_level)}|{shell}"
        self._at_end = re.compile(rf"(?:^|[\r\n])({either})$")
        self._followed = re.compile(rf"(?:^|[\r\n])(?:{either})(?=[^\r\n])")

    def at_end(self, text: str) -> str | None:
        """Return the prompt the text ends with, or None."""
        match = self._at_end.search(text[-TAIL:])
        return match[1] if match else None

    def followed_by_text(self, text: str, position: int) -> bool:
        """Say whether a line from this position on starts with a prompt and goes on, as debug output does."""
        return self._followed.search(text, position) is not None

    def context(self, prompt: str) -> str:
        """Return the name of the configuration shell a prompt shows, or "" at top level."""
        return "" if prompt == self.top_level else prompt.strip().rstrip("#$ ")[1:-1]


def plain(text: str) -> str:
    """Return what remains on the screen: line ends as LF, without pager marks, erasures and terminal sequences."""
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = _PAGER_ERASED.sub("", text)
    text = _LINE_END.sub("\n", text)
    return _ERASED.sub("", text).replace("\r", "\n")


def after_echo(text: str, command: str) -> int:
    """Return the position behind the echo of a command and its line end, or -1 when the echo is not complete.

    The device ends an echoed line with CR CR LF (seen on FMG 7.4.6), others with CR LF.
    """
    match = re.search(re.escape(command) + r"[ \t]*\r*\n", text)
    return match.end() if match else -1
