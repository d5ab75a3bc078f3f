# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `fazmail`."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import FazmailError
from ..whole_file import STANDARD_OUTPUT, STANDARD_STREAM, ReaderLeft, write_errors
from .completion import complete
from .parser import EXIT_STATUS, READER_LEFT, CommandParser, complain, show

# The subcommands in the order of `fazmail --help`: for logs, rules and devices, then for those who extend it. Each has an example
# for its own help, and is a file beside this one with a function `add` that imports what it needs only when it runs, so that
# `fazmail --help` is fast.
COMMANDS = {
    "parse": "fazmail parse --since 2h debug.log",
    "explain": "fazmail explain --send 2 -f debug.log",
    "classify": "fazmail classify '550 5.7.1 Unable to relay'",
    "probe": "fazmail probe smtp.example.com:587",
    "check": "fazmail check backups --policy policy.yml --html compliance.html",
    "report": "fazmail report compliance.json --since last-week.json --html compliance.html",
    "rules": "fazmail rules explain FMAIL-007",
    "run": "fazmail run faz-hq -i inventory.yml 'get system status'",
    "monitor": "fazmail monitor faz-hq -i inventory.yml --queue 100,1000",
    "doctor": "fazmail doctor -i inventory.yml",
    "gather": "fazmail gather faz-hq -i inventory.yml",
    "simulate": "fazmail simulate --inventory inventory.yml",
    "record": "fazmail record faz.example.com --user automation -o faz.yml",
    "evidence": "fazmail evidence faz.example.com -o found --test-mail relay",
    "templates": "fazmail templates lint --templates mine",
    "sample": "fazmail sample add debug.log --template fazmaild_debug --firmware 7.4.2",
    "completion": 'eval "$(fazmail completion bash)"',
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: those of the process) and return its exit status.

    A fault of ours is raised where somebody gives the arguments, and else printed.
    """
    _prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        # Unfinished files are removed, as after Ctrl-C.
        signal.signal(signal.SIGTERM, lambda *__: sys.exit(128 + signal.SIGTERM))
    try:
        try:
            return _run(words)
        finally:
            _flush()
    except ReaderLeft:
        # What was not written may have been a failure.
        return READER_LEFT
    except KeyboardInterrupt:
        return 130
    except FazmailError as error:
        complain(str(error))
    except OSError as error:
        # Nobody has foreseen it: it says itself what it is about.
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes, os.PathLike)) else ""
        complain(f"{place}{error.strerror or error}; the command was broken off")
    except Exception as error:
        said = _missing(error)
        if said is None and arguments is not None:
            raise
        if said is None:
            # Python would end with 1, which is an answer of many commands.
            from ..redact.redactor import Redactor

            with suppress(OSError):
                # It may quote what was read, and is made to be sent to us.
                sys.stderr.write(Redactor().text(traceback.format_exc()))
            said = "this is a fault of fazmail; please report it with the lines above"
        complain(said)
    return _error_status(words)


def _missing(error: Exception) -> str | None:
    """Return what an error means where a package is missing, None for any other error."""
    if not isinstance(error, ModuleNotFoundError):
        return None
    from ..libraries import missing_library

    missing = missing_library(error)
    return None if missing is None else str(missing)


def _error_status(words: Sequence[str]) -> int:
    """Return what a command ends with where it could not do its work, or its result could not be written."""
    command = importlib.import_module(f".{words[0]}", __package__) if words and words[0] in COMMANDS else None
    return int(getattr(command, "ERROR_STATUS", 2))


def _run(words: list[str]) -> int:
    complete(command_parser)
    if not words:
        command_parser().print_help()
        return 0
    if not words[0].startswith("-") or words[0] == STANDARD_STREAM:
        if words[0] not in COMMANDS and (words[0] == STANDARD_STREAM or os.path.exists(words[0])):  # noqa: PTH110 - Path raises where a word is too long for a name
            words.insert(0, "parse")
        elif words[0] not in COMMANDS:
            return _no_command(words[0])
    options = command_parser(words[0]).parse_args(words)
    status: int = options.run(options)
    return status


def _no_command(word: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, 3, 0.6)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return complain(f"{word}: is neither a command nor a file; {hint}`fazmail` lists the commands")


def _prepare_streams() -> None:
    # For a stream that was closed: reading and printing then fail as for any bad file, and messages are lost.
    for name, mode, access in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, access), mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    # A file name need not be text; showing it must not be what fails.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _flush() -> None:
    """Flush the output. What cannot be written is dropped: Python would try again at exit. Raises WriteError.

    Where nobody reads any more, the command has done its work, and its status says how that ended.
    """
    with suppress(ReaderLeft), write_errors(STANDARD_OUTPUT):
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise


def command_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of the whole command; of one of its commands only, when that one is named: the others take longer to
    load than a small log takes to be read."""
    parser = CommandParser(
        prog="fazmail",
        description="Diagnose alert mail of FortiAnalyzer and FortiManager: read logs, check policy, probe mail servers, simulate devices.",
        epilog=f"`fazmail FILE` is `fazmail parse FILE`.\n\n{EXIT_STATUS}",
    )
    parser.add_argument("-V", "--version", action=_Version, help="show program's version number and exit")
    parser.add_argument("--manual", action=_Manual, help="print the manual page and exit: fazmail --manual | man -l -")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in (command,) if command in COMMANDS else COMMANDS:
        importlib.import_module(f".{name}", __package__).add(commands)
        commands.choices[name].epilog = f"example:\n  {COMMANDS[name]}\n\n{commands.choices[name].epilog or ''}"
    return parser


class _Version(argparse.Action):
    """Looks up the version only on demand: that takes longer than everything else `fazmail --help` does."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *__: object) -> None:
        show(_version())
        parser.exit()


class _Manual(argparse.Action):
    """Prints the manual page, for which all parsers have to be complete."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *__: object) -> None:
        from .manual import manual

        show(manual(parser).rstrip("\n"))
        parser.exit()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"fazmail {version('fortiops-mail')}"
    except PackageNotFoundError:
        with suppress(OSError):  # ansible-galaxy writes this file
            manifest = json.loads((Path(__file__).parents[3] / "MANIFEST.json").read_text(encoding="utf-8"))
            return f"fazmail {manifest['collection_info']['version']}"
        return "fazmail (not installed)"


if __name__ == "__main__":
    sys.exit(main())
