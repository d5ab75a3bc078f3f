# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A very long line in the answer to any command costs no module more than a moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import preload
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from .answers import undisturbed
from .cases import CASES, Case, do, prepared

pytestmark = pytest.mark.once

LENGTH = 250_000
# Seconds of a processor, however slow it is: what grows with the square of a line takes minutes.
MOMENT = 10
MODULES = dict.fromkeys(case.module for case in CASES)


def longest(module: str) -> Case:
    """Of the tasks of a module the one that types most."""
    return max(
        (case for case in CASES if case.module == module), key=lambda case: len(set(undisturbed(case, "one").run.typed))
    )


@pytest.mark.parametrize("again", ["pid ", " ", 'set a "', "0 ack 0"])
@pytest.mark.parametrize("module", MODULES)
def test_a_line_of_a_quarter_of_a_megabyte(module: str, again: str, tmp_path: Path) -> None:
    preload()
    case = longest(module)
    slow = []
    for line in dict.fromkeys(undisturbed(case, "one").run.typed):
        if line == "exit":
            continue
        device = prepared(case)
        answers = {" ".join(line.split()): again * (LENGTH // len(again))}
        began = time.process_time()
        do(case, device, tmp_path, screen=Screen(answers=answers))
        if (taken := time.process_time() - began) > MOMENT:
            slow.append(f"{line}: {taken:.1f} s")

    assert slow == []
