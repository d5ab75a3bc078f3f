# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saved configuration gives the findings that the device itself gives, and none for what is not in it."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.device import Device
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.facts import gather
from ansible_collections.fortiops.mail.plugins.plugin_utils.firmware import Firmware
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.backup import facts_of
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.check import check
from ansible_collections.fortiops.mail.plugins.plugin_utils.policy.rules import rules
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.device.state import Device as SimulatedDevice

from ..in_process import log_in, session_on, simulated

COMMANDS = (
    "show system global", "show system dns", "show system mail", "show system alert-event", "show system alertemail",
    "show system workflow approval-matrix",
)  # fmt: skip
SOUND = {
    "server": "mail.example.com", "port": "587", "secure-option": "starttls", "auth": "enable", "user": "alerts",
    "passwd": "x",
}  # fmt: skip


def device(model: str = "faz-7.6.2", **other: Any) -> SimulatedDevice:
    """A simulated device: a mail table of `relay`, who is mailed, and options of objects that differ from the default."""
    state = simulated(model)
    for key, entry in other.get("mail", {"relay": SOUND}).items():
        state.mail.fill(key, entry)
    __, inner = state.alert_event.working_copy("disk full")
    mails = {"to": "noc@example.com", "smtp-name": other.get("smtp_name", "relay")}
    inner["alert-destination"].fill("1", other.get("destination", mails))
    state.alert_event.fill("disk full", {}, inner)
    state.settings.fill("", other.get("settings", {}))
    state.dns.fill("", other.get("dns", {"primary": "192.0.2.53", "secondary": "192.0.2.54"}))
    state.alertemail.fill("", other.get("alertemail", {}))
    for adom, entry in other.get("approval_matrix", {}).items():
        state.approval_matrix.fill(adom, entry)
    return state


def outputs(state: SimulatedDevice) -> dict[str, str]:
    session = log_in(state).session
    return {command: session.run(command).text for command in COMMANDS}


def backup(state: SimulatedDevice) -> str:
    """A whole configuration as `show` prints it."""
    version = state.model.firmware.version_text
    product = "FAZVM64" if state.model.firmware.family == "FortiAnalyzer" else "FMGVM64"
    filler = 'config system interface\n    edit "port1"\n        set ip 192.0.2.1 255.255.255.0\n    next\nend'
    return (
        "\n".join([f"#config-version={product}-{version}-FW-build1234-240101", *outputs(state).values(), filler]) + "\n"
    )


def log(state: SimulatedDevice) -> str:
    """A log of a session, with prompts and the lines of a terminal program."""
    shown = "\r\n".join(f"FAZ-HQ # {command}\r\n{text}" for command, text in outputs(state).items())
    full = {"FortiAnalyzer": "FortiAnalyzer-VM64", "FortiManager": "FortiManager-VM64"}[state.model.firmware.family]
    status = f"Platform Full Name : {full}\r\nVersion : v{state.model.firmware.version_text}-build1 240101 (GA.F)"
    return f"=~=~=~= PuTTY log 2026.11.24 10:00:00 =~=~=~=\r\nFAZ-HQ # get system status\r\n{status}\r\n{shown}\r\nFAZ-HQ # exit\r\n"


CASES: dict[str, dict[str, Any]] = {
    "sound": {},
    "no entry": {"mail": {}},
    "tls of the global setting": {"settings": {"global-ssl-protocol": "tlsv1.0"}},
    "tls of the entry": {"mail": {"relay": {**SOUND, "ssl-protocol": "tlsv1.1"}}},
    "clear text": {"mail": {"relay": {**SOUND, "secure-option": "none"}}},
    "defaults": {"mail": {"relay": {"server": "mail.example.com"}}},
    "address": {"mail": {"relay": {**SOUND, "server": "192.0.2.25"}}, "dns": {"primary": "0.0.0.0"}},
    "port 465": {"mail": {"relay": {**SOUND, "port": "465"}}},
    "port 465 with smtps": {"mail": {"relay": {**SOUND, "port": "465", "secure-option": "smtps"}}},
    "smtps": {"mail": {"relay": {**SOUND, "secure-option": "smtps"}}},
    "dangling": {"smtp_name": "gone"},
    "no dns": {"dns": {"primary": "0.0.0.0"}},
    "one dns": {"dns": {"primary": "192.0.2.53"}},
    "old object": {"alertemail": {"smtpserver": "old.example.com"}},
    "no user": {"mail": {"relay": {**SOUND, "user": ""}}},
    "mails nobody": {"destination": {"type": "syslog"}},
    "approvals": {"approval_matrix": {"root": {"mail-server": "relay", "notify": "noc"}}},
    "dangling approvals": {"approval_matrix": {"root": {"mail-server": "gone", "notify": "noc"}}},
}
RELAYS = ["mail.example.com"]
NEVER = ("FMAIL-014", "FMAIL-015", "FMAIL-016", "FMAIL-023", "FMAIL-024")


