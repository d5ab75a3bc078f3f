# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of one variant against a fresh fleet."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from commands import Job
from measure import Usage, measure
from simulated import Heard, fleet
from variants import Variant


@dataclass(frozen=True)
class Run:
    """What one run took and what came of it.

    tasks: results Ansible counted for each host, at most. healthy: seconds from the start to the last command of a
    healthy host. failed: hosts that failed, with the reason. broken: hosts that had to, with what is wrong with them.
    """

    variant: str
    size: int
    usage: Usage
    heard: Heard
    tasks: int
    healthy: float
    failed: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    @property
    def unexpected(self) -> dict[str, str]:
        """Failures of healthy hosts, and broken hosts that did not fail."""
        wrong = {name: reason for name, reason in self.failed.items() if name not in self.broken}
        wrong |= {name: "did not fail" for name in self.broken if name not in self.failed}
        return wrong


class RunError(Exception):
    """A variant could not be run to its end; the message is one line."""


def run(
    variant: Variant,
    size: int,
    job: Job,
    work: Path,
    *,
    limit: float,
    login_delay: float = 0.0,
    broken: bool = False,
    patience: float = 30.0,
) -> tuple[Run, list[list[str]]]:
    """Run a variant once, within `limit` seconds; `patience` is how long it waits for one login.

    Returns also the commands of the first device, session by session. Raises RunError.
    """
    directory = work / f"{variant.name}-{size}"
    shutil.rmtree(directory, ignore_errors=True)
    with fleet(size, directory, login_delay=login_delay, broken=broken) as devices:
        call = variant.make(directory, job, patience)
        log = directory / "run.log"
        begin = time.time()
        usage = measure(call.command, limit=limit, log=log, env=call.env, cwd=directory)
        heard = devices.heard()
        sessions = devices.sessions()
    if usage.late:
        raise RunError(f"{variant.name} with {size} devices has not ended within {limit:.0f} s, see {log}")
    if not call.outcome.is_file():
        raise RunError(f"{variant.name} with {size} devices left no outcome (exit code {usage.code}), see {log}")
    outcome = json.loads(call.outcome.read_text())
    failed = outcome["failed"]
    if variant.logins and variant.works:
        typed = Counter({name: 0 for name in devices.names if name not in devices.broken})
        for (name, __), commands in sessions.items():
            typed[name] += len(commands)
        failed |= {
            name: f"-: only {count} commands, expected {len(job.commands)}"
            for name, count in typed.items()
            if count < len(job.commands) and name not in failed
        }
    done = Run(
        variant.name,
        size,
        usage,
        heard,
        max(outcome["tasks"].values(), default=0),
        max(0.0, heard.healthy_end - begin),
        failed=failed,
        broken=devices.broken,
    )
    return done, [commands for (name, __), commands in sorted(sessions.items()) if name == devices.names[0]]
