# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and measure it from outside, with everything it starts, daemons included.

`measure()` starts this file as a process of its own. That process adopts whatever the command leaves behind
(PR_SET_CHILD_SUBREAPER), so that the resources of each descendant are counted when it is reaped.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLE_EVERY = 0.2
_PR_SET_CHILD_SUBREAPER = 36
_GRACE = 3.0


@dataclass(frozen=True)
class Usage:
    """What a process tree has used.

    wall: seconds until the command itself ended. cpu: user + system seconds of the whole tree. pss: the largest sum of
    proportional set sizes seen in one sample, in MB (10^6 bytes). processes: the most seen in one sample. left: processes
    that were still there when the command had ended. code: its exit code, negative for a signal. late: it was ended
    because the time limit had passed.
    """

    wall: float
    cpu: float
    pss: float
    processes: int
    left: int
    code: int
    late: bool


def measure(
    command: Sequence[str], *, limit: float, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Usage:
    """Run a command for at most `limit` seconds; its output goes to the file `log`. Raises OSError if it cannot start."""
    with log.open("wb") as file:
        done = subprocess.run(
            [sys.executable, __file__, str(limit), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            env=None if env is None else dict(env),
            cwd=cwd,
            check=False,
        )
    if done.returncode:
        raise OSError(f"{command[0]} cannot be measured, see {log}")
    return Usage(**json.loads(done.stdout))


def descendants(root: int) -> list[int]:
    """Return the ids of all processes below `root`, zombies left out."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # The name of the program, in parentheses, may hold anything.
            state, parent = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def pss(pid: int) -> int:
    """Return the proportional set size of a process in bytes; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _run(limit: float, command: Sequence[str]) -> Usage:
    """Run the command as a child of this process, whose children are nothing else."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    begin = time.monotonic()
    # Its standard output is the log, too: this process answers on its own.
    child = subprocess.Popen(command, stdout=2, preexec_fn=_hear_children)
    code: int | None = None
    wall, most, processes, late = 0.0, 0, 0, False
    sample_at = begin
    while code is None:
        now = time.monotonic()
        if now >= sample_at:
            below = descendants(os.getpid())
            most, processes = max(most, sum(map(pss, below))), max(processes, len(below))
            # Sampling many processes is dear; it must not become what is measured.
            sample_at = now + max(SAMPLE_EVERY, 10 * (time.monotonic() - now))
        if not late and now - begin >= limit:
            late = True
            _end(signal.SIGKILL)
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child.pid:
            wall, code = time.monotonic() - begin, os.waitstatus_to_exitcode(status)
        elif pid == 0:
            _sleep(min(0.01, max(0.0, sample_at - now)))
    child.returncode = code
    left = _end(signal.SIGTERM)
    _reap(_GRACE)
    _end(signal.SIGKILL)
    _reap(_GRACE)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Usage(wall, used.ru_utime + used.ru_stime, most / 1e6, processes, left, code, late)


def _hear_children() -> None:
    """Undo in the command what _main() has set."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _sleep(seconds: float) -> None:
    """Wait for a child to end, at most so long."""
    signal.sigtimedwait([signal.SIGCHLD], seconds)


def _end(number: signal.Signals) -> int:
    """Send a signal to all descendants and return how many there were."""
    below = descendants(os.getpid())
    for pid in below:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return len(below)


def _reap(seconds: float) -> None:
    """Reap children until there is none, at most so long."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while (left := deadline - time.monotonic()) > 0:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                _sleep(min(left, 0.05))


def _main() -> None:
    # Blocked, so that _sleep() sees it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    print(json.dumps(asdict(_run(float(sys.argv[1]), sys.argv[2:]))))


if __name__ == "__main__":
    _main()
