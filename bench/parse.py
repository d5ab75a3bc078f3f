# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what users wait for: `fazmail parse` in its forms, from the bytes of a log to verdicts. `make bench-parse` runs it.

Beside it, in turns, TextFSM makes bare rows of the same log, as its documentation shows. Every command is a process of its
own; its start is part of what is measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

import debug_log

FAZMAIL = str(Path(sys.executable).with_name("fazmail"))
_TEMPLATE = str(Path(__file__).with_name("debug.textfsm"))
_ROWS = "import sys, textfsm; textfsm.TextFSM(open(sys.argv[1])).ParseText(open(sys.argv[2], encoding='utf-8').read())"
TEXTFSM = "TextFSM, rows only"
ONE, TWO = "`fazmail parse -j 1 --summary`", "`fazmail parse -j 2 --summary`"
COMMANDS = {
    TEXTFSM: [sys.executable, "-c", _ROWS, _TEMPLATE],
    ONE: [FAZMAIL, "parse", "-j", "1", "--summary"],
    "`fazmail parse -j 1`": [FAZMAIL, "parse", "-j", "1"],
    "`fazmail parse -j 1 --format jsonl`": [FAZMAIL, "parse", "-j", "1", "--format", "jsonl"],
    TWO: [FAZMAIL, "parse", "-j", "2", "--summary"],
}
LOGS = {"mixed": debug_log.MIXED, "noise": debug_log.NOISE, "all lines different": debug_log.DIFFERENT}
MOST_MEGABYTES = 80
# Of the time on the clock that one process takes for the mixed log, the percentage that two may take.
MOST_OF_TWO = 100 / 1.4
MOST_SECONDS = {"fazmail --help": 0.150, "fazmail parse of 1 kB": 0.250}
_STARTS = 15
# Whoever installs a package has its modules compiled.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Usage:
    """Seconds on the clock, seconds of the processor, and most megabytes of memory of a process of a command."""

    wall: float
    cpu: float
    memory: float


def measured(arguments: Sequence[str]) -> Usage:
    """Run a command that writes to nowhere."""
    begun = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=_ENVIRONMENT)
    __, __, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it was waited for
    return Usage(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def typical(runs: Sequence[Usage]) -> Usage:
    """Return the medians of some runs, and the largest memory."""
    return Usage(median(run.wall for run in runs), median(run.cpu for run in runs), max(run.memory for run in runs))


def compared(log: Path, times: int) -> dict[str, Usage]:
    """Run all commands on a log in turns, so that other work on the machine disturbs all of them alike."""
    runs: dict[str, list[Usage]] = {name: [] for name in COMMANDS}
    for __ in range(times):
        for name, command in COMMANDS.items():
            runs[name].append(measured([*command, str(log)]))
    return {name: typical(each) for name, each in runs.items()}


def table(found: dict[str, Usage], megabytes: float) -> str:
    """Return a table; the ratio is to the CPU time of TextFSM, more is faster."""
    rows = ["| command | CPU s | ratio | MB/s | wall s | memory MB |", "| --- | --- | --- | --- | --- | --- |"]
    for name, usage in found.items():
        ratio, speed = found[TEXTFSM].cpu / usage.cpu, megabytes / usage.cpu
        rows.append(f"| {name} | {usage.cpu:.2f} | {ratio:.1f} | {speed:.1f} | {usage.wall:.2f} | {usage.memory:.0f} |")
    return "\n".join(rows)


def starts(folder: Path) -> bool:
    """Print how long commands take that have nearly nothing to do; return whether that is short enough."""
    small = folder / "small.log"
    debug_log.write(small, debug_log.MIXED, 0.001, seed=1)
    reached = True
    commands = {"fazmail --help": [FAZMAIL, "--help"], "fazmail parse of 1 kB": [FAZMAIL, "parse", str(small)]}
    for name, command in commands.items():
        measured(command)  # compiles the modules, if that was not done before
        wall = typical([measured(command) for __ in range(_STARTS)]).wall
        reached = judged(f"{name}, median of {_STARTS}", 1000 * wall, 1000 * MOST_SECONDS[name], "ms") and reached
    return reached


def judged(what: str, found: float, most: float, unit: str) -> bool:
    """Print whether a number is as small as it must be, and return that."""
    print(f"- {'FAIL' if found > most else 'PASS'}: {what}: {found:.0f} {unit}, at most {most:.0f} {unit}")
    return found <= most


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=200, help="size of each log (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", nargs="+", choices=LOGS, default=list(LOGS), help="default: all")
    options = parser.parse_args()
    print(
        f"Command: `bench/parse.py --megabytes {options.megabytes:g} --runs {options.runs}`. Machine: {os.cpu_count()} "
        f"cores, Python {platform.python_version()}, textfsm {version('textfsm')}; load at the start {os.getloadavg()[0]:.1f}.\n"
    )
    with tempfile.TemporaryDirectory(prefix="fazmail-bench-") as folder:
        reached = starts(Path(folder))
        for name in options.logs:
            log = Path(folder, "debug.log")
            debug_log.write(log, LOGS[name], options.megabytes, options.seed)
            found = compared(log, options.runs)
            print(f"\n#### {name}\n\n{table(found, options.megabytes)}\n")
            if name == "mixed":
                percentage = 100 * found[TWO].wall / found[ONE].wall
                reached = judged("time of two processes for that of one", percentage, MOST_OF_TWO, "%") and reached
            most = max(usage.memory for command, usage in found.items() if command != TEXTFSM)
            reached = judged(f"memory, {name}", most, MOST_MEGABYTES, "MB") and reached
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
