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
        limited(re.compile("(a+)+b"), "a" * 60, 0.05)


def test_in_a_thread_the_limit_holds_for_it_and_the_other_threads_go_on() -> None:
    pattern, counted, late = re.compile("(a+)+b"), [0], []

    def bad() -> None:
        with pytest.raises(TooSlow):
            limited(pattern, "a" * 60, 0.3)
        late.append(limited(pattern, "aab"))
        late.append(limited(pattern, "x\naab", search=True))

    thread = threading.Thread(target=bad)
    thread.start()
    while thread.is_alive():
        counted[0] += 1
        thread.join(0.01)

    assert counted[0] > 3
    assert [found is not None for found in late] == [True, True]


def test_an_alarm_that_was_set_before_still_rings() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        with pytest.raises(TooSlow):
            limited(re.compile("(a+)+b"), "a" * 60, 0.02)
        while not rung:
            signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert rung
