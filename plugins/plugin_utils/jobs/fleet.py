# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on many devices at once, in threads of one process.

A thread is a device: what goes wrong with it is its own result. The process may be asked to end at any moment; then no further
device is begun, and debug is switched off on those that are being debugged.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable

from ..device.stop import Stopped, end_threads, stoppable
from .job import TaskResult

Work = Callable[[], TaskResult]
# Seconds after which a wait begins again: a signal that another thread was given does not end the wait of the main thread.
_WAIT = 0.5


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
        return {"failed": True, "msg": f"{type(error).__name__}: {error}", "exception": traceback.format_exc()}
