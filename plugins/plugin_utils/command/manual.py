# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page of `fazmail`, made from the same parsers as its help, in the macros of man(7)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .parser import EXIT_STATUS, CommandParser


def manual(parser: argparse.ArgumentParser) -> str:
    """Return the text of the page, which says the same whatever Python formats the help."""
    return "\n".join(_page(parser)) + "\n"


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield '.TH FAZMAIL 1 "" "fortiops.mail" "User Commands"'
    yield ".SH NAME"
    yield f"{parser.prog} \\- {_text(str(parser.description)).rstrip('.')}"
    yield ".SH SYNOPSIS"
    yield from (f".B {parser.prog}", ".I COMMAND", "[OPTION]...", ".br", f".B {parser.prog}", ".I FILE", _text("..."))
    yield ".SH DESCRIPTION"
    yield f"\\fB{parser.prog}\\fR \\fIFILE\\fR is \\fB{parser.prog} parse\\fR \\fIFILE\\fR."
    yield ".SH OPTIONS"
    yield from _arguments(parser)
    yield ".SH COMMANDS"
    for name, command in commands_of(parser):
        yield f".SS {name}"
        yield from _command(command)
    yield ".SH EXIT STATUS"
    yield from _as_it_is(EXIT_STATUS)


def commands_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command with its name, those of a command behind it: `templates`, `templates lint`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield name, command
                for inner, parser_of_inner in commands_of(command):
                    yield f"{name} {inner}", parser_of_inner


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    if isinstance(parser, CommandParser):
        parser.add_the_rest()
    yield _text(str(parser.description or ""))
    yield from _arguments(parser)
    if parser.epilog:
        yield ".PP"
        yield from _as_it_is(parser.epilog)


def _as_it_is(text: str) -> Iterator[str]:
    yield ".nf"
    yield from map(_text, text.rstrip().splitlines())
    yield ".fi"


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = parser._get_formatter()
    for group in parser._action_groups:
        if group.description:
            yield ".PP"
            yield f"\\fB{_text(str(group.title))}\\fR: {_text(group.description)}"
        for action in group._group_actions:
            if isinstance(action, argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
                continue
            yield ".TP"
            yield _called(action)
            yield _text(formatter._expand_help(action) if action.help else "")


def _called(action: argparse.Action) -> str:
    """An option with all its names and what it takes, or an argument."""
    words = f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper()
    value = action.metavar if isinstance(action.metavar, str) else words
    if not action.option_strings:
        return f"\\fI{_text(value)}\\fR"
    takes = f" \\fI{_text(value)}\\fR" if action.nargs != 0 else ""
    return ", ".join(f"\\fB{_text(name)}\\fR" for name in action.option_strings) + takes


def _text(text: str) -> str:
    """A text in which nothing is a macro or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
