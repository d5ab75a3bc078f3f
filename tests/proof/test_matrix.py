# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix in the documents is the one that comes out."""

from __future__ import annotations

from .matrix import PAGE, page
from .produce import Produced


def test_the_committed_matrix_is_what_comes_out(produced: list[Produced]) -> None:
    assert page(produced) == PAGE.read_text(encoding="utf-8"), "run `make matrix WRITE=1`"