def compared(facts: Any) -> list[tuple[str, str, str, str]]:
    return [
        (each["rule"], each["entry"], each["status"], each["detail"])
        for each in check(facts)
        if each["rule"] not in NEVER
    ]


@pytest.mark.parametrize("form", [backup, log], ids=["backup", "log"])
@pytest.mark.parametrize("model", ["faz-7.4.2", "fmg-7.6.7"])
@pytest.mark.parametrize("case", CASES)
def test_a_saved_configuration_gives_what_the_device_gives(case: str, model: str, form: Any) -> None:
    changes = {
        name: value
        for name, value in CASES[case].items()
        if model == "fmg-7.6.7" or not ("tls" in case and model == "faz-7.4.2")
    }
    state = device(model, **changes)
    assert compared(facts_of(form(state))) == compared(gather(log_in(state)))


STATUSES = {"pass", "fail", "not_applicable", "not_assessed"}
RULES = {each["id"] for each in rules([], RELAYS)}
# What has at least one row on each device, so that a rule about it without a condition always applies.
ALWAYS = {"FMAIL-001", "FMAIL-013", "FMAIL-018", "FMAIL-025"}
LIVE_ALWAYS = ALWAYS | {"FMAIL-014", "FMAIL-015", "FMAIL-016", "FMAIL-023"}


def statuses(found: Iterable[Any]) -> dict[str, set[str]]:
    by_rule: dict[str, set[str]] = {}
    for facts in found:
        for each in check(facts, rules([], RELAYS)):
            by_rule.setdefault(each["rule"], set()).add(each["status"])
    return by_rule


def states() -> Iterator[SimulatedDevice]:
    for changes in CASES.values():
        yield device("fmg-7.6.7", **changes)
    yield device("faz-7.4.2")
    old = device("faz-7.0.11")
    version = "v6.4.15-build1234 231120 (GA)"
    old.model = replace(old.model, version=version, firmware=Firmware("FortiAnalyzer", (6, 4, 15)))
    yield old


def live() -> Iterator[Any]:
    """The facts of devices in every state, in every state of the daemon, and of which nothing may be read."""
    proofs = ({"outcome": "accepted", "age_days": 1}, {"outcome": "failed", "age_days": 1})
    for state in states():
        for proof in proofs:
            yield {**gather(log_in(state)), "proof": proof}
    ill = device(mail={})
    ill.daemon.paused, ill.daemon.discarded, ill.debug.fazmaild = True, 5, 8
    for number in range(ill.daemon.limit):
        ill.daemon.enqueue(ill.daemon.request("relay", {}, "", "", number))
    for counters in (None, {"failed": 0, "discarded": 0}, {"failed": 0, "discarded": 5}):
        yield {**gather(log_in(ill)), "counters": counters}
    yield gather(Device(session_on(device(), denied=["show", "get", "diagnose"])))


def test_each_rule_has_each_status_on_a_device() -> None:
    found = statuses(live())
    assert {rule: found[rule] for rule in RULES} == {
        rule: STATUSES - ({"not_applicable"} if rule in LIVE_ALWAYS else set()) for rule in RULES
    }


def test_each_rule_has_each_status_in_a_backup() -> None:
    found = statuses(facts_of(text) for state in states() for text in (backup(state), log(state), backup(state)[:20]))
    assert {rule: found[rule] for rule in RULES} == {
        rule: {"not_applicable"} if rule in NEVER else STATUSES - ({"not_applicable"} if rule in ALWAYS else set())
        for rule in RULES
    }


def test_what_a_backup_never_holds_is_not_applicable() -> None:
    found = {each["rule"]: each for each in check(facts_of(backup(device())))}
    assert {found[rule]["status"] for rule in NEVER} == {"not_applicable"}
    assert found["FMAIL-014"]["detail"] == "a saved configuration does not hold it"
    assert [each for each in found.values() if each["status"] == "not_assessed"] == []


@pytest.mark.parametrize("model", models())
def test_names_and_firmware(model: str) -> None:
    state = device(model)
    for text in (backup(state), log(state)):
        facts = facts_of(text)
        assert facts["firmware"]["version"] == state.model.firmware.version_text
        assert facts["firmware"]["family"] == state.model.firmware.family
    assert facts_of(log(state))["hostname"] == "FAZ-HQ"


# -- what must not be taken for the configuration ------------------------------------------------------------------


def mail_of(text: str) -> Any:
    facts = facts_of(text)
    return facts["unread"].get("mail") if facts["mail"] is None else [row["id"] for row in facts["mail"]]


