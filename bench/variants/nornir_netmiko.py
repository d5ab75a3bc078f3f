# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(b) The commands over Nornir and netmiko's generic device type. Run as a program.

Usage: nornir_netmiko.py INVENTORY COMMANDS OUTCOME LIMIT
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from netmiko import ConnectHandler
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result, Task
from nornir.plugins.runners import ThreadedRunner

_PROMPT = r"[\r\n](?:[\w.-]+ |\([\w./-]+\))# $"
FORKS = int(os.environ.get("BENCH_FORKS", "20"))


def work(task: Task, commands: list[str], limit: float) -> Result:
    """Log in, send each command and wait for the prompt after it."""
    with ConnectHandler(
        device_type="generic",
        host=task.host.hostname,
        port=task.host.port,
        username=task.host.username,
        password=task.host.password,
        conn_timeout=limit,
        banner_timeout=limit,
        auth_timeout=limit,
        read_timeout_override=limit,
        fast_cli=True,
        global_cmd_verify=True,
    ) as connection:
        for command in commands:
            connection.send_command(command, expect_string=_PROMPT, strip_prompt=False)
    return Result(task.host)


def _hosts(inventory: str) -> Hosts:
    rows: dict[str, dict[str, Any]] = yaml.safe_load(Path(inventory).read_text())["all"]["children"]["fortianalyzer"][
        "hosts"
    ]
    hosts = Hosts()
    for name, row in rows.items():
        hosts[name] = Host(name, row["ansible_host"], row["ansible_port"], row["ansible_user"], row["ansible_password"])
    return hosts


def main() -> None:
    inventory, commands, outcome, limit = sys.argv[1:]
    lines = json.loads(Path(commands).read_text())
    nornir = Nornir(Inventory(_hosts(inventory), Groups(), Defaults()), runner=ThreadedRunner(num_workers=FORKS))
    results = nornir.run(task=work, commands=lines, limit=float(limit))
    failed = {
        name: f"{type(result[0].exception).__name__}: {result[0].exception}"
        for name, result in results.items()
        if result.failed
    }
    Path(outcome).write_text(json.dumps({"tasks": {}, "failed": failed}))


if __name__ == "__main__":
    main()
