# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenSSH's configuration and arguments say of the way to a host, compared with what the command `ssh` makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ConnectError
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.ssh_config import (
    HostSettings,
    SshConfig,
    arguments,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.ssh.way import jumps_to

CONFIG = """
Include {directory}/more/*.conf
Host faz-hq
    HostName 192.0.2.10
    Port 2222
    User = automation
    IdentityFile {directory}/missing
    IdentityFile {directory}/present
    ProxyJump ops@bastion:2200,inner
Host faz-* !faz-hq
    HostName %h.example.com
    ProxyCommand exec nc -X connect %h %p
Host direct
    ProxyJump none
Match host bastion
    IdentityFile {directory}/present
Host *
    User everybody
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "fmg.conf").write_text(
        "Host fmg\n  HostName 192.0.2.20\n  ProxyJump bastion\n", encoding="utf-8"
    )
    (tmp_path / "present").write_text("", encoding="utf-8")
    file = tmp_path / "config"
    file.write_text(CONFIG.format(directory=tmp_path), encoding="utf-8")
    return file


@pytest.mark.parametrize("host", ["faz-hq", "faz-dr", "fmg", "direct", "bastion", "other"])
def test_the_same_as_the_command_ssh(file: Path, host: str) -> None:
    shown = subprocess.run(["ssh", "-G", "-F", str(file), host], check=True, capture_output=True, text=True).stdout
    theirs = {name: value for name, __, value in (line.partition(" ") for line in shown.splitlines())}
    ours = SshConfig(file).of(host)
    assert ours.user == theirs["user"]
    assert (ours.host or host, str(ours.port or 22)) == (theirs["hostname"], theirs["port"])
    assert ",".join(ours.jumps or ()) == theirs.get("proxyjump", "none").replace("none", "")
    command = theirs.get("proxycommand", "").removeprefix("exec ")
    assert (ours.proxy_command or "") == command
    assert ours.key_file in (None, file.with_name("present"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Match exec true\n  ProxyJump x\n", "holds `Match exec`, which is not run here"),
        ("Host faz\n  ProxyJump x\n  ProxyCommand nc %h %p\n", "names a ProxyCommand and a ProxyJump for one host"),
        ("Host faz\n  ProxyCommand nc %h %p 2>/dev/null\n", "holds '>', but is run without a shell"),
        ("Host faz\n  Port ssh\n", "the port 'ssh' is no number"),
        ("nonsense\n", "cannot be read"),
        ("Include 'open\n", "cannot be split into words: No closing quotation"),
        ("Host faz\n  Include {directory}/sections\n", "has Host or Match lines of its own"),
        ("Include {directory}/config\n", "more than 16 levels deep"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sections").write_text("Host other\n  Port 1\n", encoding="utf-8")
    (tmp_path / "config").write_text(text.format(directory=tmp_path), encoding="utf-8")
    with pytest.raises(ConnectError, match=message) as failed:
        SshConfig(tmp_path / "config").of("faz")
    assert failed.value.cause == "option" and "\n" not in str(failed.value)
    with pytest.raises(ConnectError, match="cannot be read: No such file"):
        SshConfig(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", HostSettings()),
        ("-C -o ControlMaster=auto -o ControlPersist=60s -o StrictHostKeyChecking=no -vvv", HostSettings()),
        ("-o ProxyCommand=\"ssh -W %h:%p -q ops@bastion\"", HostSettings(proxy_command="ssh -W %h:%p -q ops@bastion")),
        ("-oProxyJump=a,ops@b:22", HostSettings(jumps=("a", "ops@b:22"))),
        ("-4 -J bastion -p2222 -l ops", HostSettings(jumps=("bastion",), port=2222, user="ops")),
        ("-o 'ProxyJump bastion' -o HostName=192.0.2.1", HostSettings("192.0.2.1", jumps=("bastion",))),
        ("-o proxycommand=none -qi /keys/a", HostSettings(key_file=Path("/keys/a"), proxy_command="")),
    ],
)  # fmt: skip
def test_arguments_of_ssh(text: str, expected: HostSettings) -> None:
    assert arguments(text, "ssh_common_args") == (expected, None)


def test_a_file_that_arguments_name(tmp_path: Path) -> None:
    assert arguments(f"-F {tmp_path}/config -q", "ssh_extra_args") == (HostSettings(), tmp_path / "config")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-b 192.0.2.1", "ssh_extra_args holds -b 192.0.2.1, which this connection cannot do"),
        ("-o BindInterface=eth1", "ssh_extra_args holds -o bindinterface, which"),
        ("-J a -o ProxyCommand=nc", "names a ProxyCommand and a ProxyJump"),
        ("-o ProxyCommand='nc %h %p | tee log'", "holds '|', but is run without a shell"),
        ("-J", "-J has no value"),
        ("-o 'ProxyCommand", "cannot be split into words"),
    ],
)
def test_arguments_that_cannot_be_kept_are_refused(text: str, message: str) -> None:
    with pytest.raises(ConnectError) as failed:
        arguments(text, "ssh_extra_args")
    assert message in str(failed.value) and failed.value.cause == "option"


def test_a_way_is_one_thing() -> None:
    jump, command = HostSettings(jumps=("a",), port=1), HostSettings(proxy_command="nc", port=2, user="b")
    assert jump.over(command) == HostSettings(port=1, user="b", jumps=("a",))
    assert command.over(jump) == command
    # Somebody who says that there is nothing in between is heard.
    assert HostSettings(jumps=()).over(command).proxy_command is None


def test_port_0_of_a_jump_host_is_no_other_port() -> None:
    with pytest.raises(ConnectError, match="port 0 is out of range"):
        jumps_to(("bastion:0",), SshConfig(), "me", {})


def test_jump_hosts_have_ways_of_their_own(file: Path) -> None:
    last = jumps_to(SshConfig(file).of("faz-hq").jumps or (), SshConfig(file), "me", {"password": None})
    assert last is not None and last.jump is not None
    assert [(each.host, each.port, each.user) for each in (last, last.jump)] == [
        ("inner", 22, "everybody"),
        ("bastion", 2200, "ops"),
    ]
    assert last.jump.key_file == file.with_name("present")
    file.write_text("Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n", encoding="utf-8")
    with pytest.raises(ConnectError, match="more than 8 jump hosts; does one lead to itself"):
        jumps_to(("a",), SshConfig(file), "me", {})
