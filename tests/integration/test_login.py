# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in as operators do: passwords, keys, agents and host keys. Rows 4 and 5 of the fault matrix."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.host_keys import AcceptedKey
from ansible_collections.fortiops.mail.simulator.running import RunningFleet

from . import logins
from .logins import PASSPHRASE, PASSWORD, ask, failure, openssh_line, ssh_server, target

key_files, fleet, attempts, agent = logins.key_files, logins.fleet, logins.attempts, logins.agent


# -- password and keyboard-interactive -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "method"), [("plain", "password"), ("password", "password"), ("kbdint", "keyboard-interactive")]
)
def test_a_password_is_given_the_way_the_device_wants_it(
    fleet: RunningFleet, attempts: Any, name: str, method: str
) -> None:
    assert ask(target(fleet.devices[name])) == name.upper()
    assert attempts(name) == [(method, True)]


@pytest.mark.parametrize(
    ("name", "method"), [("plain", "password"), ("password", "password"), ("kbdint", "keyboard-interactive")]
)
def test_row_05_a_wrong_password_is_tried_once(fleet: RunningFleet, attempts: Any, name: str, method: str) -> None:
    message = failure(target(fleet.devices[name], password="canary-wrong"), "login_refused")
    assert "refused the login of admin" in message and "one attempt was made" in message
    assert attempts(name) == [(method, False)]


def test_an_empty_password_is_a_password(fleet: RunningFleet, attempts: Any) -> None:
    failure(target(fleet.devices["plain"], password=""), "login_refused")
    assert attempts("plain") == [("password", False)]


def test_a_password_is_not_sent_where_only_keys_are_taken(fleet: RunningFleet, attempts: Any) -> None:
    message = failure(target(fleet.devices["keys"]), "login_refused")
    assert "does not let admin log in with a password; it takes publickey" in message
    assert attempts("keys") == []


def test_no_credential(fleet: RunningFleet) -> None:
    message = failure(target(fleet.devices["plain"], password=None), "no_credential")
    assert "expected ansible_password or ansible_ssh_private_key_file" in message


class Questions(asyncssh.SSHServer):
    """Asks several questions, in one round or one after the other."""

    def __init__(self, rounds: list[list[str]], heard: list[list[str]]) -> None:
        self._rounds = list(rounds)
        self._heard = heard

    def begin_auth(self, username: str) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [(question, False) for question in self._rounds.pop(0)]

    def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        self._heard.append(list(responses))
        return self.get_kbdint_challenge(username, "", "") if self._rounds else True


@pytest.mark.parametrize(
    ("rounds", "answered"),
    [
        ([["Password: ", "Token: "]], []),
        ([["Password: ", "Vault: "]], []),
        ([["Password: "], ["FortiToken\r\ncode: "]], [["canary-Login-5d1"]]),
    ],
)
def test_a_question_for_more_than_the_password_is_not_answered(
    rounds: list[list[str]], answered: list[list[str]]
) -> None:
    heard: list[list[str]] = []
    with ssh_server(lambda: Questions(rounds, heard)) as (address, port, fingerprint):
        message = failure(Target(address, port, password=PASSWORD, host_key_fingerprint=fingerprint), "second_factor")
    assert "asks admin for more than the password" in message
    assert heard == answered


# -- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_file_is_used_instead_of_the_password(
    fleet: RunningFleet, attempts: Any, key_files: dict[str, Path], kind: str
) -> None:
    assert ask(target(fleet.devices["keys"], key_file=key_files[kind])) == "KEYS"
    assert [method for method, __ in attempts("keys")] == ["publickey"]


def test_an_encrypted_key_has_a_passphrase_of_its_own(fleet: RunningFleet, key_files: dict[str, Path]) -> None:
    device = fleet.devices["keys"]
    assert ask(target(device, key_file=key_files["encrypted"], passphrase=PASSPHRASE)) == "KEYS"
    message = failure(target(device, key_file=key_files["encrypted"]), "key_file")
    assert "is encrypted; set ansible_fortiops_mail_private_key_passphrase" in message


def test_a_refused_key_is_not_followed_by_the_password(
    fleet: RunningFleet, attempts: Any, key_files: dict[str, Path]
) -> None:
    failure(target(fleet.devices["both"], key_file=key_files["stranger"]), "login_refused")
    assert attempts("both") == [("publickey", False)]
    message = failure(target(fleet.devices["password"], key_file=key_files["ed25519"]), "login_refused")
    assert "does not let admin log in with a key; it takes password" in message


