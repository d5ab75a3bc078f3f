# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two devices of one address, each behind a proxy of its own, are two devices."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import MAIL_PASSWORD, play, task

# What becomes of a device is the same in each Python; test_documented_results runs each module with each Ansible.
pytestmark = pytest.mark.once

RELAY = """
import json, os, socket, sys, threading
with open(sys.argv[1]) as places:
    link = socket.create_connection(json.load(places)[sys.argv[2]])
def up():
    while data := os.read(0, 65536):
        link.sendall(data)
threading.Thread(target=up, daemon=True).start()
while data := link.recv(65536):
    os.write(1, data)
"""
NEW_PASSWORD = "another-password-for-tests"


@pytest.fixture
def twins(start: Any, tmp_path: Path) -> Any:
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY, encoding="utf-8")
    places = tmp_path / "places.json"

    def twin(name: str, **more: Any) -> dict[str, Any]:
        behind = {
            "ansible_host": "192.0.2.1",
            "ansible_port": 22,
            "ansible_fortiops_mail_proxy_command": f"{sys.executable} {relay} {places} {name}",
        }
        return {"name": name, "vars": behind, **more}

    stored = {"relay": {"server": "mail.example.com", "passwd": MAIL_PASSWORD}}
    fleet = start(twin("a", mail=stored), twin("b", mail=stored))
    places.write_text(json.dumps({name: (each.address, each.port) for name, each in fleet.devices.items()}))
    return fleet


def test_a_password_that_one_device_got_is_not_known_for_the_other(twins: Any, playbook: Any, tmp_path: Path) -> None:
    rotate = task(
        "system_mail",
        config=[{"id": "relay", "passwd": NEW_PASSWORD}],
        update_password="on_change",
        fingerprint_file=str(tmp_path / "fingerprints.json"),
    )
    assert playbook(play(rotate), twins, "--limit", "a").of("a", "system_mail")[0]["changed"] is True
    run = playbook(play(rotate), twins)
    assert run.status == 0, run.output
    assert (run.of("a", "system_mail")[0]["changed"], run.of("b", "system_mail")[0]["changed"]) == (False, True)
    assert {device.state.mail.entries["relay"]["passwd"] for device in twins.devices.values()} == {NEW_PASSWORD}


def test_a_debug_that_was_interrupted_on_one_device_is_ended_there(twins: Any, playbook: Any, state_dir: Path) -> None:
    one, other = (twins.devices[name].state for name in ("a", "b"))
    one.debug.fazmaild = other.debug.fazmaild = 255
    state = {"level": 0, "output": False, "timestamps": False, "others": False}
    state_dir.mkdir()
    (state_dir / f"debug-{other.serial}.json").write_text(
        json.dumps({"device": other.serial, "parent": 1, "state": state}), encoding="utf-8"
    )
    for name in ("a", "b"):
        assert playbook(play(task("system_mail_info")), twins, "--limit", name).status == 0
    assert (one.debug.fazmaild, other.debug.fazmaild) == (255, 0)
    assert not list(state_dir.iterdir())


def test_whatever_a_host_is_called_its_captures_stay_in_their_directory(
    start: Any, playbook: Any, tmp_path: Path
) -> None:
    fleet = start({"name": "faz"})
    run = playbook(
        [
            {
                "hosts": "faz",
                "gather_facts": False,
                "tasks": [
                    {
                        "ansible.builtin.add_host": {
                            "name": "../../esc/x",
                            "groups": "named",
                            "ansible_host": "{{ ansible_host }}",
                            "ansible_port": "{{ ansible_port }}",
                            "ansible_user": "{{ ansible_user }}",
                            "ansible_password": "{{ ansible_password }}",
                            "ansible_fortiops_mail_host_key_fingerprint": "{{ ansible_fortiops_mail_host_key_fingerprint }}",
                            "ansible_connection": "fortiops.mail.cli",
                        }
                    }
                ],
            },
            {
                "hosts": "named",
                "gather_facts": False,
                "tasks": [{"ansible.builtin.import_role": {"name": "fortiops.mail.troubleshoot"}}],
                "vars": {
                    "troubleshoot_mail_server": "relay",
                    "troubleshoot_probe": False,
                    "troubleshoot_capture_dir": str(tmp_path / "deep" / "kept"),
                },
            },
        ],
        fleet,
    )
    kept = [file.name for file in (tmp_path / "deep" / "kept").iterdir()]
    assert "%2E.%2F..%2Fesc%2Fx-answer.json" in kept, run.output
    assert not (tmp_path / "esc").exists()
    assert not (tmp_path.parent / "esc").exists()
