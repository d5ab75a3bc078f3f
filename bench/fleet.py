# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a fleet is configured and verified, and what that takes, compared with other ways: `make bench`.

Prints Markdown. Everything runs on 127.0.0.0/8 against the simulator. The variants of one size run in turn, again and
again, so that what else the machine does meets all of them alike. The environment variable BENCH_FORKS says how many
devices are worked on at once (20) by all but ours, which does as many as its playbook does by default.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from commands import Job, record
from peer import fetch_peer
from runs import Run, RunError, run
from single import session_latency, simulator_capacity
from tables import broken_table, causes, legend, table
from targets import judge, judge_broken, quick
from variants import FORKS, VARIANTS, peer_directory

_PATIENCE = 30.0
_BROKEN_PATIENCE = 5.0
_BROKEN_SIZE = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 unless a variant could not be run."""
    options = _options(arguments)
    if any(name.startswith("a") for name in options.variants):
        fetch_peer(peer_directory())
    work = options.work or Path(tempfile.mkdtemp(prefix="fortiops-mail-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options, work)
    print(_heading(options))
    try:
        bench.all()
    except (RunError, RuntimeError, OSError) as error:
        print(f"bench/fleet.py: {error}", file=sys.stderr)
        return 1
    return 1 if bench.errors else 0


class Bench:
    """The parts of the benchmark, one after another. errors: variants that could not be run."""

    def __init__(self, options: argparse.Namespace, work: Path) -> None:
        self.options = options
        self.work = work
        self.errors: list[str] = []
        self.job = Job([], 0)

    def all(self) -> None:
        done, sessions = run(VARIANTS["ours"], 1, self.job, self.work, limit=self.options.limit)
        self.job = record(sessions, done.tasks)
        print(
            f"\n{len(self.job.commands)} commands for each device; ours runs {done.tasks} tasks, one of them for each device.\n"
        )
        print(legend(self.options.variants))
        for delay in self.options.login_delay:
            runs = self._series(delay)
            print(f"\n### Login delay {delay:g} s\n\n{table(runs)}", flush=True)
            if delay == 0:
                print("\n### Targets\n\n" + "\n".join(map(str, judge(runs))), flush=True)
        if self.options.broken:
            self._broken()
        if self.options.single:
            self._single()
        if self.errors:
            print("\n### Not measured\n\n" + "\n".join(f"- {each}" for each in self.errors))

    def _series(self, delay: float) -> list[Run]:
        sizes = self.options.sizes if delay == 0 else self.options.delay_sizes
        runs: list[Run] = []
        for size in sizes:
            for repeat in range(self.options.repeats):
                for name in self.options.variants:
                    # (a) needs minutes for 20 devices and gigabytes for 100.
                    few = self.options.slow_repeats if name.startswith("a") else self.options.repeats
                    if repeat < few and (size <= self.options.slow_most or not name.startswith("a")):
                        runs += self._once(name, size, login_delay=delay)
        return runs

    def _once(self, name: str, size: int, *, login_delay: float = 0.0, broken: bool = False) -> list[Run]:
        begin = time.monotonic()
        try:
            done, __ = run(
                VARIANTS[name],
                size,
                self.job,
                self.work,
                limit=self.options.limit,
                login_delay=login_delay,
                broken=broken,
                patience=_BROKEN_PATIENCE if broken else _PATIENCE,
            )
        except RunError as error:
            self.errors.append(str(error))
            print(f"  {error}", file=sys.stderr, flush=True)
            return []
        took = time.monotonic() - begin
        print(
            f"  {name} {size}: wall {done.usage.wall:.1f} s, CPU {done.usage.cpu:.1f} s ({took:.0f} s)", file=sys.stderr
        )
        return [done]

    def _broken(self) -> None:
        size = self.options.broken_size
        names = [name for name in self.options.variants if name in ("ours", "b", "c")]
        healthy = self._once("ours", size)
        runs = [done for name in names for done in self._once(name, size, broken=True)]
        print(f"\n### 4 % broken devices, at most {_BROKEN_PATIENCE:g} s for a login\n\n{broken_table(runs)}")
        print("\n" + "\n".join(map(str, judge_broken(runs, _BROKEN_PATIENCE, healthy[0].healthy if healthy else None))))
        for done in runs:
            print(f"\nBroken devices in `{done.variant}`:\n\n{causes(done)}", flush=True)

    def _single(self) -> None:
        latency = session_latency(self.work)
        capacity = simulator_capacity(self.work)
        targets = [
            quick(f"three quick commands in one session, p50 (login: {latency.login:.1f} ms)", latency.three, 15, "ms"),
            quick(f"simulator: all of {capacity.devices} logins", capacity.seconds, 5, "s"),
            quick(f"simulator: PSS with {capacity.devices} sessions open", capacity.pss, 100, "MB"),
        ]
        print("\n### One session, one simulator\n\n" + "\n".join(map(str, targets)), flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/fleet.py", description=__doc__.partition("\n")[0] if __doc__ else None)
    add = parser.add_argument
    add("--sizes", type=_numbers, default=[1, 20, 100, 300], help="numbers of devices (default: 1,20,100,300)")
    add("--repeats", type=int, default=3, help="runs of each variant and size (default: 3)")
    add("--login-delay", type=_seconds, default=[0.0, 1.0], help="seconds until a device shows a prompt (default: 0,1)")
    add("--delay-sizes", type=_numbers, default=[20], help="numbers of devices with a login delay (default: 20)")
    add("--variants", type=_variants, default=list(VARIANTS), help=f"some of {','.join(VARIANTS)} (default: all)")
    add("--slow-most", type=int, default=20, help="most devices for variants a and a-2 (default: 20)")
    add("--slow-repeats", type=int, default=1, help="runs of variants a and a-2 (default: 1)")
    add("--broken", action="store_true", help="also with 4 %% broken devices")
    add("--broken-size", type=int, default=_BROKEN_SIZE, help=f"devices with --broken (default: {_BROKEN_SIZE})")
    add("--single", action="store_true", help="also one session's latency and one simulator's capacity")
    add("--limit", type=float, default=600.0, help="seconds one run may take (default: 600)")
    add("--work", type=Path, help="directory for what the runs write (default: a new one in the temporary directory)")
    add("--quick", action="store_true", help="a look: at most 20 devices, once, without a and a-2, no login delay")
    options = parser.parse_args(arguments)
    if options.broken_size < 20:
        parser.error(f"--broken-size is {options.broken_size}, expected 20 or more: four devices are broken")
    if options.quick:
        options.sizes, options.repeats, options.login_delay = [size for size in options.sizes if size <= 20], 1, [0.0]
        options.variants = [name for name in options.variants if not name.startswith("a")]
    return options


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _seconds(text: str) -> list[float]:
    return [float(word) for word in text.split(",")]


def _variants(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in VARIANTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(VARIANTS)}")
    return names


def _heading(options: argparse.Namespace) -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("ansible-core", "paramiko", "asyncssh", "netmiko", "nornir")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"Command: `bench/fleet.py {' '.join(sys.argv[1:])}`\n\n"
        f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {packages}; {FORKS} forks or threads; load at the start {load:.1f}; "
        f"{time.strftime('%Y-%m-%d')}."
    )


if __name__ == "__main__":
    sys.exit(main())
