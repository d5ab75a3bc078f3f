# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table `config system mail` as an administrator types it."""

from __future__ import annotations

import re

import pytest

ENC = re.compile(r"ENC \S+")


def test_prompts_lead_into_the_entry_and_out(console):
    assert console.screen == "FMG-HQ # "
    console.run("config system mail")
    assert console.screen.endswith("config system mail\r\r\n\r\n(mail)# ")
    console.run('edit "1"')
    assert console.screen.endswith("\r\n(1)# ")
    console.run("next")
    assert console.screen.endswith("\r\n(mail)# ")
    console.run("edit 2", "end")
    assert console.screen.endswith("\r\nFMG-HQ # ")


def test_show_hides_defaults_and_encrypts_afresh(console):
    console.run("config system mail", 'edit "1"', "set secure-option starttls", "set port 587", "set auth enable")
    console.run('set server "mail.example.com"', "set passwd geheim", r'set user "a\"b\\c"', "end")
    first, second = console.run("show system mail"), console.run("show system mail")
    assert ENC.sub("ENC x", first) == (
        "config system mail\n"
        '    edit "1"\n'
        "        set auth enable\n"
        "        set passwd ENC x\n"
        "        set port 587\n"
        "        set secure-option starttls\n"
        '        set server "mail.example.com"\n'
        '        set user "a\\"b\\\\c"\n'
        "    next\n"
        "end\n"
    )
    assert ENC.search(first)[0] != ENC.search(second)[0]
    assert "geheim" not in first


def test_an_encrypted_password_can_be_typed_back(console, device):
    console.run("config system mail", "edit 1", "set passwd 'p w'", "end")
    token = ENC.search(console.run("show system mail"))[0]
    console.run("config system mail", "edit 2", f"set passwd {token}", "next", "edit 3")
    assert "value parse error" in console.run("set passwd ENC bm9uc2Vuc2U=")
    console.run("end")
    assert device.mail.entries == {"1": {"passwd": "p w"}, "2": {"passwd": "p w"}, "3": {}}


def test_typing_what_show_prints_makes_the_same_entry(console, device):
    console.run("config system mail", 'edit "a b:c.d"', r"set user back\\slash", "set passwd x", "set port 26", "end")
    shown = console.run("show system mail")
    before = dict(device.mail.entries)
    device.mail.entries.clear()
    console.run(*(line.strip() for line in shown.splitlines()))
    assert device.mail.entries == before


def test_get_in_a_new_entry(console, new_device, new_console):
    text = console.run("config system mail", "edit 1", "get")
    names = [line.split(":")[0].strip() for line in text.splitlines()]
    assert names == ["id", *sorted(names[1:])]
    assert {"auth", "auth-type", "server", "ssl-protocol", "user"} < set(names)
    assert not {"local-cert", "oauth2-client-id"} & set(names)
    old = new_console(new_device("faz-7.4.2"))
    assert [re.sub(r" +", " ", line) for line in old.run("config system mail", "edit 1", "get").splitlines()] == [
        "id : 1",
        "auth : disable",
        "auth-type : psk",
        "from : (null)",
        "passwd : *",
        "port : 25",
        "secure-option : default",
        "server : (null)",
        "user : (null)",
    ]


def test_get_of_the_table(console):
    console.run("config system mail", "edit 1", "set server a.example", "next", "edit b", "end")
    lines = console.run("get system mail").splitlines()
    assert lines[0] == "== [ 1 ]"
    assert "server: a.example    " in lines[1]
    assert lines[2] == "== [ b ]"
    assert console.run("get system mail b").startswith("id ")


@pytest.mark.parametrize(
    ("leave", "stored"), [("next", True), ("end", True), ("abort", False)], ids=["next", "end", "abort"]
)
def test_an_entry_is_stored_only_when_it_is_left_so(console, device, leave, stored):
    console.run("config system mail", "edit 1", "set port 26")
    assert device.mail.entries == {}
    console.run(leave)
    assert device.mail.entries == ({"1": {"port": "26"}} if stored else {})


def test_a_dropped_session_drops_the_entry(console, device, new_console):
    console.run("config system mail", "edit 1", "set port 26")
    console.take(console.engine.end_of_input())
    assert console.closed
    assert device.mail.entries == {}
    assert new_console(device).run("show system mail") == "config system mail\nend\n"


def test_abort_restores_an_existing_entry(console, device):
    console.run("config system mail", "edit 1", "set port 26", "end")
    console.run("config system mail", "edit 1", "set port 27", "unset port", "set user x", "abort")
    assert device.mail.entries == {"1": {"port": "26"}}
    assert console.engine.prompt == "FMG-HQ # "


