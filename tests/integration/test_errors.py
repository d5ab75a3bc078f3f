# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input and bad surroundings: one clear line each, no traceback, and nothing half-done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import play, task


def refused(playbook: Callable[..., Any], fleet: Any, tasks: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The messages of tasks that fail on the device `faz`, each one line, by the names of the tasks."""
    run = playbook(play(*({**each, "name": name, "ignore_errors": True} for name, each in tasks.items())), fleet)
    assert f"ignored={len(tasks)}" in run.output, run.output
    assert "Traceback" not in run.output
    messages = {row["task"]: str(row["result"]["msg"]) for row in run.results}
    assert not [name for name, message in messages.items() if "\n" in message]
    return messages


def test_what_a_task_lacks_is_known_before_the_device_is_asked(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    captured = {"capture_dir": str(tmp_path / "file")}
    read = task("system_mail_info")
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "connection": (
            {**read, "vars": {"ansible_connection": "local"}},
            "on a device with ansible_connection: fortiops.mail.cli",
        ),
        **{
            name: (
                {**read, "vars": {f"ansible_fortiops_mail_{name}": -1}},
                f"{name} is -1; expected seconds, more than 0",
            )
            for name in ("connect_limit", "command_idle_limit")
        },
        "misspelt": (
            task("system_mail", config=[{"id": "1", "sever": "x"}]),
            "Unsupported parameters for (fortiops.mail.system_mail) module: config.sever. ",
        ),
        "no entry": (task("system_mail", config=[{"server": "x"}]), "missing required arguments: id found in config"),
        "no id": (task("mail_test", id=None), "missing required arguments: id"),
        # No mail is sent that nobody would hear of.
        **{
            module: (
                task(module, **options, **captured),
                f"the capture cannot be written to capture_dir {tmp_path / 'file'}: ",
            )
            for module, options in (
                ("fazmaild_debug", {"seconds": 0.2}),
                ("mail_test", {"id": "1"}),
                ("mail_path", {"id": "1"}),
            )
        },
    }
    fleet = start({"name": "faz"})
    messages = refused(playbook, fleet, {name: each for name, (each, __) in cases.items()})
    assert {name: words for name, (__, words) in cases.items() if words not in messages[name]} == {}, messages
    assert fleet.devices["faz"].commands == []


def test_ordinary_modules_are_told_why_they_cannot_run(start: Any, playbook: Callable[..., Any]) -> None:
    tasks = [{"name": "ping", "ansible.builtin.ping": {}, "ignore_errors": True}, task("system_mail_info")]
    run = playbook(play(*tasks), start({"name": "faz"}))
    (refused,) = run.of("faz", "ping")
    assert "only the modules of fortiops.mail" in refused["msg"]
    # The device can be reached, and stays in the play.
    assert "unreachable" not in refused
    assert run.of("faz", "system_mail_info")[0]["entries"] == []


def test_a_task_on_something_else_than_a_device_is_told_where_to_run(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    cases = {
        "delegated": (
            {"delegate_to": "localhost"},
            "delegate the task to a device, not to localhost, with ansible_conn",
        ),
        "local": (
            {"vars": {"ansible_connection": "local"}},
            "run it on a device with ansible_connection: fortiops.mail",
        ),
    }
    messages = refused(
        playbook, fleet, {name: {**task("system_mail_info"), **how} for name, (how, __) in cases.items()}
    )
    assert {name: words for name, (__, words) in cases.items() if words not in messages[name]} == {}, messages


def test_what_cannot_be_tested_or_debugged_is_known_before_anything_is_sent(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    state_dir = {"ansible_fortiops_mail_state_dir": str(tmp_path / "file")}
    to = {"id": "relay", "mail_from": "who?", "mail_to": "noc@example.com"}
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "test": (task("mail_test", **to), "mail_from: the value holds a question mark"),
        "path": (task("mail_path", **to), "mail_from: the value holds a question mark"),
        "no id": (task("mail_test", id=""), "id is empty"),
        "state_dir": (
            {**task("fazmaild_debug", seconds=0.2), "vars": state_dir},
            "set ansible_fortiops_mail_state_dir to a directory",
        ),
        **{
            f"{name} {value}": (task("mail_test", id="relay", **{name: value}), f"{name} is {value}; expected ")
            for name, value in (("debug_level", 0), ("debug_level", 256), ("wait", -1.0), ("quiet", 3601.0))
        },
    }
    fleet = start({"name": "faz", "mail": {"relay": {"server": "mail.example.com"}}})
    messages = refused(playbook, fleet, {name: each for name, (each, __) in cases.items()})
    assert {name: words for name, (__, words) in cases.items() if words not in messages[name]} == {}, messages
    commands = fleet.devices["faz"].commands
    assert not [line for line in commands if "mailserver" in line or "debug application" in line]
    assert fleet.devices["faz"].state.debug.fazmaild == 0


def test_unreadable_log_file(playbook: Callable[..., Any], tmp_path: Path) -> None:
    plays = play(task("fazmaild_log_info", paths=[str(tmp_path / "missing.log")]), hosts="localhost")
    run = playbook(plays)
    assert run.status != 0 and "Traceback" not in run.output
    (result,) = run.of("localhost", "fazmaild_log_info")
    assert "missing.log" in result["msg"] and "No such file" in result["msg"]
