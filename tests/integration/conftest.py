# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated devices and a way to run playbooks against them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.simulator.inventory import inventory
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet

from .warm import WarmAnsible

HERE = Path(__file__).parent
ANSIBLE = {
    "ANSIBLE_FORKS": "20",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_NOCOLOR": "true",
    "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
    "ANSIBLE_CALLBACKS_ENABLED": "task_results",
}
MAIL_PASSWORD = "relay-password-for-tests"

ENTRY = {
    "id": "relay",
    "server": "mail.example.com",
    "port": 587,
    "secure_option": "starttls",
    "auth": "enable",
    "user": "alerts",
    "passwd": MAIL_PASSWORD,
}


def fleet_data(devices: list[dict[str, Any]]) -> dict[str, Any]:
    """A fleet with these devices, and mail servers that between them give every outcome."""
    servers: dict[str, dict[str, Any]] = {
        "mail.example.com:587": {"kind": "submission"},
        "mail.example.com:465": {"kind": "smtps"},
        "mail.example.com:25": {"kind": "plain"},
        "noauth.example.com:587": {"kind": "no-auth"},
        "old-tls.example.com:587": {"kind": "submission", "tls_max": "tlsv1.1"},
    }
    return {
        "hosts": {
            **{name: name for name in servers},
            "closed.example.com:587": "refused",
            "unreachable.example.com:587": "unreachable",
            "silent.example.com:587": "blackhole",
        },
        "defaults": {"idle_line_interval": 1, "smtp_timeout": 1},
        "devices": [{"name": f"device-{number}", **device} for number, device in enumerate(devices, 1)],
        "mail_servers": [
            {
                "name": name,
                "users": {"alerts": MAIL_PASSWORD} if server["kind"] in ("submission", "smtps") else {},
                "domains": ["example.com"],
                "recipients": ["noc@example.com"],
                **server,
            }
            for name, server in servers.items()
        ],
    }


@pytest.fixture
def start() -> Iterator[Callable[..., RunningFleet]]:
    """Start a fleet of devices; each is a dictionary as in a fleet file, a name may be left out."""
    contexts = []

    def started(*devices: dict[str, Any]) -> RunningFleet:
        context = running(read_fleet(fleet_data(list(devices) or [{}])))
        fleet = context.__enter__()
        contexts.append(context)
        return fleet

    yield started
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port where nobody listens, and nobody else will."""
    with socket.socket() as bound:
        bound.bind(("0.0.0.0", 0))
        yield bound.getsockname()[1]


@dataclass(frozen=True)
class Run:
    """A finished playbook. `results` are the task results in order, as host, task and result."""

    status: int
    output: str
    results: list[dict[str, Any]]

    def of(self, host: str, task: str) -> list[dict[str, Any]]:
        """The results of a task (by name, or part of it) on a host."""
        return [row["result"] for row in self.results if row["host"] == host and task in row["task"]]


@pytest.fixture(scope="session")
def warm_ansible() -> Iterator[WarmAnsible]:
    warm = WarmAnsible({**os.environ, **ANSIBLE})
    yield warm
    warm.close()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def playbook(tmp_path: Path, state_dir: Path, warm_ansible: WarmAnsible) -> Callable[..., Run]:
    """Run a playbook: a list of plays, or the name of one of the collection's. wait: if not, return the process of the command."""

    def run(
        plays: Any, fleet: RunningFleet | None = None, *arguments: str, variables: Any = None, wait: bool = True
    ) -> Any:
        inventory_file = tmp_path / "inventory.yml"
        hosts = inventory([device.server for device in fleet.devices.values()]) if fleet else {"all": {"hosts": {}}}
        for change in (variables or {}).items():
            hosts["all"].setdefault("vars", {})[change[0]] = change[1]
        inventory_file.write_text(yaml.safe_dump(hosts), encoding="utf-8")
        results_file = tmp_path / "results.jsonl"
        results_file.unlink(missing_ok=True)
        name = plays
        if not isinstance(plays, str):
            (tmp_path / "playbook.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
            name = str(tmp_path / "playbook.yml")
        environment = {
            **os.environ,
            **ANSIBLE,
            "FORTIOPS_MAIL_RUNS_DIR": str(tmp_path / "runs"),
            "FORTIOPS_MAIL_STATE_DIR": str(state_dir),
            "TASK_RESULTS": str(results_file),
        }
        command = ["-i", str(inventory_file), name, *arguments]
        if wait and warm_ansible.fits(environment):
            status, output = warm_ansible.run(command, tmp_path, environment)
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", "ansible", "playbook", *command],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                cwd=tmp_path, env=environment, start_new_session=True,
            )  # fmt: skip
            if not wait:
                return process
            output, __ = process.communicate(timeout=180)
            status = process.returncode
        lines = results_file.read_text(encoding="utf-8").splitlines() if results_file.exists() else []
        return Run(status, output, [json.loads(line) for line in lines])

    return run


def play(*tasks: dict[str, Any], hosts: str = "all") -> list[dict[str, Any]]:
    """A playbook of one play."""
    return [{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}]


def task(module: str, name: str | None = None, **options: Any) -> dict[str, Any]:
    """A task that runs a module of this collection."""
    return {"name": name or module, f"fortiops.mail.{module}": options}
