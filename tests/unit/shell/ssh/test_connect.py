# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a login that need no server: where to go, with which key, and what a server's first bytes say."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ConnectError, LoginError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.limits import Limits
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import open as opening
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.authenticate import _Asker as Asker
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.key_file import private_key
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.keys import login_key
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.negotiate import offered_algorithms
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.proxy import ProxyCommand, arguments
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.target import JumpHost, Target, jump_hosts
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

# -- before a password is used ------------------------------------------------------------------------------------


def test_a_process_that_holds_a_password_leaves_no_core_file_when_it_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    def connected(*__: object) -> None:
        limits.append(resource.getrlimit(resource.RLIMIT_CORE)[0])
        raise LoginError("refused")

    monkeypatch.setattr(opening, "connect", connected)
    soft, most = resource.getrlimit(resource.RLIMIT_CORE)
    assert most != 0, "expected a limit that a test may raise"
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    try:
        with pytest.raises(LoginError):
            opening.open_session(Target("127.0.0.1", 22, "admin", password="secret"), Limits(), Redactor())
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, most))

    assert limits == [0]


def test_no_error_of_a_login_quotes_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(*__: object) -> None:
        raise ConnectError("the proxy command ended: login canary-9 refused")

    monkeypatch.setattr(opening, "connect", connected)
    target = Target("127.0.0.1", 22, "admin", password="canary-9")

    with pytest.raises(ConnectError) as refused:
        opening.open_session(target, Limits(), Redactor(target.secrets))

    assert "the proxy command ended: login " in str(refused.value)
    assert "canary-9" not in str(refused.value)


# -- where to go ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hops"),
    [
        ("bastion", [JumpHost("bastion")]),
        ("ops@bastion.example.com", [JumpHost("bastion.example.com", None, "ops")]),
        ("ops@bastion:2222", [JumpHost("bastion", 2222, "ops")]),
        (" bastion:2222 ", [JumpHost("bastion", 2222)]),
        ("ops@[2001:db8::1]:2222", [JumpHost("2001:db8::1", 2222, "ops")]),
        ("[::1]", [JumpHost("::1")]),
        ("2001:db8::1", [JumpHost("2001:db8::1")]),
        ("ops@fe80::1%eth0", [JumpHost("fe80::1%eth0", None, "ops")]),
        ("a, ops@b:2222,c", [JumpHost("a"), JumpHost("b", 2222, "ops"), JumpHost("c")]),
    ],
)
def test_jump_hosts(text: str, hops: list[JumpHost]) -> None:
    assert list(jump_hosts(text)) == hops


@pytest.mark.parametrize(
    "text",
    [
        "host:" + "9" * 5000,
        "host:\u0663",
        "",
        "a b",
        "ops@",
        "a,",
        "one,two:22x",
        "host:",
        "host:ssh",
        "[::1",
        "a@b@c",
        "ssh://x",
    ],
)
def test_a_jump_host_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ConnectError, match=r"is not of the form \[user@\]host\[:port\]") as caught:
        jump_hosts(text)
    assert caught.value.cause == "option"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": ""}, "the address of the device is empty; set ansible_host"),
        ({"host": "[]"}, "the address of the device is empty"),
        ({"port": 0}, "port 0 is out of range 1-65535; check ansible_port"),
        ({"port": 65536}, "out of range"),
        ({"port": 65536, "role": "jump host"}, "check ansible_fortiops_mail_proxy_jump"),
        ({"host_key_fingerprint": "MD5:00:11"}, "'MD5:00:11' is not of the form SHA256:<43 characters>"),
        ({"host_key_fingerprint": "SHA256:short"}, "check ansible_fortiops_mail_host_key_fingerprint"),
        ({"jump": Target("bastion"), "proxy_command": "nc %h %p"}, "proxy_jump and proxy_command exclude each other"),
    ],
)
def test_a_target_that_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConnectError) as caught:
        Target(**{"host": "faz", **options})
    assert message in str(caught.value)
    assert caught.value.cause == "option"


def test_a_target_does_not_show_its_secrets() -> None:
    jump = Target("bastion", password="canary-3", passphrase="canary-4", role="jump host")
    target = Target("faz", password="canary-1", passphrase="canary-2", jump=jump)
    assert "canary" not in repr(target)
    assert target.secrets == ["canary-1", "canary-2", "canary-3", "canary-4"]


