# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix in the documents is the one that comes out."""

from __future__ import annotations

from .matrix import PAGE, replaced, section
from .produce import Produced


def test_the_committed_matrix_is_what_comes_out(produced: list[Produced]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert replaced(page, section(produced)) == page, "run `make matrix WRITE=1`"


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = "# Diagnosis\n{}\n## After\n<!-- confusion matrix -->\n{}<!-- end of confusion matrix -->\nThe end.\n"
    assert replaced(page.format("b", "old\n"), "new\n") == page.format("b", "new\n")
