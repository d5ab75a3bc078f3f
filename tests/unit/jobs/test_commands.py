# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One list of device commands: modules, templates, recorder and simulator are held to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.commands import (
    DeviceCommand,
    commands,
    recorded,
    sent_by,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.read_only import kind_of
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates
from ansible_collections.fortiops.mail.simulator.cli.commands import commands as simulated_commands
from ansible_collections.fortiops.mail.simulator.cli.grammar import find
from ansible_collections.fortiops.mail.simulator.cli.tokenizer import tokenize

from .cases import CASES, MODULES, do, prepared

# What is typed inside the shell that `config` opens.
_INSIDE = ("config alert-destination", "edit ", "set ", "unset ", "delete ", "next", "end", "abort")


@cache
def typed(module: str) -> set[str]:
    """The lines of the top level that the tasks of a module type."""
    lines: set[str] = set()
    for case in CASES:
        if case.module == module:
            with TemporaryDirectory() as directory:
                # What the user of a task types is in no list.
                lines.update(
                    set(do(case, prepared(case), Path(directory)).typed) - set(case.options.get("commands", ()))
                )
    return {line for line in lines if not line.startswith(_INSIDE)}


@pytest.mark.parametrize("module", MODULES)
def test_each_module_sends_what_the_list_says(module: str) -> None:
    known = {line: [each.name for each in commands() if each.typed_as(line)] for line in typed(module)}

    assert [line for line, names in known.items() if len(names) != 1] == []
    assert {names[0] for names in known.values()} == {each.name for each in sent_by(module)}


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_the_index_chooses_the_template_of_each_command(command: DeviceCommand) -> None:
    assert command.typed_as(command.example)
    assert templates.choose(command.example) == command.template


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_the_simulator_has_each_command(command: DeviceCommand) -> None:
    found, rest = find(simulated_commands(), tokenize(command.example))

    assert command.typed_as(" ".join([*found.words, *rest]))
    assert not rest or found.arguments or found.usage


def test_what_only_reads_is_recorded() -> None:
    assert {each.name for each in commands() if kind_of(each.name)} == set(recorded())
