# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the network, in a namespace that has nothing but a loopback: devices, mail servers and tests run inside it.

`produced_in_a_namespace` starts this file as a program there; it writes what came out as JSON, for the tests outside.
Needs root, or the right to make namespaces as a user (`unshare -rn`).
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects

from . import namespace
from .cases import Case, cases
from .produce import Produced, produce
from .real_servers import PASSWORD, USER

_PROGRAM = "ansible_collections.fortiops.mail.tests.proof.network"
_SECONDS = 150
_ADDRESS = "127.8.8.8"
_FIRST_PORT = 10025
_TIMEOUT = 3.0


def produced_in_a_namespace(packages: Path) -> list[Produced]:
    """Run the network's cases in a namespace; return what they gave. Raises NamespaceError."""
    with TemporaryDirectory() as directory:
        file = Path(directory, "produced.json")
        namespace.run([sys.executable, "-m", _PROGRAM, file], packages, seconds=_SECONDS, network=True)
        rows = json.loads(file.read_text(encoding="utf-8"))
    known = {case.name: case for case in cases("network")}
    return [Produced(known[row["case"]], row["dialect"], row["text"], row["verdict"]) for row in rows]


def main(file: Path) -> None:
    voices = list(dialects())
    places = _places(voices)
    _make_faults(places)
    servers = [_mail_server(case, place) for (case, __), place in places.items() if case.kind]
    rows = produce(
        cases("network"),
        {},
        own_places={(case.name, dialect): f"{host}:{port}" for (case, dialect), (host, port) in places.items()},
        timeout=_TIMEOUT,
        mail_servers=servers,
        ready=lambda: _use_up(places),
    )
    data = [{"case": row.case.name, "dialect": row.dialect, "text": row.text, "verdict": row.verdict} for row in rows]
    file.write_text(json.dumps(data), encoding="utf-8")


def _places(voices: list[str]) -> dict[tuple[Case, str], tuple[str, int]]:
    """Every device its own server, so that what one sends does not count for another."""
    pairs = [(case, dialect) for case in cases("network") for dialect in voices]
    return {pair: (pair[0].address or _ADDRESS, port) for port, pair in enumerate(pairs, _FIRST_PORT)}


def _make_faults(places: dict[tuple[Case, str], tuple[str, int]]) -> None:
    # Conntrack counts the bytes of each connection.
    Path("/proc/sys/net/netfilter/nf_conntrack_acct").write_text("1", encoding="ascii")
    filters, commands = [], []
    for (case, __), (__, port) in places.items():
        for rule in case.rules:
            text = rule.replace("{port}", str(port))
            (commands if text.split()[0] in ("ip", "tc") else filters).append(text)
    rules = "\n".join(filters)
    _run(
        ["nft", "-f", "-"],
        f"table inet faults {{\nchain input {{\ntype filter hook input priority 0\n{rules}\n}}\n}}\n",
    )
    for command in dict.fromkeys(commands):
        _run(command.split())


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=10, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}\n{text}")


def _mail_server(case: Case, place: tuple[str, int]) -> dict[str, Any]:
    host, port = place
    return {
        "name": f"server-{port}",
        "address": host,
        "port": port,
        "kind": case.kind,
        "users": {USER: PASSWORD} if case.kind == "submission" else {},
        "domains": ["test.example"],
    }


def _use_up(places: dict[tuple[Case, str], tuple[str, int]]) -> None:
    """Make the connections that a firewall still lets pass."""
    for (case, __), place in places.items():
        for __ in range(case.used):
            with contextlib.suppress(OSError):
                socket.create_connection(place, timeout=5).close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
