# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `fazmail evidence` makes of a device: of one that prints as assumed, and of one that words everything otherwise."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import read_debug
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import gather
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.tables import DeviceError
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs import evidence, mail_test
from ansible_collections.fortiops.mail.plugins.plugin_utils.jobs.job import run
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import ClosedError, CommandFailed
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.records import parse_output
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen
from ansible_collections.fortiops.mail.simulator.device import texts as simulated_texts
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice
from ansible_collections.fortiops.mail.simulator.device.texts import texts
from ansible_collections.fortiops.mail.simulator.evidence.assumptions import TEST, assumptions
from ansible_collections.fortiops.mail.simulator.evidence.compare import CONFIRMED, DIFFERENT, NOT_SEEN, compared
from ansible_collections.fortiops.mail.simulator.evidence.folder import write_folder

from ..in_process import ADDRESS, context_of, session_on, simulated

PID = 4711
NOWHERE = "fazmail-evidence.invalid"
HOST = "mail.example.com"
PING = f"execute ping {HOST}"
LOOKUP = "execute nslookup mail.example.com"
# Lines that no device can take; the second has another word than evidence types.
REFUSED = ("get system fazmail-evidence", "get system nonsense", "fazmail-evidence")
TRACE = "execute traceroute mail.example.com"
# A device that does the same and says it in words that nobody has thought of.
OTHERWISE = {
    "diagnose test application fazmaild 1": f"Mail process number is {PID}\nIt is currently active.",
    "diagnose debug application fazmaild": "Verbosity of fazmaild: 7 (of 255)",
    "get system fazmail-evidence": "no such thing: fazmail-evidence {1}",
    "show system alert": "which one? alert",
    "get system nonsense": "no such thing: nonsense {1}",
    "fazmail-evidence": "Do not know fazmail-evidence",
    LOOKUP: f"Asked 192.0.2.53 for mail.example.com\nIts address is {ADDRESS}",
    PING: f"Pinging mail.example.com [{ADDRESS}] with 56 bytes:\nReply 1 of {ADDRESS} after 0.4 ms\n"
    f"Reply 2 of {ADDRESS} after 0.5 ms\nSent 2, answered 2, lost 0%",
    TRACE: f"Tracing mail.example.com [{ADDRESS}] up to 32 hops:\nHop 1 is 192.0.2.1 after 0.412 ms\nHop 2 is {ADDRESS} after 1.2 ms",
}


USUAL = {
    PING: f"""\
PING mail.example.com ({ADDRESS}) 56(84) bytes of data.
64 bytes from {ADDRESS}: icmp_seq=1 ttl=64 time=0.401 ms
64 bytes from {ADDRESS}: icmp_seq=2 ttl=64 time=0.502 ms

--- mail.example.com ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 5ms
rtt min/avg/max/mdev = 0.401/0.451/0.502/0.050 ms""",
    TRACE: f"""\
traceroute to mail.example.com ({ADDRESS}), 32 hops max, 3 probe packets per hop, 84 byte packets
 1  192.0.2.1  0.423 ms  0.301 ms  0.274 ms
 2  {ADDRESS}  0.423 ms  0.301 ms  0.274 ms""",
    **{f"execute {name} {NOWHERE}": f"{name}: unknown host {NOWHERE}" for name in ("ping", "traceroute")},
}


def device(model: str = "faz-7.4.2") -> SimulatedDevice:
    state = simulated(model)
    state.mail.fill("relay", {"server": "mail.example.com"})
    state.daemon.pid = PID
    state.debug.fazmaild = 7
    return state


def asked(state: SimulatedDevice, directory: Path, answers: Mapping[str, str] | None = None, **options: Any) -> Any:
    """The result of the job on a device that answers some lines in other words."""
    wanted = dict.fromkeys(each.command for each in assumptions() if each.command and each.command != TEST)
    lines = [line for line in wanted if not line.startswith("set ")]
    given = {"commands": lines, "scratch": [], "test": None, "host": "", **options}
    return run(
        evidence.work,
        given,
        context_of(lambda: session_on(state, screen=Screen(answers=dict(answers or {}))), directory),
    )


TEST_MAIL = {
    "id": "relay", "mail_from": "faz@example.com", "mail_to": "noc@example.com", "debug": True, "debug_level": 255, "wait": 5,
    "quiet": 1,
}  # fmt: skip


def test_a_device_that_prints_as_assumed_confirms_it(tmp_path: Path) -> None:
    result = asked(device(), tmp_path, USUAL)
    status = {(each.assumption.kind, each.assumption.name): each.status for each in compared(result["answers"])}
    for name in (
        "unknown_action",
        "parse_error",
        "ambiguous",
        "incomplete",
        "daemon_status",
        "debug_level",
        "ping_start",
    ):
        assert status["text", name] == CONFIRMED, name
    for name in ("fazmaild_status", "debug_level", "show_system_mail", "get_system_mail", "ping"):
        assert status["template", name] == CONFIRMED, name
    assert status["text", "restarted"] == NOT_SEEN
    assert [name for name, each in status.items() if each == DIFFERENT] == []
    assert not write_folder(tmp_path / "found", result, {})
    assert not (tmp_path / "found" / "corrections").exists()


