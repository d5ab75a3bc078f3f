# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a rollout at a random moment, run it once more, and look at every device: `make kills` does it 40 times.

A moment is a number of commands that the devices have heard. Killed with SIGKILL is the controller, a process that works on
the devices, or all. 40 devices and more are shared by two processes, where there are two processors.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from ansible_collections.fortiops.mail.simulator.inventory import inventory
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet

from ..integration.conftest import ENTRY, fleet_data
from ..integration.processes import children, wait_for

VICTIMS = ("controller", "worker", "both")
# Where several processes work on the devices: the last of them, which another one waits for.
LAST = "last"
_OLD = {"server": "mail.example.com", "user": "before", "passwd": "an earlier password"}
_FILTERED = {"hosts": {"mail.example.com:587": "filtered"}, "smtp_timeout": 1}
# What is changed, what is new, and what is taken back.
_DEVICES = [
    {"name": "changed", "mail": {"relay": _OLD}},
    {"name": "new"},
    {"name": "filtered", "mail": {"relay": _OLD}, **_FILTERED},
]
# Commands of a whole run on these.
_COMMANDS = 110
MANY = 40
_LIMIT = 120.0


@dataclass(frozen=True)
class Kill:
    """What was killed when, and what was wrong after one more run: one line for each device or file, none at best."""

    moment: int
    victim: str
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.victim:10} after {self.moment:3} commands: {'; '.join(self.wrong) or 'as it should be'}"


def kills(count: int, seed: int, devices: int = len(_DEVICES)) -> Iterator[Kill]:
    """Kill so many rollouts, each of a fleet of its own with so many devices."""
    chance = random.Random(seed)
    commands = commands_of(devices)
    victims = (*VICTIMS, LAST) if devices >= MANY else VICTIMS
    for __ in range(count):
        yield killed(chance.randrange(commands), chance.choice(victims), devices)


def commands_of(devices: int) -> int:
    """Return how many commands a whole run on so many devices is; a later moment is one after its end."""
    return _COMMANDS * devices // len(_DEVICES)


def killed(moment: int, victim: str, devices: int = len(_DEVICES)) -> Kill:
    """Kill one rollout and run it once more."""
    kinds = [(number, _DEVICES[number % len(_DEVICES)]) for number in range(devices)]
    data = [{**kind, "name": f"{kind['name']}-{number}"} for number, kind in kinds]
    with (
        TemporaryDirectory(prefix="fortiops-mail-kill-") as directory,
        running(read_fleet(fleet_data(data))) as fleet,
    ):
        controller = Rollout(fleet, Path(directory))
        before = {name: entry_of(fleet, name) for name in fleet.devices}
        with controller.started() as process:
            wait_for(lambda: heard(fleet) >= moment or process.poll() is not None, f"{moment} commands are heard")
            _kill(process.pid, victim)
            # Whoever is left finishes what it has begun.
            wait_for(lambda: process.poll() is not None, "the controller ends")
        wait_for(lambda: not controller.alive(), "the worker ends")
        with controller.started() as process:
            process.wait(_LIMIT)
        return Kill(moment, victim, list(_wrong(fleet, before, controller.state)))


class Rollout:
    """The playbook rollout, with all devices in one batch."""

    def __init__(self, fleet: RunningFleet, directory: Path) -> None:
        self._directory = directory
        self.state = directory / "state"
        hosts = inventory([device.server for device in fleet.devices.values()])
        hosts["all"].setdefault("vars", {}).update(
            {
                "mail_servers": [ENTRY],
                "mail_from": "faz@example.com",
                "mail_to": "noc@example.com",
                "runs_dir": "",
                "mail_update_password": "always",
            }
        )
        (directory / "inventory.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        batches = json.dumps({"batches": ["100%"]})
        command = [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "inventory.yml",
            "fortiops.mail.rollout",
            "-e",
            batches,
        ]
        with (self._directory / "output").open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self._directory,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "FORTIOPS_MAIL_STATE_DIR": str(self.state), "ANSIBLE_LOCALHOST_WARNING": "false"},
            )
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()

    def alive(self) -> bool:
        """Whether any process still works in the directory of this run."""
        for link in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):
                if link.readlink() == self._directory:
                    return True
        return False


def heard(fleet: RunningFleet) -> int:
    """How many commands all devices have heard."""
    return sum(len(device.commands) for device in fleet.devices.values())


def entry_of(fleet: RunningFleet, name: str) -> dict[str, str]:
    """What the device has stored; passwords as they are."""
    return dict(fleet.devices[name].state.mail.entries.get("relay", {}))


def _kill(pid: int, victim: str) -> None:
    with suppress(OSError):
        workers = children(pid)
        for each in {"controller": [pid], "worker": workers, "both": [pid, *workers], LAST: workers[-1:]}[victim]:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def _wrong(fleet: RunningFleet, before: dict[str, dict[str, str]], state: Path) -> Iterator[str]:
    for name, device in fleet.devices.items():
        entry = entry_of(fleet, name)
        wanted = not name.startswith("filtered")
        if wanted and (entry.get("port"), entry.get("passwd")) != ("587", ENTRY["passwd"]):
            yield f"{name} is not changed: {sorted(entry)}"
        if not wanted and entry != before[name]:
            yield f"{name} is neither proved nor as it was: {sorted(entry)}"
        if device.state.debug.fazmaild:
            yield f"{name} debugs its mail daemon"
    yield from (f"{file.name} is left" for file in (state.iterdir() if state.is_dir() else ()))


def main(arguments: list[str] | None = None) -> Any:
    """Print one line for each kill; return 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="kills", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moments", type=int, default=40, help="how many rollouts to kill (default: 40)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments and of who is killed")
    parser.add_argument("--devices", type=int, default=len(_DEVICES), help=f"of each fleet (default: {len(_DEVICES)})")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    wrong = 0
    for kill in kills(options.moments, options.seed, options.devices):
        print(kill, flush=True)
        wrong += bool(kill.wrong)
    print(f"{options.moments - wrong} of {options.moments} as it should be")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
