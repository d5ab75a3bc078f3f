# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the fault matrix, 1 to 32, has a test that is named after its number."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = range(1, 33)


def test_each_row_of_the_fault_matrix_has_a_test() -> None:
    found = {
        int(number)
        for file in TESTS.rglob("test_*.py")
        for number in re.findall(r"^def test_row_(\d\d)_", file.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert sorted(set(ROWS) - found) == []
    assert sorted(found - set(ROWS)) == []
