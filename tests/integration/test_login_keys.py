# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys in their less usual forms: certificates, keys of FIDO tokens, and the host keys of more than one unit."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.running import running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet, Switches
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from . import logins
from .logins import PASSWORD, ask, failure, target

agent, key_files = logins.agent, logins.key_files
APPLICATION = b"ssh:"


@pytest.fixture(scope="module")
def certified(key_files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The keys with certificates of one authority beside them."""
    directory = tmp_path_factory.mktemp("certified")
    authority = directory / "authority"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(authority)], check=True)
    files = {"authority": authority}
    for kind in ("ed25519", "ecdsa", "rsa"):
        for suffix in ("", ".pub"):
            (directory / f"{kind}{suffix}").write_bytes(Path(f"{key_files[kind]}{suffix}").read_bytes())
        (directory / kind).chmod(0o600)
        sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-n", "admin", str(directory / f"{kind}.pub")]
        subprocess.run(sign, check=True)
        files[kind] = directory / f"{kind}-cert.pub"
    return files


def device_with(authorized: str) -> Any:
    switches = Switches(login_methods="publickey", authorized_keys=authorized)
    return running(Fleet((DeviceSpec("faz", "FAZ", password=PASSWORD, switches=switches),)))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_is_used_from_its_file_and_from_an_agent(
    certified: dict[str, Path], agent: Any, kind: str
) -> None:
    public = certified["authority"].with_suffix(".pub").read_text(encoding="utf-8")
    certificate = certified[kind]
    key = certificate.with_name(kind)
    with device_with(f"cert-authority {public}") as fleet:
        device = fleet.devices["faz"]
        assert ask(target(device, key_file=certificate)) == "FAZ"
        failure(target(device, key_file=key), "login_refused")
        agent()
        subprocess.run(["ssh-add", "-q", str(key)], check=True)
        assert ask(target(device, use_agent=True, key_file=certificate)) == "FAZ"


def test_a_certificate_of_another_key(certified: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(certified["ed25519"].with_name("ed25519").read_bytes())
    (tmp_path / "key-cert.pub").write_bytes(certified["rsa"].read_bytes())
    with device_with("") as fleet:
        message = failure(target(fleet.devices["faz"], key_file=tmp_path / "key-cert.pub"), "key_file")
        assert message.endswith(f"key-cert.pub holds no certificate for {tmp_path / 'key'}")
        message = failure(target(fleet.devices["faz"], key_file=tmp_path / "none-cert.pub"), "key_file")
        assert "none cannot be read" in message


class TokenAgent:
    """An SSH agent with one key of a FIDO token, whose signature is over more than was sent (PROTOCOL.u2f of OpenSSH)."""

    def __init__(self, path: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.blob = texts(b"sk-ssh-ed25519@openssh.com", self.key.public_key().public_bytes_raw(), APPLICATION)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def public(self) -> str:
        return f"sk-ssh-ed25519@openssh.com {base64.b64encode(self.blob).decode()}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                link, __ = self.listener.accept()
                with link, link.makefile("rb") as stream:
                    while head := stream.read(4):
                        answer = self.answer(stream.read(int.from_bytes(head, "big")))
                        link.sendall(texts(answer))

    def answer(self, request: bytes) -> bytes:
        if request[0] == 11:  # which keys
            return b"\x0c" + struct.pack(">I", 1) + texts(self.blob, b"token")
        size = int.from_bytes(request[1:5], "big")
        data = request[9 + size : 9 + size + int.from_bytes(request[5 + size : 9 + size], "big")]
        flags_and_counter = b"\x01" + struct.pack(">I", 7)
        signed = hashlib.sha256(APPLICATION).digest() + flags_and_counter + hashlib.sha256(data).digest()
        signature = texts(b"sk-ssh-ed25519@openssh.com", self.key.sign(signed)) + flags_and_counter
        return b"\x0e" + texts(signature)


def texts(*parts: bytes) -> bytes:
    """Strings as SSH sends them."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenAgent]:
    token = TokenAgent(tmp_path / "agent")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    yield token
    token.listener.close()


def test_the_key_of_a_token_is_used_through_an_agent(token: TokenAgent, tmp_path: Path) -> None:
    (tmp_path / "id_ed25519_sk.pub").write_text(token.public, encoding="utf-8")
    with device_with(token.public) as fleet:
        device = fleet.devices["faz"]
        assert ask(target(device, use_agent=True)) == "FAZ"
        assert ask(target(device, use_agent=True, key_file=tmp_path / "id_ed25519_sk")) == "FAZ"
        # The file beside it holds no key, only how the token makes it.
        handle = texts(token.blob) + bytes(64)
        text = base64.encodebytes(
            b"openssh-key-v1\0"
            + texts(b"none", b"none", b"")
            + struct.pack(">I", 1)
            + texts(token.blob, bytes(8) + handle)
        )
        (tmp_path / "id_ed25519_sk").write_bytes(
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + text + b"-----END OPENSSH PRIVATE KEY-----\n"
        )
        message = failure(target(device, key_file=tmp_path / "id_ed25519_sk"), "key_file")
        assert "keys of FIDO tokens are used through an SSH agent" in message


def test_one_of_several_pinned_host_keys_is_enough() -> None:
    with running(Fleet((DeviceSpec("a", "A", password=PASSWORD), DeviceSpec("b", "B", password=PASSWORD)))) as fleet:
        pins = [fleet.devices[name].fingerprint for name in "ab"]
        for name in "ab":
            assert ask(target(fleet.devices[name], host_key_fingerprint=", ".join(pins))) == name.upper()
        other = "SHA256:" + "A" * 43
        message = failure(target(fleet.devices["a"], host_key_fingerprint=f"{pins[1]} {other}="), "host_key")
        assert f"but {pins[1]} or {other} is pinned" in message
