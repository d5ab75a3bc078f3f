# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a session can be: at the top level, in a table, or in an entry of it. Each place has its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...plugins.plugin_utils.device.schema import Option
from ..device.config_tree import ConfigTable, Inner, Values
from ..device.jobs import Job
from ..device.state import Device, Session
from ..device.texts import refuse
from .command import Ask, EnterTable, Logout, Reply
from .commands import commands
from .grammar import Help, find, help_lines, words_after


@dataclass(frozen=True)
class Outcome:
    """What a line led to: text or a job, and where the session is afterwards (None: logged out).

    `confirmed`: the last line is a question; this is what `y` leads to.
    """

    shell: Shell | None
    lines: Sequence[str] = ()
    job: Job | None = None
    confirmed: Callable[[], Outcome] | None = None


class Shell(Protocol):
    """A place of the CLI."""

    @property
    def prompt(self) -> str: ...

    def prompt_of(self, shell: str) -> str:
        """Return the prompt in a shell of this name."""

    def run(self, words: list[str]) -> Outcome:
        """Do one command of at least one word. Raises CliError, and then the session stays where it is."""

    def help(self, words: list[str], beginning: str) -> list[str]:
        """Return what `?` prints behind these words and the beginning of one more. Raises CliError."""


@dataclass
class Root:
    """The top level."""

    device: Device
    session: Session

    @property
    def prompt(self) -> str:
        return self.prompt_of("")

    def prompt_of(self, shell: str) -> str:
        return self.session.prompt(self.device.hostname, shell)

    def run(self, words: list[str]) -> Outcome:
        command, rest = find(commands(), words)
        if self.session.may_not(command.words):
            raise refuse("permission_denied", verb=command.words[0], rest=".".join(command.words[1:]))
        command.check(rest)
        return self._outcome(command.run(self.device, self.session, rest))

    def _outcome(self, reply: Reply) -> Outcome:
        if isinstance(reply, Logout):
            return Outcome(None)
        if isinstance(reply, EnterTable):
            return Outcome(_enter(self, reply.table))
        if isinstance(reply, Job):
            return Outcome(self, job=reply)
        if isinstance(reply, Ask):
            return Outcome(self, reply.lines, confirmed=lambda: self._outcome(reply.confirmed()))
        return Outcome(self, reply)

    def help(self, words: list[str], beginning: str) -> list[str]:
        pairs, command = words_after(commands(), words)
        if command is not None and command.usage is not None and len(words) == len(command.words):
            return command.usage(self.device)
        return help_lines(pairs, beginning)


_TABLE_HELP: Help = (
    ("abort", "End and discard the changes."),
    ("delete", "Delete an entry."),
    ("edit", "Edit an entry."),
    ("end", "End and save the changes."),
    ("get", "Get the values."),
    ("purge", "Delete all entries."),
    ("show", "Show the configuration."),
)


def _enter(parent: Shell, table: ConfigTable) -> Shell:
    """The shell that `config` opens: of a table, or of an object of which there is one."""
    place = TableShell(parent, table)
    return EntryShell(place, "", *table.working_copy("")) if table.single else place


@dataclass
class TableShell:
    """`(mail)# `: the entries of a table. What is done here is done at once.

    `parent` is where `end` leads: the top level, or the entry that the table is inside of.
    """

    parent: Shell
    table: ConfigTable

    @property
    def prompt(self) -> str:
        return self.prompt_of(self.table.schema.name)

    def prompt_of(self, shell: str) -> str:
        return self.parent.prompt_of(shell)

    def run(self, words: list[str]) -> Outcome:
        verb, rest = words[0], words[1:]
        if verb in ("edit", "delete"):
            return self._edit_or_delete(verb, rest)
        if verb in ("get", "show") and len(rest) == 1:
            return Outcome(self, self._one(verb, rest[0]))
        if verb not in ("abort", "end", "get", "purge", "show"):
            raise refuse("unknown_action")
        if rest:
            raise refuse("parse_error", word=rest[-1])
        if verb == "purge":
            self.table.purge()
        if verb == "get":
            return Outcome(self, self.table.get_table(self.table.entries))
        if verb == "show":
            return Outcome(self, self.table.show(self.table.entries))
        return Outcome(self.parent if verb in ("abort", "end") else self)

    def _edit_or_delete(self, verb: str, rest: list[str]) -> Outcome:
        if not rest:
            raise refuse("incomplete")
        if len(rest) > 1:
            raise refuse("parse_error", word=rest[1])
        key = rest[0]
        if verb == "edit":
            self.table.check_key(key)
            return Outcome(EntryShell(self, key, *self.table.working_copy(key)))
        if key not in self.table.entries:
            raise refuse("entry_not_found", value=key)
        self.table.delete(key)
        return Outcome(self)

    def _one(self, verb: str, key: str) -> list[str]:
        if key not in self.table.entries:
            raise refuse("entry_not_found", value=key)
        values = self.table.entries[key]
        return self.table.get_entry(key, values) if verb == "get" else self.table.show({key: values})

    def help(self, words: list[str], beginning: str) -> list[str]:
        if not words:
            return help_lines(_TABLE_HELP, beginning)
        if len(words) == 1 and words[0] in ("delete", "edit", "get", "show"):
            what = (f"<{self.table.schema.key}>", "Name of an entry.")
            return help_lines([*((key, "") for key in self.table.entries), what], beginning)
        return []


