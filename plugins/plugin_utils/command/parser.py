# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all commands of `fazmail` share: the parser, error messages, and the options for files of the user."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from ..errors import UserFileError

Commands: TypeAlias = "argparse._SubParsersAction[CommandParser]"
# As templates/find.py and smtp/vocabulary.py call them: to import those takes longer than `--help` may.
_TEMPLATES, _VOCABULARY = "FAZMAIL_TEMPLATES", "FAZMAIL_VOCABULARY"

# Beside those that a command has of its own; 128 and the number of a signal, as of a program that the signal ends.
EXIT_STATUS = """\
exit status of every command, beside its own:
  130  Ctrl-C
  141  nobody reads the output any more, as behind `head`, and not all of it
       was written
  143  SIGTERM
"""
READER_LEFT = 141


class _Formatter(argparse.HelpFormatter):
    """Wraps a sentence to the width of the terminal and keeps a list, such as the exit statuses, as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class CommandParser(argparse.ArgumentParser):
    """Parser of one command. `add_later` adds its arguments only when the command is used, where they are slow to load.

    error_status: the exit status for a wrong command.
    """

    add_later: Callable[[], object] | None = None
    error_status = 2

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **options})

    def add_the_rest(self) -> None:
        """Add the arguments that are slow to load."""
        if self.add_later is not None:
            add, self.add_later = self.add_later, None
            add()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.add_the_rest()
        options, rest = super().parse_known_args(args, namespace)
        if rest := self._given_to_list(options, rest):
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return options, rest

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if message:
            from ..terminal.quoting import escaped_lines

            message = escaped_lines(message)
        super().exit(self.error_status if status else 0, message)

    def _given_to_list(self, options: argparse.Namespace, words: list[str]) -> list[str]:
        """Give words that follow an option to the argument that takes a list, which argparse closes before the option.

        Return the words that are left.
        """
        lists = [each for each in self._actions if not each.option_strings and each.nargs in ("*", "+")]
        if not lists or any(word.startswith("-") and word != "-" for word in words):
            return words
        getattr(options, lists[0].dest).extend(words)
        return []


def show(text: str) -> None:
    """Print lines for a person, with escapes in place of what a device, a server or a file may have put into them for a terminal.

    Where nobody reads any more, the command goes on: its exit status has a meaning of its own. Raises WriteError.
    """
    from ..terminal.quoting import escaped_lines
    from ..whole_file import STANDARD_OUTPUT, ReaderLeft, write_errors

    with suppress(ReaderLeft), write_errors(STANDARD_OUTPUT):
        print(escaped_lines(text))


def complain(message: str) -> int:
    """Print one line that says what is wrong with the command or its input, and return exit status 2."""
    from ..terminal.quoting import escaped

    with suppress(OSError):  # the status says it, too
        print(f"fazmail: {escaped(message)}", file=sys.stderr)
    return 2


# -- templates and a vocabulary of the user, asked before those of the collection --------------------------------------


def add_templates(parser: argparse.ArgumentParser) -> None:
    """Add the option for templates to a command."""
    parser.add_argument(
        "--templates",
        metavar="DIR",
        help=f"folder of TextFSM templates with an index, used first (default: {_TEMPLATES})",
    )


def add_vocabulary(parser: argparse.ArgumentParser) -> None:
    """Add the option for a vocabulary to a command."""
    parser.add_argument(
        "--vocabulary",
        metavar="FILE",
        help=f"YAML file of texts and their causes, used first (default: {_VOCABULARY})",
    )


def use_templates(options: argparse.Namespace) -> None:
    """Use the templates that the option or the environment names before those of the collection. Raises UserFileError."""
    directory = options.templates or os.environ.get(_TEMPLATES)
    if not directory:
        return
    if not Path(directory, "index").is_file():
        given = "--templates" if options.templates else _TEMPLATES
        raise UserFileError(f"{given} {directory}: expected a folder with a file `index`")
    os.environ[_TEMPLATES] = directory


def use_vocabulary(options: argparse.Namespace) -> None:
    """Use the vocabulary that the option or the environment names before that of the collection. Raises UserFileError."""
    file = options.vocabulary or os.environ.get(_VOCABULARY)
    if not file:
        return
    os.environ[_VOCABULARY] = file
    from ..smtp.vocabulary import vocabulary

    vocabulary()  # errors in it are reported before any input is read
