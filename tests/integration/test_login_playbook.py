# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection plugin as a playbook sets them, and what its result says."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import play, task

READ = task("system_mail_info")


def unpinned(file: Path, **more: Any) -> dict[str, Any]:
    return {
        "ansible_fortiops_mail_host_key_fingerprint": "",
        "ansible_fortiops_mail_known_hosts": str(file),
        **{f"ansible_fortiops_mail_{name}": value for name, value in more.items()},
    }


def test_accept_new_is_reported_once_with_twenty_devices_at_a_time(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(*({"name": f"faz-{number}"} for number in range(20)))
    file = tmp_path / "ssh" / "known_hosts"
    first, second = {**READ, "name": "first"}, {**READ, "name": "second"}
    play_vars = unpinned(file, host_key_policy="accept_new")
    run = playbook([{**play(first, second)[0], "vars": play_vars}], fleet)
    assert run.status == 0, run.output
    for name, device in fleet.devices.items():
        accepted, known = run.of(name, "first")[0], run.of(name, "second")[0]
        assert accepted["host_key"] == {"fingerprint": device.fingerprint, "accepted_new": True}
        assert any(device.fingerprint in warning and str(file) in warning for warning in accepted["warnings"])
        assert "host_key" not in known and not known.get("warnings")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(
        f"[{device.address}]:{device.port}" for device in fleet.devices.values()
    )
    assert file.stat().st_mode & 0o777 == 0o600


def test_accept_new_is_reported_when_the_login_fails_after_it(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start({"name": "faz"})
    options = unpinned(tmp_path / "known_hosts", host_key_policy="accept_new")
    run = playbook(play({**READ, "vars": {**options, "ansible_password": "wrong"}}), fleet)
    (result,) = run.of("faz", "system_mail_info")
    assert run.status != 0 and result["cause"] == "login_refused"
    assert result["host_key"]["fingerprint"] == fleet.devices["faz"].fingerprint
    assert fleet.devices["faz"].fingerprint in result["warnings"][0]


def test_a_jump_host_and_keys_are_set_by_variables(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    for name, phrase in (("device", "canary-one"), ("jump", "canary-two")):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", str(tmp_path / name)], check=True)
    public = {name: (tmp_path / f"{name}.pub").read_text(encoding="utf-8") for name in ("device", "jump")}
    fleet = start(
        {"name": "faz", "login_methods": "publickey", "authorized_keys": public["device"]},
        {"name": "bastion", "username": "ops", "authorized_keys": public["jump"], "allow_forwarding": True},
    )
    bastion = fleet.devices["bastion"]
    options = {
        "ansible_ssh_private_key_file": str(tmp_path / "device"),
        "ansible_fortiops_mail_private_key_passphrase": "canary-one",
        "ansible_fortiops_mail_proxy_jump": f"ops@{bastion.address}:{bastion.port}",
        "ansible_fortiops_mail_proxy_jump_private_key_file": str(tmp_path / "jump"),
        "ansible_fortiops_mail_proxy_jump_private_key_passphrase": "canary-two",
        "ansible_fortiops_mail_proxy_jump_host_key_fingerprint": bastion.fingerprint,
    }
    run = playbook(play({**READ, "vars": options}, hosts="faz"), fleet, "-vvvv")
    assert run.status == 0, run.output
    assert bastion.server.forwarded == [(fleet.devices["faz"].address, fleet.devices["faz"].port)]
    assert "canary" not in run.output
    wrong = {**options, "ansible_fortiops_mail_proxy_jump_private_key_passphrase": "canary-two-wrong"}
    run = playbook(play({**READ, "vars": wrong}, hosts="faz"), fleet, "-vvvv")
    assert run.of("faz", "system_mail_info")[0]["cause"] == "key_file"
    assert "canary" not in run.output and "Traceback" not in run.output


UNUSABLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "jump": ({"proxy_jump": "a b"}, "option", "proxy_jump 'a b' is not of the form [user@]host[:port]"),
    "percent": ({"proxy_command": "nc %x"}, "option", "proxy_command holds '%x'"),
    "both": ({"proxy_jump": "bastion", "proxy_command": "nc"}, "option", "exclude each other"),
    "pin": ({"host_key_fingerprint": "MD5:00"}, "option", "not of the form SHA256:"),
    "agent": ({"use_agent": True}, "no_credential", "SSH_AUTH_SOCK is not set"),
    "program": ({"proxy_command": "/nowhere/nc %h %p"}, "proxy", "cannot run '/nowhere/nc'"),
}


def test_options_that_cannot_be_used_are_one_clear_line(
    start: Any, playbook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    devices = [
        {"name": name, "vars": {f"ansible_fortiops_mail_{option}": value for option, value in variables.items()}}
        for name, (variables, __, __) in UNUSABLE.items()
    ]
    run = playbook(play(READ), start(*devices))
    for name, (__, cause, message) in UNUSABLE.items():
        (result,) = run.of(name, "system_mail_info")
        assert result["cause"] == cause and message in result["msg"]
        assert "\n" not in result["msg"]
    assert "Traceback" not in run.output


def test_what_a_proxy_complains_about_is_redacted(start: Any, playbook: Callable[..., Any]) -> None:
    options = {
        "ansible_password": "canary-5c1d",
        "ansible_fortiops_mail_proxy_command": "sh -c 'echo no way for canary-5c1d >&2; exit 3'",
    }
    run = playbook(play({**READ, "vars": options}), start({"name": "faz"}))
    message = run.of("faz", "system_mail_info")[0]["msg"]
    assert "ended with status 3: no way for <redacted>" in message
    assert "canary" not in run.output


def test_the_way_that_an_inventory_has_is_taken(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    fleet = start({"name": "faz"}, {"name": "bastion", "username": "ops", "allow_forwarding": True})
    faz, bastion = fleet.devices["faz"], fleet.devices["bastion"]
    (tmp_path / "config").write_text(
        f"Host way\n  HostName {bastion.address}\n  Port {bastion.port}\n  User ops\nHost {faz.address}\n  ProxyJump way\n",
        encoding="utf-8",
    )
    direct = f"-o ControlPersist=60s -J ops@{bastion.address}:{bastion.port}"
    options = {
        "ansible_fortiops_mail_proxy_jump_password": bastion.password,
        "ansible_fortiops_mail_proxy_jump_host_key_fingerprint": ["SHA256:" + "A" * 43, bastion.fingerprint],
    }
    ways = {
        "ssh_args": {"ansible_ssh_args": direct, "ansible_ssh_common_args": "-q"},
        "ssh_extra_args": {"ansible_ssh_extra_args": direct, "ansible_ssh_common_args": "-J nowhere.invalid"},
        "ssh_config": {"ansible_fortiops_mail_ssh_config": str(tmp_path / "config")},
        "proxy_jump": {
            "ansible_fortiops_mail_proxy_jump": "way",
            "ansible_fortiops_mail_ssh_config": str(tmp_path / "config"),
            "ansible_ssh_common_args": "-o ProxyCommand='nowhere %h'",
        },
    }
    tasks = [{**READ, "name": name, "vars": {**options, **way}} for name, way in ways.items()]
    run = playbook(play(*tasks, hosts="faz"), fleet)
    assert run.status == 0, run.output
    assert bastion.server.forwarded == [(faz.address, faz.port)] * len(ways)


def test_a_way_that_cannot_be_taken_is_no_direct_one(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    tasks = [
        {**READ, "name": "shell", "vars": {"ansible_ssh_common_args": "-o ProxyCommand='nc %h %p 2>/dev/null'"}},
        {**READ, "name": "command", "vars": {"ansible_ssh_common_args": "-o ProxyCommand='sh -c \"exit 3\"'"}},
    ]
    run = playbook(play(*({**each, "ignore_errors": True} for each in tasks)), fleet)
    assert "ssh_common_args: the ProxyCommand holds '>'" in run.of("faz", "shell")[0]["msg"]
    assert run.of("faz", "command")[0]["cause"] == "proxy"
    assert fleet.devices["faz"].server.users == []


def test_the_noise_of_paramiko_stays_away(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(
        {"name": "old", "ssh_algorithms": "legacy-kex"}, {"name": "drops", "login_fault": "drop"}, {"name": "good"}
    )
    run = playbook(play(READ), fleet)
    assert run.of("old", "system_mail_info")[0]["cause"] == "ssh_algorithms"
    assert run.of("drops", "system_mail_info")[0]["cause"] == "session_refused"
    assert run.of("good", "system_mail_info")[0]["entries"] == []
    for noise in ("Exception (client)", "Traceback", "paramiko.transport"):
        assert noise not in run.output


def test_the_private_key_of_the_command_line_is_taken(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    run = playbook(play(READ), start({"name": "faz"}), "--private-key", str(tmp_path / "none"))
    (result,) = run.of("faz", "system_mail_info")
    assert result["cause"] == "key_file"
    assert str(tmp_path / "none") in result["msg"]
