# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Misbehaviour of the simulated device: the terminal's without any connection, the wire's without any device."""

from __future__ import annotations

import ast
import asyncio
from dataclasses import fields, replace
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.recording import RecordedCommand, Recording
from ansible_collections.fortiops.mail.simulator.cli.engine import Close, Screen, Write
from ansible_collections.fortiops.mail.simulator.cli.replay import Replay
from ansible_collections.fortiops.mail.simulator.device.clock import ManualClock
from ansible_collections.fortiops.mail.simulator.device.jobs import Reboot
from ansible_collections.fortiops.mail.simulator.mail.flood import Flood
from ansible_collections.fortiops.mail.simulator.specification.faults import NONE, Faults, Triggers
from ansible_collections.fortiops.mail.simulator.specification.fleet import load_fleet, read_fleet
from ansible_collections.fortiops.mail.simulator.specification.reading import FleetError
from ansible_collections.fortiops.mail.simulator.ssh.wire import Wire, pieces
from hypothesis import given
from hypothesis import strategies as st

PROMPT = "FAZ-HQ # "
TEXT = "Zürich 漢字\r\n\r\n" + PROMPT


# -- the fleet file --------------------------------------------------------------------------------------------------


def fleet_of(faults: dict[str, object], **defaults: object) -> Faults:
    data = {"defaults": {"faults": defaults}, "devices": [{"name": "a", "address": "127.0.0.1", "faults": faults}]}
    return read_fleet(data).devices[0].faults


def test_faults_of_a_device_lie_over_the_defaults() -> None:
    faults = fleet_of({"segment": 1, "split": ["utf8"]}, delay=0.5, denied=["config"], answer={"get": "no", "end": 1})
    assert faults == Faults(
        segment=1, split=("utf8",), delay=0.5, denied=("config",), answer=(("get", "no"), ("end", "1"))
    )
    assert fleet_of({}) == NONE


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"segmnt": 1}, "fleet: devices.0.: faults: segmnt: is not a key here, expected one of .*segment"),
        ({"split": ["word"]}, "split: is 'word', expected some of crlf, prompt, utf8"),
        ({"delay": "slow"}, "delay: is 'slow', expected a number of seconds"),
        ({"segment": -1}, "segment: is -1, expected a number from 0"),
    ],
)
def test_mistakes_are_one_line(faults: dict[str, object], problem: str) -> None:
    with pytest.raises(FleetError, match=problem):
        fleet_of(faults)


def test_a_recording_that_is_none_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    fleet = tmp_path / "fleet.yml"
    fleet.write_text(f"devices: [{{name: a, address: 127.0.0.1, recording: {file}}}]", encoding="utf-8")
    with pytest.raises(FleetError, match=r"recording: .*lab.yaml: cannot be read"):
        load_fleet(fleet)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(FleetError, match=r"recording: .*lab.yaml: expected the keys init_prompt and commands"):
        load_fleet(fleet)


def test_every_fault_is_in_the_readme() -> None:
    text = (Path(__file__).parents[3] / "simulator" / "README.md").read_text(encoding="utf-8")
    assert [each.name for each in fields(Faults) if f"{each.name}:" not in text] == []


def test_every_fault_is_read_by_some_code() -> None:
    root = Path(__file__).parents[3] / "simulator"
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in root.rglob("*.py")]
    read = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert [each.name for each in fields(Faults) if each.name not in read] == []


# -- the wire --------------------------------------------------------------------------------------------------------


@given(
    st.text(max_size=40),
    st.integers(0, 5),
    st.sets(st.sampled_from(["crlf", "prompt", "utf8"])),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from([0.0, 2.0]),
)
def test_no_byte_is_lost_or_changed(text: str, segment: int, split: set[str], delay: float, stall: float) -> None:
    data = (text + TEXT).encode()
    faults = Faults(segment=segment, split=tuple(split), delay=delay, stall_before_prompt=stall)
    found = pieces(data, PROMPT.encode(), faults)
    assert b"".join(each for each in found if isinstance(each, bytes)) == data
    assert all(len(each) <= (segment or 10**9) for each in found if isinstance(each, bytes))
    assert found.count(2.0) == (1 if stall else 0)


def test_where_the_wire_cuts() -> None:
    data, prompt = TEXT.encode(), PROMPT.encode()
    assert pieces(data, prompt, NONE) == [data]
    assert pieces(data, prompt, Faults(split=("prompt",))) == [data[:-5], b"HQ # "]
    assert pieces(data, prompt, Faults(split=("crlf",)))[1] == b"\n\r"
    assert pieces("ü".encode(), b"", Faults(split=("utf8",))) == [b"\xc3", b"\xbc"]
    assert pieces(data, prompt, Faults(stall_before_prompt=3)) == [data[:-9], 3, prompt]
    assert pieces(b"abc", b"", Faults(segment=2, delay=0.1)) == [b"ab", 0.1, b"c"]


