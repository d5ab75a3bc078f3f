# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nslookup, ping, traceroute, telnet and the like print on another computer tells of a path, and never of a mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.openings import opening_of

SAMPLES = Path(__file__).parents[2] / "samples"
OUTPUTS = {raw.stem: raw.read_text(encoding="utf-8") for raw in sorted(SAMPLES.glob("tool_*/*.raw"))}
SEVERAL = ("nslookup_win", "ping_linux", "tracert", "telnet_refused")
PROMPTS = ("", "$ ", "[root@jump ~]# ", "user@host:~$ ", "admin@mac ~ % ", "C:\\>", "PS C:\\Users\\x> ")
DIALOGUE = """\
220 mail.example.com ESMTP
EHLO jump
250 mail.example.com
MAIL FROM:<a@example.com>
250 2.1.0 Ok
RCPT TO:<b@example.net>
554 5.7.1 <b@example.net>: Relay access denied
QUIT
221 2.0.0 Bye
"""
UNREACHABLE = OUTPUTS["ping_unreach"]
FAILED = "connect to mail.example.com port 25 failed: Connection timed out\n"

output = pytest.mark.parametrize("name", OUTPUTS)


def pasted(name: str, prompt: str = "$ ") -> str:
    """The output as it is copied from a terminal: behind the prompt, if it begins with what was typed."""
    text = OUTPUTS[name]
    opening = opening_of(f"$ {text.splitlines()[0]}")
    return f"{prompt}{text}" if opening is not None and opening.prompted else text


def findings(found: dict[str, Any]) -> list[str]:
    return [each["finding"] for path in found["paths"] for each in path["findings"]]


@output
def test_the_output_of_a_tool_is_understood_and_no_send(name: str) -> None:
    found = analyse(pasted(name))
    assert found["sends"] == []
    assert found["unmatched"] == []
    assert found["records"]


@output
@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_prompt_changes_nothing(name: str, prompt: str) -> None:
    if OUTPUTS[name].split()[0] in ("host", "nc") and not prompt:
        prompt = "# "  # many other lines begin with these words
    found = analyse(f"{pasted(name, prompt)}{prompt}\n")
    assert (found["sends"], found["unmatched"]) == ([], [])
    assert findings(found) == findings(analyse(pasted(name)))


@output
def test_no_part_of_the_output_is_a_send(name: str) -> None:
    lines = pasted(name).splitlines()
    for end in range(1, len(lines) + 1):
        assert analyse("\n".join(lines[:end]) + "\n")["sends"] == []


@output
def test_a_dialogue_below_is_read_as_without_it(name: str) -> None:
    alone = analyse(DIALOGUE)["verdicts"]
    below = analyse(f"{pasted(name)}{DIALOGUE}")["verdicts"]
    assert [(each["outcome"], each["cause"]) for each in below] == [(each["outcome"], each["cause"]) for each in alone]


@output
def test_the_test_of_a_device_keeps_its_verdict(name: str) -> None:
    test = f"FAZ # diagnose test connection mailserver 1 a@example.com b@example.com\n{FAILED}FAZ # \n"
    found = analyse(f"{test}C:\\>ping 192.0.2.99\n" + pasted(name, "C:\\>"))
    assert [(each["outcome"], each["cause"]) for each in found["verdicts"]] == [("failed", "connect_timeout")]
    assert findings(found) == findings(analyse(pasted(name)))


def test_the_output_of_several_tools_is_about_the_same_server() -> None:
    text = "".join(pasted(name) for name in SEVERAL)
    (path,) = analyse(text)["paths"]
    assert (path["host"], path["port"], path["address"]) == ("mail.example.com", 25, "2001:db8::25")
    assert findings(analyse(text)) == ["elsewhere_resolved", "elsewhere_refused"]


def test_a_failure_names_the_line_that_shows_it() -> None:
    (path,) = analyse(OUTPUTS["telnet_refused"])["paths"]
    (found,) = path["findings"]
    assert [each["text"] for each in found["evidence"]] == [
        "telnet: Unable to connect to remote host: Connection refused"
    ]


