# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(c) The commands over plain paramiko, one session for each device, in a pool of threads. Run as a program.

Usage: paramiko_threads.py INVENTORY COMMANDS OUTCOME LIMIT
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import paramiko
import yaml

_PROMPT = re.compile(rb"[\r\n](?:[\w.-]+ |\([\w./-]+\))# $")
FORKS = int(os.environ.get("BENCH_FORKS", "20"))


def work(host: dict[str, Any], commands: list[str], limit: float) -> None:
    """Log in, send each command and wait for the prompt after it."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    try:
        client.connect(
            host["ansible_host"],
            host["ansible_port"],
            host["ansible_user"],
            host["ansible_password"],
            timeout=limit,
            banner_timeout=limit,
            auth_timeout=limit,
            look_for_keys=False,
            allow_agent=False,
        )
        channel = client.invoke_shell(width=511, height=1000)
        channel.settimeout(limit)
        _until_prompt(channel, b"", limit)
        for command in commands:
            channel.sendall(command.encode() + b"\n")
            _until_prompt(channel, command.encode(), limit)
        channel.sendall(b"exit\n")
    finally:
        client.close()


def _until_prompt(channel: paramiko.Channel, echo: bytes, limit: float) -> None:
    text = b"\n"
    deadline = time.monotonic() + limit
    while echo not in text or not _PROMPT.search(text.rpartition(echo)[2] if echo else text):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no prompt after {echo.decode()!r}")
        chunk = channel.recv(65536)
        if not chunk:
            raise EOFError("the device has closed the session")
        text += chunk


def main() -> None:
    inventory, commands, outcome, limit = sys.argv[1:]
    hosts = yaml.safe_load(Path(inventory).read_text())["all"]["children"]["fortianalyzer"]["hosts"]
    lines = json.loads(Path(commands).read_text())

    def attempt(name: str) -> str | None:
        try:
            work(hosts[name], lines, float(limit))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    with ThreadPoolExecutor(FORKS) as pool:
        results = dict(zip(hosts, pool.map(attempt, hosts), strict=True))
    failed = {name: error for name, error in results.items() if error}
    Path(outcome).write_text(json.dumps({"tasks": {}, "failed": failed}))


if __name__ == "__main__":
    main()