# -- proxy command -------------------------------------------------------------------------------------------------


def test_a_proxy_command_is_split_before_names_are_put_in() -> None:
    target = Target("a b;c", 2222, "ops", proxy_command="nc -x 'my proxy' %h:%p --user=%r 100%% %%h")
    assert arguments(target) == ["nc", "-x", "my proxy", "a b;c:2222", "--user=ops", "100%", "%h"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("nc %x", r"proxy_command holds '%x', expected %h \(host\), %p \(port\), %r \(user\) or %%"),
        ("nc 50%", "proxy_command holds '%'"),
        ("nc 'open", "proxy_command cannot be split into words: No closing quotation"),
        ("   ", "proxy_command is empty"),
    ],
)
def test_a_proxy_command_that_cannot_be_is_refused(command: str, message: str) -> None:
    with pytest.raises(ConnectError, match=message) as caught:
        arguments(Target("faz", proxy_command=command))
    assert caught.value.cause == "option"


def test_a_proxy_command_ends_with_its_children_although_they_refuse(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    child = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); held = open(sys.argv[1], 'w'); "
        "print('ready', flush=True); time.sleep(60)"
    )
    script = tmp_path / "proxy.py"
    script.write_text(
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}, {str(alive)!r}])\n", encoding="utf-8"
    )
    proxy = ProxyCommand(Target("faz", proxy_command=f"{sys.executable} {script}"))
    with alive.open("rb") as held:
        assert proxy.link.recv(5) == b"ready"
        begin = time.monotonic()
        proxy.link.close()
        proxy.release()
        # The end of the pipe comes when the last process that holds it is gone.
        assert held.read() == b""
    assert time.monotonic() - begin < 5


# -- private keys --------------------------------------------------------------------------------------------------


def make_key(directory: Path, *arguments: str, name: str = "key") -> Path:
    """A key that is quick to make and to decrypt."""
    file = directory / name
    size = ["-b", "2048"] if "rsa" in arguments else []
    subprocess.run(["ssh-keygen", "-q", "-a", "1", *size, "-f", str(file), *arguments], check=True)
    return file


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
@pytest.mark.parametrize("passphrase", ["", "canary phrase"])
def test_key_files_of_all_forms_are_read(tmp_path: Path, kind: str, form: str, passphrase: str) -> None:
    file = make_key(tmp_path, "-t", kind, "-m", form, "-N", passphrase)
    key = private_key(Target("faz", key_file=file, passphrase=passphrase or None))
    assert key.get_base64() == file.with_suffix(".pub").read_text(encoding="utf-8").split()[1]
    # A passphrase too many does no harm.
    if not passphrase:
        assert private_key(Target("faz", key_file=file, passphrase="unused")) == key


@pytest.mark.parametrize("passphrase", ["", "canary phrase"])
def test_a_key_in_der_is_read(tmp_path: Path, passphrase: str) -> None:
    how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "key.der"
    file.write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, how))
    read = private_key(Target("faz", key_file=file, passphrase=passphrase or None))
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1].decode()
    assert read.get_base64() == public


def test_a_key_that_cannot_be_used_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "key.ppk"
    file.write_text("PuTTY-User-Key-File-3: ssh-ed25519\n", encoding="utf-8")
    assert f"convert it: puttygen {file} -O private-openssh -o NEW_FILE" in str(failure(Target("faz", key_file=file)))


class Server:
    """What of a connection says which signatures a server takes. `said`: RFC 8308, `keys`: the kinds of its host keys."""

    def __init__(self, ours: tuple[str, ...], said: str, keys: str) -> None:
        self.preferred_pubkeys = ours
        self.server_extensions = {"server-sig-algs": said.encode()} if said else {}
        lists = ["curve25519-sha256", keys, "aes256-ctr", "aes256-ctr", "hmac-sha2-256", "hmac-sha2-256"]
        body = b"".join(len(each).to_bytes(4, "big") + each.encode() for each in lists)
        packet = bytes([4, 20]) + bytes(16) + body + bytes(4)
        self.link = SimpleNamespace(opening=b"SSH-2.0-x\r\n" + len(packet).to_bytes(4, "big") + packet)


SHA2 = ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256")


