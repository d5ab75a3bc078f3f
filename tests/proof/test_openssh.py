# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins to the server of OpenSSH: what it says instead of giving a session, and keys in every form."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import SessionError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits, Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.connect import Target, connect
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from . import namespace
from .loopback import unused_address
from .packages import unpacked

PASSWORD, PASSPHRASE = "canary-OpenSSH-7c1", "canary-Phrase-2d9"
LIMITS = Limits(connect=10, login=10)
PORT = 2222
# What each user has for a shell, and the day of the last change of the password: 0 demands another one.
USERS = {"admin": ("/bin/sh", 20000), "service": ("/usr/sbin/nologin", 20000), "expired": ("/bin/sh", 0)}
_CONFIG = """
Port {port}
ListenAddress {address}
HostKey {directory}/host
AuthorizedKeysFile {directory}/authorized
PidFile none
UsePAM no
StrictModes no
KbdInteractiveAuthentication no
Match User admin
  ForceCommand env ENV= PS1='FAZ-HQ # ' sh -i
"""
_START = """
mount -t tmpfs tmpfs /run && mkdir /run/sshd
exec /usr/sbin/sshd -D -e -f "$1/config"
"""


@dataclass(frozen=True)
class OpenSSH:
    """A server, as the user `admin` logs in to it with a password, and keys that it takes."""

    target: Target
    keys: dict[str, Path]


def written_keys(directory: Path) -> dict[str, Path]:
    """Private keys in every form that a user may have; their public halves are allowed."""
    made: dict[str, Any] = {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    none = serialization.NoEncryption()
    phrase = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    files = {}
    for kind, key in made.items():
        for form in ("PKCS8", "OpenSSH"):
            for encryption in (none, phrase):
                name = f"{kind}-{form}{'-encrypted' * (encryption is phrase)}"
                files[name] = directory / name
                files[name].write_bytes(
                    key.private_bytes(
                        serialization.Encoding.PEM, getattr(serialization.PrivateFormat, form), encryption
                    )
                )
                files[name].chmod(0o600)
    public = [
        key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        for key in made.values()
    ]
    (directory / "authorized").write_bytes(b"\n".join(public) + b"\n")
    return files


def etc() -> dict[str, str]:
    """The files of this machine, with the users of the proof."""
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True
    ).stdout.strip()
    passwd, shadow = Path("/etc/passwd").read_text(encoding="utf-8"), ""
    if "\nsshd:" not in passwd:
        passwd += "sshd:x:64819:65534::/run/sshd:/usr/sbin/nologin\n"
    for number, (name, (shell, changed)) in enumerate(USERS.items(), 64820):
        passwd += f"{name}:x:{number}:65534::/:{shell}\n"
        shadow += f"{name}:{hashed}:{changed}:0:99999:7:::\n"
    return {"passwd": passwd, "shadow": shadow}


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSSH]:
    directory = tmp_path_factory.mktemp("openssh")
    for each in (directory, *directory.parents[:2]):
        each.chmod(0o755)
    address = unused_address()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / "host")], check=True)
    shown = subprocess.run(
        ["ssh-keygen", "-lf", str(directory / "host.pub")], capture_output=True, text=True, check=True
    )
    config = _CONFIG.format(port=PORT, address=address, directory=directory)
    (directory / "config").write_text(config, encoding="utf-8")
    keys = written_keys(directory)
    with namespace.process(["sh", "-c", _START, "sh", directory], unpacked(), etc=etc()) as running:
        assert running.stdout is not None
        said = b""
        while b"Server listening" not in said:
            assert select.select([running.stdout], [], [], 30)[0], said
            chunk = os.read(running.stdout.fileno(), 4096)
            assert chunk, said
            said += chunk
        target = Target(address, PORT, password=PASSWORD, host_key_fingerprint=shown.stdout.split()[1])
        yield OpenSSH(target, keys)


def prompt(target: Target) -> str:
    with Session(connect(target, LIMITS, lambda key: None), LIMITS) as session:
        return session.prompt


def refused(target: Target) -> tuple[str, str]:
    """Cause and message of a login that does not go on."""
    with pytest.raises(SessionError) as caught:
        prompt(target)
    assert "canary" not in str(caught.value)
    return caught.value.cause, str(caught.value)


@pytest.mark.root
def test_a_login_and_what_is_said_instead_of_one(openssh: OpenSSH) -> None:
    assert prompt(openssh.target) == "FAZ-HQ # "
    assert refused(replace(openssh.target, password="canary-wrong"))[0] == "login_refused"
    cause, message = refused(replace(openssh.target, user="service"))
    assert (cause, "This account is currently not available" in message) == ("no_command_line", True)
    cause, message = refused(replace(openssh.target, user="expired"))
    assert (cause, "password" in message) == ("password_change_required", True)


@pytest.mark.root
def test_keys_in_every_form(openssh: OpenSSH) -> None:
    for name, file in openssh.keys.items():
        with_key = replace(openssh.target, password=None, key_file=file)
        if name.endswith("-encrypted"):
            assert refused(with_key)[0] == "key_file", name
            with_key = replace(with_key, passphrase=PASSPHRASE)
        assert prompt(with_key) == "FAZ-HQ # ", name
