# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks as people call them: switches given as text, things left out, words that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import ENTRY, MAIL_PASSWORD
from .test_system_mail import writes

RELAY = {"server": "mail.example.com", "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts"}
CLOSED = {"relay": {**RELAY, "server": "closed.example.com"}}


def role(name: str, **variables: Any) -> list[dict[str, Any]]:
    """A playbook that runs one role of this collection."""
    return [{"hosts": "all", "gather_facts": False, "roles": [{"role": f"fortiops.mail.{name}", **variables}]}]


def test_switches_given_as_text_mean_what_they_say(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": CLOSED})
    switched_off = ["-e", "verify_assert=false"]
    run = playbook(role("verify", verify_mail_server="relay"), fleet, *switched_off)
    assert run.status == 0, run.output
    assert run.of("faz", "verify : Send a test mail")[0]["verdict"]["cause"] == "connect_refused"

    switched_off = ["-e", "troubleshoot_probe=no troubleshoot_assert=false troubleshoot_traceroute=off"]
    run = playbook(role("troubleshoot", troubleshoot_mail_server="relay"), fleet, *switched_off)
    assert run.status == 0, run.output
    assert run.of("faz", "Conclude")[0]["ansible_facts"]["troubleshoot_result"]["cause"] == "connect_refused"
    assert run.of("faz", "Look at the mail server from the controller") == []


def test_the_failure_is_said_in_whole_sentences_and_at_once(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "mail": CLOSED})
    run = playbook(role("verify", verify_mail_server="relay"), fleet)
    (said,) = run.of("faz", "The mail was accepted")
    assert said["msg"].startswith("The mail through relay was not accepted: connect_refused (")
    assert said["msg"].endswith(".)")


def test_configure_takes_the_state_and_remembers_passwords(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(
        {"name": "faz", "mail": {"relay": {**RELAY, "passwd": "an old one"}, "old": {"server": "x.example.com"}}}
    )
    variables = {
        "mail_servers": [ENTRY],
        "mail_state": "overridden",
        "mail_update_password": "on_change",
        "mail_fingerprint_file": str(tmp_path / "fingerprints.json"),
    }
    for changed in (True, False):
        run = playbook("fortiops.mail.configure", fleet, variables=variables)
        assert run.status == 0, run.output
        assert run.of("faz", "Configure the mail servers")[0]["changed"] is changed
    assert fleet.devices["faz"].state.mail.entries["relay"]["passwd"] == MAIL_PASSWORD
    assert list(fleet.devices["faz"].state.mail.entries) == ["relay"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("fail_on=wrong", "value of fail_on must be one of: low, medium, high, critical, got: wrong"),
        ("reports=compliance.json", "expected a dictionary of formats and files as reports"),
        ('{"reports": {"hmtl": "x.html"}}', "reports.hmtl. Supported parameters include: csv, html, json"),
    ],
)
def test_compliance_refuses_variables_that_would_do_nothing(
    start: Any, playbook: Callable[..., Any], variables: str, expected: str
) -> None:
    fleet = start({"name": "faz"})
    run = playbook("fortiops.mail.compliance", fleet, "-e", variables)
    assert run.status != 0
    assert expected in run.results[-1]["result"]["msg"]
    assert writes(fleet.devices["faz"].commands) == []
