# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path to a mail server, checked on devices whose paths are broken on purpose."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.examine import examine
from jsonschema import Draft202012Validator

from .conftest import MAIL_PASSWORD, play, task
from .processes import children, wait_for

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

SCHEMA = Path(__file__).parents[2] / "plugins" / "plugin_utils" / "schemas" / "path.json"
SERVER = "way.example.com"
MAIL = {
    "relay": {
        "server": SERVER, "port": 587, "secure-option": "starttls", "auth": "enable", "user": "alerts", "passwd": MAIL_PASSWORD,
    }
}  # fmt: skip
SUBMISSION = "mail.example.com:587"
WAYS = {
    "healthy": (SUBMISSION, ["fine"], []),
    "name-unknown": ("nxdomain", [], ["name_not_found"]),
    "no-route": ("unreachable", [], ["no_route"]),
    "dropped": ("blackhole", ["unanswered"], ["ping_lost", "syn_unanswered"]),
    "filtered": ("filtered", ["unanswered"], ["syn_unanswered"]),
    "refused": ("refused", ["refused"], ["reset"]),
    "asymmetric": ("asymmetric", ["stuck"], ["asymmetric_route"]),
    "mtu": (f"{SUBMISSION} mtu", ["stuck"], ["mtu_black_hole"]),
    "lossy": (f"{SUBMISSION} lossy", ["recovered"], ["some_packets_lost"]),
}


def device(name: str, way: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "mail": MAIL,
        "hosts": {f"{SERVER}:587": way},
        "retransmit_interval": 0.1,
        "smtp_timeout": 1,
        "ping_interval": 0.01,
        **more,
    }


def test_each_way_is_told_from_the_others(start: Any, playbook: Callable[..., Any], tmp_path: Path) -> None:
    fleet = start(*(device(name, way) for name, (way, __, __) in WAYS.items()))
    run = playbook(play(task("mail_path", id="relay", traceroute=True, capture_dir=str(tmp_path / "captures"))), fleet)
    found = {name: run.of(name, "mail_path")[0] for name in WAYS}
    for name, (__, states, findings) in WAYS.items():
        path = found[name]["path"]
        Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(path)
        assert [each["state"] for each in path["connections"]] == states, name
        assert [each["finding"] for each in path["findings"]] == findings, name
        for finding in path["findings"]:
            assert finding["remedy"], name
            assert finding["evidence"], name
        assert ("warnings" in found[name]) == (name in ("name-unknown", "no-route")), name
    assert {name: found[name]["path"]["verdict"]["outcome"] for name in ("healthy", "lossy", "mtu", "asymmetric")} == {
        "healthy": "accepted", "lossy": "accepted", "mtu": "failed", "asymmetric": "failed",
    }  # fmt: skip
    assert found["name-unknown"]["path"]["packets"] is None
    assert found["healthy"]["path"]["route"][-1]["hop"] == 2
    assert found["healthy"]["path"]["dns"] == {"servers": ["192.0.2.53"]}


def test_the_saved_capture_shows_the_same_way_and_nobody_is_logged_in_any_more(
    start: Any, playbook: Callable[..., Any], tmp_path: Path
) -> None:
    fleet = start(device("faz", SUBMISSION))
    (result,) = playbook(play(task("mail_path", id="relay", capture_dir=str(tmp_path))), fleet).of("faz", "mail_path")
    text = Path(result["capture_file"]).read_text(encoding="utf-8")
    assert examine(text, analyse(text), SERVER, 587, "relay") == result["path"]
    assert (analyse(text)["status"], analyse(text)["unmatched"]) == ("complete", [])
    assert MAIL_PASSWORD not in text
    server = fleet.devices["faz"].server
    assert (server.appliance.sessions, server.appliance.interface.watchers) == (set(), [])
    assert server.logins[0] == server.logins[1]
    assert len(server.logins) == 2


