# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of devices in one process: to each of them it is what a task of its own would have been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run, play
from .processes import children, wait_for
from .sessions import closed_on_device

BATCH = {"run_once": True, "delegate_to": "localhost", "register": "batch"}
RESULT = {
    "name": "result",
    "fortiops.mail.batch_result": {"batch": "batch"},
}


def batch(module: str, options: Any, **more: Any) -> dict[str, Any]:
    """A task that runs a module on all hosts. more: further options of the batch, and `vars`."""
    variables = {"the_options": options, **more.pop("vars", {})}
    return {
        "name": "batch", "fortiops.mail.batch": {"module": module, "options": "the_options", **more}, "vars": variables, **BATCH,
    }  # fmt: skip


def results_of(run: Run, name: str = "batch") -> dict[str, Any]:
    """What a batch returned, on whichever host it ran."""
    (found,) = [row["result"]["results"] for row in run.results if row["task"] == name]
    return dict(found)


def ended(run: Run) -> dict[str, str]:
    return {row["host"]: row["ended"] for row in run.results if row["task"] == "result"}


def test_each_device_has_its_own_variables_and_nobody_elses_mistake(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "vault").write_text("vault-password", encoding="utf-8")
    encrypt = [
        sys.executable,
        "-m",
        "ansible",
        "vault",
        "encrypt_string",
        "--vault-password-file",
        "vault",
        "in-a-vault",
    ]
    secret = subprocess.run(encrypt, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(f"vaulted: {secret}\n", encoding="utf-8")
    fleet = start(
        # The first host is the one for which the batch runs.
        {"name": "a-undefined", "vars": {"ansible_password": "{{ nothing }}"}},
        {"name": "b-vaulted", "password": "in-a-vault", "vars": {"ansible_password": "{{ vaulted }}"}},
        {"name": "c-user", "username": "other", "vars": {"ansible_user": "{{ ['other'] | first }}"}},
        {"name": "d-wrong", "vars": {"ansible_password": "wrong-password"}},
        {"name": "e-down", "vars": {"ansible_port": 1}},
        {"name": "f-local", "vars": {"ansible_connection": "local"}},
    )
    run = playbook(play(batch("faz_facts", {}), RESULT), fleet, "--vault-password-file", "vault", "-v")
    assert ended(run) == {
        "a-undefined": "failed", "b-vaulted": "ok", "c-user": "ok", "d-wrong": "failed", "e-down": "unreachable",
        "f-local": "failed",
    }, run.output  # fmt: skip
    results = results_of(run)
    assert results["b-vaulted"]["ansible_facts"]["faz"]["firmware"]
    assert "'nothing' is undefined" in results["a-undefined"]["msg"]
    assert results["d-wrong"]["cause"] == "login_refused"
    assert "on a device with ansible_connection: fortiops.mail.cli" in results["f-local"]["msg"]
    assert "in-a-vault" not in run.output


def test_options_and_items_are_of_the_device_and_none_leaves_it_out(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(
        {"name": "one", "mail": {"a": {"server": "mail.example.com"}, "b": {"server": "mail.example.com"}}},
        {"name": "two", "mail": {"c": {"server": "mail.example.com"}}},
        {"name": "none"},
    )
    ids = {"one": ["a", "b"], "two": ["c"], "none": []}
    options = "{{ {'id': item ~ ids[inventory_hostname] | length} if item != 'b' else none }}"
    looped = batch("mail_test", options, loop="items", vars={"ids": ids, "items": "{{ ids[inventory_hostname] }}"})
    left_out = batch("faz_facts", "{{ {} if inventory_hostname == 'two' else none }}")
    run = playbook(play(looped, RESULT, {**left_out, "name": "some", "register": "some"}), fleet)
    results = results_of(run)
    assert {name: [row["item"] for row in each["results"]] for name, each in results.items()} == {
        "one": ["a"], "two": ["c"], "none": [],
    }  # fmt: skip
    assert any('mailserver "a2"' in line for line in fleet.devices["one"].commands)
    assert list(results_of(run, "some")) == ["two"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"run_once": False}, "set run_once: true"),
        ({"delegate_to": None}, "delegate_to: localhost"),
        ({"fortiops.mail.batch": {"module": "nmap", "options": "the_options"}}, "expected one of faz_"),
        ({"fortiops.mail.batch": {"module": "faz_facts", "options": "typo"}}, "'typo' is not defined"),
        ({"fortiops.mail.batch": {"module": "faz_facts", "options": "the_options", "at_once": 0}}, "1 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_batch_is_refused(
    start: Any, playbook: Callable[..., Any], change: dict[str, Any], expected: str
) -> None:
    fleet = start({"name": "faz"})
    task = {name: value for name, value in {**batch("faz_facts", {}), **change}.items() if value is not None}
    run = playbook(play(task, RESULT), fleet)
    assert run.status == 2
    assert expected in run.output.replace("\n", " ")
    assert fleet.devices["faz"].commands == []


@pytest.mark.parametrize(
    ("number", "count"),
    # 40 devices are shared by two processes, where there are two processors.
    [(signal.SIGINT, 6), (signal.SIGTERM, 6), (signal.SIGKILL, 6), (signal.SIGTERM, 40), (signal.SIGKILL, 40)],
)
def test_row_24_a_batch_that_is_stopped_leaves_debug_off_on_every_device(
    start: Any, playbook: Callable[..., Any], state_dir: Path, number: signal.Signals, count: int
) -> None:
    names = [f"faz-{place}" for place in range(count)]
    fleet = start(*({"name": name} for name in names))
    devices = list(fleet.devices.values())
    task = batch("fazmaild_debug", {"seconds": 600}, at_once=4)
    process = playbook(play(task, RESULT), fleet, wait=False)
    wait_for(lambda: sum("diagnose debug enable" in each.commands for each in devices) == 4, "debug is on")
    # Ctrl-C reaches all processes at the terminal, `kill` the one it names.
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    wait_for(lambda: not any(each.state.debug.fazmaild for each in devices), "debug is off")
    wait_for(lambda: not list(state_dir.glob("debug-*.json")), "the journals are gone")
    process.communicate(timeout=30)
    assert closed_on_device(fleet)
    # No further device was begun.
    assert sum(bool(each.commands) for each in devices) == 4


@pytest.mark.parametrize("count", [2, 40])
def test_row_24_a_time_limit_on_the_batch_leaves_debug_off_on_every_device(
    start: Any, playbook: Callable[..., Any], state_dir: Path, count: int
) -> None:
    fleet = start(*({"name": f"faz-{place}"} for place in range(count)))
    task = {**batch("fazmaild_debug", {"seconds": 600}), "timeout": 10}
    run = playbook(play(task, RESULT), fleet)
    assert run.status == 2
    assert "10" in run.of("faz-0", "batch")[0]["msg"]
    assert any("diagnose debug enable" in each.commands for each in fleet.devices.values())
    assert not any(each.state.debug.fazmaild for each in fleet.devices.values())
    assert not list(state_dir.glob("debug-*.json"))


def test_row_21_a_killed_batch_is_made_good_by_the_next_task(
    start: Any, playbook: Callable[..., Any], state_dir: Path
) -> None:
    fleet = start({"name": "one"}, {"name": "two"})
    devices = list(fleet.devices.values())
    process = playbook(play(batch("fazmaild_debug", {"seconds": 600}), RESULT), fleet, wait=False)
    wait_for(lambda: all("diagnose debug enable" in each.commands for each in devices), "debug is on")
    for pid in (process.pid, *children(process.pid)):
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert len(list(state_dir.glob("debug-*.json"))) == 2
    run = playbook(play(batch("faz_facts", {}), RESULT), fleet)
    assert ended(run) == {"one": "ok", "two": "ok"}
    assert [each.state.debug.fazmaild for each in devices] == [0, 0]
    assert not list(state_dir.iterdir())