class Client:
    """What arrives at the other end."""

    def __init__(self) -> None:
        self.heard = b""
        self.ends: list[str] = []

    def send(self, data: bytes) -> None:
        self.heard += data

    def end_of_file(self) -> None:
        self.ends.append("eof")

    def hang_up(self) -> None:
        self.ends.append("cut")


@pytest.mark.parametrize(("kind", "ends"), [("disconnect", ["cut"]), ("silent", []), ("half_close", ["eof"])])
def test_what_was_written_before_a_fault_arrives_and_nothing_after(kind: str, ends: list[str]) -> None:
    client = Client()
    wire = Wire(client, NONE, ManualClock())
    wire.write(b"before", "")
    wire.strike(kind)
    wire.write(b"after", "")
    assert (client.heard, client.ends) == (b"before", ends)


def test_a_connection_breaks_after_so_many_bytes() -> None:
    client = Client()
    wire = Wire(client, Faults(disconnect_after_bytes=8), ManualClock())
    wire.write(b"12345", "")
    wire.write(b"67890", "")
    wire.write(b"x", "")
    assert (client.heard, client.ends) == (b"12345678", ["cut"])


def test_delays_pass_on_the_clock_of_the_test() -> None:
    async def run() -> list[bytes]:
        client, clock = Client(), ManualClock()
        wire = Wire(client, Faults(stall_before_prompt=90), clock)
        wire.write(TEXT.encode(), PROMPT)
        wire.write(b"later", "")
        seen = []
        for seconds in (0, 89, 1):
            clock.advance(seconds)
            for __ in range(5):
                await asyncio.sleep(0)
            seen.append(client.heard)
        return seen

    begin, still, end = asyncio.run(run())
    assert begin == still == TEXT.encode()[:-9]
    assert end == TEXT.encode() + b"later"


def test_a_trigger_strikes_once() -> None:
    triggers = Triggers(Faults(disconnect_after="set port", silent_after_commands=3))
    lines = ["edit 1", "set port 25", "set user x", "set port 26"]
    assert [triggers.hear(line) for line in lines] == ["", "disconnect", "silent", ""]
    assert Triggers(NONE).hear("set port 25") == ""


# -- the terminal ----------------------------------------------------------------------------------------------------


def test_motd_comes_before_the_first_prompt(new_console, device) -> None:
    console = new_console(device, Screen(motd="\x1b[1mHello\x1b[0m\nworld", accept=True))
    assert "Hello" not in console.screen
    assert console.keys("a") == "a\r\n\r\n\x1b[1mHello\x1b[0m\r\nworld\r\nFMG-HQ # "


def test_a_new_password_is_all_it_wants(new_console, device) -> None:
    console = new_console(device, Screen(instead="Forced\nNew Password:"))
    assert console.screen.endswith("New Password:")
    assert console.keys("get system status\n") == ""
    assert console.heard == [("New Password:", "***")]


def test_look_alikes_stand_in_the_output(new_console, device) -> None:
    lines = new_console(device, Screen(look_alikes=True)).run("diagnose debug info").splitlines()
    assert lines[:3] == ["General", "FMG-HQ # ", "FMG-HQ # is no prompt"]


def test_a_restricted_administrator_has_another_prompt(device, new_console) -> None:
    console = new_console(device)
    console.engine.session.denied = ("config", "execute")
    assert console.engine.prompt == "FMG-HQ $ "
    assert "No permission to 'config system.mail'" in console.run("config system mail")
    assert "No permission to 'execute reboot'" in console.run("execute reboot")
    assert "General" in console.run("diagnose debug info")


def test_all_that_a_restricted_administrator_may_not_see_is_denied_below_the_head(device, new_console) -> None:
    console = new_console(device)
    console.engine.session.denied = ("show system",)
    head, denials = console.run("show").split("\n\n")
    assert [line.partition("=")[0] for line in head.splitlines()] == ["#config-version", "#branch_pt"]
    # One below the other, as verbatim of FortiManager 7.6.
    assert denials.splitlines()[0] == "No permission to 'show system.global'"
    assert all(line.startswith("No permission to 'show system.") for line in denials.splitlines())


def test_shells_of_a_restricted_administrator_have_the_same_mark(device, new_console) -> None:
    console = new_console(device)
    console.engine.session.denied = ("execute reboot",)
    console.run("config system mail")
    assert console.engine.prompt == "(mail)$ "
    console.run("edit 1")
    assert console.engine.prompt == "(1)$ "


