# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the top level: status, debug switches, the mail daemon's test command, errors."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.simulator.cli.commands import commands
from ansible_collections.fortiops.mail.simulator.device.jobs import Ping, SendMail
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.texts import GRADES, texts


def status(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.replace(" " * 2, " ").splitlines() if ": " in line)


@pytest.mark.parametrize("name", list(models()))
def test_status_of_every_model(new_device, new_console, name):
    text = new_console(new_device(name)).run("get system status")
    fields = {line[:32].rstrip(): line[34:] for line in text.splitlines()}
    assert all(line[32:34] == ": " for line in text.splitlines())
    firmware = Firmware.from_status(fields["Platform Full Name"], fields["Version"], fields["Platform Type"])
    assert firmware == models()[name].firmware
    assert ("Max Number of Device Groups" in fields) == (firmware.family == "FortiManager")
    assert ("Image Signature" in fields) == (firmware.version >= (7, 4, 6))
    assert fields["Serial Number"] == "SERIAL"


def test_models_asked_for():
    assert [str(model.firmware) for model in models().values()] == [
        "FortiAnalyzer 7.0.11",
        "FortiAnalyzer 7.4.2",
        "FortiManager 7.4.6",
        "FortiAnalyzer 7.6.2",
        "FortiManager 7.6.7",
        "FortiAnalyzer 8.0.0",
        "FortiManager 8.0.1",
    ]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("nosuch", "Unknown action 0"),
        ("set server x", "Unknown action 0"),
        ("get system nosuch", "command parse error before 'nosuch'\nCommand fail. Return code -61"),
        ("get system status x", "command parse error before 'x'\nCommand fail. Return code -61"),
        ("get system status | grep Virtual", "command parse error before '|'\nCommand fail. Return code -61"),
        ("show system mail 1 | grep x", "command parse error before '|'\nCommand fail. Return code -61"),
        ("exe ping a b", "command parse error before 'b'\nCommand fail. Return code -61"),
        ("e", "ambiguous command before 'e'\nCommand fail. Return code -61"),
        ("get system", "\nincomplete command in the end\nCommand fail. Return code -160"),
        ("execute ping", "\nincomplete command in the end\nCommand fail. Return code -160"),
        ("diagnose test connection mailserver", "\nincomplete command in the end\nCommand fail. Return code -160"),
        (
            "diagnose debug application fazmaild 256",
            "command parse error before '256'\nCommand fail. Return code -61",
        ),
        (
            'diagnose test connection mailserver "9"',
            "entry not found in datasource\n\nvalue parse error before '9'\nCommand fail. Return code -3",
        ),
        ('get "', "token line: Unmatched double quote.\nCommand fail. Return code -61"),
    ],
)
def test_refusals(console, command, answer):
    assert console.run(command) == answer + "\n"


@pytest.mark.parametrize(
    "command", [each for each in commands() if each.usage is None], ids=lambda each: " ".join(each.words)
)
def test_the_parser_stops_at_the_first_word_that_help_does_not_list(console, command):
    line = " ".join([*command.words, *("1" for __ in command.arguments), "more"])

    assert console.run(line) == "command parse error before 'more'\nCommand fail. Return code -61\n"


def test_words_may_be_shortened(console):
    assert console.run("g sys stat") == console.run("get system status")
    assert console.run("diag test app fazmaild 7").startswith("Fazmaild Daemon Test Usage:")


def test_debug_info_follows_the_switches(console):
    console.run("diagnose debug application fazmaild 8", "diagnose debug enable")
    assert console.run("diagnose debug info") == (
        "General\n"
        "    cli debug level:                3\n"
        "    console debug output:           enable\n"
        "    debug timestamps:               disable\n"
        "    terminal session debug output:  disable\n"
        "    terminal session data masking:  disable\n"
        "\n"
        "Application\n"
        "    dlmd debug filter:              disable\n"
        "    fazmaild debug level:           8\n"
        "    fgfmsd debug filter:            disable\n"
    )
    console.run("diagnose debug timestamp enable", "diagnose debug disable")
    text = console.run("diagnose debug info")
    assert "debug timestamps:               enable" in text
    assert "console debug output:           disable" in text
    console.run("diagnose debug reset")
    text = console.run("diagnose debug info")
    assert "debug timestamps:               disable" in text
    assert "fazmaild debug level:           disable" in text


def test_the_debug_command_without_a_level_shows_it(console):
    assert console.run("diagnose debug application fazmaild") == "fazmaild debug level is 0\n"
    console.run("diagnose debug application fazmaild 8")
    assert console.run("diagnose debug application fazmaild") == "fazmaild debug level is 8\n"


