# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-playbook` without the second that it takes to import Ansible: each run is a fork of a process that has imported it.

Only imports are done before; nothing is read of playbooks, inventories, options or the files of the collection's users. The tests
that stop or kill a run, and those of what pages say, start the command itself.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path

# What Ansible and Python read when they start, and a fork cannot change.
_AT_START = ("ANSIBLE_", "PYTHON", "HOME")
_SECONDS = 180


def _at_start(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


class WarmAnsible:
    """The process that has imported Ansible, as the tests see it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = _at_start(environment)
        self._process = subprocess.Popen(
            # Not with the folder of this file on the path: it has names that Python's own modules have.
            [sys.executable, "-P", __file__],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def fits(self, environment: dict[str, str]) -> bool:
        """Whether a fork can run with this environment."""
        return _at_start(environment) == self._environment

    def run(self, arguments: list[str], directory: Path, environment: dict[str, str]) -> tuple[int, str]:
        """Run `ansible-playbook`; return its status and all that it printed. It is killed after three minutes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output = directory / "playbook.out"
        job = {"arguments": arguments, "directory": str(directory), "environment": environment, "output": str(output)}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return status, output.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _fork() -> None:
    """Run each job that comes in, one after the other, in a fork; print its status."""
    # What each run imports sooner or later, in its own process or in one of its workers.
    for name in ("executor.process.worker", "plugins.callback.default", "plugins.strategy.linear"):
        import_module(f"ansible.{name}")
    from ansible import constants
    from ansible.cli.playbook import main
    from ansible.plugins.loader import init_plugin_loader

    # From here on Ansible's loader finds collections, as in a run; each run does this, and is told that it is done.
    init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
    for name in ("ansible.builtin", "fortiops.mail.plugins.action._task", "fortiops.mail.plugins.connection.cli"):
        import_module(f"ansible_collections.{name}")

    for line in sys.stdin:
        job = json.loads(line)
        if pid := os.fork():
            ended = os.pidfd_open(pid)
            if not select.select([ended], [], [], _SECONDS)[0]:
                os.killpg(pid, signal.SIGKILL)
            os.close(ended)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
            continue
        os.setsid()
        os.chdir(job["directory"])
        os.environ.clear()
        os.environ.update(job["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
        os.dup2(1, 2)
        # Ansible made it when it was imported, and removes it when it ends.
        Path(constants.DEFAULT_LOCAL_TMP).mkdir(mode=0o700, exist_ok=True)
        main(["playbook", *job["arguments"]])


if __name__ == "__main__":
    _fork()