def test_an_answer_takes_the_place_of_what_a_line_does(device, new_console) -> None:
    answers = {"show system": "nothing here", "show system mail": "", "set auth": "no\nmore"}
    console = new_console(device, Screen(answers=answers))
    assert console.run("show  system mail") == ""
    assert console.run("show system dns") == "nothing here\n"
    assert "Serial Number" in console.run("get system status")
    console.run("config system mail", "edit 1", "set auth enable", "next")
    assert "auth" not in device.mail.entries["1"]


def test_the_echo_wraps_at_the_width_of_the_terminal(new_console, device) -> None:
    console = new_console(device, Screen(columns=20))
    assert console.keys("get system status") == "get system  \rstatus"


def test_passwords_are_masked_and_only_those(new_console, device) -> None:
    console = new_console(device, Screen(mask_passwords=True))
    console.run("config system mail", "edit 1")
    assert console.keys('set passwd "abc" \n').startswith("set passwd ******\r\r\n")
    assert console.keys("set server abc\n").startswith("set server abc\r\r\n")
    console.run("set auth enable", "set passwd x", "next")
    assert "passwd" in device.mail.entries["1"]


@pytest.mark.parametrize(("key", "restarted"), [("n", False), ("y", True), ("\x03", False)])
def test_a_restart_that_asks_first(new_console, device, key: str, restarted: bool) -> None:
    device = replace(device, confirm_restart=True)
    console, pid = new_console(device), device.daemon.pid
    assert console.keys("diagnose test application fazmaild 99\n").endswith("\r\nDo you want to continue? (y/n) ")
    assert console.keys("x\n") == ""
    assert console.keys(key).startswith(("y" if restarted else "n" if key == "n" else "") + "\r\n")
    assert (device.daemon.pid != pid) is restarted
    assert console.screen.endswith("\r\n\r\nFMG-HQ # ")


def test_reboot_asks_and_forgets_everything_but_the_configuration(new_console, device) -> None:
    console = new_console(device)
    console.run("diagnose debug application fazmaild 8", "config system mail", "edit 1", "end")
    console.keys("execute reboot\n")
    console.keys("y")
    assert console.jobs == [Reboot()]
    device.reboot()
    assert (device.debug.fazmaild, list(device.mail.entries)) == (0, ["1"])


def test_lines_that_are_refused_repeat_their_value(new_console, device) -> None:
    console = new_console(device, Screen(refuse="set passwd"))
    console.run("config system mail", "edit 1", "set auth enable")
    assert "value parse error before 'secret'" in console.run('set passwd "secret"')
    assert console.engine.prompt == "(1)# "


def test_a_flood_runs_while_the_daemon_is_debugged(device) -> None:
    async def run() -> list[int]:
        lines: list[str] = []
        clock = ManualClock()
        flood = Flood(device, 1000, clock, lines.extend)
        counts = []
        for level in (0, 8, 0):
            device.debug.fazmaild = level
            flood.look()
            for __ in range(50):
                await asyncio.sleep(0)
                clock.advance(0.01)
            counts.append(len(lines))
        return counts

    off, on, again = asyncio.run(run())
    assert off == 0
    assert 400 <= on <= 520
    assert again - on <= 10


# -- recordings ------------------------------------------------------------------------------------------------------


def bytes_of(effects: list[object]) -> bytes:
    return b"".join(effect.data for effect in effects if isinstance(effect, Write))


def test_a_recording_answers_in_any_order_and_repeats_the_last_answer() -> None:
    exchanges = (
        RecordedCommand("show", b"show\r\r\none\r\n\r\nFAZ # "),
        RecordedCommand("get x", b"get x\r\r\nvalue\r\n\r\nFAZ # "),
        RecordedCommand("show", b"show\r\r\ntwo\r\n\r\nFAZ # "),
    )
    heard: list[tuple[str, str]] = []
    replay = Replay(Recording(b"Hello\r\nFAZ # ", exchanges), lambda prompt, line: heard.append((prompt, line)))
    assert bytes_of(replay.start()) == b"Hello\r\nFAZ # "
    assert bytes_of(replay.feed(b"get x\n")) == b"get x\r\r\nvalue\r\n\r\nFAZ # "
    assert [bytes_of(replay.feed(b"show\n")).split(b"\r\n")[1] for __ in range(3)] == [b"one", b"two", b"two"]
    assert bytes_of(replay.feed(b"\n")) == b"\r\r\nFAZ # "
    assert b"Unknown action 0\r\n\r\nFAZ # " in bytes_of(replay.feed(b"config system mail\n"))
    assert isinstance(replay.feed(b"exit\n")[-1], Close)
    assert heard[:2] == [("FAZ # ", "get x"), ("FAZ # ", "show")]
