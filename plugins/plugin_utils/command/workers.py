# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in several processes: the same for many files, or a part of the work on one file ahead of the rest of it."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

from ..processes import start
from .input import InputError
from .parser import complain

Result = TypeVar("Result")
# What receiving from a process raises that has died, the second where it was about to send.
_CUT = (EOFError, OSError)


@dataclass(frozen=True)
class Done(Generic[Result]):
    """The result of one file and the file its output is in, or the error."""

    name: str
    output: Path
    result: Result | None
    problem: str


def in_parallel(
    names: Sequence[str], jobs: int, work: Callable[[str, Path], Result], enough: Callable[[], bool] = lambda: False
) -> Iterator[Done[Result]]:
    """Run `work(name, file to write to)` for each name, in `jobs` processes that do one after the other.

    A process that dies fails its file only, and where none can be started this one does the work. The output of a file is removed
    when the next one is requested. enough: whether no more is to be begun; what has been begun is waited for.
    """
    idle: list[_Worker[Result]] = []
    busy: dict[Connection, tuple[int, _Worker[Result]]] = {}
    finished: dict[int, Done[Result]] = {}
    waiting = deque(enumerate(names))
    wanted = jobs
    with TemporaryDirectory(prefix="fazmail-") as folder:
        try:
            for number in range(len(names)):
                while number not in finished:
                    while waiting and (idle or len(busy) < jobs) and not enough():
                        worker = idle.pop() if idle else _Worker(work, list(busy))
                        if worker.refused:
                            if jobs == wanted:
                                complain(
                                    f"fewer processes than {wanted} read, as no more can be started ({worker.refused})"
                                )
                            jobs = len(busy)
                        elif worker.ask((waiting[0][1], Path(folder, str(waiting[0][0])))):
                            busy[worker.connection] = (waiting.popleft()[0], worker)
                    if not busy and not jobs and waiting and not enough():
                        place, name = waiting.popleft()
                        file = Path(folder, str(place))
                        finished[place] = Done(name, file, *_answer(work, name, file))
                        continue
                    if not busy:
                        return
                    for ready in (here for here in wait(list(busy)) if isinstance(here, Connection)):
                        place, worker = busy.pop(ready)
                        answered = worker.answer()
                        if answered:
                            idle.append(worker)
                        result, problem = answered or (None, _died(worker.process, names[place]))
                        finished[place] = Done(names[place], Path(folder, str(place)), result, problem)
                done = finished.pop(number)
                yield done
                with contextlib.suppress(OSError):
                    done.output.unlink()
        finally:
            for worker in (*idle, *(each for __, each in busy.values())):
                worker.end()


class _Worker(Generic[Result]):
    """A process that does one work after another. refused: why it cannot be started, "" if it was.

    others: our ends of the pipes to processes that work already, which this one must not keep open.
    """

    def __init__(self, work: Callable[[str, Path], Result], others: Sequence[Connection]) -> None:
        # These processes only read files and compute; a fork shares what is loaded, a new interpreter would load it again.
        context = multiprocessing.get_context("fork")
        self.connection, there = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(work, there, [self.connection, *others]))
        self.refused = start(self.process)
        there.close()

    def ask(self, asked: tuple[str, Path]) -> bool:
        """Hand over the next work, and return whether it was taken: a process that waits may have been ended."""
        with contextlib.suppress(OSError):
            self.connection.send(asked)
            return True
        self.end()
        return False

    def answer(self) -> tuple[Result | None, str] | None:
        """Return what came of the work, None where the process died of it."""
        with contextlib.suppress(*_CUT):
            answered: tuple[Result | None, str] = self.connection.recv()
            return answered
        self.process.join()
        self.connection.close()
        return None

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _work(work: Callable[[str, Path], Result], connection: Connection, theirs: Sequence[Connection]) -> None:
    # It ends with the other process, which has the only other end of the pipe.
    for each in theirs:
        each.close()
    with contextlib.suppress(KeyboardInterrupt, *_CUT):
        while True:
            connection.send(_answer(work, *connection.recv()))


def _answer(work: Callable[[str, Path], Result], name: str, file: Path) -> tuple[Result | None, str]:
    try:
        return work(name, file), ""
    except Exception as error:
        return None, str(error) or type(error).__name__


def made_ahead(make: Callable[[], Iterator[Result]], name: str) -> Generator[Result, None, None]:
    """Yield what `make` yields in a process of its own, which goes on while this one works. Raises what `make` raises.

    Where no process can be started this one does it. name: of the file that is read, for the InputError that says that the process
    died.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(make, here, there))
    refused = start(process)
    there.close()
    if refused:
        here.close()
        complain(f"{name}: is read by one process, as no second one can be started ({refused})")
        yield from make()
        return
    try:
        while True:
            try:
                made, error = here.recv()
            except _CUT:
                process.join()
                raise InputError(_died(process, name)) from None
            if error is not None:
                raise error
            if made is None:
                return
            yield made
    finally:
        process.terminate()
        process.join()
        here.close()


def _make(make: Callable[[], Iterator[Result]], theirs: Connection, connection: Connection) -> None:
    # It ends with the other process, which is who hears of Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    theirs.close()
    with contextlib.suppress(BrokenPipeError):
        try:
            for made in make():
                connection.send((made, None))
            connection.send((None, None))
        except BrokenPipeError:
            raise
        except Exception as error:
            connection.send((None, error))


def _died(process: BaseProcess, name: str) -> str:
    code = process.exitcode or 0
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return f"{name}: the process that read it {how}; read it again with -j 1"
