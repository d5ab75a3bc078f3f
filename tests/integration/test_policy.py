# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and exceptions of an organisation, each from a file of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

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


def test_a_waiver_without_an_end_is_none(start: Callable[..., Any], playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": BARE, "alert_event": EVENT})
    without = yaml.safe_load("waivers:\n" + WAIVER.format(device="faz", until="~"))
    run = playbook("fortiops.mail.compliance", fleet, "-e", json.dumps(without))
    assert run.status == 2
    assert "missing required arguments: until found in waivers" in run.output
