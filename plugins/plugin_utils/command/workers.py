# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in several processes: the same for many files, or a part of the work on one file ahead of the rest of it."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeAlias, TypeVar

from ..processes import start
from .input import InputError
from .parser import complain

Result = TypeVar("Result")
# What was made, or the error.
_Piece: TypeAlias = tuple[Result | None, Exception | None]
# What receiving from a process raises that has died, the second where it was about to send.
_CUT = (EOFError, OSError)
# Bytes of pieces that wait to be taken: the most that a pipe may hold for a user of Linux.
_AHEAD = 1 << 20


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
    idle: list[_Child[Result]] = []
    busy: dict[Connection, tuple[int, _Child[Result]]] = {}
    finished: dict[int, Done[Result]] = {}
    waiting = deque(enumerate(names))
    wanted = jobs
    with TemporaryDirectory(prefix="fazmail-") as folder:
        try:
            for number in range(len(names)):
                while number not in finished:
                    while waiting and (idle or len(busy) < jobs) and not enough():
                        worker = idle.pop() if idle else _Child(partial(_asked, work), list(busy))
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
                        finished[place] = _done(name, file, partial(work, name, file))
                        continue
                    if not busy:
                        return
                    for ready in (here for here in wait(list(busy)) if isinstance(here, Connection)):
                        place, worker = busy.pop(ready)
                        done = _done(names[place], Path(folder, str(place)), partial(worker.made, names[place]))
                        finished[place] = done
                        if worker.died:
                            worker.end()
                        else:
                            idle.append(worker)
                done = finished.pop(number)
                yield done
                with contextlib.suppress(OSError):
                    done.output.unlink()
        finally:
            for worker in (*idle, *(each for __, each in busy.values())):
                worker.end()


def _done(name: str, file: Path, result: Callable[[], Result | None]) -> Done[Result]:
    try:
        return Done(name, file, result(), "")
    except Exception as error:
        return Done(name, file, None, str(error) or type(error).__name__)


class _Child(Generic[Result]):
    """A process that makes something, piece by piece. refused: why it cannot be started, "" if it was. died: of its work.

    make: is given the end of the pipe by which it may be asked. others: our ends of the pipes to processes that work already,
    which this one must not keep open. asked: without it, it is not asked, and goes on while nobody takes what it has made.
    """

    def __init__(
        self,
        make: Callable[[Connection], Iterator[_Piece[Result]]],
        others: Sequence[Connection] = (),
        asked: bool = True,
    ) -> None:
        # These processes only read files and compute; a fork shares what is loaded, a new interpreter would load it again.
        context = multiprocessing.get_context("fork")
        self.connection, there = context.Pipe(duplex=asked)
        if not asked and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # where all pipes of a user take as much as they may
                fcntl.fcntl(there.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)
        self._process: BaseProcess = context.Process(target=_make, args=(make, there, [self.connection, *others]))
        self.refused = start(self._process)
        self.died = False
        there.close()

    def ask(self, asked: tuple[str, Path]) -> bool:
        """Hand over the next work, and return whether it was taken: a process that waits may have been ended."""
        with contextlib.suppress(OSError):
            self.connection.send(asked)
            return True
        self.end()
        return False

    def made(self, name: str) -> Result | None:
        """Return the next piece, None after the last one. Raises what making it raises, and InputError where the process died of it.

        name: of the file that is read.
        """
        try:
            made, error = self.connection.recv()
        except _CUT:
            self.died = True
            self._process.join()
            code = self._process.exitcode or 0
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
            raise InputError(f"{name}: the process that read it {how}; read it again with -j 1") from None
        if error is not None:
            raise error
        piece: Result | None = made
        return piece

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        if not self.refused:
            self._process.terminate()
            self._process.join()


def _make(
    make: Callable[[Connection], Iterator[_Piece[Result]]], connection: Connection, theirs: Sequence[Connection]
) -> None:
    # It ends with the other process, which has the only other end of the pipe, and is who hears of Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for each in theirs:
        each.close()
    with contextlib.suppress(ConnectionError):
        try:
            for piece in make(connection):
                connection.send(piece)
            connection.send((None, None))
        except ConnectionError:
            raise
        except Exception as error:
            connection.send((None, error))


def _asked(work: Callable[[str, Path], Result], connection: Connection) -> Iterator[_Piece[Result]]:
    """Yield what the work on each file makes, or its error, behind which the next file is asked for."""
    while True:
        asked = connection.recv()
        try:
            made = work(*asked)
        except Exception as error:
            yield None, error
        else:
            yield made, None


def made_ahead(make: Callable[[], Iterator[Result]], name: str) -> Generator[Result, None, None]:
    """Yield what `make` yields in a process of its own, which goes on while this one works. Raises what `make` raises.

    Where no process can be started this one does it. name: of the file that is read, for the InputError that says that the process
    died.
    """
    child = _Child(lambda __: ((piece, None) for piece in make()), asked=False)
    try:
        if child.refused:
            complain(f"{name}: is read by one process, as no second one can be started ({child.refused})")
            yield from make()
        else:
            yield from iter(lambda: child.made(name), None)
    finally:
        child.end()
