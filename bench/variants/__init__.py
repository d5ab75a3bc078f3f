# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared: each variant gives the command to run against a fleet, and its environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from commands import Job, steps
from simulated import MAIL_SERVERS

FORKS = int(os.environ.get("BENCH_FORKS", "20"))
_BENCH = Path(__file__).resolve().parents[1]
_MAIL = ("alerts@example.com", "noc@example.com")


@dataclass(frozen=True)
class Call:
    """How to start a variant. It writes {"tasks": {host: count}, "failed": {host: reason}} to `outcome`."""

    command: list[str]
    env: dict[str, str]
    outcome: Path


@dataclass(frozen=True)
class Variant:
    """name: short, for tables and --variants. title: what it is. logins: how many each device should see.

    works: whether it does the job, so that a device that heard fewer commands counts as failed.
    """

    name: str
    title: str
    logins: int
    make: Callable[[Path, Job, float], Call]
    works: bool = True


def _ansible(directory: Path, playbooks: list[str], limit: float, more: Mapping[str, Any], **env: str) -> Call:
    """ansible-playbook with the same settings, limits and silent output for all variants."""
    extra = directory / "extra.yml"
    extra.write_text(
        yaml.safe_dump(
            {
                "target": "all",
                "ansible_fortiops_mail_connect_limit": limit,
                "ansible_fortiops_mail_login_limit": limit,
                "ansible_fortiops_mail_state_dir": str(directory / "state"),
                **more,
            }
        )
    )
    outcome = directory / "outcome.json"
    # -m and not the script: another checkout may have other scripts first on its PATH.
    command = [sys.executable, "-m", "ansible", "playbook"]
    command += ["-i", str(directory / "inventory.yml"), "-e", f"@{extra}", *playbooks]
    settings = {
        "ANSIBLE_CONFIG": str(_empty_configuration(directory)),
        "ANSIBLE_FORKS": str(FORKS),
        "ANSIBLE_STDOUT_CALLBACK": "bench.peer.outcome",
        "ANSIBLE_COLLECTIONS_PATH": f"{_BENCH}:{peer_directory()}",
        "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"),
        "ANSIBLE_HOME": str(directory / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "BENCH_OUTCOME": str(outcome),
        **env,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return Call(command, {**inherited, **settings}, outcome)


def _empty_configuration(directory: Path) -> Path:
    file = directory / "ansible.cfg"
    file.write_text("[defaults]\n")
    return file


def peer_directory() -> Path:
    """Where ansible.netcommon is kept, outside every folder Ansible looks into by itself."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fortiops.mail-bench"


def _playbook(directory: Path, tasks: list[dict[str, Any]]) -> str:
    file = directory / "playbook.yml"
    file.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], sort_keys=False))
    return str(file)


def _ours(playbook: str) -> Callable[[Path, Job, float], Call]:
    def make(directory: Path, job: Job, limit: float) -> Call:
        sender, recipient = _MAIL
        # The batches of the playbook would end after one with a failure, and here the others are to go on.
        more = {"mail_servers": MAIL_SERVERS, "mail_from": sender, "mail_to": recipient, "batches": ["100%"]}
        return _ansible(directory, [playbook], limit, more)

    return make


def _no_op(count: int) -> Callable[[Path, Job, float], Call]:
    def make(directory: Path, job: Job, limit: float) -> Call:
        tasks = [{"ansible.builtin.debug": {"msg": "no-op"}}] * count
        return _ansible(directory, [_playbook(directory, tasks)], limit, {"ansible_connection": "local"})

    return make


def _logins(count: int) -> Callable[[Path, Job, float], Call]:
    def make(directory: Path, job: Job, limit: float) -> Call:
        return _ansible(directory, [_playbook(directory, [{"bench.peer.login": {}}] * count)], limit, {})

    return make


def _network_cli(split: Callable[[Job], list[list[str]]]) -> Callable[[Path, Job, float], Call]:
    def make(directory: Path, job: Job, limit: float) -> Call:
        tasks = [{"bench.peer.commands": {"commands": commands}} for commands in split(job)]
        more = {
            "ansible_connection": "ansible.netcommon.network_cli",
            "ansible_network_cli_ssh_type": "paramiko",
            "ansible_network_os": "bench.peer.device",
            "ansible_host_key_checking": False,
            "ansible_command_timeout": limit,
            # With the default of 0.1 s, debug that follows the prompt within that time makes it wait for another prompt,
            # in vain: a daemon's debug output comes after the prompt.
            "ansible_buffer_read_timeout": 0.01,
            # Idle connections end after this time, in the middle of a play with many hosts.
            "ansible_connect_timeout": 600,
            "ansible_python_interpreter": sys.executable,
        }
        env = {"ANSIBLE_DEPRECATION_WARNINGS": "0", "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(directory / "pc")}
        return _ansible(directory, [_playbook(directory, tasks)], limit, more, **env)

    return make


def _program(name: str) -> Callable[[Path, Job, float], Call]:
    def make(directory: Path, job: Job, limit: float) -> Call:
        commands, outcome = directory / "commands.json", directory / "outcome.json"
        commands.write_text(json.dumps(job.commands))
        program = Path(__file__).with_name(name)
        command = [
            sys.executable,
            str(program),
            str(directory / "inventory.yml"),
            str(commands),
            str(outcome),
            str(limit),
        ]
        return Call(command, dict(os.environ), outcome)

    return make


VARIANTS = {
    each.name: each
    for each in (
        Variant(
            "ours",
            "this collection, its playbook `rollout` with all devices in one batch",
            1,
            _ours("fortiops.mail.rollout"),
        ),
        Variant(
            "ours-2",
            "this collection, its two modules as two tasks",
            2,
            _ours(str(_BENCH / "playbooks" / "two_tasks.yml")),
        ),
        Variant(
            "a", "network_cli with paramiko, one task for each step", 1, _network_cli(lambda job: steps(job.commands))
        ),
        Variant(
            "a-2", "network_cli with paramiko, all commands in one task", 1, _network_cli(lambda job: job.sessions)
        ),
        Variant("b", "Nornir and netmiko generic", 1, _program("nornir_netmiko.py")),
        Variant("c", "paramiko in 20 threads", 1, _program("paramiko_threads.py")),
        Variant("d", "Ansible's own no-op, one task", 0, _no_op(1)),
        Variant("d-2", "Ansible's own no-op, two tasks", 0, _no_op(2)),
        Variant("e-2", "two tasks that only log in and out, through our connection", 2, _logins(2), works=False),
    )
}
