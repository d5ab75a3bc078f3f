# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many devices in threads of one process: so many at once, each with its own result, and an end that waits for the cleaning up."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device import stop
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import orphaned
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.fleet import processes_for, run_all, share
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import TaskResult
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rollout import state_of


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
    assert (results["2"]["failed"], results["2"]["cause"]) == (True, "broken_off")
    assert "the work on the device broke off (ValueError: broken)" in results["2"]["msg"]
    # Something may have been changed: nobody may take it for refused.
    assert state_of(results["2"]) == "not_taken_back"


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


@pytest.mark.parametrize(("devices", "processes"), [(0, 1), (1, 1), (39, 1), (40, 2), (1000, 2)])
def test_a_second_process_is_for_many_devices_and_a_second_processor(
    monkeypatch: pytest.MonkeyPatch, devices: int, processes: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda __: {0, 1, 2, 3}, raising=False)
    assert processes_for(devices) == processes
    monkeypatch.setattr(os, "sched_getaffinity", lambda __: {0}, raising=False)
    assert processes_for(devices) == 1


def test_each_share_has_a_process_and_the_end_of_one_is_not_that_of_another() -> None:
    def killed() -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    first, ended, third = share([os.getpid, killed, os.getpid])

    assert first == os.getpid()
    assert ended is None
    assert third not in (None, first)


def test_a_share_for_which_there_is_no_process_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)

    assert share([os.getpid, lambda: 7, os.getpid]) == [os.getpid(), 7, os.getpid()]


def test_an_error_of_any_process_is_one_of_the_whole() -> None:
    def broken() -> int:
        raise ValueError("of another process")

    with pytest.raises(RuntimeError, match="ValueError: of another process"):
        share([os.getpid, broken])


def test_no_process_is_left_that_nobody_listens_to(tmp_path: Path) -> None:
    def other() -> bytes:
        (tmp_path / "pid").write_text(str(os.getpid()), encoding="utf-8")
        return bytes(10_000_000)

    def ended() -> bytes:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    process = multiprocessing.get_context("fork").Process(target=lambda: share([ended, other]))
    process.start()
    process.join()
    pid = (tmp_path / "pid").read_text()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_signal_ends_all_processes_when_their_devices_have_cleaned_up(delivered: list[int], tmp_path: Path) -> None:
    cleaned_up = tmp_path / "cleaned_up"
    ready = multiprocessing.get_context("fork").Barrier(2)

    class Waiting:
        asked = staticmethod(lambda: None)

    def debugged() -> TaskResult:
        session = Waiting()
        with stop.stoppable(session) as it:  # type: ignore[arg-type]
            try:
                ready.wait(10)
                for __ in range(1000):
                    time.sleep(0.01)
                    session.asked()
            finally:
                it.hold()
                cleaned_up.touch()
        return {}

    def stopped() -> TaskResult:
        ready.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)
        return {}

    with pytest.raises(stop.Stopped):
        share([lambda: run_all([("here", stopped)], 1), lambda: run_all([("there", debugged)], 1)])

    assert cleaned_up.exists()
    assert signal.SIGTERM in delivered


def test_without_a_caller_the_process_ends_and_the_others_begin_no_further_device(tmp_path: Path) -> None:
    def work(name: str) -> TaskResult:
        (tmp_path / name).touch()
        time.sleep(0.2)
        return {}

    def there() -> dict[str, TaskResult]:
        return run_all(((name, lambda name=name: work(name)) for name in map(str, range(100))), 1, orphaned())

    def supervise() -> None:
        alone = orphaned()
        share([dict, there], alone)

    def caller() -> None:
        multiprocessing.get_context("fork").Process(target=supervise).start()
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        os._exit(1)

    dead = multiprocessing.get_context("fork").Process(target=caller)
    dead.start()
    dead.join()
    time.sleep(1)
    begun = len(list(tmp_path.iterdir()))
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) == begun < 100
