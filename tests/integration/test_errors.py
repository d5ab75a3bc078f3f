# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input and bad surroundings: one clear line each, no traceback, and nothing half-done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import play, task


def failure(run: Any, host: str = "faz", name: str = "system_mail_info") -> str:
    assert run.status != 0
    assert "Traceback" not in run.output
    message = str(run.of(host, name)[0]["msg"])
    assert "\n" not in message
    return message


def test_wrong_host(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(play({**task("system_mail_info"), "vars": {"ansible_host": "nonexistent.invalid"}}), fleet)
    assert "'nonexistent.invalid' of the device does not resolve" in failure(run)
    run = playbook(play({**task("system_mail_info"), "vars": {"ansible_port": 1}}), fleet)
    assert "port 1 refuses connections" in failure(run)


def test_wrong_password_is_tried_once(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(play({**task("system_mail_info"), "vars": {"ansible_password": "wrong"}}), fleet)
    assert "refused the login of admin" in failure(run)
    assert "one attempt was made" in failure(run)
    assert fleet.devices["faz"].commands == []


def test_no_password(start: Any, playbook: Callable[..., Any]) -> None:
    run = playbook(play({**task("system_mail_info"), "vars": {"ansible_password": None}}), start({"name": "faz"}))
    assert "no credential for admin" in failure(run)
    assert "expected ansible_password or ansible_ssh_private_key_file" in failure(run)


def test_unknown_and_changed_host_key(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    fleet = start({"name": "faz"})
    unknown = {
        "ansible_fortiops_mail_host_key_fingerprint": "",
        "ansible_fortiops_mail_known_hosts": [str(tmp_path / "none")],
    }
    message = failure(playbook(play({**task("system_mail_info"), "vars": unknown}), fleet))
    assert "host key" in message and "is unknown" in message
    assert fleet.devices["faz"].fingerprint in message
    changed = {"ansible_fortiops_mail_host_key_fingerprint": "SHA256:" + "A" * 43}
    message = failure(playbook(play({**task("system_mail_info"), "vars": changed}), fleet))
    assert "SHA256:" + "A" * 43 in message and fleet.devices["faz"].fingerprint in message
    assert fleet.devices["faz"].commands == []


def test_missing_ansible_connection(start: Any, playbook: Callable[..., Any]) -> None:
    run = playbook(play({**task("system_mail_info"), "vars": {"ansible_connection": "local"}}), start({"name": "faz"}))
    assert "set ansible_connection: fortiops.mail.cli" in failure(run)


def test_ordinary_modules_are_told_why_they_cannot_run(start: Any, playbook: Callable[..., Any]) -> None:
    tasks = [{"name": "ping", "ansible.builtin.ping": {}, "ignore_errors": True}, task("system_mail_info")]
    run = playbook(play(*tasks), start({"name": "faz"}))
    (refused,) = run.of("faz", "ping")
    assert "only the modules of fortiops.mail" in refused["msg"]
    # The device can be reached, and stays in the play.
    assert "unreachable" not in refused
    assert run.of("faz", "system_mail_info")[0]["entries"] == []


def test_a_limit_that_is_none(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    for name in ("connect_limit", "command_idle_limit"):
        variables = {f"ansible_fortiops_mail_{name}": -1}
        run = playbook(play({**task("system_mail_info"), "vars": variables}), fleet)
        assert failure(run) == f"{name} is -1; expected seconds, more than 0"
        assert run.of("faz", "system_mail_info")[0]["cause"] == "option"


def test_unreadable_log_file(playbook: Callable[..., Any], tmp_path: Path) -> None:
    plays = play(task("fazmaild_log_info", paths=[str(tmp_path / "missing.log")]), hosts="localhost")
    message = failure(playbook(plays), "localhost", "fazmaild_log_info")
    assert "missing.log" in message and "No such file" in message


def test_unknown_option_and_missing_id(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(play(task("system_mail", config=[{"id": "1", "sever": "x"}])), fleet)
    message = failure(run, name="system_mail")
    assert message.startswith("Unsupported parameters for (fortiops.mail.system_mail) module: config.sever. ")
    run = playbook(play(task("system_mail", config=[{"server": "x"}])), fleet)
    assert "id" in failure(run, name="system_mail")
    run = playbook(play(task("mail_test", id=None)), fleet)
    assert failure(run, name="mail_test") == "missing required arguments: id"
    assert fleet.devices["faz"].commands == []


def test_capture_dir_that_cannot_be_written(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    fleet = start({"name": "faz"})
    captured = {"capture_dir": str(tmp_path / "file")}
    for module, options in (
        ("fazmaild_debug", {"seconds": 0.2}),
        ("mail_test", {"id": "1"}),
        ("mail_path", {"id": "1"}),
    ):
        message = failure(playbook(play(task(module, **options, **captured)), fleet), name=module)
        assert message.startswith(f"the capture cannot be written to capture_dir {tmp_path / 'file'}: ")
    # Known beforehand: no mail was sent that nobody would hear of.
    assert fleet.devices["faz"].commands == []


def test_words_that_no_command_can_hold_are_named(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {"server": "mail.example.com"}}})
    for module in ("mail_test", "mail_path"):
        run = playbook(play(task(module, id="relay", mail_from="who?", mail_to="noc@example.com")), fleet)
        assert failure(run, name=module).startswith("mail_from: the value holds a question mark")
    assert failure(playbook(play(task("mail_test", id="")), fleet), name="mail_test").startswith("id is empty")
    assert not any("mailserver" in line for line in fleet.devices["faz"].commands)
    assert not any("debug application" in line for line in fleet.devices["faz"].commands)
    assert fleet.devices["faz"].state.debug.fazmaild == 0


@pytest.mark.parametrize(("name", "value"), [("debug_level", 0), ("debug_level", 256), ("wait", -1), ("quiet", 1e9)])
def test_a_test_mail_that_would_never_end_or_not_be_debugged(
    start: Any, playbook: Callable[..., Any], name: str, value: float
) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {"server": "mail.example.com"}}})
    message = failure(playbook(play(task("mail_test", id="relay", **{name: value})), fleet), name="mail_test")
    assert message.startswith(f"{name} is ") and "expected " in message
    assert not any("mailserver" in line for line in fleet.devices["faz"].commands)


def test_state_dir_that_cannot_be_written(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    fleet = start({"name": "faz"})
    variables = {"ansible_fortiops_mail_state_dir": str(tmp_path / "file")}
    run = playbook(play({**task("fazmaild_debug", seconds=0.2), "vars": variables}), fleet)
    assert "set ansible_fortiops_mail_state_dir to a directory" in failure(run, name="fazmaild_debug")
    assert not any("diagnose debug application" in line for line in fleet.devices["faz"].commands)


def test_one_broken_device_does_not_stop_the_others(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "good"}, {"name": "bad", "password": "other"})
    plays = play(task("system_mail_info"))
    run = playbook(plays, fleet, variables={})
    assert run.status == 0, run.output
    run = playbook([{**plays[0], "vars": {"ansible_password": "admin"}}], fleet)
    assert run.of("good", "system_mail_info")[0]["entries"] == []
    assert "refused the login" in run.of("bad", "system_mail_info")[0]["msg"]
