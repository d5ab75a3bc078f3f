# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error of plugin_utils hangs below one root, whose docstring shows the tree; no two classes have one name."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.fortiops.mail.plugins.plugin_utils.errors import FazmailError

HOUSE = Path(__file__).parents[2] / "plugins" / "plugin_utils"
NAME = "ansible_collections.fortiops.mail.plugins.plugin_utils"


def classes() -> Iterator[type]:
    """All classes that plugin_utils defines."""
    for file in HOUSE.rglob("*.py"):
        module = importlib.import_module(".".join([NAME, *file.relative_to(HOUSE).with_suffix("").parts]))
        for __, each in inspect.getmembers(module, inspect.isclass):
            if each.__module__ == module.__name__:
                yield each


def tree(root: type, depth: int = 0) -> Iterator[tuple[int, str]]:
    yield depth, root.__name__
    for each in root.__subclasses__():
        yield from tree(each, depth + 1)


def test_the_docstring_shows_the_tree() -> None:
    list(classes())
    shown = re.findall(r"^( +)([A-Z]\w+)(?:  .*)?$", inspect.getdoc(FazmailError) or "", re.MULTILINE)

    assert sorted((len(indent) // 4 - 1, name) for indent, name in shown) == sorted(tree(FazmailError))


def test_every_error_that_leaves_has_the_root_and_a_cause() -> None:
    # Those of Python that a caller may treat as Python's, signals, and what a private name or room catches itself.
    private = {
        *("ProbeError", "Flood", "Closed", "Unreached", "Stopped", "TooSlow", "Unproven", "ReaderLeft", "WrongShape")
    }
    errors = {each for each in classes() if issubclass(each, BaseException) and not each.__name__.startswith("_")}

    assert {each.__name__ for each in errors if not issubclass(each, FazmailError)} == private
    assert all(re.fullmatch(r"[a-z_]+", each.cause) for each in errors if issubclass(each, FazmailError))


def test_an_error_says_its_fields_for_a_failed_result() -> None:
    error = FazmailError("no", "conflict", applied="no")

    assert (str(error), error.cause, error.details) == ("no", "conflict", {"applied": "no"})
    assert FazmailError("no").cause == "failed"


def test_no_two_classes_have_one_name() -> None:
    names = Counter(each.__name__ for each in classes())

    assert [name for name, count in names.items() if count > 1] == []