def test_an_agent_is_asked_only_when_told_so(
    fleet: RunningFleet, attempts: Any, agent: Any, key_files: dict[str, Path]
) -> None:
    device = fleet.devices["both"]
    agent("ed25519")
    assert ask(target(device)) == "BOTH"
    assert attempts("both") == [("password", True)]
    failure(target(device, password=None), "no_credential")
    assert ask(target(device, use_agent=True, password=None)) == "BOTH"
    assert attempts("both")[1:] == [("publickey", True)]


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_the_key_to_use_of_an_agent_is_named_by_its_file(
    fleet: RunningFleet, attempts: Any, agent: Any, key_files: dict[str, Path], kind: str
) -> None:
    agent("stranger", "ed25519", "ecdsa", "rsa")
    device = fleet.devices["both"]
    assert ask(target(device, use_agent=True, key_file=key_files[kind].with_suffix(".pub"))) == "BOTH"
    assert ask(target(device, use_agent=True, key_file=key_files[kind])) == "BOTH"
    assert attempts("both") == [("publickey", True)] * 2


def test_an_agent_that_has_not_exactly_the_key(
    fleet: RunningFleet, attempts: Any, agent: Any, key_files: dict[str, Path]
) -> None:
    device = fleet.devices["both"]
    agent()
    assert "holds no key; add one with ssh-add" in failure(target(device, use_agent=True), "no_credential")
    agent("stranger", "rsa")
    message = failure(target(device, use_agent=True), "no_credential")
    assert "the SSH agent holds 2 keys" in message and "ansible_ssh_private_key_file" in message
    message = failure(target(device, use_agent=True, key_file=key_files["ed25519"]), "no_credential")
    assert "does not hold the key of" in message
    assert attempts("both") == []


# -- host keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["unknown", "changed", "revoked", "pinned"])
def test_row_04_nothing_is_sent_before_the_host_key_is_checked(fleet: RunningFleet, tmp_path: Path, case: str) -> None:
    device, other = fleet.devices["plain"], fleet.devices["closed"]
    file = tmp_path / "known_hosts"
    lines = {
        "changed": openssh_line(other, name=f"[{device.address}]:{device.port}"),
        "revoked": "@revoked " + openssh_line(device),
    }
    file.write_text(lines.get(case, ""), encoding="utf-8")
    pin = other.fingerprint if case == "pinned" else ""
    before = len(device.server.users)
    message = failure(target(device, known_hosts=(file,), host_key_fingerprint=pin), "host_key")
    assert device.fingerprint in message
    assert (other.fingerprint in message) == (case in ("changed", "pinned"))
    # Not even the name of the user, which comes before every credential.
    assert len(device.server.users) == before
    assert file.read_text(encoding="utf-8") == lines.get(case, "")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_device_with_several_host_keys_is_asked_for_the_one_that_is_known(
    fleet: RunningFleet, tmp_path: Path, number: int
) -> None:
    device = fleet.devices["many"]
    file = tmp_path / "known_hosts"
    file.write_text(openssh_line(device, number), encoding="utf-8")
    assert ask(target(device, known_hosts=(file,), host_key_fingerprint="")) == "MANY"
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert device.address not in file.read_text(encoding="utf-8")
    assert ask(target(device, known_hosts=(tmp_path / "none", file), host_key_fingerprint="")) == "MANY"


def test_accept_new(fleet: RunningFleet, tmp_path: Path) -> None:
    device = fleet.devices["plain"]
    file = tmp_path / "ssh" / "known_hosts"
    told: list[AcceptedKey] = []
    new = target(device, known_hosts=(file,), host_key_fingerprint="", accept_new=True)
    assert ask(new, told=told) == ask(new, told=told) == "PLAIN"
    assert [each.key.fingerprint for each in told] == [device.fingerprint]
    assert file.read_text(encoding="utf-8") == openssh_line(device)
    assert ask(replace(new, accept_new=False)) == "PLAIN"


def test_ipv6_and_another_port(fleet: RunningFleet, tmp_path: Path) -> None:
    device = fleet.devices["six"]
    file = tmp_path / "known_hosts"
    file.write_text(openssh_line(device), encoding="utf-8")
    assert file.read_text(encoding="utf-8").startswith(f"[::1]:{device.port} ")
    pinned = target(device, known_hosts=(file,), host_key_fingerprint="")
    assert ask(pinned) == ask(replace(pinned, host="[::1]")) == "SIX"
