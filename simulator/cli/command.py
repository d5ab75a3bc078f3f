# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command of the top level is, and what it may lead to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..device.config_tree import ConfigTable
from ..device.jobs import Job
from ..device.state import Device, Session
from ..device.texts import refuse


@dataclass(frozen=True)
class EnterTable:
    """The session goes into the configuration shell of this table."""

    table: ConfigTable


@dataclass(frozen=True)
class Logout:
    """The session ends."""


@dataclass(frozen=True)
class Ask:
    """The command asks first; the last line is the question. `confirmed` is what `y` leads to."""

    lines: Sequence[str]
    confirmed: Callable[[], Reply]


# Lines to print, a job for the front, a question, or another place for the session.
Reply = Sequence[str] | Job | EnterTable | Logout | Ask
# What a command does with the words that follow it. Raises CliError.
Run = Callable[[Device, Session, list[str]], Reply]


@dataclass(frozen=True)
class Command:
    """A command: its fixed words, what `?` says about the last of them, and what it does with the words that follow.

    `arguments` is what `?` says about those, of which there are no more, or `usage` where the command prints its own help.
    """

    words: tuple[str, ...]
    help: str
    run: Run
    arguments: tuple[tuple[str, str], ...] = ()
    usage: Callable[[Device], list[str]] | None = None

    def check(self, words: Sequence[str]) -> None:
        """Raise CliError for a word too many, where the parser stops. There are no pipes either: FMG 6.4.11 answers so to `| grep`."""
        if self.usage is None and len(words) > len(self.arguments):
            raise refuse("parse_error", word=words[len(self.arguments)])
