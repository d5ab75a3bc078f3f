# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and exceptions of an organisation, each from a file of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import MAIL_PASSWORD

EVENT = {"disk full": {"1": {"to": "noc@example.com", "smtp-name": "relay"}}}
BARE = {"relay": {"server": "mail.example.com", "port": 25, "secure-option": "none"}}
WAIVER = """\
  - rule: FMAIL-002
    device: {device}
    reason: The relay stands in the same rack
    by: J. Doe
    until: {until}
"""
RULES = """\
rules:
  - id: ACME-001
    title: Mail goes through a relay of ACME
    severity: critical
    why: Alerts carry what only we should know
    require: {server: [relay.acme.example]}
    fix: set server relay.acme.example
  - id: FMAIL-002
    severity: critical
"""


@pytest.mark.once
def test_what_is_waived_fails_nobody_until_its_last_day(
    start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(*({"name": name, "mail": BARE, "alert_event": EVENT} for name in ("agreed", "ended", "strict")))
    waivers = tmp_path / "waivers.yml"
    waivers.write_text(
        "waivers:\n"
        + WAIVER.format(device="agr*", until="2099-12-31")
        + WAIVER.format(device="ended", until="2026-01-31")
    )
    report = tmp_path / "compliance.json"
    run = playbook(
        "fortiops.mail.compliance", fleet, "-e", f"@{waivers}", "-e", json.dumps({"reports": {"json": str(report)}})
    )
    assert run.status == 2, run.output
    messages = {name: run.of(name, "The device keeps the rules")[0]["msg"] for name in fleet.devices}
    assert "FMAIL" not in messages["agreed"]
    assert "FMAIL-002" in messages["strict"]
    assert "the waiver by J. Doe ended on 2026-01-31" in messages["ended"]
    document = json.loads(report.read_text())
    assert [(each["device"], each["state"]) for each in document["waivers"]] == [
        ("agr*", "active"),
        ("ended", "expired"),
    ]


@pytest.mark.once
def test_rules_of_ones_own_fail_devices_and_may_be_waived(
    start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(*({"name": name, "mail": BARE, "alert_event": EVENT} for name in ("agreed", "strict")))
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES)
    waivers = tmp_path / "waivers.yml"
    waivers.write_text(
        "waivers:\n" + WAIVER.replace("FMAIL-002", "ACME-001").format(device="agreed", until="2099-12-31")
    )
    run = playbook("fortiops.mail.compliance", fleet, "-e", f"@{rules}", "-e", f"@{waivers}", "-e", "fail_on=critical")
    assert run.status == 2, run.output
    messages = {name: run.of(name, "The device keeps the rules")[0]["msg"] for name in fleet.devices}
    assert (
        "ACME-001 critical (relay): Mail goes through a relay of ACME: server is mail.example.com" in messages["strict"]
    )
    assert "ACME-001" not in messages["agreed"]
    assert "FMAIL-002 critical" in messages["agreed"]


@pytest.mark.once
def test_a_waiver_without_an_end_is_none(start: Callable[..., Any], playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": BARE, "alert_event": EVENT})
    without = yaml.safe_load("waivers:\n" + WAIVER.format(device="faz", until="~"))
    run = playbook("fortiops.mail.compliance", fleet, "-e", json.dumps(without))
    assert run.status == 2
    assert "missing required arguments: until found in waivers" in run.output


SOUND = {
    "relay": {
        "server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts",
        "passwd": MAIL_PASSWORD,
    }
}  # fmt: skip


@pytest.mark.once
def test_a_run_on_no_device_fails(start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path) -> None:
    fleet = start({"name": "faz", "mail": SOUND, "alert_event": EVENT})
    report = tmp_path / "compliance.json"
    variables = json.dumps({"target": "nobody", "reports": {"json": str(report)}})
    run = playbook("fortiops.mail.compliance", fleet, "-e", variables)
    assert run.status != 0
    assert "no host of the inventory is in nobody" in run.output
    assert json.loads(report.read_text())["devices"] == []


@pytest.mark.once
def test_what_no_rule_saw_before_fails_devices_now(start: Callable[..., Any], playbook: Callable[..., Any]) -> None:
    sound = {"mail": SOUND, "alert_event": EVENT}
    fleet = start(
        {"name": "tls", **sound, "model": "faz-7.6.2", "global": {"global-ssl-protocol": "tlsv1.0"}},
        {"name": "paused", **sound},
        {"name": "nobody", "mail": SOUND, "alert_event": {"disk full": {"1": {"type": "syslog"}}}},
        {"name": "nameless", **sound, "dns": {"primary": "0.0.0.0"}},
        {"name": "denied", **sound, "faults": {"refuse": "show system alert-event"}},
        {"name": "good", **sound},
    )
    fleet.devices["paused"].state.daemon.paused = True
    run = playbook("fortiops.mail.compliance", fleet)
    assert run.status == 2, run.output
    messages = {name: run.of(name, "The device keeps the rules")[0]["msg"] for name in fleet.devices}
    assert messages["tls"].startswith("FMAIL-007 high (relay): TLS 1.2 is the lowest version")
    assert messages["paused"].startswith("FMAIL-014 high: The mail daemon runs: state is paused")
    assert messages["nobody"].startswith("FMAIL-013 high")
    assert messages["nameless"].startswith("FMAIL-022 high")
    assert messages["denied"].startswith("FMAIL-012 high was not assessed: ")
    assert "FMAIL" not in messages["good"]
    # The last words of the run.
    verdict = "Incomplete: 1 of 6 devices could be assessed only in part; 4 of 6 devices break a rule"
    assert verdict in run.output.rpartition("TASK [")[2]
    assert "changed=1" not in run.output


def test_a_test_mail_is_proof_and_the_next_run_says_what_changed(
    start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start({"name": "faz", "mail": SOUND, "alert_event": EVENT})
    report = tmp_path / "compliance.json"
    variables = {
        "reports": {"json": str(report)}, "since": str(report), "prove": True,
        "mail_from": "faz@example.com", "mail_to": "noc@example.com",
    }  # fmt: skip
    run = playbook("fortiops.mail.compliance", fleet, "-e", json.dumps(variables))
    assert run.status == 0, run.output
    first = json.loads(report.read_text())
    proof = first["devices"][0]["proof"]
    assert (proof["entry"], proof["outcome"]) == ("relay", "accepted")
    assert "changes" not in first
    fleet.devices["faz"].state.daemon.paused = True
    # An earlier run is older.
    report.write_text(json.dumps({**first, "created": "2026-11-01T10:00:00+00:00"}))
    run = playbook("fortiops.mail.compliance", fleet, "-e", json.dumps({**variables, "prove": False}))
    assert run.status == 2, run.output
    second = json.loads(report.read_text())
    assert second["devices"][0]["proof"] == proof
    assert second["changes"]["new"] == 1


def test_verify_writes_the_same_document_with_its_mails_as_proof(
    start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path
) -> None:
    wrong = {"relay": {**SOUND["relay"], "passwd": "a wrong password"}}
    fleet = start(
        {"name": "good", "mail": SOUND, "alert_event": EVENT}, {"name": "bad", "mail": wrong, "alert_event": EVENT}
    )
    report = tmp_path / "compliance.json"
    variables = {
        "reports": {"json": str(report)}, "mail_server": "relay", "approved_relays": ["relay.example.net"],
        "mail_from": "faz@example.com", "mail_to": "noc@example.com",
    }  # fmt: skip
    run = playbook("fortiops.mail.verify", fleet, "-e", json.dumps(variables))
    assert run.status == 2, run.output
    devices = {each["name"]: each for each in json.loads(report.read_text())["devices"]}
    assert (devices["good"]["proof"]["outcome"], devices["bad"]["proof"]["outcome"]) == ("accepted", "failed")
    states = {
        name: next(each["status"] for each in device["findings"] if each["rule"] == "FMAIL-015")
        for name, device in devices.items()
    }
    assert states == {"good": "pass", "bad": "fail"}
    # A rule that is broken fails a device as a mail does that was not accepted.
    (good,) = (line for line in run.output.splitlines() if line.startswith("fatal: [good]"))
    (bad,) = (line for line in run.output.splitlines() if line.startswith("fatal: [bad]"))
    assert '"msg": "FMAIL-010 ' in good
    assert "The mail through relay was not accepted: " in bad and "FMAIL-010 " in bad


def test_the_module_checks_saved_configuration(
    start: Callable[..., Any], playbook: Callable[..., Any], tmp_path: Path
) -> None:
    configuration = (
        'config system mail\n    edit "relay"\n        set server "s"\n        set secure-option none\n    next\nend\n'
    )
    (tmp_path / "faz-lab.conf").write_text(f"#config-version=FAZVM64-7.4.2-FW-build2397-231220\n{configuration}")
    tasks = [
        {
            "name": "check",
            "fortiops.mail.compliance_report": {
                "configurations": [str(tmp_path / "faz-lab.conf")], "reports": {"html": str(tmp_path / "page.html")},
            },
        }
    ]  # fmt: skip
    run = playbook([{"hosts": "all", "gather_facts": False, "tasks": tasks}], start({"name": "unused"}))
    assert run.status == 0, run.output
    (result,) = run.of("unused", "check")
    assert (result["status"], result["devices"]["broken"]) == ("incomplete", ["faz-lab"])
    assert result["document"]["devices"][0]["firmware"] == "FortiAnalyzer 7.4.2"
    assert "faz-lab" in (tmp_path / "page.html").read_text()
