# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Echo, keys, pager, banners and help, byte by byte."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.simulator.cli.engine import Engine, Screen, Write
from ansible_collections.fortiops.mail.simulator.cli.terminal import PAGER, PAGER_ERASED
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device, Session
from hypothesis import given
from hypothesis import strategies as st


def test_the_bytes_of_a_command(console):
    shown = console.keys("get system status\n")
    # As in a recorded SSH session of FMG 7.4.6.
    assert shown.startswith("get system status\r\r\nPlatform Type                   : FMG-VM64-KVM\r\n")
    assert shown.endswith("\r\n\r\nFMG-HQ # ")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_submits_once(console, end):
    console.keys(f"diagnose debug enable{end}diagnose debug info{end}")
    assert [line for __, line in console.heard] == ["diagnose debug enable", "diagnose debug info"]


def test_cr_and_lf_in_two_pieces_submit_once(console):
    console.keys("diagnose debug enable\r")
    console.keys("\ndiagnose debug info\r")
    assert [line for __, line in console.heard] == ["diagnose debug enable", "diagnose debug info"]


def test_an_empty_line_shows_the_prompt_again(console):
    assert console.keys("\n") == "\r\r\nFMG-HQ # "


def test_erasing(console):
    assert console.keys("gex\x7ft\x08t") == "gex\b \bt\b \bt"
    assert console.keys("\x15") == "\b \b" * 3
    assert console.keys("\x7f\x15") == ""
    console.keys("diagnose debug info\n")
    assert [line for __, line in console.heard] == ["diagnose debug info"]


def test_ctrl_c_drops_the_line(console):
    assert console.keys("get sys\x03") == "get sys^C\r\n\r\nFMG-HQ # "
    assert "General" in console.run("diagnose debug info")


def test_a_character_in_two_pieces(console):
    data = "set user é\n".encode()
    console.keys("config system mail\nedit 1\n")
    console.take(console.engine.feed(data[:-2]))
    console.take(console.engine.feed(data[-2:]))
    assert '"é"' in console.run("show")


def test_control_characters_and_tabs_are_not_typed(console):
    console.keys("get\t\x1b system status\n")
    assert [line for __, line in console.heard] == ["get system status"]


def test_help_acts_at_once_and_shows_the_line_again(console):
    console.run("config system mail", "edit 1")
    assert console.keys("set secure-option ?") == (
        "set secure-option ?\r\n"
        " default         Try STARTTLS, proceed as plain text communication otherwise.\r\n"
        " none            Communication will be in plain text format.\r\n"
        " smtps           Communication will be protected by SMTPS.\r\n"
        " starttls        Communication will be protected by STARTTLS.\r\n"
        "\r\n(1)# set secure-option "
    )
    assert console.keys("smtps\n").endswith("(1)# ")
    assert "set secure-option smtps" in console.run("show")


def test_help_of_a_beginning(console):
    shown = console.keys("di?")
    assert " diagnose " in shown
    assert " config " not in shown
    assert shown.endswith("FMG-HQ # di")


def test_help_lists_what_the_firmware_has(new_device, new_console):
    console = new_console(new_device("faz-7.4.2"))
    console.run("config system mail", "edit 1")
    shown = console.keys("set ?")
    assert "ssl-protocol" not in shown
    assert "local-cert" not in shown
    assert "secure-option" in shown


@pytest.mark.parametrize(
    "line", ["nosuch ", "get nosuch ", "set x ", 'edit "', "show system mail ", "exit ", "execute ping ", ""]
)
def test_help_never_fails(console, line):
    assert console.keys(line + "?").endswith("FMG-HQ # " + line)


@pytest.mark.parametrize("line", ["", "edit ", "end ", "nosuch "])
def test_help_in_a_table(console, line):
    console.run("config system mail", "edit mine", "next")
    shown = console.keys(line + "?")
    assert shown.endswith("(mail)# " + line)
    assert (" mine" in shown) == (line == "edit ")


