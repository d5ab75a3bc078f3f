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
    """Run `work(name, file to write to)` for each name, at most `jobs` at a time, each in a process of its own.

    A process that dies fails its file only, and where none can be started this one does the work. The output of a file is removed
    when the next one is requested. enough: whether no more is to be begun; what has been begun is waited for.
    """
    # These processes only read files and compute; a fork shares what is loaded, a new interpreter would load it again.
    context = multiprocessing.get_context("fork")
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    finished: dict[int, Done[Result]] = {}
    waiting = deque(enumerate(names))
    wanted = jobs
    with TemporaryDirectory(prefix="fazmail-") as folder:
        try:
            for number in range(len(names)):
                while number not in finished:
                    while waiting and len(running) < jobs and not enough():
                        place, name = waiting.popleft()
                        here, there = context.Pipe(duplex=False)
                        process: BaseProcess = context.Process(
                            target=_run, args=(work, name, Path(folder, str(place)), there)
                        )
                        refused = start(process)
                        there.close()
                        if refused:
                            if jobs == wanted:
                                complain(f"fewer processes than {wanted} read, as no more can be started ({refused})")
                            waiting.appendleft((place, name))
                            jobs = len(running)
                        else:
                            running[here] = (place, process)
                    if not running and not jobs and waiting and not enough():
                        place, name = waiting.popleft()
                        file = Path(folder, str(place))
                        finished[place] = Done(name, file, *_answer(work, name, file))
                        continue
                    if not running:
                        return
                    for ready in (here for here in wait(list(running)) if isinstance(here, Connection)):
                        place, process = running.pop(ready)
                        finished[place] = _received(ready, process, names[place], Path(folder, str(place)))
                done = finished.pop(number)
                yield done
                with contextlib.suppress(OSError):
                    done.output.unlink()
        finally:
            for __, process in running.values():
                process.terminate()
                process.join()


def _run(work: Callable[[str, Path], Result], name: str, file: Path, connection: Connection) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        connection.send(_answer(work, name, file))


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


def _received(connection: Connection, process: BaseProcess, name: str, file: Path) -> Done[Result]:
    try:
        result, problem = connection.recv()
    except _CUT:
        process.join()
        result, problem = None, _died(process, name)
    process.join()
    connection.close()
    return Done(name, file, result, problem)
