# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on many devices at once, in threads of one process, or of one for each processor.

A thread is a device: what goes wrong with it is its own result. The process may be asked to end at any moment; then no further
device is begun, and debug is switched off on those that are being debugged.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from ..device.debug import waited_for_by
from ..device.stop import Stop, Stopped, end_threads, stoppable
from ..errors import BROKEN_OFF
from ..processes import processors, start
from .job import TaskResult

Work = Callable[[], TaskResult]
Returned = TypeVar("Returned")
# Fewer devices are not worth another process, which takes 25 MB.
_DEVICES_EACH = 20
_MOST_PROCESSES = 2
# Devices after which memory is freed: what a session leaves refers to itself, and would stay for long.
_COLLECT_AFTER = 20
# Seconds after which a wait begins again: a signal that another thread was given does not end the wait of the main thread.
_WAIT = 0.5


def processes_for(devices: int) -> int:
    """Return how many processes should share the work on so many devices: a thread computes only while no other one does."""
    return max(1, min(processors(), devices // _DEVICES_EACH, _MOST_PROCESSES))


def share(shares: Sequence[Callable[[], Returned]], alone: Callable[[], bool] = lambda: False) -> list[Returned | None]:
    """Do the first share in this process and each other one in its own, and return what they returned.

    None is for a process that was ended before. A share for which no process can be started is done in this one. alone: as in
    `run_all`; then this process ends, which the others notice. To be called in the main thread. A signal, or a time limit, ends
    the others first.
    """
    if len(shares) == 1:
        return [shares[0]()]
    context = multiprocessing.get_context("fork")
    # A full garbage collection would write to all that the processes have in common, and so copy it.
    gc.freeze()
    with stoppable() as stop, _Others() as others:
        answers: dict[int, Connection] = {}
        for place, each in enumerate(shares[1:], 1):
            answers[place], theirs = context.Pipe(duplex=False)
            process = context.Process(target=_do_share, args=(each, theirs, list(answers.values()), stop, os.getppid()))
            refused = start(process)
            theirs.close()
            if refused:
                answers.pop(place).close()
            else:
                others.append(process)
        returned = {place: each() for place, each in enumerate(shares) if place not in answers}
        while answers:
            stop.check()
            if alone():
                os._exit(1)
            ready = wait(list(answers.values()), _WAIT)
            for place in [place for place, answer in answers.items() if answer in ready]:
                with suppress(EOFError), answers.pop(place) as answer:
                    returned[place], problem = answer.recv()
                    if problem:
                        raise RuntimeError(problem)
    return [returned.get(place) for place in range(len(shares))]


class _Others(list[BaseProcess]):
    """Processes, of which none is left behind the block. An error ends them."""

    def __enter__(self) -> _Others:
        return self

    def __exit__(self, kind: type[BaseException] | None, *__: object) -> None:
        for process in self:
            if kind is not None:
                process.terminate()
        for process in self:
            process.join()


def _do_share(
    work: Callable[[], Returned], answer: Connection, inherited: Sequence[Connection], stop: Stop, caller: int
) -> None:
    """Do a share in its process, and send what it returns, or an error.

    inherited: ends of the process before. As long as they are open, nobody would notice that it has ended. stop: of that
    process, which has noted a signal that came meanwhile. caller: who waits for that process.
    """
    for each in inherited:
        each.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    waited_for_by(caller)
    if stop.number is not None:
        return
    try:
        done: tuple[Returned | None, str] = work(), ""
    except Exception:
        done = None, traceback.format_exc()
    with suppress(BrokenPipeError):
        answer.send(done)


def run_all(
    works: Iterable[tuple[str, Work]], at_once: int, alone: Callable[[], bool] = lambda: False
) -> dict[str, TaskResult]:
    """Do the work of each device, `at_once` of them at the same time, and return the results by device.

    works: the name and the work of each device, made one after another as there is room. alone: returns whether no caller
    waits for the results any more; then no further device is begun. To be called in the main thread, which alone hears of
    signals. An error that a work raises is its result.
    """
    results: dict[str, TaskResult] = {}
    names: list[str] = []
    room = threading.Semaphore(at_once)
    threads = []

    def do(name: str, work: Work) -> None:
        try:
            results[name] = _done(work)
        except Stopped:
            # The process ends; nobody asks for the result.
            pass
        finally:
            room.release()

    with stoppable() as stop:
        try:
            for name, work in works:
                while not room.acquire(timeout=_WAIT):
                    stop.check()
                stop.check()
                if alone():
                    break
                names.append(name)
                if len(names) % _COLLECT_AFTER == 0:
                    gc.collect()
                threads.append(threading.Thread(target=do, args=(name, work), name=name, daemon=True))
                threads[-1].start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_WAIT)
                    stop.check()
        except BaseException:
            # A signal, or a time limit on the task.
            end_threads()
            raise
    return {name: results[name] for name in names}


def _done(work: Work) -> TaskResult:
    try:
        return work()
    except Exception as error:
        return {**broken_off(f"{type(error).__name__}: {error}"), "exception": traceback.format_exc()}


def broken_off(why: str) -> TaskResult:
    """Return the result of a device on which nobody knows what was done."""
    return {"failed": True, "msg": f"the work on the device broke off ({why}); run the task again", "cause": BROKEN_OFF}