_ENTRY_HELP: Help = (
    ("abort", "End and discard the changes."),
    ("end", "End and save the changes."),
    ("get", "Get the values."),
    ("next", "Save the entry and return to the table."),
    ("set", "Set a value."),
    ("show", "Show the configuration."),
    ("unset", "Set a value to its default."),
)


@dataclass
class EntryShell:
    """`(1)# `: a working copy of one entry, with the tables inside it.

    `next` and `end` store the whole copy, so of two administrators who edit the same entry the last one wins. `abort`,
    and a session that breaks off, leave the entry as it was. That holds for entries of inner tables, too: what they store
    goes into the copy of the entry around them (assumed).
    """

    place: TableShell
    key: str
    values: Values = field(default_factory=dict)
    inner: Inner = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        return self.place.prompt if self.place.table.single else self.prompt_of(self.key)

    def prompt_of(self, shell: str) -> str:
        return self.place.prompt_of(shell)

    def run(self, words: list[str]) -> Outcome:
        verb, rest = words[0], words[1:]
        table = self.place.table
        if verb in ("set", "unset"):
            if not rest:
                raise refuse("incomplete")
            if verb == "set":
                table.set(self.values, rest[0], rest[1:])
            elif rest[1:]:
                raise refuse("parse_error", word=rest[1])
            else:
                table.unset(self.values, rest[0])
            return Outcome(self)
        if verb == "config" and self.inner:
            return Outcome(_enter(self, self._inner(rest)))
        if verb not in ("abort", "end", "get", "next", "show") or (verb == "next" and table.single):
            raise refuse("unknown_action")
        if rest:
            raise refuse("parse_error", word=rest[0])
        if verb == "get":
            return Outcome(self, table.get_entry(self.key, self.values))
        if verb == "show":
            return Outcome(self, table.show({self.key: self.values}, {self.key: self.inner}))
        if verb != "abort":
            table.store(self.key, self.values, self.inner)
        return Outcome(self.place if verb == "next" else self.place.parent)

    def _inner(self, words: list[str]) -> ConfigTable:
        if not words:
            raise refuse("incomplete")
        if words[0] not in self.inner or words[1:]:
            raise refuse("parse_error", word=words[words[0] in self.inner])
        return self.inner[words[0]]

    def help(self, words: list[str], beginning: str) -> list[str]:
        options = {option.name: option for option in self.place.table.options(self.values)}
        if not words:
            return help_lines(self._verbs(), beginning)
        if words == ["config"]:
            return help_lines([(name, "Table inside this entry.") for name in self.inner], beginning)
        if words[0] not in ("set", "unset"):
            return []
        if len(words) == 1:
            return help_lines([(name, _meaning(option)) for name, option in options.items()], beginning)
        if len(words) == 2 and words[0] == "set":
            if words[1] not in options:
                raise refuse("parse_error", word=words[1])
            return help_lines(self._values(options[words[1]]), beginning)
        return []

    def _verbs(self) -> Help:
        inner = [("config", "Configure a table inside this entry.")] if self.inner else []
        return sorted([*(each for each in _ENTRY_HELP if each[0] != "next" or not self.place.table.single), *inner])

    def _values(self, option: Option) -> Help:
        if option.type == "option":
            return [(choice.name, choice.help) for choice in option.choices_on(self.place.table.firmware)]
        kind = {"integer": "<integer>", "password": "<passwd>"}.get(option.type, "<string>")
        return [(kind, _meaning(option))]


def _meaning(option: Option) -> str:
    if option.type == "integer":
        return f"Number, {option.minimum} to {option.maximum}."
    if option.type == "option":
        return "One of the listed values."
    return f"Text of at most {option.max_length} characters."
