# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe from playbooks and from the command line, against the simulator's mail servers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.simulator.running import RunningFleet
from jsonschema import Draft202012Validator

from .conftest import ENTRY, MAIL_PASSWORD, play, task

SCHEMA = Path(__file__).parents[2] / "plugins" / "plugin_utils" / "schemas" / "probe.json"


def valid(found: dict[str, Any]) -> dict[str, Any]:
    document = {name: found[name] for name in ("schema", "host", "addresses", "mx", "ports")}
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return document


SUBMISSION, SMTPS, PLAIN = (f"mail.example.com:{port}" for port in (587, 465, 25))


def place_of(fleet: RunningFleet, name: str = SUBMISSION) -> tuple[str, int]:
    spec = fleet.mail_servers[name].spec
    return spec.address, spec.port


def fazmail(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("fazmail")), *arguments]
    return subprocess.run(command, check=False, input=given, capture_output=True, text=True, timeout=60)


def test_a_playbook_looks_at_every_port_without_a_device(start: Any, playbook: Any, closed_port: int) -> None:
    fleet = start({"name": "faz"})
    (address, submission), (__, old) = (place_of(fleet, name) for name in (SUBMISSION, "old-tls.example.com:587"))
    numbers = [submission, place_of(fleet, SMTPS)[1], place_of(fleet, PLAIN)[1], old, closed_port]
    where = {"host": address, "port": numbers, "timeout": 6, "validate_certs": False}
    login = {"user": "alerts", "passwd": MAIL_PASSWORD, "mail_from": "faz@example.com", "mail_to": "noc@example.com"}
    plays = [
        *play(task("smtp_probe", "from localhost", **where), hosts="localhost"),
        *play(task("smtp_probe", "for a device", **where | login)),
        *play(task("smtp_probe", "a mistake", **where | {"port": [99999]})),
    ]
    run = playbook(plays, fleet, "-vvvv")
    assert run.status == 2, run.output
    (found,) = run.of("localhost", "from localhost")
    ports = {port["port"]: port for port in valid(found)["ports"]}
    assert [(port["state"], port["security"], port["cause"]) for port in ports.values()] == [
        ("reachable", "starttls", None),
        ("reachable", "smtps", None),
        ("reachable", "none", None),
        ("reachable", "starttls", "tls_version_mismatch"),
        ("refused", "starttls", "connect_refused"),
    ]
    assert ports[submission]["auth"] == {
        "before_tls": [],
        "after_tls": ["LOGIN", "PLAIN"],
        "usable": ["LOGIN", "PLAIN"],
        "login": None,
    }
    assert ports[submission]["certificate"]["self_signed"] is True
    assert ports[submission]["tls"]["versions"]["tlsv1.3"] == "accepted"
    assert ports[old]["tls"]["versions"]["tlsv1.3"] == "refused"
    (found,) = run.of("faz", "for a device")
    assert valid(found)["ports"][0]["auth"]["login"]["accepted"] is True
    assert valid(found)["ports"][0]["stage"] == "rcpt_to"
    assert fleet.devices["faz"].commands == []
    assert sum(server.count for server in fleet.mail_servers.values()) == 0
    assert MAIL_PASSWORD not in run.output
    (mistake,) = run.of("faz", "a mistake")
    assert mistake["msg"] == "port is [99999]; expected 1 to 20 numbers from 1 to 65535"


# What the entry says, which server is looked at from here, and who is concerned.
VIEWS: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "good": ({}, SUBMISSION, "works"),
    "cut-off": ({"server": "unreachable.example.com"}, SUBMISSION, "device_only"),
    "closed": ({"server": "closed.example.com"}, None, "everybody"),
    "no-auth": ({"server": "noauth.example.com"}, "noauth.example.com:587", "everybody"),
    "password": ({"passwd": "another-password"}, SUBMISSION, "request"),
}


def test_both_views_of_one_server(start: Any, playbook: Any, closed_port: int) -> None:
    fleet = start(*({"name": name} for name in VIEWS))
    variables = {
        "entries": {name: {**ENTRY, **entry} for name, (entry, __, __) in VIEWS.items()},
        "places": {
            name: place_of(fleet, seen) if seen else ("127.0.0.1", closed_port)
            for name, (__, seen, __) in VIEWS.items()
        },
        "address": "{{ places[inventory_hostname][0] }}",
        "number": "{{ places[inventory_hostname][1] }}",
    }
    look = {"host": "{{ address }}", "port": ["{{ number }}"], "timeout": 6, "validate_certs": False}
    compared = {"msg": "{{ test.verdict | fortiops.mail.compare_views(probe, port=number | int) }}"}
    tasks = [
        task("system_mail", config=["{{ entries[inventory_hostname] }}"]),
        {**task("mail_test", id="relay"), "register": "test"},
        {**task("smtp_probe", **look), "register": "probe"},
        {"name": "compare", "ansible.builtin.debug": compared},
    ]
    run = playbook([{**play(*tasks)[0], "vars": variables}], fleet)
    assert run.status == 0, run.output
    found = {name: run.of(name, "compare")[0]["msg"]["scope"] for name in VIEWS}
    assert found == {name: scope for name, (__, __, scope) in VIEWS.items()}


def test_the_command_shows_a_table_and_json_and_hides_the_password(start: Any, closed_port: int) -> None:
    address, port = place_of(start({"name": "faz"}))
    options = ["--no-verify", "--timeout", "6", "--user", "alerts", "--passwd-file", "-"]
    done = fazmail("probe", f"{address}:{port}", *options, given=f"{MAIL_PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert "PLAIN was accepted" in done.stdout
    assert MAIL_PASSWORD not in done.stdout
    done = fazmail("probe", f"127.0.0.1:{closed_port}", "--format", "json")
    assert done.returncode == 1
    assert valid(json.loads(done.stdout))["ports"][0]["cause"] == "connect_refused"


def test_the_command_of_the_page(start: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("fazmail probe")]
    address, port = place_of(start({"name": "faz"}), PLAIN)
    here = line.replace("smtp.example.com:587", f"{address}:{port}")
    done = fazmail(*here.split()[1:])
    assert done.returncode == 0, done.stderr
    assert "220 mail.example.com ESMTP" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["127.0.0.1:http"], "port is 'http'"),
        (["127.0.0.1:0"], "port is [0]"),
        (["127.0.0.1", "--passwd-file", "/nowhere"], "--passwd-file /nowhere: cannot be read"),
        (["127.0.0.1", "--security", "tls"], "security is 'tls'"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(arguments: list[str], said: str) -> None:
    done = fazmail("probe", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
