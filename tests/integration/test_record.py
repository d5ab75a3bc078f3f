# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fazmail record` on a device, and the recording as a device of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.commands import recorded
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.recording import load
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import parse_output
from ansible_collections.fortiops.mail.simulator.running import RunningFleet, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import read_fleet

from .sessions import SECRET, closed_on_device, session_on

# What is written into reports and recordings is the same in each Python.
pytestmark = pytest.mark.once

FIXTURE = Path(__file__).parent / "recordings" / "fmg-7.4.6.yaml"
MAIL = {
    "relay": {"server": "mail.example.com", "auth": "enable", "user": "alerts", "passwd": "canary-Relay-passw0rd"},
    'night "B"': {"server": "night.example.com", "port": "2500"},
}


def device(name: str = "faz", **others: Any) -> Any:
    row = {"name": name, "hostname": "FMG-LAB", "password": SECRET, **others}
    return running(read_fleet({"devices": [row]}))


def fazmail_record(
    fleet: RunningFleet, output: Path, *commands: str, password: str | None = SECRET, options: Sequence[str] = ()
) -> Any:
    device = fleet.devices["faz"]
    arguments = ["--user", "admin", "--port", str(device.port), "--fingerprint", device.fingerprint, "-o", str(output)]
    return subprocess.run(
        [str(Path(sys.executable).with_name("fazmail")), "record", device.address, *arguments, *options, *commands],
        check=False,
        env={**os.environ, **({"FAZMAIL_PASSWORD": password} if password else {})},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def rows_of(fleet: RunningFleet) -> dict[str, Any]:
    with session_on(fleet) as session:
        Device(session).status()
        return {command: parse_output(command, session.run(command).text) for command in recorded()}


def test_what_is_recorded_and_replayed_gives_the_same_records(tmp_path: Path) -> None:
    output = tmp_path / "lab.yaml"
    with device(model="fmg-7.4.6", mail=MAIL, console_output="more") as fleet:
        done = fazmail_record(fleet, output)
        assert (done.returncode, done.stderr) == (0, "")
        assert closed_on_device(fleet)
        live = rows_of(fleet)
    text = output.read_text(encoding="utf-8")
    for secret in (SECRET, MAIL["relay"]["passwd"], "ENC \\x", SECRET[4:]):
        assert secret not in text
    assert "set passwd ENC <redacted>" in text
    assert output.stat().st_mode & 0o777 == 0o600
    assert [each.command for each in load(text, "lab").exchanges] == [*recorded(), "exit"]

    with device(recording=str(output)) as replayed:
        again = rows_of(replayed)
        assert closed_on_device(replayed)
    for rows in (live, again):
        rows["get system status"][0].pop("current_time", None)
    assert [row["id"] for row in live["show system mail"]] == list(MAIL)
    assert again == live


def test_the_recording_that_comes_with_the_tests_is_a_device() -> None:
    with device(recording=str(FIXTURE)) as fleet:
        with session_on(fleet) as session:
            now = Device(session)
            assert str(now.status().firmware) == "FortiManager 7.4.6"
            assert list(now.mail_table()) == list(MAIL)
            assert session.run("diagnose sys top", check=False).error is not None
        assert closed_on_device(fleet)


@pytest.mark.parametrize(
    "command", ["config system mail", "execute reboot", "diagnose test application fazmaild 99", "exec x"]
)
def test_commands_that_may_change_something_are_not_recorded(tmp_path: Path, command: str) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "lab.yaml", command)
        assert done.returncode == 2
        assert done.stderr.startswith(
            f"fazmail: record: '{command}' might change the device, or never end; expected get ..."
        )
        assert fleet.devices["faz"].server.users == []
    assert not list(tmp_path.iterdir())


def test_a_wrong_password_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "lab.yaml", password="canary-wrong")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "refused the login of admin" in done.stderr
    assert "canary-wrong" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_to_is_told_of_before_the_login(tmp_path: Path) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "no" / "lab.yaml", "get system status")
        assert fleet.devices["faz"].server.users == []
    assert done.returncode == 2
    assert done.stderr.startswith(f"fazmail: {tmp_path}/no/lab.yaml: cannot be written: No such file or directory")


def test_a_password_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "lab.yaml", password="canary\udce4")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr.startswith("fazmail: FAZMAIL_PASSWORD: its bytes are no UTF-8; ")
    assert "canary" not in done.stderr