def test_usage_of_the_mail_daemon(console):
    expected = (
        "Fazmaild Daemon Test Usage:\n"
        "   1: show PID and daemon status\n"
        "   2: show runtime status\n"
        "  90: pause sending mail\n"
        "  91: resume sending mail\n"
        "  99: restart fazmaild daemon\n"
    )
    shown = console.keys("diagnose test application fazmaild ?")
    assert shown.endswith("FMG-HQ # diagnose test application fazmaild ")
    assert expected.replace("\n", "\r\n") in shown
    console.keys("\x15")
    assert console.run("diagnose test application fazmaild 0") == expected


@pytest.fixture
def paged(new_console, device):
    return new_console(device, Screen(rows=10))


def test_pager_page_by_page(paged):
    first = paged.keys("get system status\n")
    assert first.endswith("\r\n" + PAGER)
    assert first.count("\r\n") == 10  # the echo, nine lines, the marker on the tenth row
    second = paged.keys(" ")
    assert second.startswith(PAGER_ERASED + "FIPS Mode")
    assert second.endswith(PAGER)
    assert paged.keys(" ").endswith("\r\n\r\nFMG-HQ # ")


def test_pager_line_by_line_and_quit(paged):
    paged.keys("get system status\n")
    assert paged.keys("\r").count("\r\n") == 1
    assert paged.keys("x") == ""
    assert paged.keys("q") == PAGER_ERASED + "\r\nFMG-HQ # "
    assert paged.keys("\n") == "\r\r\nFMG-HQ # "


def test_pager_leaves_short_output_alone(paged):
    assert PAGER not in paged.keys("diagnose test application fazmaild 2\n")


def test_banner_to_accept(new_console, device):
    console = new_console(device, Screen(accept=True))
    assert console.screen == "(Press 'a' to accept):"
    assert console.keys("\nx") == ""
    assert console.keys("a\r") == "a\r\n\r\nFMG-HQ # \r\r\nFMG-HQ # "


@pytest.mark.parametrize("command", ["exit", "quit"])
def test_logout(console, command):
    console.keys(command + "\n")
    assert console.closed
    assert console.keys("get system status\n") == ""


def test_without_a_terminal_nothing_is_echoed(new_console, device):
    console = new_console(device, Screen(echo=False))
    assert console.keys("diagnose debug enable\n") == "\r\nFMG-HQ # "


def test_exec_channel_has_the_prompt_before_the_output(new_console, device):
    console = new_console(device, Screen(echo=False, single=True))
    shown = console.keys("get system status")
    shown += console.take(console.engine.end_of_input())
    assert shown.startswith("FMG-HQ # Platform Type                   : FMG-VM64-KVM\r\n")
    assert shown.endswith("Image is GA Certified\r\n")
    assert console.closed


@given(
    st.lists(
        st.sampled_from(
            [*"ab? \"'\\\r\n\x03\x08\x15\x7f\t", "config system mail\n", "edit 1\n", "end\n", "get system status\n"]
        )
    )
)
def test_any_keys_leave_a_live_session(keys):
    engine = Engine(Device("d", "H", models()["faz-7.4.2"]), Session(1), Screen(rows=15))
    effects = engine.feed("".join(keys).encode())
    # Leave the pager, an open quote, the line and the shells; then the device answers as ever.
    effects = engine.feed(b"q\x15\x03abort\nabort\nget system sta?\x15diagnose debug info\n")
    text = b"".join(effect.data for effect in effects if isinstance(effect, Write)).decode()
    assert "cli debug level" in text
    assert text.endswith("H # ")


@given(st.binary())
def test_any_bytes_are_survived(data):
    engine = Engine(Device("d", "H", models()["faz-7.4.2"]), Session(1))
    for position in range(len(data)):
        engine.feed(data[position : position + 1])
