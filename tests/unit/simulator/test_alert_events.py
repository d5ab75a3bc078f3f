# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert events with the table inside them, and the old object `alertemail`, as an administrator types them."""

from __future__ import annotations

import re

import pytest
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, read_fleet
from ansible_collections.fortiops.mail.simulator.specification.reading import FleetError
from ansible_collections.fortiops.mail.simulator.ssh.appliance import make_device
from ansible_collections.fortiops.mail.simulator.ssh.trace import without_secret

INTO = ("config system alert-event", 'edit "disk full"', "config alert-destination", "edit 1")
SET = ("set to noc@example.com", 'set smtp-name "relay"')
SHOWN = (
    "config system alert-event\n"
    '    edit "disk full"\n'
    "        config alert-destination\n"
    "            edit 1\n"
    '                set smtp-name "relay"\n'
    '                set to "noc@example.com"\n'
    "            next\n"
    "        end\n"
    "    next\n"
    "end\n"
)


def test_prompts_lead_down_two_tables_and_up_again(console):
    places = []
    for command in (*INTO, "next", "end", "next", "end"):
        console.run(command)
        places.append(console.engine.prompt)
    assert places == [
        "(alert-event)# ", "(disk full)# ", "(alert-destination)# ", "(1)# ",
        "(alert-destination)# ", "(disk full)# ", "(alert-event)# ", "FMG-HQ # ",
    ]  # fmt: skip


def test_show_has_the_inner_table_and_hides_defaults(console):
    console.run(*INTO, "set type mail", *SET, "next", "end", "next", "end")
    assert console.run("show system alert-event") == SHOWN
    assert console.run('show system alert-event "disk full"') == SHOWN
    assert console.run("show system alert-event other").startswith("entry not found in datasource\n")


def test_typing_what_show_prints_makes_the_same_entries(console):
    console.run(*INTO, *SET, "next", "edit 7", "set type syslog", "next", "end", "next", "edit empty", "end")
    shown = console.run("show system alert-event")
    console.run("config system alert-event", "purge", "end")
    assert console.run("show system alert-event") == "config system alert-event\nend\n"
    console.run(*(line.strip() for line in shown.splitlines()))
    assert console.run("show system alert-event") == shown


@pytest.mark.parametrize(
    ("leave", "stored"),
    [
        (("next", "end", "next"), True),
        (("next", "end", "end"), True),
        (("end", "end"), True),
        (("end", "abort"), False),
        (("next", "end", "abort"), False),
        (("abort", "abort"), False),
    ],
)
def test_a_destination_is_stored_only_with_the_event_around_it(console, new_console, device, leave, stored):
    console.run(*INTO, *SET)
    other = new_console(device, number=2)
    assert "edit 1" not in other.run("show system alert-event")
    console.run(*leave)
    assert (other.run("show system alert-event") == SHOWN) == stored


def test_abort_of_a_destination_keeps_what_was_done_before_in_the_event(console):
    console.run(*INTO, *SET, "next", "edit 2", "set to x", "abort")
    assert console.engine.prompt == "(disk full)# "
    console.run("end")
    assert console.run("show system alert-event") == SHOWN


def test_a_dropped_session_drops_the_event(console, new_console, device):
    console.run(*INTO, *SET, "next", "end")
    console.take(console.engine.end_of_input())
    assert new_console(device).run("show system alert-event") == "config system alert-event\nend\n"


def test_a_destination_is_deleted_alone(console):
    console.run(*INTO, *SET, "next", "edit 2", "next", "end", "next", "end")
    console.run(*INTO[:3], "delete 2", "end", "end")
    assert console.run("show system alert-event") == SHOWN


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ((*INTO[:3], "edit 0"), "node_check_object fail! for id 0"),
        ((*INTO[:3], "edit x"), "node_check_object fail! for id x"),
        ((*INTO[:3], "delete 3"), "entry not found in datasource"),
        ((*INTO[:2], "config"), "incomplete command in the end"),
        ((*INTO[:2], "config other"), "command parse error before 'other'"),
        ((*INTO[:2], "config alert-destination x"), "command parse error before 'x'"),
        ((*INTO, "config alert-destination"), "Unknown action 0"),
        ((*INTO, "set type pigeon"), "node_check_object fail! for type pigeon"),
        (("config system alertemail", "next"), "Unknown action 0"),
        (("show system alertemail x",), "command parse error before 'x'"),
    ],
)
def test_refused_lines(console, commands, reason):
    assert reason in console.run(*commands)


def test_help_lists_the_inner_table(console):
    console.run(*INTO[:2])
    assert re.search(r"^ config +", console.keys("?"), re.MULTILINE)
    assert " alert-destination" in console.keys("config ?")


def test_the_old_alertemail_is_one_object(console, new_console, device):
    assert console.run("show system alertemail") == "config system alertemail\nend\n"
    console.run("config system alertemail")
    assert console.engine.prompt == "(alertemail)# "
    console.run("set smtpserver old.example.com", "set smtppassword geheim", "set smtpport 25")
    assert "old" not in new_console(device).run("show system alertemail")
    console.run("end")
    shown = console.run("show system alertemail")
    assert re.sub(r"ENC \S+", "ENC x", shown) == (
        "config system alertemail\n"
        "    set smtppassword ENC x\n"
        '    set smtpserver "old.example.com"\n'
        "end\n"
    )  # fmt: skip
    assert [line.split(":")[0].strip() for line in console.run("get system alertemail").splitlines()] == [
        "authentication", "fromaddress", "fromname", "smtppassword", "smtpport", "smtpserver", "smtpuser",
    ]  # fmt: skip
    console.run("config system alertemail", "unset smtpserver", "abort")
    assert "old.example.com" in console.run("show system alertemail")


def test_the_trace_leaves_its_password_out():
    assert without_secret("set smtppassword geheim") == "set smtppassword ***"


def test_a_fleet_file_gives_events_and_the_old_object():
    spec = read_fleet(
        {
            "devices": [
                {
                    "name": "faz",
                    "address": "127.0.0.2",
                    "alert_event": {"disk full": {1: {"to": "noc@example.com", "smtp-name": "relay"}}, "quiet": {}},
                    "alertemail": {"smtpserver": "old.example.com"},
                }
            ]
        }
    ).devices[0]
    device = make_device(spec)
    assert list(device.alert_event.entries) == ["disk full", "quiet"]
    assert "\n".join(device.alert_event.show({"disk full": {}})) + "\n" == SHOWN
    assert device.alertemail.entries == {"": {"smtpserver": "old.example.com"}}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"alert_event": {"e": {"0": {}}}}, "faz: alert_event: e: 0: .*for id 0"),
        ({"alert_event": {"e": {"1": {"smtp": "x"}}}}, "faz: alert_event: e: 1: .*'smtp'"),
        ({"alert_event": {"": {}}}, "faz: alert_event: .*for name"),
        ({"alertemail": {"smtpport": "0"}}, "faz: alertemail: .*smtpport"),
    ],
)
def test_a_fleet_file_that_a_device_would_refuse(spec, message):
    with pytest.raises(FleetError, match=message):
        make_device(DeviceSpec("faz", "FAZ", "127.0.0.2", **spec))
