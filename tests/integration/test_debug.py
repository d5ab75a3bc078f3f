# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug is bounded, and always off again: after the time, after a kill, beside another administrator."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Run, play, task
from .processes import children, debugging
from .sessions import closed_on_device


def test_a_bounded_capture_leaves_the_device_as_it_was(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "idle_line_interval": 0.2})
    result = playbook(play(task("fazmaild_debug", seconds=1)), fleet).of("faz", "fazmaild_debug")[0]
    assert result["ended"] == "time"
    assert result["changed"] is False
    functions = {record.get("function") for record in result["records"] if record["template"] == "fazmaild_debug"}
    assert functions == {"sendmail_loop"}
    assert result["lines"]["unmatched"] == 0
    debug = fleet.devices["faz"].state.debug
    assert (debug.fazmaild, debug.timestamps) == (0, False)


def test_the_capture_of_a_delegated_task_is_of_the_device_it_ran_on(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start({"name": "one"}, {"name": "two"})
    delegated = {**task("fazmaild_debug", seconds=0.2, capture_dir=str(tmp_path / "kept")), "delegate_to": "two"}
    run = playbook(play(delegated, hosts="one"), fleet)
    assert run.status == 0, run.output
    (file,) = (tmp_path / "kept").iterdir()
    assert file.name.startswith("two-")
    assert "#device: two" in file.read_text(encoding="utf-8")


def test_silence_is_no_proof_that_debug_was_on(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(
        {"name": "talks", "idle_line_interval": 0.01},
        {"name": "silent", "idle_line_interval": 0.01, "faults": {"answer": {"diagnose debug enable": ""}}},
    )
    run = playbook(play(task("fazmaild_debug", seconds=1)), fleet)
    warned = {name: str(run.of(name, "fazmaild_debug")[0].get("warnings", [])) for name in ("talks", "silent")}
    assert "printed no debug output" not in warned["talks"]
    assert "printed no debug output" in warned["silent"]


def done(run: Run, device: Any, status: int = 0) -> dict[str, Any]:
    """What holds after each of these: the one result, debug off, nobody logged in, and that was verified at the end."""
    assert run.status == status, run.output
    assert (device.state.debug.fazmaild, device.state.debug.timestamps) == (0, False)
    [row] = run.results
    return row["result"]


def test_row_22_the_level_another_administrator_had_set_is_restored(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    device = fleet.devices["faz"]

    def set_level() -> None:
        device.state.debug.fazmaild = 8

    fleet.call(set_level)
    run = playbook(play(task("fazmaild_debug", seconds=0.5)), fleet, "-vvvv")
    assert run.of("faz", "fazmaild_debug")[0]["restored"]["level"] == 8
    assert device.state.debug.fazmaild == 8
    assert "diagnose debug reset" not in device.commands
    assert [each for each in device.commands if each.startswith("diagnose")][-1] == "diagnose debug info"
    assert closed_on_device(fleet)


def test_row_21_killing_the_controller_and_running_again_finds_debug_off(
    start: Any, playbook: Callable[..., Any], state_dir: Any
) -> None:
    fleet = start({"name": "faz"})
    device = fleet.devices["faz"]
    process = debugging(playbook, fleet)
    workers = children(process.pid)
    assert workers
    for pid in (process.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert device.state.debug.fazmaild == 255
    assert list(state_dir.glob("debug-*.json"))

    # The next task mends it, also one that fails then, and says so.
    wrong = {"id": "relay", "server": "mail.example.com", "ssl_protocol": "tlsv1.2"}
    result = done(playbook(play(task("system_mail", config=[wrong])), fleet), device, 2)
    assert "has no option ssl-protocol" in result["msg"]
    assert "an earlier debug run was interrupted" in result["warnings"][0]
    last = [each for each in device.commands if each.startswith("diagnose")][-3:]
    assert last == ["diagnose debug disable", "diagnose debug reset", "diagnose debug info"]
    assert closed_on_device(fleet)
    assert not list(state_dir.glob("debug-*.json"))


def test_row_21_a_worker_that_outlives_the_controller_cleans_up_by_itself(
    start: Any, playbook: Callable[..., Any], state_dir: Any
) -> None:
    fleet = start({"name": "faz"})
    device = fleet.devices["faz"]
    process = debugging(playbook, fleet)
    process.kill()
    process.wait()
    process.stdout.close()
    # The next run waits for the orphan, and neither disturbs the other.
    assert playbook(play(task("fazmaild_debug", seconds=0.5)), fleet).status == 0
    assert device.state.debug.fazmaild == 0
    assert not list(state_dir.glob("debug-*.json"))


def test_row_21_a_session_cut_in_mid_capture_is_mended_over_another_one(
    start: Any, playbook: Callable[..., Any], state_dir: Any, tmp_path: Path
) -> None:
    fleet = start({"name": "faz", "idle_line_interval": 0.1})
    device = fleet.devices["faz"]
    process = debugging(playbook, fleet, capture_dir=str(tmp_path / "captures"))
    time.sleep(0.5)
    fleet.drop_connections("faz")
    output, __ = process.communicate(timeout=60)
    # What was printed until then is kept, and the result says where.
    (capture,) = (tmp_path / "captures").iterdir()
    assert "sendmail_loop" in capture.read_text(encoding="utf-8")
    assert str(capture) in output
    assert process.returncode == 2
    assert "the device closed the session" in output or "the connection broke" in output
    assert device.state.debug.fazmaild == 0
    assert [each for each in device.commands if each][-2:] == ["diagnose debug info", "exit"]
    assert closed_on_device(fleet)
    assert not list(state_dir.glob("debug-*.json"))


def test_row_21_a_device_that_cannot_be_reached_again_is_mended_by_the_next_task(
    start: Any, playbook: Callable[..., Any], state_dir: Any
) -> None:
    fleet = start({"name": "faz", "vars": {"ansible_fortiops_mail_login_limit": 2}})
    device = fleet.devices["faz"]
    process = debugging(playbook, fleet)
    fleet.misbehave("faz", busy_sessions=1000)
    fleet.drop_connections("faz")
    output, __ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "The next task on this device does it" in output
    assert "type on the device: diagnose debug disable; diagnose debug application fazmaild 0" in output
    assert device.state.debug.fazmaild == 255 and list(state_dir.glob("debug-*.json"))
    fleet.misbehave("faz")
    result = done(playbook(play(task("fazmaild")), fleet), device)
    assert "an earlier debug run was interrupted" in result["warnings"][0]
    assert closed_on_device(fleet)


def test_only_one_task_debugs_a_device_at_a_time(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    device = fleet.devices["faz"]
    process = debugging(playbook, fleet)
    run = playbook(play(task("fazmaild_debug", seconds=1)), fleet)
    assert "another task on this controller is debugging this device" in run.of("faz", "fazmaild_debug")[0]["msg"]
    assert device.state.debug.fazmaild == 255
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
