# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many devices in threads of one process: so many at once, each with its own result, and an end that waits for the cleaning up."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device import stop
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.fleet import run_all
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import TaskResult


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends its threads is not used afterwards; this one is."""
    monkeypatch.setattr(stop, "_THREADS", stop._Threads())


@pytest.fixture
def delivered() -> Iterator[list[int]]:
    """Signals that reach whoever handled them before."""
    numbers: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, __: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGTERM, before)


def test_so_many_work_at_once_and_each_ends_by_itself() -> None:
    together = threading.Barrier(3, timeout=10)
    working: list[str] = []
    most = 0

    def work(name: str) -> TaskResult:
        nonlocal most
        working.append(name)
        most = max(most, len(working))
        together.wait()
        working.remove(name)
        if name == "2":
            raise ValueError("broken")
        return {"changed": name == "4"}

    results = run_all(((name, lambda name=name: work(name)) for name in "123456"), 3)

    assert most == 3
    assert list(results) == list("123456")
    assert results["4"] == {"changed": True}
    assert (results["2"]["failed"], results["2"]["msg"]) == (True, "ValueError: broken")


def test_without_a_caller_no_further_device_is_begun() -> None:
    begun: list[str] = []

    def work(name: str) -> TaskResult:
        begun.append(name)
        return {}

    alone = iter([False, True])
    assert list(run_all(((name, lambda name=name: work(name)) for name in "abc"), 1, lambda: next(alone))) == ["a"]
    assert begun == ["a"]


def test_a_signal_stops_those_that_can_be_stopped_and_is_delivered_when_they_have_cleaned_up(
    delivered: list[int],
) -> None:
    order: list[str] = []
    inside, never = threading.Event(), threading.Event()

    class Waiting:
        """A session, as far as stoppable knows it: whoever waits asks `asked`."""

        asked = staticmethod(lambda: None)

    def stoppable_work() -> TaskResult:
        session = Waiting()
        with stop.stoppable(session) as it:  # type: ignore[arg-type]
            try:
                inside.set()
                while not never.wait(0.01):
                    session.asked()
            finally:
                it.hold()
                session.asked()
                order.append(f"cleaned up, {len(delivered)} delivered")
        order.append("went on")
        return {}

    def other_work() -> TaskResult:
        inside.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        never.wait()
        return {}

    with pytest.raises(stop.Stopped):
        run_all([("debugged", stoppable_work), ("in mid push", other_work), ("late", lambda: {})], 2)
    never.set()

    assert order == ["cleaned up, 0 delivered"]
    assert delivered == [signal.SIGTERM]
