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

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
# The rooms of plugin_utils, and those of the simulator: each knows those before it. Files beside the rooms know no room.
PLUGIN_UTILS = [
    "regex", "terminal", "redact", "templates", "logfile", "smtp", "log", "path", "probe", "analysis", "shell", "device",
    "policy", "report", "jobs", "command",
]  # fmt: skip
SIMULATOR = ["device", "network", "cli", "mail", "specification", "ssh", "evidence"]


def files() -> dict[str, Path]:
    """The modules of the product, by dotted names."""
    found = [*ROOT.glob("plugins/plugin_utils/**/*.py"), *ROOT.glob("simulator/**/*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in found}


@cache
def modules() -> dict[str, set[str]]:
    """What each module of the product imports, also for its types only, by dotted names."""
    names = files()
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


@pytest.mark.parametrize(
    ("house", "rooms"),
    [("plugins.plugin_utils", PLUGIN_UTILS), ("simulator", SIMULATOR)],
    ids=["plugin_utils", "simulator"],
)
def test_a_room_knows_those_before_it_only(house: str, rooms: list[str]) -> None:
    uses = [(name, used) for name in modules() for used in modules()[name] if _room(name, house) and _room(used, house)]
    ordered = [(name, used) for name, used in uses if _room(name, house) in rooms and _room(used, house) in rooms]

    assert ordered
    assert not [each for each in ordered if rooms.index(_room(each[0], house)) < rooms.index(_room(each[1], house))]


def test_what_stands_beside_the_rooms_of_plugin_utils_knows_none() -> None:
    house = "plugins.plugin_utils"
    beside = {name for name in modules() if _room(name, house) not in ("", *PLUGIN_UTILS)}
    used = {each for name in beside for each in modules()[name]}

    assert beside
    assert not [each for each in used if _room(each, house) in PLUGIN_UTILS]


def test_paramiko_is_of_the_shell() -> None:
    library = "plugins.plugin_utils.libraries"
    ways = ("paramiko", f"{library}.paramiko", f"{library}.auth_handler")
    used = {
        name
        for name, file in files().items()
        if any(_is_in(each, way) for each in _imports(name, file) for way in ways)
    }

    assert {".".join(name.split(".")[:3]) for name in used - {library}} == {"plugins.plugin_utils.shell"}


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _room(name: str, house: str) -> str:
    """The folder, or file beside the folders, of a house in which a module is; "" for what is elsewhere."""
    return name.removeprefix(f"{house}.").split(".")[0] if name.startswith(f"{house}.") else ""


def test_the_tree_of_the_design_page_is_that_of_the_checkout() -> None:
    tree = _drawn()

    assert not [path for path in tree if not (ROOT / path).exists()]
    for house in ("plugins", "plugins/plugin_utils", "simulator"):
        there = {path.name for path in (ROOT / house).iterdir() if path.is_dir() and path.name != "__pycache__"}
        if house == "plugins/plugin_utils":
            there |= {path.name for path in (ROOT / house).glob("*.py")}
        assert {path.name for path in map(Path, tree) if path.parent == Path(house)} == there


def test_the_tree_of_the_design_page_has_the_rooms_in_their_order() -> None:
    for house, rooms in (("plugins/plugin_utils", PLUGIN_UTILS), ("simulator", SIMULATOR)):
        drawn = [path.stem for path in map(Path, _drawn()) if path.parent == Path(house)]
        assert [name for name in drawn if name in rooms] == rooms


def _drawn() -> list[str]:
    """The folders and Python files in the tree of docs/design.md: a line has names, and behind at least two spaces a description."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    paths: list[str] = []
    above: list[str] = []
    for line in page.partition("## Rooms\n```\n")[2].partition("```")[0].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = [name for name in line.strip().split("  ")[0].split() if name.endswith(("/", ".py"))]
        if names and depth <= len(above):
            above = [*above[:depth], names[0].rstrip("/")]
            paths += ["/".join([*above[:depth], name.rstrip("/")]) for name in names]
    return paths