@pytest.mark.parametrize("off", ["0", "-1"])
def test_debug_level_off(console, device, off):
    console.run("diagnose debug application fazmaild 255")
    assert device.debug.fazmaild == 255
    console.run(f"diagnose debug application fazmaild {off}")
    assert device.debug.fazmaild == 0


def test_levels_outlive_the_session_and_output_does_not(console, device, new_console):
    console.run("diagnose debug application fazmaild 255", "diagnose debug timestamp enable", "diagnose debug enable")
    console.take(console.engine.end_of_input())
    text = new_console(device, number=2).run("diagnose debug info")
    assert "fazmaild debug level:           255" in text
    assert "debug timestamps:               enable" in text
    assert "console debug output:           disable" in text


def test_debug_text_is_glued_to_the_prompt(console, device, new_console):
    other = new_console(device, number=2)
    console.run("diagnose debug enable")
    for each in (console, other):
        each.take(each.engine.debug(device.idle_lines()))
    assert console.screen.endswith(
        "\r\nFMG-HQ # sendmail_loop:1143: total pending tasks: 0.\r\n"
        "sendmail_loop:1126: no pending email request, last request time 0, last sendmail time 0\r\n"
    )
    assert other.screen == "FMG-HQ # "


def test_stamps(device, console):
    assert device.stamped("text") == "text"
    console.run("diagnose debug timestamp enable")
    assert device.stamped("text") == "2024-10-11 19:56:20 text"
    lines = console.run("diagnose test application fazmaild 0").splitlines()
    assert lines[:2] == ["Fazmaild Daemon Test Usage:", "2024-10-11 19:56:20    1: show PID and daemon status"]


def test_statistics(new_device, new_console):
    console = new_console(new_device("faz-7.6.2", "FortiAnalyzer", utc_offset=-8))
    assert console.run("diagnose test application fazmaild 2") == (
        "total sent mail count:     0\n"
        "total failed sendmail count: 0\n"
        "total discard mail count:  0\n"
        "last sendmail time:        Wed Dec 31 16:00:00 1969\n"
        "last request time:         Wed Dec 31 16:00:00 1969\n"
        "queue:                     0/5000\n"
        "queue timeout:             1800 seconds\n"
    )


def test_a_test_mail_is_a_job(console, device):
    console.run("config system mail", "edit 1", "set from me@example.com", "end")
    console.keys('diagnose test connection mailserver "1" a@example.com b@example.com\n')
    console.keys("exit\n")  # typed ahead
    [job] = console.jobs
    assert isinstance(job, SendMail)
    assert (job.mail.entry, job.mail.sender, job.mail.recipient) == ("1", "a@example.com", "b@example.com")
    assert not console.closed
    console.take(console.engine.finished(["result"]))
    assert console.screen.endswith("result\r\n\r\nFMG-HQ # exit\r\r\n")
    assert console.closed
    assert device.daemon.last_request == int(device.clock())


def test_addresses_left_out_come_from_the_entry(console):
    console.run("config system mail", "edit 1", "set from me@example.com", "end")
    console.keys("diagnose test connection mailserver 1\n")
    [job] = console.jobs
    assert (job.mail.sender, job.mail.recipient) == ("me@example.com", "me@example.com")


def test_paused_mail_waits_and_a_full_queue_discards(console, device):
    device.daemon.limit = 1
    console.run("config system mail", "edit 1", "set server a.example", "next", "end")
    console.run("diagnose test application fazmaild 90")
    assert "paused" in console.run("diagnose test application fazmaild 1")
    assert "queued" in console.run("diagnose test connection mailserver 1")
    assert "discarded" in console.run("diagnose test connection mailserver 1")
    assert console.jobs == []
    text = console.run("diagnose test application fazmaild 2")
    assert "queue:                     1/1\n" in text
    assert "total discard mail count:  1\n" in text
    assert device.idle_lines() == ["sendmail_loop:1143: total pending tasks: 1."]
    console.run("diagnose test application fazmaild 91")
    assert not device.daemon.paused


def test_restart(console, device):
    device.daemon.sent, before = 4, device.daemon.pid
    console.run("diagnose test application fazmaild 99")
    assert (device.daemon.sent, device.daemon.paused) == (0, False)
    assert device.daemon.pid != before


def test_ping_runs_until_it_is_stopped(console):
    console.keys("execute ping a.example\n")
    assert console.jobs == [Ping("a.example")]
    console.take(console.engine.progress(["line"]))
    console.keys("typed ahead\x03")
    assert console.stopped
    console.take(console.engine.finished())
    assert console.screen.endswith("line\r\n\r\nFMG-HQ # ")


def test_every_text_has_a_grade():
    assert {text.evidence for text in texts().values()} <= set(GRADES)
    verbatim = {name for name, text in texts().items() if text.evidence == "verbatim"}
    assert all(texts()[name].source for name in verbatim)
