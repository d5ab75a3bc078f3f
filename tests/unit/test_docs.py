# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages made from data say what the data say."""

from __future__ import annotations

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
