# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host keys are taken, which are refused, and what happens to the file of known ones."""

from __future__ import annotations

import base64
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils import whole_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import HostKeyError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh import known_hosts
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.host_keys import AcceptedKey, HostKeys
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.known_hosts import PublicKey
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.target import Target

KEY = PublicKey("ssh-ed25519", b"the key of the device")
OTHER = PublicKey("ssh-ed25519", b"the key of somebody else")
RSA = PublicKey("ssh-rsa", b"its RSA key")


def text(key: PublicKey) -> str:
    return f"{key.kind} {base64.b64encode(key.blob).decode()}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def keys(file: Path, host: str = "faz", port: int = 22, **options: object) -> HostKeys:
    return HostKeys(Target(host, port, known_hosts=(file,), **options))  # type: ignore[arg-type]


def refusal(keys: HostKeys, key: PublicKey) -> str:
    with pytest.raises(HostKeyError) as caught:
        keys.check(key)
    message = str(caught.value)
    assert "\n" not in message
    assert "nothing was sent" in message
    return message


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [
        ("faz", "faz", 22),
        ("faz", "FAZ", 22),
        ("a,faz,b", "faz", 22),
        ("[faz]:2222", "faz", 2222),
        ("::1", "::1", 22),
        ("2001:db8::1", "2001:DB8::1", 22),
        ("[::1]:2222", "::1", 2222),
        ("[::1]:2222", "[::1]", 2222),
        ("*.example.com", "faz.example.com", 22),
        ("[10.0.0.?]:2222", "10.0.0.7", 2222),
        ("*.example.com,!fmg.example.com", "faz.example.com", 22),
    ],
)
def test_a_known_key_is_taken(file: Path, name: str, host: str, port: int) -> None:
    file.write_text(f"# comment\n\n{name} {text(KEY)} a comment\n", encoding="utf-8")
    keys(file, host, port).check(KEY)
    assert "has changed" in refusal(keys(file, host, port), OTHER)


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [
        ("faz", "faz", 2222),
        ("[faz]:2222", "faz", 22),
        ("[faz]:2222", "faz", 2223),
        ("faz", "faz2", 22),
        ("*.example.com,!fmg.example.com", "fmg.example.com", 22),
        ("!fmg", "faz", 22),
        ("f[a]z", "faz", 22),
        ("|1|broken", "faz", 22),
        ("|1|!|!", "faz", 22),
        ("@cert-authority *", "faz", 22),
    ],
)
def test_the_key_of_another_host_is_not_taken(file: Path, name: str, host: str, port: int) -> None:
    file.write_text(f"{name} {text(KEY)}\n", encoding="utf-8")
    message = refusal(keys(file, host, port), KEY)
    assert "is unknown" in message
    assert KEY.fingerprint in message and str(file) in message


@pytest.mark.parametrize("host", ["faz.example.com", "[faz.example.com]:2222", "[::1]:2222"])
def test_names_hashed_by_openssh_are_found(file: Path, host: str) -> None:
    file.write_text(f"other {text(OTHER)}\n{host} {text(KEY)}\n", encoding="utf-8")
    subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, capture_output=True)
    assert host not in file.read_text(encoding="utf-8")
    entries = known_hosts.find((file,), host)
    assert [entry.key for entry in entries] == [KEY]
    assert known_hosts.find((file,), "faz") == []