def test_check_mode_sends_nothing(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", "blackhole"))
    run = playbook(play(task("mail_path", id="relay")), fleet, "--check")
    (result,) = run.of("faz", "mail_path")
    assert result["path"]["ping"] is None
    assert result["path"]["packets"] is None
    assert not [
        line for line in fleet.devices["faz"].commands if line and not line.startswith(("get ", "show ", "exit"))
    ]


def test_a_device_that_allows_one_session_is_tested_without_watching(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", SUBMISSION, max_sessions=1, vars={"ansible_fortiops_mail_login_limit": 2}))
    (result,) = playbook(play(task("mail_path", id="relay")), fleet).of("faz", "mail_path")
    assert result["path"]["verdict"]["outcome"] == "accepted"
    assert result["path"]["packets"] is None
    assert "packets were not watched" in result["warnings"][0]


def test_a_server_that_is_not_configured_is_pinged_only(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", "asymmetric"))
    tasks = play(
        task("mail_path", "other", host=SERVER, port=25), task("mail_path", "configured", host=SERVER, port=587)
    )
    run = playbook(tasks, fleet)
    unknown, known = run.of("faz", "other")[0]["path"], run.of("faz", "configured")[0]["path"]
    (warning,) = run.of("faz", "other")[0]["warnings"]
    assert warning.startswith(f"no connection was attempted: no entry of config system mail leads to {SERVER} port 25")
    assert "warnings" not in run.of("faz", "configured")[0]
    assert (unknown["ping"]["received"], unknown["packets"], unknown["verdict"]) == (5, None, None)
    assert known["target"] == {"id": "relay", "host": SERVER, "port": 587, "address": "192.0.2.25"}
    assert known["connections"][0]["state"] == "stuck"


def test_a_device_without_name_servers_says_so(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", SUBMISSION, dns={"primary": "0.0.0.0"}))
    (result,) = playbook(play(task("mail_path", id="relay")), fleet).of("faz", "mail_path")
    (finding,) = result["path"]["findings"]
    assert (finding["finding"], finding["owner"]) == ("no_dns_server", "device admin")


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_no_sniffer_is_left_when_the_controller_dies(
    signal_number: signal.Signals, start: Any, playbook: Callable[..., Any]
) -> None:
    fleet = start(device("faz", "filtered", smtp_timeout=60))
    faz = fleet.devices["faz"]
    process = playbook(play(task("mail_path", id="relay")), fleet, wait=False)
    wait_for(
        lambda: bool(faz.server.appliance.interface.watchers) and "diagnose test" in faz.commands[-1],
        "the packets are watched",
    )
    for pid in (process.pid, *children(process.pid)):
        os.kill(pid, signal_number)
    process.wait()
    process.stdout.close()
    wait_for(
        lambda: not faz.server.appliance.interface.watchers and not faz.server.appliance.sessions,
        "the sniffer has ended",
    )


BAD = [
    ({}, "either by id"),
    ({"id": "relay", "host": SERVER}, "either by id"),
    ({"id": "other"}, "there is no entry 'other' in config system mail; there is relay"),
    ({"host": "mail.example.com' 6 0 a"}, "is no host"),
    ({"host": "fe80::1%port1"}, "names an interface"),
    ({"id": "relay", "interface": "port1 none 6"}, "is no interface"),
    ({"id": "relay", "max_packets": 0}, "max_packets is 0"),
    ({"id": "relay", "mail_to": "noc@example.com"}, "mail_to needs mail_from"),
]


def test_bad_input_is_refused_before_anything_is_sent(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start(device("faz", "blackhole"))
    tasks = [
        {**task("mail_path", f"bad {number}", **options), "ignore_errors": True}
        for number, (options, __) in enumerate(BAD)
    ]
    run = playbook(play(*tasks), fleet)
    for number, (__, words) in enumerate(BAD):
        assert words in run.of("faz", f"bad {number}")[0]["msg"]
    assert not [line for line in fleet.devices["faz"].commands if line.startswith(("execute", "diagnose"))]
