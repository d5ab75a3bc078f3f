# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the fault matrix that lie between the prompt and the configuration: one test for each, by its number.

Every fault is injected by the simulated device. Every row asserts what the task reports, that the session is closed on
the device, and that no secret is in any output at `-vvvv`.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.plan import plan_entries
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.push import push
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.schema import system_mail
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Limits
from ansible_collections.fortiops.mail.simulator.device.clock import ManualClock

from . import matrix
from .conftest import ENTRY, MAIL_PASSWORD, play, task
from .matrix import CONFIGURE, LOGIN_PASSWORD, READ, finished, typed
from .processes import debugging, wait_for
from .sessions import closed_on_device, fleet_of, hurried

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

devices = matrix.devices
PLAY = Callable[..., Any]


def test_row_07_banners_before_the_prompt(devices: Any, playbook: PLAY) -> None:
    accept = {"post_login_banner": True, "prelogin_banner": "Authorised use only. (Press 'a' to accept):"}
    fleet = devices(
        accept={"device": accept},
        hashes={
            "device": {"prelogin_banner": "#" * 60},
            "motd": "#" * 60 + "\n# KEEP OUT #\nfaz-decoy # \n" + "#" * 60,
        },
        colours={"motd": "\x1b[2J\x1b[H\x1b[1;31mWelcome to FAZ\x1b[0m\n\x1b]0;title\x07prices in $ \x1b[K"},
    )
    run = finished(playbook(READ, fleet, "-vvvv"), fleet)
    for name in fleet.devices:
        assert run.of(name, "system_mail_info")[0]["device"]["hostname"] == name.upper()
        assert {heard.prompt for heard in fleet.devices[name].trace} == {f"{name.upper()} # "}