def test_the_fingerprint_is_the_one_openssh_prints(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    kind, blob = (tmp_path / "key.pub").read_text(encoding="utf-8").split()[:2]
    shown = subprocess.run(["ssh-keygen", "-lf", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True)
    assert PublicKey(kind, base64.b64decode(blob)).fingerprint == shown.stdout.split()[1]


def test_a_changed_key_is_refused_with_both_fingerprints_and_the_line(file: Path) -> None:
    file.write_text(f"# one\nfaz {text(KEY)}\n", encoding="utf-8")
    message = refusal(keys(file), OTHER)
    assert KEY.fingerprint in message and OTHER.fingerprint in message
    assert f"{file} line 2" in message


def test_a_key_of_another_type_is_a_changed_key_and_never_accepted_as_new(file: Path) -> None:
    before = f"faz {text(KEY)}\n"
    file.write_text(before, encoding="utf-8")
    message = refusal(keys(file, accept_new=True), RSA)
    assert "has changed" in message and KEY.fingerprint in message and RSA.fingerprint in message
    assert file.read_text(encoding="utf-8") == before


def test_the_types_that_are_known_are_asked_for(file: Path) -> None:
    file.write_text(f"faz {text(RSA)}\nother {text(KEY)}\n", encoding="utf-8")
    assert keys(file).algorithms == ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
    file.write_text(f"faz {text(RSA)}\nfaz {text(KEY)}\nfaz {text(OTHER)}\n", encoding="utf-8")
    assert keys(file).algorithms == ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-ed25519"]
    # Several keys of one type: a cluster behind one address.
    keys(file).check(KEY)
    keys(file).check(OTHER)


def test_a_revoked_key_is_refused_even_when_it_is_also_known(file: Path) -> None:
    file.write_text(f"faz {text(KEY)}\n@revoked * {text(KEY)}\n", encoding="utf-8")
    message = refusal(keys(file, accept_new=True), KEY)
    assert "revoked" in message and f"{file} line 2" in message
    file.write_text(f"@revoked * {text(KEY)}\n", encoding="utf-8")
    assert keys(file).algorithms == []
    assert "revoked" in refusal(keys(file, accept_new=True), KEY)
    assert "is unknown" in refusal(keys(file), OTHER)


def test_a_pin_decides_alone(file: Path) -> None:
    file.write_text(f"faz {text(KEY)}\n", encoding="utf-8")
    pinned = keys(file, host_key_fingerprint=OTHER.fingerprint)
    pinned.check(OTHER)
    message = refusal(pinned, KEY)
    assert KEY.fingerprint in message and OTHER.fingerprint in message
    keys(file, host_key_fingerprint=OTHER.fingerprint + "=").check(OTHER)
    assert "is pinned" in refusal(keys(file, host_key_fingerprint=OTHER.fingerprint, accept_new=True), RSA)
    assert file.read_text(encoding="utf-8") == f"faz {text(KEY)}\n"


def test_lines_that_are_no_entry_are_passed_over(file: Path) -> None:
    file.write_bytes(
        b"faz\nfaz ssh-ed25519\nfaz ssh-ed25519 &&&\n\xff\xfe\x00\n@what faz x y\n" + f"faz {text(KEY)}".encode()
    )
    keys(file).check(KEY)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    file.mkdir()
    with pytest.raises(HostKeyError, match=r"known_hosts file .*known_hosts cannot be read: Is a directory"):
        keys(file)


# -- accept_new ----------------------------------------------------------------------------------------------------


def accepting(file: Path, host: str = "faz", port: int = 22) -> tuple[HostKeys, list[AcceptedKey]]:
    accepted: list[AcceptedKey] = []
    return HostKeys(Target(host, port, known_hosts=(file,), accept_new=True), accepted.append), accepted


def test_a_new_key_is_added_and_reported_once(tmp_path: Path) -> None:
    file = tmp_path / "new" / "directory" / "known_hosts"
    first, accepted = accepting(file, "::1", 2222)
    first.check(KEY)
    assert accepted == [AcceptedKey("[::1]:2222", KEY, file)]
    assert KEY.fingerprint in str(accepted[0]) and str(file) in str(accepted[0])
    assert file.read_text(encoding="utf-8") == f"[::1]:2222 {text(KEY)}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    second, again = accepting(file, "::1", 2222)
    second.check(KEY)
    assert again == []
    assert "has changed" in refusal(accepting(file, "::1", 2222)[0], OTHER)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1


def test_openssh_finds_what_was_added(file: Path) -> None:
    accepting(file, "faz.example.com", 2222)[0].check(KEY)
    found = subprocess.run(
        ["ssh-keygen", "-F", "[faz.example.com]:2222", "-f", str(file)], capture_output=True, text=True, check=True
    )
    assert text(KEY) in found.stdout


def test_what_the_file_holds_stays_and_a_missing_line_end_is_mended(file: Path) -> None:
    file.write_bytes(b"# mine\nother ssh-ed25519 AAAA")
    file.chmod(0o644)
    link = file.with_name("link")
    link.symlink_to(file)
    accepting(link)[0].check(KEY)
    assert file.read_bytes() == b"# mine\nother ssh-ed25519 AAAA\n" + f"faz {text(KEY)}\n".encode()
    assert file.stat().st_mode & 0o777 == 0o644
    assert link.is_symlink()


def test_a_key_that_came_in_between_is_respected(file: Path) -> None:
    """Another run accepted a key after this one had read the file."""
    same, told = accepting(file)
    different, __ = accepting(file)
    file.write_text(f"faz {text(KEY)}\n", encoding="utf-8")
    same.check(KEY)
    assert told == []
    assert "has changed" in refusal(different, OTHER)
    assert file.read_text(encoding="utf-8") == f"faz {text(KEY)}\n"


def test_no_file_to_keep_the_key_in() -> None:
    with pytest.raises(HostKeyError, match="names no file to keep the key"):
        HostKeys(Target("faz", accept_new=True)).check(KEY)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    message = refusal(accepting(tmp_path / "file" / "known_hosts")[0], KEY)
    assert "cannot be kept" in message and str(tmp_path / "file" / "known_hosts") in message


def test_what_keeps_nothing_is_no_place_for_a_new_key() -> None:
    null, told = accepting(Path("/dev/null"))

    assert "/dev/null keeps nothing, and each key would be new at every login; name a file in known_hosts" in refusal(
        null, KEY
    )
    assert told == []


def test_a_full_disk_leaves_no_half_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("# mine\n", encoding="utf-8")
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    assert "the disk is full" in refusal(accepting(file)[0], KEY)
    assert file.read_text(encoding="utf-8") == "# mine\n"


def test_a_lock_that_is_never_released_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_hosts, "_LOCK_SECONDS", 0.05)
    with file.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "is locked by another program" in refusal(accepting(file)[0], KEY)
    accepting(file)[0].check(KEY)


def test_a_file_replaced_while_waiting_for_the_lock_is_opened_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ssh-keygen -R renames a new file over the old one."""
    file.write_text("# old\n", encoding="utf-8")
    lock, replaced = fcntl.flock, []

    def replace_once(handle: int, operation: int) -> None:
        lock(handle, operation)
        if not replaced:
            replaced.append(True)
            new = file.with_name("new")
            new.write_text("# new\n", encoding="utf-8")
            new.replace(file)

    monkeypatch.setattr(fcntl, "flock", replace_once)
    accepting(file)[0].check(KEY)
    assert file.read_text(encoding="utf-8") == f"# new\nfaz {text(KEY)}\n"


WRITER = """
import sys
from pathlib import Path
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.host_keys import HostKeys
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.known_hosts import PublicKey
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.target import Target
import os
file, told = Path(sys.argv[1]), []
children = []
for number in range(20):
    child = os.fork()
    if not child:
        for host in range(10):
            # Half of the hosts are met by every process, half by this one only.
            name = f"shared-{host}" if host % 2 else f"own-{number}-{host}"
            key = PublicKey("ssh-ed25519", name.encode() * 200)
            HostKeys(Target(name, known_hosts=(file,), accept_new=True), told.append).check(key)
        os.write(1, f"{len(told)}\\n".encode())
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


def test_twenty_forks_write_whole_lines_and_each_key_once(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(file)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    names = [line.split(" ")[0] for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(names) == len(set(names)) == 20 * 5 + 5
    assert sum(map(int, done.stdout.split())) == len(names)


def test_a_device_that_never_ends_is_no_known_hosts_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read to its end, /dev/zero fills the memory of the controller."""
    monkeypatch.setattr(whole_file, "_LARGEST", 1_048_576)
    with pytest.raises(HostKeyError, match="known_hosts file /dev/zero cannot be read: it has more than 1 MB; nothing"):
        keys(Path("/dev/zero"))
