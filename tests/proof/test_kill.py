# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout that is killed at any moment is made good by one more run; `make kills` tries many moments."""

from __future__ import annotations

import random
import time

import pytest

from .kills import LAST, MANY, VICTIMS, commands_of, killed


@pytest.mark.parametrize(("victim", "devices"), [*((victim, 3) for victim in VICTIMS), (LAST, MANY)])
def test_row_33_after_a_kill_one_run_leaves_every_device_proved_or_as_it_was(victim: str, devices: int) -> None:
    seed = time.time_ns()
    kill = killed(random.Random(seed).randrange(commands_of(devices)), victim, devices)

    assert kill.wrong == [], f"{kill} (seed {seed})"
