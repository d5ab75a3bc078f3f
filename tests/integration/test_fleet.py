# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles and playbooks on a fleet of mixed firmware: one login each, canary batches, and back where no mail arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.fortiops.mail.simulator.device.models import models

from .conftest import ENTRY, MAIL_PASSWORD, play, task
from .test_system_mail import writes

VARIABLES = {"mail_servers": [ENTRY], "mail_from": "faz@example.com", "mail_to": "noc@example.com"}


def sessions(device: Any) -> int:
    return len({heard.session for heard in device.trace})


def test_configure_and_verify_fifty_devices_with_one_login_each(start: Any, playbook: Callable[..., Any]) -> None:
    names = list(models())
    fleet = start(*({"name": f"device-{number:02d}", "model": names[number % len(names)]} for number in range(50)))
    run = playbook("fortiops.mail.configure", fleet, variables=VARIABLES)
    assert run.status == 0, run.output
    assert {sessions(device) for device in fleet.devices.values()} == {1}
    assert all(device.state.mail.entries for device in fleet.devices.values())
    run = playbook("fortiops.mail.verify", fleet, variables=VARIABLES)
    assert run.status == 0, run.output
    assert {sessions(device) for device in fleet.devices.values()} == {2}
    assert sum(server.count for server in fleet.mail_servers.values()) == 50
    assert MAIL_PASSWORD not in run.output


def test_a_rotated_password_is_seen_and_an_equal_one_changes_nothing(
    start: Any, playbook: Callable[..., Any], tmp_path: Any
) -> None:
    options = {"update_password": "on_change", "fingerprint_file": str(tmp_path / "fingerprints.json")}
    first, second = (
        task("system_mail", config=[{**ENTRY, "passwd": f"{which} password"}], **options)
        for which in ("first", "second")
    )
    tasks = [first, first, {**second, "check_mode": True}, second, second, {**second, "check_mode": True}]
    run = playbook(play(*tasks), start({"name": "faz"}))
    assert run.status == 0, run.output
    results = run.of("faz", "system_mail")
    assert [result["changed"] for result in results] == [True, False, True, True, False, False]
    assert results[1]["passwords"] == {"relay": {"passwd": "unchanged_fingerprint"}}
    assert results[3]["commands"][2:-2] == ["set passwd <redacted>"]


def test_on_change_without_a_file_is_refused(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz"})
    run = playbook(play(task("system_mail", config=[ENTRY], update_password="on_change")), fleet)
    assert "on_change needs fingerprint_file" in run.of("faz", "system_mail")[0]["msg"]


def test_a_fingerprint_file_that_cannot_be_written_is_known_before_a_password_is_sent(
    start: Any, playbook: Callable[..., Any], tmp_path: Any
) -> None:
    fleet = start({"name": "faz"})
    (tmp_path / "file").write_text("", encoding="utf-8")
    options = {"update_password": "on_change", "fingerprint_file": str(tmp_path / "file" / "fingerprints.json")}
    run = playbook(play(task("system_mail", config=[ENTRY], **options)), fleet)
    assert "fingerprints.json" in run.of("faz", "system_mail")[0]["msg"]
    assert writes(fleet.devices["faz"].commands) == []


def test_two_devices_behind_one_address_have_fingerprints_of_their_own(
    start: Any, playbook: Callable[..., Any], tmp_path: Any
) -> None:
    fleet = start({"name": "faz", "address": "127.0.0.1"}, {"name": "fmg", "address": "127.0.0.1"})
    options = {"update_password": "on_change", "fingerprint_file": str(tmp_path / "fingerprints.json")}
    old = play(task("system_mail", config=[{**ENTRY, "passwd": "old password"}]))
    assert playbook(old, fleet).status == 0
    rotate = play(task("system_mail", config=[ENTRY], **options))
    run = playbook([{**rotate[0], "serial": 1}], fleet)
    assert [run.of(name, "system_mail")[0]["passwords"] for name in fleet.devices] == [{"relay": {"passwd": "set"}}] * 2


def test_facts(start: Any, playbook: Callable[..., Any]) -> None:
    fleet = start({"name": "faz", "model": "faz-7.6.2"})
    run = playbook(
        play(
            task("faz_facts"),
            {
                "name": "assert",
                "ansible.builtin.assert": {"that": "ansible_facts['faz'].firmware.version_tuple >= [7, 6, 2]"},
            },
        ),
        fleet,
    )
    assert run.status == 0, run.output
