#!/usr/bin/env python3
# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how fast a TextFSM template reads a log, against other ways to do the same. `make bench-parse` runs it.

Each engine reads the same file in a process of its own, which reports its time, its memory and a hash of its rows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from parsing import log
from parsing.engines import ENGINES

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200, help="size of each log (default: 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="default: all")
    options = parser.parse_args()
    reached = True
    print(f"Command: `bench/parse.py --megabytes {options.megabytes:g}`\n")
    print(
        f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}, textfsm {version('textfsm')}; "
        f"load at the start {os.getloadavg()[0]:.1f}.\n"
    )
    for name, shares in (("mixed", log.MIXED), ("97 % noise", log.NOISY)):
        with tempfile.TemporaryDirectory(prefix="fazmail-bench-") as folder:
            file = Path(folder, "debug.log")
            log.write(file, shares, options.megabytes, options.seed)
            runs = {engine: run(engine, file) for engine in options.engines if engine != "ttp" or name == "mixed"}
        print(table(name, runs))
        for target, passed, found in targets(name, runs):
            print(f"- {'PASS' if passed else 'FAIL'}: {target}: {found}")
            reached = reached and passed
        print()
    return 0 if reached else 1


def run(engine: str, file: Path) -> dict[str, float | str]:
    """Return what an engine's process reports of itself."""
    done = subprocess.run(
        [sys.executable, "-m", "parsing.engines", engine, str(file)], cwd=HERE, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout))


def table(name: str, runs: dict[str, dict[str, float | str]]) -> str:
    rows = [
        f"#### {name} log",
        "",
        "| engine | wall s | CPU s | MB/s | peak memory MB | rows | SHA-1 of the rows |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for engine, found in runs.items():
        speed = float(found["megabytes"]) / float(found["wall"])
        rows.append(
            f"| {ENGINES[engine].title} | {found['wall']:.2f} | {found['cpu']:.2f} | {speed:.1f} | {found['memory']:.0f} "
            f"| {found['rows']} | {str(found['hash'])[:12]} |"
        )
    return "\n".join(rows) + "\n"


def targets(name: str, runs: dict[str, dict[str, float | str]]) -> list[tuple[str, bool, str]]:
    """Return what must be reached, whether it was, and what was found. Other work on the machine disturbs wall time
    more than CPU time, so that both are shown; the wall time of the same run decides."""
    found = []

    def faster(than: str, ours: str, times: float) -> None:
        if than in runs and ours in runs:
            wall, cpu = (
                float(runs[than][kind]) * per(ours) / float(runs[ours][kind]) / per(than) for kind in ("wall", "cpu")
            )
            found.append(
                (f"{ours} at least {times:g} times as fast as {than}", wall >= times, f"{wall:.1f} (CPU {cpu:.1f})")
            )

    def per(engine: str) -> float:
        return float(runs[engine]["megabytes"])

    if name == "mixed":
        faster("textfsm", "ours", 10)
        faster("textfsm", "ours-2", 17)
        faster("ttp", "ours", 1)
        faster("alternation", "ours", 1)
    else:
        faster("textfsm", "ours", 5)
    hashes = {runs[each]["hash"] for each in runs if each != "ttp"}
    found.append(
        ("identical rows", len(hashes) == 1, "they are" if len(hashes) == 1 else f"{len(hashes)} kinds of rows")
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
