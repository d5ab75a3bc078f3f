# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An expression that takes too long on a line is stopped, and nothing else is disturbed by that."""

from __future__ import annotations

import re
import signal
import threading

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.limit import TooSlow, limited


def test_a_match_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TooSlow):
        limited(re.compile("(a+)+b").match, "a" * 60, 0.05)


def test_no_limit_outside_the_main_thread_harms_nothing() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(limited(re.compile("a").match, "a")))
    thread.start()
    thread.join()
    assert found[0]


def test_an_alarm_that_was_set_before_still_rings() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        with pytest.raises(TooSlow):
            limited(re.compile("(a+)+b").match, "a" * 60, 0.02)
        while not rung:
            signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert rung