def test_a_command_is_typed_where_the_firmware_has_it(tmp_path: Path) -> None:
    def status(model: str) -> str:
        found = compared(asked(device(model), tmp_path, USUAL)["answers"])
        return next(each.status for each in found if each.assumption.name == "nslookup")

    assert (status("faz-7.6.2"), status("faz-8.0.0")) == (NOT_SEEN, CONFIRMED)


def test_the_scratch_entry_is_refused_and_removed(tmp_path: Path) -> None:
    state = device()
    before = dict(state.mail.entries)
    line = "set port fazmail-evidence"
    result = asked(state, tmp_path, commands=[], scratch=[line])
    status = {each.assumption.name: each.status for each in compared(result["answers"])}
    assert status["value_invalid"] == CONFIRMED
    assert dict(state.mail.entries) == before


def test_a_refusal_is_not_hidden_by_what_happens_to_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*__: Any) -> None:
        raise ClosedError("the connection broke")

    monkeypatch.setattr(evidence, "leave", broken_off)
    refused = {'edit "fazmail-evidence"': "No permission to edit.\nCommand fail. Return code -160"}
    with pytest.raises(CommandFailed) as error:
        asked(device(), tmp_path, refused, commands=[], scratch=["set port 1"])
    assert "No permission to edit" in str(error.value)
    assert "the session broke off: the connection broke; delete the entry fazmail-evidence if it is there" in str(
        error.value
    )


def test_a_device_of_other_words_is_read_after_it_as_well_as_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(screen: Mapping[str, str]) -> Any:
        found = Device(session_on(device("faz-8.0.0"), screen=Screen(answers=dict(screen))))
        printed = {line: found.session.run(line, check=False).text for line in (PING, TRACE)}
        (ping,) = parse_output(PING, printed[PING])
        hops = [(row.get("hop"), row["address"]) for row in parse_output(TRACE, printed[TRACE]) if "address" in row]
        addresses = [row["address"] for row in parse_output(LOOKUP, found.session.run(LOOKUP).raw) if "address" in row]
        refusals = [found.session.run(line, check=False).error is not None for line in REFUSED]
        return (
            found.fazmaild_status(),
            read_debug(found.session).state.level,
            ping["loss_percent"],
            hops,
            addresses,
            refusals,
        )

    expected = read(USUAL)
    with pytest.raises(DeviceError, match="which is not what this command is known to print"):
        read(OTHERWISE)

    result = asked(device("faz-8.0.0"), tmp_path, OTHERWISE, test=TEST_MAIL)
    assert write_folder(tmp_path / "found", result, {})
    corrections = tmp_path / "found" / "corrections"
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(corrections / "templates"))
    assert read(OTHERWISE) == expected

    monkeypatch.setenv("FAZMAIL_SIMULATOR_TEXTS", str(corrections / "simulator.yml"))
    texts.cache_clear()
    try:
        session = session_on(device())
        for line in ("diagnose test application fazmaild 1", "get system fazmail-evidence", "show system alert"):
            assert session.run(line, check=False).text == OTHERWISE[line]
    finally:
        monkeypatch.undo()
        texts.cache_clear()
    page = (tmp_path / "found" / "evidence.md").read_text(encoding="utf-8")
    assert (
        "| text daemon_status | `fazmaild pid: {pid}`<br>`fazmaild status: {state}` | `Mail process number is 4711`"
        in page
    )


def reworded(text: str) -> str:
    """A text in other words: its letters changed, its values in their places."""
    parts = (
        re.sub(r"[a-z]", lambda letter: chr(219 - ord(letter[0])), literal.replace("{", "{{").replace("}", "}}"))
        + ("" if name is None else f"{{{name}{':' * bool(form)}{form}}}")
        for literal, name, form, __ in string.Formatter().parse(text)
    )
    return "".join(parts)


def test_a_device_that_words_every_assumed_text_otherwise_is_read_after_it_as_well_as_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {
        name: replace(text, text=reworded(text.text)) if text.evidence == "assumed" else text
        for name, text in texts().items()
    }
    lines = {line: reworded(each).replace(reworded(HOST), HOST) for line, each in USUAL.items()}

    def facts(lines: Mapping[str, str]) -> Any:
        state = device()
        found = Device(session_on(state, screen=Screen(answers=dict(lines))))
        refused = [found.session.run(line, check=False).error is not None for line in REFUSED]
        read = gather(found)
        test = run(mail_test.work, TEST_MAIL, context_of(lambda: session_on(state), tmp_path))
        (ping,) = parse_output(PING, found.session.run(PING, check=False).text)
        return read["fazmaild"], read["debug"], read["unread"], refused, test["verdict"]["outcome"], ping

    usual = facts(USUAL)
    monkeypatch.setattr(simulated_texts, "texts", lambda: others)
    assert facts(lines)[2] != {}
    assert write_folder(tmp_path / "found", asked(device(), tmp_path, lines, test=TEST_MAIL), {})
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path / "found" / "corrections" / "templates"))
    assert facts(lines) == usual


def test_nothing_is_learnt_that_is_not_known(tmp_path: Path) -> None:
    """Without an accepted test mail nobody knows what the word for the daemon's state means."""
    result = asked(device(), tmp_path, OTHERWISE)
    write_folder(tmp_path / "found", result, {})
    template = (tmp_path / "found" / "corrections" / "templates" / "fazmaild_status.textfsm").read_text(
        encoding="utf-8"
    )
    assert "PID" in template
    assert "STATE" not in template