def test_row_08_a_forced_password_change_stops_the_login(devices: Any, playbook: PLAY) -> None:
    fleet = devices(faz={"must_change_password": True})
    result = finished(playbook(READ, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail_info")[0]
    assert result["cause"] == "password_change_required"
    assert "log in by hand and change it" in result["msg"]
    assert fleet.devices["faz"].commands == []


def test_row_09_prompts_in_pieces_and_lines_that_look_like_one(devices: Any, playbook: PLAY) -> None:
    entry = {"relay": {"server": "mail.example.com", "user": "FAZ # "}}
    fleet = devices(
        pieces={"segment": 1, "device": {"mail": entry}},
        slow={"split": ["prompt", "crlf"], "delay": 0.002, "device": {"mail": entry}},
        alike={"look_alikes": True, "segment": 3, "delay": 0.0005, "device": {"mail": entry}},
    )
    run = finished(playbook(READ, fleet, "-vvvv"), fleet)
    for name in fleet.devices:
        result = run.of(name, "system_mail_info")[0]
        assert result["device"]["hostname"] == name.upper()
        assert [each["user"] for each in result["entries"]] == ["FAZ # "]
        assert typed(fleet, name) == ["get system status", "show system mail", "exit"]


def test_row_10_debug_lines_behind_the_prompt(devices: Any, playbook: PLAY, tmp_path: Path) -> None:
    fleet = devices(faz={"debug_flood": 20})
    options = {"seconds": 1, "capture_dir": str(tmp_path / "captures")}
    run = finished(playbook(play(task("fazmaild_debug", **options)), fleet, "-vvvv"), fleet)
    result = run.of("faz", "fazmaild_debug")[0]
    assert result["ended"] == "time"
    assert result["lines"]["unmatched"] == 0
    assert len([record for record in result["records"] if record.get("function") == "sendmail_loop"]) >= 10
    assert "FAZ # " in Path(result["capture_file"]).read_text(encoding="utf-8")
    assert fleet.devices["faz"].state.debug.fazmaild == 0


def test_row_11_a_pager_in_the_middle_of_show(devices: Any, playbook: PLAY) -> None:
    mail = {str(number): {"server": f"mail{number}.example.com"} for number in range(700)}
    fleet = devices(faz={"device": {"console_output": "more", "mail": mail}, "split": ["crlf"]})
    result = finished(playbook(READ, fleet, "-vvvv"), fleet).of("faz", "system_mail_info")[0]
    assert [entry["id"] for entry in result["entries"]] == list(mail)
    assert typed(fleet, "faz") == ["get system status", "show system mail", "exit"]


CUTS = {
    "config": "config system",
    "edit": "edit",
    **{name: f"set {name}" for name in ("secure-option", "port", "auth", "user", "passwd", "server")},
    "next": "next",
    "end": "end",
}


def test_row_12_a_connection_that_breaks_in_mid_push(devices: Any, playbook: PLAY) -> None:
    fleet = devices(**{name: {"disconnect_after": line} for name, line in CUTS.items()})
    run = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2)
    for name in CUTS:
        result = run.of(name, "system_mail")[0]
        stored = "relay" in fleet.devices[name].state.mail.entries
        if name in ("next", "end"):
            assert stored and result["changed"] is True
            assert "everything was saved" in result["warnings"][0]
        else:
            assert not stored
            assert (result["cause"], result["applied"]) == ("connection", "no")
            assert result["commands"][-1].startswith(CUTS[name])
    again = finished(playbook(CONFIGURE, fleet), fleet)
    assert again.status == 0
    assert [again.of(name, "system_mail")[0]["changed"] for name in CUTS] == [
        name not in ("next", "end") for name in CUTS
    ]
    assert all(device.state.mail.entries["relay"]["port"] == "587" for device in fleet.devices.values())


def test_row_12_entries_before_the_break_are_saved_and_the_others_are_not(devices: Any, playbook: PLAY) -> None:
    second = {**ENTRY, "id": "second"}
    fleet = devices(faz={"disconnect_after": 'edit "second"'})
    configure = play(task("system_mail", config=[ENTRY, second]))
    result = finished(playbook(configure, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert (result["cause"], result["applied"]) == ("connection", "partly")
    assert "only a part was saved: entry 'second': does not exist" in result["msg"]
    assert list(fleet.devices["faz"].state.mail.entries) == ["relay"]
    again = finished(playbook(configure, fleet), fleet).of("faz", "system_mail")[0]
    assert again["changed"] is True and not any("edit relay" in line for line in again["commands"])
    assert list(fleet.devices["faz"].state.mail.entries) == ["relay", "second"]


def test_row_12_what_was_saved_is_unknown_when_the_device_stays_away(devices: Any, playbook: PLAY) -> None:
    fleet = devices(
        faz={"disconnect_after": "next", "device": {"vars": {"ansible_fortiops_mail_login_limit": 2}}},
    )
    server = fleet.devices["faz"].server
    hear = server.appliance.hear

    def leave(session: Any, prompt: str, line: str) -> None:
        hear(session, prompt, line)
        if line == "next":
            fleet.loop.call_soon(server._acceptor.close)

    fleet.call(lambda: setattr(server.appliance, "hear", leave))
    result = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert (result["cause"], result["applied"]) == ("connection", "unknown")
    assert "could not be reached again" in result["msg"] and "Run the task again" in result["msg"]


def test_row_13_a_refused_line_leaves_the_table_as_it_was(devices: Any, playbook: PLAY) -> None:
    before = {"relay": {"server": "old.example.com"}}
    fleet = devices(
        value={"refuse": "set port", "device": {"mail": before}},
        secret={"refuse": "set passwd", "device": {"mail": before}},
    )
    run = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2)
    for name, line in (("value", "set port 587"), ("secret", "set passwd")):
        result = run.of(name, "system_mail")[0]
        assert (result["cause"], result["applied"]) == ("refused", "no")
        assert f"the device refused '{line}" in result["msg"]
        assert "node_check_object fail!" in result["msg"]
        assert fleet.devices[name].state.mail.entries == before
        assert typed(fleet, name)[-4:-2] == [
            next(each for each in typed(fleet, name) if each.startswith(line)),
            "abort",
        ]
        assert typed(fleet, name)[-2:] == ["show system mail", "exit"]


def test_row_13_a_line_that_arrives_changed_is_not_submitted(devices: Any, playbook: PLAY) -> None:
    before = {"relay": {"server": "old.example.com"}}
    fleet = devices(
        value={"swallow": 'set server "mail', "device": {"mail": before}},
        secret={"swallow": 'set passwd "relay-pass', "device": {"mail": before}},
    )
    run = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2)
    for name, line in (("value", "set server"), ("secret", "set passwd")):
        result = run.of(name, "system_mail")[0]
        assert (result["cause"], result["applied"]) == ("echo", "no")
        assert f"did not echo '{line}" in result["msg"] and "nothing was submitted" in result["msg"]
        assert not any(command.startswith(line) for command in typed(fleet, name))
        assert typed(fleet, name)[-3:] == ["abort", "show system mail", "exit"]
        assert fleet.devices[name].state.mail.entries == before
    assert MAIL_PASSWORD[-10:] not in run.output


def test_row_14_when_the_table_cannot_be_entered_nothing_else_is_sent(devices: Any, playbook: PLAY) -> None:
    fleet = devices(faz={"refuse": "config system mail"})
    result = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert (result["cause"], result["applied"]) == ("refused", "no")
    assert typed(fleet, "faz")[-3:] == ["config system mail", "show system mail", "exit"]


def test_row_15_silence_for_90_seconds_is_waited_for_and_nothing_is_sent_twice() -> None:
    with fleet_of(clock=ManualClock()) as fleet:
        fleet.misbehave("faz", stall_before_prompt=90)
        with hurried(fleet, Limits(login=400, command_idle=100, command_total=200)) as session:
            device = Device(session)
            push(session, plan_entries(system_mail(), [ENTRY], device.mail_table(), device.status().firmware))
        commands = typed(fleet, "faz")
        assert session.clock() >= 90 * (len(commands) - 1)
        assert len([command for command in commands if command.startswith("set port")]) == 1
        assert len(commands) == len(set(commands) | {"show system mail"}) + commands.count("show system mail") - 1
        assert fleet.devices["faz"].state.mail.entries["relay"]["port"] == "587"
        assert closed_on_device(fleet)
        assert MAIL_PASSWORD not in repr(session.results)


def test_row_16_a_read_only_administrator(devices: Any, playbook: PLAY) -> None:
    fleet = devices(faz={"denied": ["config"]})
    result = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert result["cause"] == "privilege"
    assert "No permission to 'config system.mail' (the prompt ends in $" in result["msg"]
    assert typed(fleet, "faz") == [
        "get system status", "show system mail", "show system mail", "config system mail", "show system mail", "exit",
    ]  # fmt: skip


def test_row_17_a_second_administrator_edits_the_same_entry(devices: Any, playbook: PLAY) -> None:
    fleet = devices(faz={"device": {"mail": {"relay": {"server": "old.example.com"}}}})
    appliance = fleet.devices["faz"].server.appliance
    hear = appliance.hear

    def meddle(session: Any, prompt: str, line: str) -> None:
        hear(session, prompt, line)
        if line == "show system mail":
            # It takes effect when this answer has been written.
            fleet.loop.call_soon(appliance.device.mail.entries["relay"].update, {"port": "26"})

    fleet.call(lambda: setattr(appliance, "hear", meddle))
    result = finished(playbook(CONFIGURE, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert (result["cause"], result["applied"]) == ("conflict", "no")
    assert "port" in result["msg"]
    assert "config system mail" not in typed(fleet, "faz")
    assert appliance.device.mail.entries["relay"] == {"server": "old.example.com", "port": "26"}
    forced = play(task("system_mail", config=[ENTRY], force=True))
    finished(playbook(forced, fleet), fleet)
    assert typed(fleet, "faz").count("set port 587") == 1


@pytest.mark.parametrize(
    ("fault", "entry", "difference"),
    [
        ({"shorten": 12}, ENTRY, "server is mail.example instead of mail.example.com"),
        ({"lower_case": True}, {**ENTRY, "user": "Alerts"}, "user is alerts instead of Alerts"),
    ],
)
def test_row_18_a_value_the_device_stores_otherwise(
    devices: Any, playbook: PLAY, fault: dict[str, Any], entry: dict[str, Any], difference: str
) -> None:
    fleet = devices(faz=fault)
    configure = play(task("system_mail", config=[entry]))
    result = finished(playbook(configure, fleet, "-vvvv"), fleet, 2).of("faz", "system_mail")[0]
    assert (result["cause"], result["applied"]) == ("read_back", "partly")
    assert "the device stored something else" in result["msg"] and difference in result["msg"], result["msg"]
    assert typed(fleet, "faz")[-2:] == ["show system mail", "exit"]


def test_row_23_a_flood_of_debug_ends_at_each_bound(devices: Any, playbook: PLAY) -> None:
    fleet = devices(**{name: {"debug_flood": 3000} for name in ("seconds", "max_lines", "max_bytes")})
    bound = {"seconds": 0.5, "max_lines": 500, "max_bytes": 50_000}
    tasks = [
        {**task("fazmaild_debug", name, **{"seconds": 20, name: value}), "when": f"inventory_hostname == '{name}'"}
        for name, value in bound.items()
    ]
    run = finished(playbook(play(*tasks), fleet, "-v"), fleet)
    for name, ended in (("seconds", "time"), ("max_lines", "lines"), ("max_bytes", "bytes")):
        [result] = run.of(name, name)
        assert result.get("ended") == ended, result
        assert result["lines"]["unmatched"] == 0
        assert fleet.devices[name].state.debug.fazmaild == 0
        assert typed(fleet, name)[-1] == "exit"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_row_24_a_stopped_controller_leaves_debug_off(
    devices: Any, playbook: PLAY, state_dir: Path, number: signal.Signals
) -> None:
    fleet = devices(faz={})
    state = fleet.devices["faz"].state
    process = debugging(playbook, fleet)
    # Ctrl-C reaches all processes at the terminal, `kill` the one it names.
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    output, __ = process.communicate(timeout=30)
    wait_for(lambda: state.debug.fazmaild == 0, "debug is off")
    wait_for(lambda: not list(state_dir.glob("debug-*.json")), "the journal is gone")
    assert closed_on_device(fleet)
    assert LOGIN_PASSWORD not in output


def test_row_24_a_task_that_ansible_ends_in_time_leaves_debug_off(
    devices: Any, playbook: PLAY, state_dir: Path
) -> None:
    fleet = devices(faz={})
    run = finished(playbook(play({**task("fazmaild_debug", seconds=600), "timeout": 3}), fleet, "-vv"), fleet, 2)
    assert "Timed out after 3" in run.of("faz", "fazmaild_debug")[0]["msg"]
    assert fleet.devices["faz"].state.debug.fazmaild == 0
    assert not list(state_dir.glob("debug-*.json"))


def test_row_24_a_task_cannot_be_put_into_the_background(devices: Any, playbook: PLAY) -> None:
    fleet = devices(faz={})
    run = playbook(play({**task("fazmaild_debug", seconds=600), "async": 60, "poll": 1}), fleet)
    assert run.status == 2 and "does not support async" in run.of("faz", "fazmaild_debug")[0]["msg"]
    assert fleet.devices["faz"].commands == []


def test_row_32_a_wrong_clock_and_the_end_of_summer_time(devices: Any, playbook: PLAY, tmp_path: Path) -> None:
    fleet = devices(faz={"clock_offset": -400 * 86_400, "debug_flood": 20})
    state = fleet.devices["faz"].state
    clock, asked = state.clock, iter(range(10**9))
    # An hour back in the middle of the capture, as when summer time ends.
    fleet.call(lambda: setattr(state, "clock", lambda: clock() - (3600 if next(asked) > 10 else 0)))
    options = {"seconds": 1.5, "capture_dir": str(tmp_path / "captures")}
    before = time.strftime("%Y-%m-%dT%H", time.gmtime())
    run = finished(playbook(play(task("fazmaild_debug", **options)), fleet, "-vvvv"), fleet)
    result = run.of("faz", "fazmaild_debug")[0]
    lines = [record["line"] for record in result["records"]]
    stamps = [record["timestamp"] for record in result["records"] if record.get("timestamp")]
    assert lines == sorted(lines)
    assert len(stamps) > 15 and stamps != sorted(stamps)
    text = Path(result["capture_file"]).read_text(encoding="utf-8")
    assert before in re.search(r"#start: (\S+)", text)[1]  # the controller's time, beside the device's own
    assert stamps[0][:10] in text and stamps[0][:10] < before[:10]