def test_unset_returns_to_the_default(console, device):
    console.run("config system mail", "edit 1", "set port 26", "set passwd x", "next")
    console.run("edit 1", "unset port", "unset passwd", "end")
    assert device.mail.entries == {"1": {}}


def test_setting_the_default_is_not_shown(console):
    console.run("config system mail", "edit 1", "set port 25", 'set user ""', "set auth disable", "end")
    assert console.run("show system mail 1") == 'config system mail\n    edit "1"\n    next\nend\n'


def test_delete_and_purge_act_at_once(console, device):
    console.run("config system mail", "edit 1", "next", "edit 2", "next", "delete 1")
    assert list(device.mail.entries) == ["2"]
    assert console.run("delete 1").startswith("entry not found in datasource\n")
    console.run("purge")
    assert device.mail.entries == {}


def test_options_exist_only_beside_others(console):
    console.run("config system mail", "edit 1")
    assert console.run("set local-cert x") == (
        "command parse error before 'local-cert'\nCommand fail. Return code -61\n"
    )
    assert console.run("set auth-type certificate") == ""
    assert console.run("set local-cert Fortinet_Local") == ""
    assert "passwd" not in console.run("get")
    assert "local-cert" in console.run("get")
    console.run("set auth-type psk")
    assert "local-cert" not in console.run("show")


@pytest.mark.parametrize(
    ("model", "option", "known"),
    [
        ("faz-7.0.11", "from a@b.c", True),
        ("faz-7.0.11", "ssl-protocol tlsv1.2", False),
        ("faz-7.4.2", "ssl-protocol tlsv1.2", False),
        ("fmg-7.4.6", "ssl-protocol tlsv1.2", True),
        ("faz-7.6.2", "ssl-protocol tlsv1.2", True),
        ("faz-7.6.2", "auth-type oauth2", False),
        ("fmg-7.6.7", "auth-type oauth2", True),
    ],
)
def test_firmware_decides_which_options_there_are(new_device, new_console, model, option, known):
    console = new_console(new_device(model))
    console.run("config system mail", "edit 1")
    assert (console.run(f"set {option}") == "") == known


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("set port 0", "value parse error before '0'"),
        ("set port 65536", "value parse error before '65536'"),
        ("set port abc", "value parse error before 'abc'"),
        ("set port ٣", "value parse error before '٣'"),
        ("set secure-option tls", "node_check_object fail! for secure-option tls"),
        ("set port", "incomplete command in the end"),
        ("set", "incomplete command in the end"),
        ("unset", "incomplete command in the end"),
        ("set nosuch x", "command parse error before 'nosuch'"),
        ("set Port 25", "command parse error before 'Port'"),
        ("set user a b", "command parse error before 'b'"),
        ("unset port 25", "command parse error before '25'"),
        (f"set passwd {'x' * 64}", "the string is too long"),
        ('set user "a', "token line: Unmatched double quote."),
        ("set user 'a", "token line: Unmatched single quote."),
        ("get system status", "command parse error before 'system'"),
    ],
)
def test_refused_lines_change_nothing(console, command, reason):
    console.run("config system mail", "edit 1", "set port 26")
    lines = console.run(command).splitlines()
    assert any(line.startswith(reason) for line in lines)
    assert re.fullmatch(r"Command fail\. Return code -\d+", lines[-1])
    console.run("end")
    assert console.engine.device.mail.entries == {"1": {"port": "26"}}


def test_long_entry_names_are_refused(console):
    console.run("config system mail")
    assert "the string is too long" in console.run(f"edit {'x' * 64}")
    assert console.engine.prompt == "(mail)# "
    console.run(f"edit {'x' * 63}")
    assert console.engine.prompt == f"({'x' * 63})# "


def test_a_failed_config_stays_where_it_is(console):
    assert console.run("config system nosuch").startswith("command parse error before 'nosuch'\n")
    assert console.engine.prompt == "FMG-HQ # "
    assert console.run("set server x") == "Unknown action 0\n"


def test_two_administrators_the_last_one_wins(console, device, new_console):
    other = new_console(device, number=2)
    console.run("config system mail", "edit 1", "set port 26")
    other.run("config system mail", "edit 1", "set user x", "end")
    console.run("end")
    assert device.mail.entries == {"1": {"port": "26"}}


def test_the_whole_configuration_has_an_entry_whose_options_are_all_at_their_default(console):
    console.run("config system alert-event", "edit night", "config alert-destination", "edit 1", "set to a@example.com")
    console.run("end", "end")
    assert console.run("show system alert-event") in console.run("show")
