# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware that speaks only SHA-1 in SSH, with each line of paramiko. Row 3 of the fault matrix."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from . import logins
from .logins import PASSWORD, SHORT, failure, tcp_server
from .test_artifacts import ROOT, bare_environment, command

key_files, fleet = logins.key_files, logins.fleet

LOGIN = """
import json, sys
import paramiko
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from pathlib import Path
outcomes = {"paramiko": paramiko.__version__}
for name, options in json.load(sys.stdin).items():
    options["key_file"] = Path(options["key_file"]) if options.get("key_file") else None
    try:
        with Session(connect(Target(**options), Limits()), Limits()) as session:
            outcomes[name] = session.run("get system status").text.splitlines()[0].split()[0]
    except SessionError as error:
        outcomes[name] = f"{error.cause}: {error}"
print(json.dumps(outcomes))
"""


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")  # in the simulator
@pytest.mark.parametrize("line", ["3.5", "4.0", "5"])
def test_row_03_firmware_that_speaks_only_sha1(
    fleet: RunningFleet, key_files: dict[str, Path], tmp_path: Path, line: str
) -> None:
    python = bare_environment(tmp_path / "environment")
    (packages,) = (tmp_path / "environment").glob("lib/*/site-packages")
    (packages / "checkout.pth").write_text(str(ROOT / "dev") + "\n", encoding="utf-8")
    command(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", "--disable-pip-version-check",
        "--ignore-installed", f"paramiko=={line}.*",
    )  # fmt: skip
    names = ["plain", "kbdint", "many", "legacy-kex", "legacy-hostkey"]
    wanted: dict[str, dict[str, Any]] = {
        name: {
            "host": fleet.devices[name].address,
            "port": fleet.devices[name].port,
            "password": PASSWORD,
            "host_key_fingerprint": fleet.devices[name].fingerprint,
        }
        for name in names
    }
    wanted["many"]["host_key_fingerprint"] = ""
    for name, where in (("ed25519", "keys"), ("ecdsa", "keys"), ("rsa", "keys"), ("rsa", "legacy-userkey")):
        device = fleet.devices[where]
        wanted[f"key {name} {where}"] = {
            **wanted["plain"],
            "host": device.address,
            "port": device.port,
            "host_key_fingerprint": device.fingerprint,
            "key_file": str(key_files[name]),
        }
    wanted["wrong"] = {**wanted["plain"], "password": "canary-wrong"}
    done = subprocess.run(
        [python, "-c", LOGIN],
        check=False,
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert outcomes.pop("paramiko").startswith(line)
    assert outcomes.pop("many").startswith("host_key: ")
    assert outcomes.pop("wrong").startswith("login_refused: ")
    if line == "5":
        for name, algorithm in (("legacy-kex", "diffie-hellman-group14-sha1"), ("legacy-hostkey", "ssh-rsa")):
            message = outcomes.pop(name)
            assert message.startswith("ssh_algorithms: ")
            assert f"only {algorithm}, which paramiko 5." in message
            assert message.endswith("pip install 'paramiko>=3.5,<5'")
        message = outcomes.pop("key rsa legacy-userkey")
        assert message.startswith("login_refused: ")
        assert "takes RSA keys only with signatures of SHA-1 (ssh-rsa), which paramiko 5." in message
        assert message.endswith("pip install 'paramiko>=3.5,<5'")
    assert set(outcomes.values()) == {"Platform"}, outcomes
    assert done.stderr == ""


def test_algorithms_that_no_paramiko_has(fleet: RunningFleet) -> None:
    def serve(link: socket.socket) -> None:
        lists = [
            "future-kex",
            "ssh-ed25519",
            "aes256-ctr",
            "aes256-ctr",
            "hmac-sha2-256",
            "hmac-sha2-256",
            "none",
            "none",
            "",
            "",
        ]
        body = (
            bytes([20])
            + bytes(16)
            + b"".join(len(each).to_bytes(4, "big") + each.encode() for each in lists)
            + bytes(5)
        )
        padding = 8 - (len(body) + 5) % 8 + 8
        link.sendall(
            b"SSH-2.0-Future\r\n"
            + (len(body) + 1 + padding).to_bytes(4, "big")
            + bytes([padding])
            + body
            + bytes(padding)
        )

    with tcp_server(serve) as server:
        message = failure(server, "ssh_algorithms", SHORT)
    assert "offers for key exchange only future-kex" in message
    assert "SHA-1" not in message