def test_a_backup_that_is_cut_off_anywhere_never_passes() -> None:
    """Cut at each line: a finding is as with the whole text, or not assessed, or a failure; no rule passes that did not."""
    text = backup(device(mail={"relay": {**SOUND, "secure-option": "none"}}))
    whole = {(each["rule"], each["entry"]): each["status"] for each in check(facts_of(text))}
    lines = text.splitlines(keepends=True)
    for count in range(2, len(lines)):
        for each in check(facts_of("".join(lines[:count]))):
            if each["status"] == "pass":
                assert whole.get((each["rule"], each["entry"])) == "pass", (count, each)


def test_a_table_that_is_not_there_is_empty_in_a_whole_configuration_only() -> None:
    text = backup(device())
    begin, end = text.index("config system alertemail"), text.index("config system workflow")
    assert facts_of(text[:begin] + text[end:])["alertemail"] == {}
    part = text[text.index("config system mail") : begin]
    assert facts_of(part)["alertemail"] is None
    assert facts_of(part)["unread"]["alertemail"] == "config system alertemail is not in the text"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ["relay"]),
        (
            "FAZ # config system mail\n(mail)# delete relay\n(mail)# end\n",
            "config system mail was changed after it was shown",
        ),
        ("FAZ # config system dns\n(dns)# set primary 192.0.2.1\n(dns)# end\n", ["relay"]),
    ],
)
def test_a_change_that_was_typed_makes_what_was_shown_before_out_of_date(typed: str, expected: Any) -> None:
    shown = 'FAZ # show system mail\nconfig system mail\n    edit "relay"\n        set server "s"\n    next\nend\n'
    assert mail_of(shown + typed) == expected
    assert mail_of(shown + typed + shown) == ["relay"]


def test_a_change_behind_a_table_that_was_shown_from_inside_counts() -> None:
    text = 'FAZ # config system mail\n(mail)# show\nconfig system mail\n    edit "a"\n    next\nend\n(mail)# {}\n'
    assert mail_of(text.format("end")) == ["a"]
    assert mail_of(text.format("delete a")) == "config system mail was changed after it was shown"


def test_a_banner_that_looks_like_configuration_is_none() -> None:
    text = backup(device())
    banner = 'config system admin setting\n    set banner-message "Hello\nconfig system mail\n    edit \\"x\\"\n    next\nend\n"\nend\n'
    assert mail_of(text + banner) == ["relay"]


def test_a_text_of_several_devices_is_not_mixed() -> None:
    text = log(device())
    assert mail_of(text + text.replace("FAZ-HQ", "FAZ-DR")).startswith(
        "the text is of several devices (FAZ-DR, FAZ-HQ)"
    )


def test_a_big_backup_is_read_fast_and_in_little_memory() -> None:
    policy = "".join(
        f'    edit {number}\n        set name "policy {number}"\n        set action accept\n    next\n'
        for number in range(25_000)
    )
    text = backup(device()) + f"config firewall policy\n{policy}end\n"
    assert len(text) > 2_000_000
    started = time.process_time()
    facts = facts_of(text)
    assert time.process_time() - started < 1
    assert [row["id"] for row in facts["mail"]] == ["relay"]
    tracemalloc.start()
    facts_of(text)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


# -- the release ---------------------------------------------------------------------------------------------------


def test_the_header_of_a_backup_tells_the_branch_only() -> None:
    """As it is verbatim of FMG 7.4.6; `get system status` in a comment, as Oxidized keeps it, tells the release."""
    text = backup(device("fmg-7.4.6", settings={"global-ssl-protocol": "tlsv1.0"}))
    branch = re.sub(r"FMGVM64-7.4.6-FW", "FMG-VM64-7.4-FW", text)

    def status(facts: Any) -> tuple[str, str]:
        found = {each["rule"]: each["status"] for each in check(facts)}
        return found["FMAIL-002"], found["FMAIL-007"]

    assert status(facts_of(text)) == ("pass", "fail")
    assert status(facts_of(branch)) == ("pass", "not_assessed")
    assert "only the branch 7.4" in facts_of(branch)["unread"]["firmware"]
    assert status(facts_of(branch, "7.4.6")) == ("pass", "fail")
    assert status(facts_of(branch, "7.6.7")) == ("pass", "not_assessed")
    assert status(facts_of(branch.replace("-7.4-FW", "-7.2-FW"))) == ("pass", "not_applicable")
    commented = "#Platform Full Name : FortiManager-VM64\n#Version : v7.4.6-build2588 241218 (GA.M)\n"
    assert status(facts_of(commented + branch)) == ("pass", "fail")


@pytest.mark.parametrize(
    "text",
    [
        "Platform Full Name : FortiManager-VM64\nVersion : v{0}.{0}.{0}-build1\n",
        "#config-version=FMG-VM64-{0}.{0}-FW-build1-1:\n",
    ],
)
def test_a_release_of_thousands_of_digits_is_none(text: str) -> None:
    facts = facts_of(text.format("7" * 5000) + "config system mail\nend\n")
    assert facts["firmware"] is None
    assert check(facts)
