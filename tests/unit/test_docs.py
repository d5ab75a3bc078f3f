# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages made from data say what the data say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_on_the_diagnosis_is_not_stale() -> None:
    page = (DOCS / "diagnosis.md").read_text(encoding="utf-8")

    assert runpy.run_path(str(DOCS / "generate.py"))["generated"](page) == page, "run `make docs`"


@pytest.mark.parametrize("cause", causes())
def test_each_cause_has_its_section(cause: str) -> None:
    page = (DOCS / "diagnosis.md").read_text(encoding="utf-8")

    assert page.count(f"\n### {cause}\n") == 1
    assert causes()[cause].explanation in page


def test_the_tests_that_the_comparison_names_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "comparison.md").read_text(encoding="utf-8")))
    tests = DOCS.parent / "tests"
    there = {
        name for file in tests.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }

    assert named and named <= there