@pytest.mark.parametrize(
    ("ours", "said", "keys", "chosen"),
    [
        ((*SHA2, "ssh-rsa"), "ssh-rsa,rsa-sha2-256", "ssh-ed25519", "rsa-sha2-256"),
        ((*SHA2, "ssh-rsa"), "ssh-rsa", "ssh-ed25519", "ssh-rsa"),
        ((*SHA2, "ssh-rsa"), "", "ssh-rsa", "ssh-rsa"),
        ((*SHA2, "ssh-rsa"), "", "ssh-ed25519", "ssh-rsa"),
        ((*SHA2, "ssh-rsa"), "", "ssh-rsa,rsa-sha2-256", "rsa-sha2-512"),
        (SHA2, "", "ssh-ed25519", "rsa-sha2-512"),
        (SHA2, "ssh-rsa,ssh-ed25519", "ssh-ed25519", ""),
    ],
)
def test_the_signature_of_an_rsa_key(ours: tuple[str, ...], said: str, keys: str, chosen: str) -> None:
    asker = object.__new__(Asker)
    asker.doubt, asker._target = "", Target("faz")
    asker._connection = Server(ours, said, keys)  # type: ignore[assignment]
    if not chosen:
        with pytest.raises(
            LoginError, match=r"SHA-1 \(ssh-rsa\), which paramiko .* pip install 'paramiko>=3\.5,<5'"
        ) as failed:
            asker._finalize_pubkey_algorithm("ssh-rsa")
        assert failed.value.cause == "ssh_algorithms"
        return
    assert asker._finalize_pubkey_algorithm("ssh-rsa") == chosen
    assert bool(asker.doubt) == (ours == SHA2)


def failure(target: Target) -> LoginError:
    with pytest.raises(LoginError) as caught, login_key(target):
        pass
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
def test_an_encrypted_key_without_its_passphrase(tmp_path: Path, kind: str, form: str) -> None:
    file = make_key(tmp_path, "-t", kind, "-m", form, "-N", "right phrase")
    error = failure(Target("faz", key_file=file, password="canary"))
    assert f"{file} is encrypted; set ansible_fortiops_mail_private_key_passphrase" in str(error)
    assert error.cause == "key_file"
    error = failure(Target("faz", key_file=file, passphrase="canary"))
    assert "or its passphrase is wrong" in str(error)
    assert error.cause == "key_file"


def test_key_files_that_are_none(tmp_path: Path) -> None:
    missing = failure(Target("faz", key_file=tmp_path / "missing"))
    assert "missing cannot be read: No such file or directory" in str(missing)
    directory = failure(Target("faz", key_file=tmp_path))
    assert "cannot be read: Is a directory" in str(directory)
    public = make_key(tmp_path, "-t", "ed25519", "-N", "").with_suffix(".pub")
    for content in (public.read_bytes(), b"", b"\xff\xfe\x00", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END"):
        (tmp_path / "broken").write_bytes(content)
        assert "holds no Ed25519, ECDSA or RSA key" in str(failure(Target("faz", key_file=tmp_path / "broken")))


def test_no_agent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    error = failure(Target("faz", use_agent=True, password="canary"))
    assert "SSH_AUTH_SOCK is not set" in str(error) and error.cause == "no_credential"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))
    error = failure(Target("faz", use_agent=True))
    assert "agent" in str(error) and error.cause == "no_credential"


# -- the first bytes of a server -----------------------------------------------------------------------------------


def packet(*lists: str) -> bytes:
    body = bytes([20]) + bytes(16) + b"".join(len(each).to_bytes(4, "big") + each.encode() for each in lists)
    return (len(body) + 5).to_bytes(4, "big") + b"\x04" + body + bytes(9)


def test_the_algorithms_a_server_offers_are_read_from_its_first_packet() -> None:
    lists = ("kex-1,kex-2", "ssh-rsa", "aes128-ctr", "aes256-ctr", "hmac-1", "hmac-2", "none", "none", "", "")
    opening = b"hello\r\nSSH-2.0-old\r\n" + packet(*lists)
    assert offered_algorithms(opening) == [
        ["kex-1", "kex-2"],
        ["ssh-rsa"],
        ["aes128-ctr"],
        ["aes256-ctr"],
        ["hmac-1"],
        ["hmac-2"],
    ]
    for end in range(len(opening)):
        # Whatever is missing: no exception, and nothing half.
        assert offered_algorithms(opening[:end]) in ([], offered_algorithms(opening))
