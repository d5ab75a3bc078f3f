# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/faults.md lists the rows of the fault matrix, and each row names the files in which its tests are."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_each_row_names_the_files_of_its_tests() -> None:
    rows = _ROW.findall((ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))
    tested = defaultdict(set)
    for file in (ROOT / "tests").rglob("test_*.py"):
        for number in re.findall(r"^def test_row_(\d\d)_", file.read_text(encoding="utf-8"), re.MULTILINE):
            tested[int(number)].add(file.relative_to(ROOT / "tests").as_posix())

    assert [int(number) for number, *__ in rows] == list(range(1, len(rows) + 1))
    assert {int(number): set(re.findall(r"`(.+?)`", files)) for number, __, __, files in rows} == tested
