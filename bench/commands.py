# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of one run of ours, as the simulator heard them, for the other variants to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulated import MAIL_PASSWORD


@dataclass(frozen=True)
class Job:
    """What one device is asked, session by session, by the playbook `rollout`; and the results Ansible counted for it."""

    sessions: list[list[str]]
    tasks: int

    @property
    def commands(self) -> list[str]:
        """All commands, for a client that needs only one session."""
        return [command for session in self.sessions for command in session]


def record(sessions: Sequence[Sequence[str]], tasks: int) -> Job:
    """Return the job from what a device heard while ours ran."""
    return Job([_typed(session) for session in sessions], tasks)


def _typed(heard: Sequence[str]) -> list[str]:
    """Leave out how the session began and ended, which is each client's own affair; put the password back."""
    return [line.replace("***", MAIL_PASSWORD) for line in heard if line not in ("", "exit")]


def steps(commands: Sequence[str]) -> list[list[str]]:
    """Group the lines from `config` to `end`; every other command is a step of its own."""
    found: list[list[str]] = []
    inside = False
    for command in commands:
        if inside:
            found[-1].append(command)
        else:
            found.append([command])
        inside = command != "end" if inside else command.startswith("config ")
    return found
