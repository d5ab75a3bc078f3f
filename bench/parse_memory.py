# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory, speed and start-up time of `fazmail parse`, against what they must be: python bench/parse_memory.py

The log is made, and read by the installed command. `--megabytes 1000` takes some minutes and as much room in the
temporary folder. The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from parsing.log import MIXED, write

FAZMAIL = str(Path(sys.executable).with_name("fazmail"))
MOST_MEGABYTES = 150
MOST_SECONDS = {"fazmail --help": 0.150, "fazmail parse of 1 kB": 0.300}
_STARTS = 15


@dataclass(frozen=True)
class Measured:
    """One run of a command: seconds on the clock, seconds of the processor, most megabytes of memory."""

    wall: float
    cpu: float
    megabytes: float


def measured(arguments: Sequence[str]) -> Measured:
    """Run a command that writes to nowhere."""
    begun = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it was waited for
    return Measured(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def main() -> int:
    """Measure, print and judge."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--megabytes", type=float, default=1000, help="size of the log (default: %(default)s)")
    megabytes = options.parse_args().megabytes
    missed = 0

    def judged(what: str, found: float, most: float, unit: str) -> None:
        nonlocal missed
        missed += found > most
        print(f"- {'FAIL' if found > most else 'PASS'}: {what}: {found:.0f} {unit}, at most {most:.0f} {unit}")

    with tempfile.TemporaryDirectory(prefix="fazmail-bench-") as folder:
        log, small = Path(folder, "big.log"), Path(folder, "small.log")
        write(small, MIXED, 0.001, seed=1)
        commands = {"fazmail --help": [FAZMAIL, "--help"], "fazmail parse of 1 kB": [FAZMAIL, "parse", str(small)]}
        for name, command in commands.items():
            starts = [measured(command).wall for _ in range(_STARTS)]
            judged(f"{name}, median of {_STARTS}", 1000 * median(starts), 1000 * MOST_SECONDS[name], "ms")
        write(log, MIXED, megabytes, seed=1)
        with log.open("rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        run = measured([FAZMAIL, "parse", "--format", "jsonl", str(log)])
        judged(f"memory for a log of {megabytes:g} MB, jsonl", run.megabytes, MOST_MEGABYTES, "MB")
        print(
            f"- speed: {lines:,} lines in {run.wall:.0f} s ({lines / run.wall:,.0f} lines/s), {run.cpu:.0f} s of processor "
            f"({lines / run.cpu:,.0f} lines/s)"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
