# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role troubleshoot: one answer for each device, right and readable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse

from .conftest import MAIL_PASSWORD

SERVER = "way.example.com"
ENTRY = {"server": SERVER, "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts", "passwd": MAIL_PASSWORD}  # fmt: skip
WRONG = "a-wrong-password"
# Where the name leads, the password, and the answer: outcome, cause, who must act, what decided.
DEVICES = {
    "healthy": ("{server}", MAIL_PASSWORD, ("accepted", "accepted", "nobody", "test")),
    "wrong-password": ("{server}", WRONG, ("failed", "auth_credentials_invalid", "device admin", "test")),
    "filtered": ("filtered", MAIL_PASSWORD, ("failed", "connect_timeout", "network team", "test")),
    "refused": ("refused", MAIL_PASSWORD, ("failed", "connect_refused", "mail admin", "test")),
    "asymmetric": ("asymmetric", MAIL_PASSWORD, ("failed", "asymmetric_route", "network team", "path")),
    "name-unknown": ("nxdomain", MAIL_PASSWORD, ("failed", "dns_name_not_found", "DNS admin", "test")),
    "no-route": ("unreachable", MAIL_PASSWORD, ("failed", "no_route", "network team", "test")),
    "mtu": ("{server} mtu", MAIL_PASSWORD, ("failed", "mtu_black_hole", "network team", "path")),
}
RUN = "fortiops.mail.troubleshoot"
ROLE = {"mail_server": "relay", "mail_to": "noc@example.com", "mail_from": "faz@example.com", "target": "all"}


def device(name: str, way: str, password: str = MAIL_PASSWORD, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "mail": {"relay": {**ENTRY, "passwd": password}},
        "hosts": {f"{SERVER}:587": way},
        "retransmit_interval": 0.1,
        "ping_interval": 0.01,
        **more,
    }


def options(**more: Any) -> list[str]:
    return ["-e", json.dumps({**ROLE, "probe": False, **more})]


def answers(run: Any, *names: str) -> dict[str, Any]:
    return {name: run.of(name, "Conclude")[0]["ansible_facts"]["troubleshoot_result"] for name in names}


@pytest.fixture
def mail_server(start: Any) -> str:
    """Where a mail server listens that takes the login of ENTRY."""
    spec = start().mail_servers["mail.example.com:587"].spec
    return f"{spec.address}:{spec.port}"


def test_each_device_gets_its_answer(
    start: Any, mail_server: str, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(
        *(device(name, way.format(server=mail_server), password) for name, (way, password, __) in DEVICES.items())
    )
    report = tmp_path / "compliance.json"
    run = playbook(RUN, fleet, *options(capture_dir=str(tmp_path / "kept"), reports={"json": str(report)}))
    found = answers(run, *DEVICES)
    proofs = {each["name"]: each["proof"]["outcome"] for each in json.loads(report.read_bytes())["devices"]}
    assert proofs == {name: found[name]["outcome"] for name in DEVICES}
    keys = ("outcome", "cause", "owner", "decided_by")
    assert {name: tuple(answer[key] for key in keys) for name, answer in found.items()} == {
        name: expected for name, (__, __, expected) in DEVICES.items()
    }
    assert {name: answer["contradictions"] for name, answer in found.items()} == {name: [] for name in DEVICES}
    assert all(answer["confidence"] == "high" and answer["evidence"] for answer in found.values())

    assert run.status == 2
    failed = {row["host"] for row in run.results if "does not leave" in str(row["result"].get("msg", ""))}
    assert failed == set(DEVICES) - {"healthy"}

    (report,) = [row["result"]["msg"] for row in run.results if "Show one answer" in row["task"]]
    table = report[2 : 2 + len(DEVICES)]
    assert [line.split()[0] for line in table] == sorted(DEVICES)
    assert all(found[line.split()[0]]["cause"] in line and f"{SERVER}:587" in line for line in table)
    assert any("both must pass the same firewall" in line for line in report)

    kept = list((tmp_path / "kept").iterdir())
    assert len(kept) == 3 * len(DEVICES)
    texts = {file.name: file.read_text(encoding="utf-8") for file in kept}
    assert not [name for name, text in texts.items() if MAIL_PASSWORD in text or WRONG in text]
    answer = json.loads(texts["asymmetric-answer.json"])
    assert (answer["answer"], answer["entry"]["server"]) == (found["asymmetric"], SERVER)
    (capture,) = [text for name, text in texts.items() if name.startswith("wrong-password-mail_test")]
    assert analyse(capture)["verdicts"][-1] == json.loads(texts["wrong-password-answer.json"])["verdict"]


@pytest.mark.once
def test_the_controller_says_who_is_affected(
    start: Any, mail_server: str, playbook: Callable[..., Any], closed_port: int
) -> None:
    address, __, port = mail_server.partition(":")
    entry = {**ENTRY, "server": address, "port": int(port)}
    closed = {**entry, "port": closed_port}
    fleet = start(
        device("works", mail_server, mail={"relay": entry}),
        device("filtered", mail_server, mail={"relay": entry}, hosts={mail_server: "filtered"}),
        device("closed", mail_server, mail={"relay": closed}),
    )
    run = playbook(RUN, fleet, *options(probe=True))
    found = answers(run, "works", "filtered", "closed")
    assert {name: (each["cause"], each["scope"], each["owner"]) for name, each in found.items()} == {
        "works": ("accepted", "works", "nobody"),
        "filtered": ("connect_timeout", "device_only", "network team"),
        "closed": ("connect_refused", "everybody", "mail admin"),
    }
    assert any(
        "Only the path from the device to it is closed" in sentence for sentence in found["filtered"]["supporting"]
    )


@pytest.mark.once
def test_what_cannot_be_done_is_part_of_the_answer(start: Any, mail_server: str, playbook: Callable[..., Any]) -> None:
    fleet = start(
        device("no-entry", mail_server, mail={}),
        device("locked", mail_server, login_fault="disconnect"),
        device("healthy", mail_server),
    )
    run = playbook(RUN, fleet, *options())
    found = answers(run, "no-entry", "locked", "healthy")
    assert {name: (each["outcome"], each["cause"]) for name, each in found.items()} == {
        "no-entry": ("failed", "config_incomplete"),
        "locked": ("unknown", "unknown"),
        "healthy": ("accepted", "accepted"),
    }
    assert any("edit relay" in step["cli"] for step in found["no-entry"]["remedy"])
    assert "config could not be done" in found["locked"]["supporting"][0]
    assert found["healthy"]["contradictions"] == []


@pytest.mark.once
def test_check_mode_sends_nothing_and_fails_nobody(
    start: Any, mail_server: str, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(device("faz", mail_server))
    run = playbook(RUN, fleet, *options(), "--check")
    assert run.status == 0, run.output
    assert answers(run, "faz")["faz"]["outcome"] == "unknown"
    assert not [
        line for line in fleet.devices["faz"].commands if line.startswith(("execute", "diagnose test connection"))
    ]


@pytest.mark.once
def test_reporting_need_not_fail_the_host(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", "refused"))
    plays = [
        {
            "hosts": "all",
            "gather_facts": False,
            "roles": [
                {
                    "role": "fortiops.mail.troubleshoot", "troubleshoot_mail_server": "relay", "troubleshoot_probe": False,
                    "troubleshoot_assert": False,
                }
            ],
        }
    ]  # fmt: skip
    assert playbook(plays, fleet).status == 0
