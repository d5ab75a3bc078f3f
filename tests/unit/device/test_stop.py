# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal ends the work, lets the cleaning up be done, and then ends the process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.stop import Stopped, stoppable


@pytest.fixture
def delivered() -> Iterator[list[int]]:
    """Signals that reach whoever handled them before."""
    numbers: list[int] = []
    before = {
        number: signal.signal(number, lambda got, __: numbers.append(got)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


class Waiting:
    """A session, as far as stoppable knows it: whoever waits for the device asks `asked`."""

    asked: Callable[[], None] = staticmethod(lambda: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_signal_interrupts_the_waiting_and_is_delivered_after_the_cleaning_up(
    delivered: list[int], number: int
) -> None:
    done = []
    session = Waiting()
    with pytest.raises(Stopped), stoppable(session) as stop:  # type: ignore[arg-type]
        try:
            os.kill(os.getpid(), number)
            done.append("what does not wait")
            session.asked()
            done.append("work")
        finally:
            stop.hold()
            os.kill(os.getpid(), number)
            session.asked()
            assert delivered == []
            done.append("cleaned")
    assert done == ["what does not wait", "cleaned"]
    assert delivered == [number]
    session.asked()


def test_a_signal_in_the_middle_of_a_finalizer_is_not_lost(delivered: list[int]) -> None:
    class Finalized:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    session = Waiting()
    with pytest.raises(Stopped), stoppable(session):  # type: ignore[arg-type]
        Finalized()
        session.asked()
    assert delivered == [signal.SIGTERM]


def test_a_signal_during_the_cleaning_up_waits(delivered: list[int]) -> None:
    with stoppable() as stop:
        stop.hold()
        os.kill(os.getpid(), signal.SIGTERM)
        assert delivered == []
    assert delivered == [signal.SIGTERM]


def test_without_a_signal_nothing_happens_and_in_a_thread_nothing_is_touched(delivered: list[int]) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) != handler
    assert signal.getsignal(signal.SIGTERM) is handler
    seen = []

    def work() -> None:
        with stoppable():
            seen.append(signal.getsignal(signal.SIGTERM) is handler)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]
    assert delivered == []