def test_without_a_terminal_nobody_is_asked_for_the_password(tmp_path: Path) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "lab.yaml", password=None)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert done.stderr == (
        "fazmail: record: there is no terminal to ask for the password; set FAZMAIL_PASSWORD, or name a --key-file\n"
    )


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--port", "1"], "check --port"),
        (["--port", "70000"], "check --port"),
        (["--fingerprint", "", "--known-hosts", "/dev/null"], "set --fingerprint to it"),
        (["--fingerprint", "SHA256:" + "A" * 43], "is pinned in --fingerprint"),
        (["--key-file", "/nowhere"], "/nowhere cannot be read"),
    ],
)
def test_advice_names_what_is_set_on_the_command_line(tmp_path: Path, arguments: list[str], advice: str) -> None:
    with device() as fleet:
        done = fazmail_record(fleet, tmp_path / "lab.yaml", options=arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("fazmail: record: ") and done.stderr.count("\n") == 1
    assert advice in done.stderr and "ansible_" not in done.stderr


@pytest.mark.parametrize(
    ("way", "advice"),
    [
        ("Port 1", "refuses connections; check its Port in --ssh-config"),
        ("HostName nowhere.invalid", "does not resolve"),
        ("", "is unknown (ssh-ed25519 "),
        ("IdentityFile /nowhere/key", "no login to jump host 127."),
        ("IdentityAgent none", "no credential for ops on jump host 127."),
    ],
)
def test_advice_about_a_jump_host_names_what_is_read_of_it(tmp_path: Path, way: str, advice: str) -> None:
    with running(read_fleet({"devices": [{"name": "bastion", "username": "ops", "allow_forwarding": True}]})) as fleet:
        bastion = fleet.devices["bastion"]
        line = f"[{bastion.address}]:{bastion.port} {bastion.server.keys[0].export_public_key().decode()}"
        (tmp_path / "known_hosts").write_text(line if way else "", encoding="utf-8")
        (tmp_path / "config").write_text(
            f"Host faz\n  ProxyJump way\nHost way\n  {way}\n  HostName {bastion.address}\n  Port {bastion.port}\n  User ops\n",
            encoding="utf-8",
        )
        files = ["--ssh-config", str(tmp_path / "config"), "--known-hosts", str(tmp_path / "known_hosts")]
        done = subprocess.run(
            [str(Path(sys.executable).with_name("fazmail")), "record", "faz", "-o", str(tmp_path / "out"), *files],
            check=False,
            env={**os.environ, "FAZMAIL_PASSWORD": "x"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "jump host" in done.stderr and advice in done.stderr
    assert "ansible_" not in done.stderr


def test_the_way_is_that_of_the_configuration_of_openssh(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    public = (tmp_path / "key.pub").read_text(encoding="utf-8")
    keys = {"login_methods": "publickey", "authorized_keys": public}
    rows = [{"name": "faz", **keys}, {"name": "bastion", "username": "ops", "allow_forwarding": True, **keys}]
    with running(read_fleet({"devices": rows})) as fleet:
        faz, bastion = fleet.devices["faz"], fleet.devices["bastion"]
        names = {faz: f"[{faz.address}]:{faz.port}", bastion: f"[{bastion.address}]:{bastion.port}"}
        (tmp_path / "known_hosts").write_text(
            "".join(f"{name} {each.server.keys[0].export_public_key().decode()}" for each, name in names.items()),
            encoding="utf-8",
        )
        (tmp_path / "config").write_text(
            f"Host hq\n  HostName {faz.address}\n  Port {faz.port}\n  ProxyJump way\n"
            f"Host way\n  HostName {bastion.address}\n  Port {bastion.port}\n  User ops\n"
            f"Host *\n  IdentityFile {tmp_path / 'key'}\n",
            encoding="utf-8",
        )
        done = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("fazmail")), "record", "hq", "get system status"),
                *("--ssh-config", str(tmp_path / "config"), "--known-hosts", str(tmp_path / "known_hosts")),
                *("-o", str(tmp_path / "device.yaml")),
            ],
            check=False,
            env={name: value for name, value in os.environ.items() if name != "FAZMAIL_PASSWORD"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert bastion.server.forwarded == [(faz.address, faz.port)]
    assert "Hostname" in (tmp_path / "device.yaml").read_text(encoding="utf-8")