@pytest.mark.parametrize(
    ("name", "warning"), [("nc", "works_elsewhere"), ("telnet_timeout", "same_elsewhere"), ("nslookup_win", "")]
)
def test_a_verdict_says_how_it_is_on_another_computer(name: str, warning: str) -> None:
    test = f"FAZ # diagnose test connection mailserver 1 a@example.com b@example.com\n{FAILED}FAZ # \n"
    (verdict,) = analyse(f"{test}{pasted(name)}")["verdicts"]
    assert [each for each in verdict["warnings"] if "elsewhere" in each] == ([warning] if warning else [])


def test_who_only_looks_whether_a_server_answers_has_reached_it_and_sent_nothing() -> None:
    text = (
        "telnet mail.example.com 25\nTrying 192.0.2.25...\nConnected to mail.example.com.\nEscape character is '^]'.\n"
    )
    found = analyse(f"$ {text}220 mail.example.com ESMTP\nquit\n221 Bye\nConnection closed by foreign host.\n")
    assert found["sends"] == []
    assert findings(found) == ["elsewhere_resolved", "elsewhere_reached"]


@pytest.mark.parametrize(
    "line", ["ping works", "telnet to port 25 fails with Connection refused", "Server: x said: 550 5.1.1 no"]
)
def test_prose_about_a_tool_is_not_its_output(line: str) -> None:
    assert analyse(f"{line}\n")["paths"] == []


def test_ping_of_the_device_is_seen_from_the_device() -> None:
    found = analyse(f"FAZ # execute ping 192.0.2.25\n{UNREACHABLE}FAZ # \n")
    assert [path["seen_from"] for path in found["paths"]] == ["device"]
    assert findings(found) == ["no_route"]


@pytest.mark.parametrize("between", ["", "bye now\n"], ids=["at once", "behind a line of its own"])
def test_ping_of_the_device_below_a_ping_of_another_computer_is_seen_from_the_device(between: str) -> None:
    reached = (SAMPLES / "ping" / "linux.raw").read_text(encoding="utf-8")
    there = f"$ ping 192.0.2.25\n{UNREACHABLE}{between}"
    found = analyse(f"FAZ # get system status\n{there}FAZ # execute ping mail.example.com\n{reached}FAZ # \n")
    assert [(path["host"], path["seen_from"]) for path in found["paths"]] == [
        ("192.0.2.25", "elsewhere"),
        ("mail.example.com", "device"),
    ]


def test_the_key_of_a_tls_session_is_masked() -> None:
    key = "0F2E4D6C8B"
    text = f"CONNECTED(00000003)\n---\nSSL-Session:\n    Master-Key: {key}\n    Resumption PSK: {key}\n"
    assert key not in str(analyse(text))


@pytest.mark.parametrize("typed", ["C:\\>telnet mail.example.com 25", "Microsoft Telnet> o mail.example.com 25"])
@pytest.mark.parametrize("ended", ["QUIT\n221 2.0.0 Bye\n", ""])
def test_what_telnet_of_windows_says_around_a_dialogue_is_understood(typed: str, ended: str) -> None:
    dialogue = DIALOGUE if ended else DIALOGUE.partition("554 ")[0]
    around = "Welcome to Microsoft Telnet Client\n\nEscape Character is 'CTRL+]'\n\n{}\nConnecting To mail.example.com...\n{}\n"
    found = analyse(around.format(typed, dialogue) + "Connection to host lost.\n\nPress any key to continue...\n")

    assert found["unmatched"] == []
    assert [each["cause"] for each in found["verdicts"]] == ["relay_denied" if ended else "connection_lost"]


def test_a_connection_of_telnet_of_windows_that_says_nothing_more_proves_nothing() -> None:
    found = analyse("C:\\>telnet mail.example.com 25\nConnecting To mail.example.com...\n\nC:\\>\n")

    assert (found["paths"], found["verdicts"], found["unmatched"]) == ([], [], [])
