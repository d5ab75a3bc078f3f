# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `--help` says is so for every command, and in the same words."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import COMMANDS, command_parser
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.manual import commands_of, manual

PARSER = command_parser()
MANUAL = manual(PARSER)  # adds the arguments that are added late, too
PARSERS = dict(commands_of(PARSER))
# Those that do something, and not one of several things.
DOING = {name: parser for name, parser in PARSERS.items() if not parser._subparsers}
HELP = {name: parser.format_help() for name, parser in PARSERS.items()}


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    return {name: action for action in parser._actions for name in action.option_strings}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example_that_it_takes(name: str) -> None:
    shown = re.search(r"^example:\n  (.+)\n", HELP[name], re.MULTILINE)
    assert shown is not None
    (line,) = re.findall(r"fazmail [^)]+", shown[1])

    options = PARSER.parse_args(shlex.split(line)[1:])

    assert callable(options.run)


@pytest.mark.parametrize("name", DOING)
def test_a_command_tells_how_it_may_end_and_its_help_fits_the_terminal(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    told = DOING[name].format_help()

    of = name if name.startswith("sample") else name.split()[0]
    assert re.search(rf"^exit status of `{of}`:\n  0  ", told, re.MULTILINE)
    assert all(len(line) <= 80 for line in told.splitlines())


@pytest.mark.parametrize("name", DOING)
def test_an_option_that_may_be_given_several_times_says_so(name: str) -> None:
    silent = [
        action.option_strings[-1]
        for action in DOING[name]._actions
        if isinstance(action, argparse._AppendAction) and "may be given several times" not in str(action.help)
    ]

    assert not silent


@pytest.mark.parametrize("name", DOING)
def test_a_default_is_told_in_one_form(name: str) -> None:
    told = [str(action.help) for action in DOING[name]._actions if "default" in str(action.help)]

    assert all(re.search(r"^default: |\(default: .+\)$|^auto \(default\)", text) for text in told), told


@pytest.mark.parametrize(
    "option", ["--user", "--port", "--policy", "--firmware", "--test-mail", "--mail-from", "--mail-to"]
)
def test_what_an_option_takes_is_called_the_same_in_every_command(option: str) -> None:
    taken = [each[option] for each in map(options_of, DOING.values()) if option in each]

    assert len(taken) > 1
    assert len({(str(action.metavar), action.nargs) for action in taken}) == 1


def test_all_commands_that_log_in_name_a_device_in_the_same_ways() -> None:
    known = {name: options_of(parser) for name, parser in DOING.items()}
    with_login = {name for name, options in known.items() if "--fingerprint" in options}
    ways = {
        name: {
            option: action.help
            for option, action in known[name].items()
            if option in options_of(DOING["record"]) and option not in ("-o", "--output", "-h", "--help")
        }
        for name in with_login
    }

    assert with_login == {"gather", "record", "evidence", "run", "monitor", "doctor"}
    assert all(each == ways["run"] for each in ways.values())
    for name in with_login:
        assert ("-i" in known[name]) != ("there is no -i, as" in HELP[name]), name


def test_the_manual_page_has_what_is_said_of_a_group_of_options() -> None:
    for text in ("login", "reports"):
        assert f"\n.PP\n\\fB{text}\\fR: " in MANUAL
