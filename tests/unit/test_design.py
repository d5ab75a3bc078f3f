# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who imports whom is as docs/design.md says: data flows one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The rooms of the simulator: each knows those before it.
SIMULATOR = ["device", "network", "cli", "mail", "specification", "ssh"]
# What works on text only.
OF_TEXT = ["text", "log", "smtp", "path", "policy", "report", "analysis"]


@cache
def modules() -> dict[str, set[str]]:
    """What each module of the product imports, also for its types only, by dotted names."""
    files = [*ROOT.glob("plugins/plugin_utils/**/*.py"), *ROOT.glob("simulator/**/*.py")]
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}
    return {name: {_known(each, names) for each in _imports(name, file)} for name, file in names.items()}


def _imports(name: str, file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            yield from (".".join([*above, *filter(None, [node.module]), each.name]) for each in node.names)


def _known(imported: str, names: dict[str, Path]) -> str:
    """The module of which a name was imported, or the name."""
    return imported if imported in names else imported.rpartition(".")[0] or imported


def test_no_two_modules_import_each_other() -> None:
    graph = {name: {each for each in imported if each in modules()} for name, imported in modules().items()}

    assert len(list(TopologicalSorter(graph).static_order())) == len(graph) > 100


def test_nothing_below_the_plugins_imports_ansible() -> None:
    assert not [name for name, imported in modules().items() if any(_is_in(each, "ansible") for each in imported)]


@pytest.mark.parametrize("room", OF_TEXT)
def test_what_works_on_text_knows_no_session(room: str) -> None:
    inside = {name for name in modules() if _is_in(name, f"plugins.plugin_utils.{room}")}
    used = {each for name in inside for each in modules()[name]}

    assert inside
    assert not [each for each in used if _is_in(each, "paramiko") or _is_in(each, "plugins.plugin_utils.shell")]


@pytest.mark.parametrize("room", SIMULATOR)
def test_a_room_of_the_simulator_knows_those_before_it(room: str) -> None:
    inside = {name for name in modules() if _is_in(name, f"simulator.{room}")}
    allowed = SIMULATOR[: SIMULATOR.index(room) + 1]
    used = {each for name in inside for each in modules()[name] if _is_in(each, "simulator")}

    assert inside
    assert not [each for each in used if each.split(".")[1] not in allowed]


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
