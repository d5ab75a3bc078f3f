# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook without its variables, or without hosts, ends with one sentence; defaults of a group reach who has the option."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import play, task

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
ROLES = PLAYBOOKS.parent / "roles"
NO_HOST = "no host of the inventory is in fortianalyzer:fortimanager; expected the groups"


@pytest.mark.parametrize("name", ["compliance", "rollout"])
def test_no_host_is_an_error_with_the_names_of_the_groups(playbook: Any, name: str) -> None:
    run = playbook(f"fortiops.mail.{name}")
    assert run.status != 0
    assert NO_HOST in run.output


def test_each_playbook_for_devices_names_its_hosts_in_the_same_way_and_has_its_name_as_a_tag() -> None:
    plays = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in PLAYBOOKS.glob("*.yml")}
    # Compliance looks for devices in a play of its own, demo and parse_log have no groups to choose.
    others = {"compliance", "demo", "parse_log"}
    assert len({plays[name][0]["hosts"] for name in plays.keys() - others}) == 1
    assert all(play["tags"] == [name] for name in plays for play in plays[name])


def test_another_strategy_in_the_configuration_of_ansible_stops_no_playbook(
    playbook: Any, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One task works on all devices of a batch, which other strategies than linear cannot do.
    plays = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in PLAYBOOKS.glob("*.yml")}
    assert {name for name in plays if plays[name][-1].get("strategy") != "linear"} == {"demo", "parse_log"}
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")

    run = playbook("fortiops.mail.compliance", start({"name": "a"}, {"name": "b"}))

    assert "2 of 2 devices break a rule" in run.output


def test_saved_logs_are_summed_up_and_nothing_is_claimed_of_what_was_not_read(playbook: Any) -> None:
    root = PLAYBOOKS.parent
    logs = [str(root / "tests" / "samples" / "logs" / "debug_three_sends.log"), str(root / "docs" / "log.png")]

    run = playbook("fortiops.mail.parse_log", None, "-e", json.dumps({"logs": logs}))

    assert run.status == 0, run.output
    assert "24 lines, 0 not recognised; 1 accepted, 1 connect_timeout, 1 dns_name_not_found" in run.output
    assert "0 lines, 0 not recognised; no send was recognised; it is a picture; a log has to be text" in run.output


def named(value: Any, key: str) -> Iterator[Any]:
    """Yield what stands behind a key, however deep."""
    if isinstance(value, dict):
        yield from [value[key]] if key in value else []
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from named(each, key)


@pytest.mark.parametrize("file", sorted([*PLAYBOOKS.rglob("*.yml"), *ROLES.glob("*/tasks/*.yml")]), ids=str)
def test_no_variable_is_hidden_by_a_result_of_the_same_name(file: Path) -> None:
    """Ansible takes what was registered for it, wherever the variable is set."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    results = {
        *named(content, "register"),
        *(name for each in named(content, "ansible.builtin.set_fact") for name in each),
    }
    assert results & {name for each in named(content, "vars") for name in each} == set()


def test_a_host_is_a_device_of_its_group_whatever_it_is_called(tmp_path: Path) -> None:
    names = ["Zürich HQ/1", "a:b", "x,y", "faz"]
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"fortianalyzer": {"hosts": dict.fromkeys(names)}}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", inventory, "fortiops.mail.verify", "--list-hosts"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(line.strip() for line in done.stdout.splitlines()[-len(names) :]) == sorted(names)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("rollout", "config is empty; expected the entries to roll out, in the playbook mail_servers"),
        ("troubleshoot", "expected -e mail_server=ID, or mail_servers, whose first one is taken"),
        ("verify", "expected mail_servers, the mail servers of this host, or -e mail_server=ID"),
        ("parse_log", "expected logs, a list of files or folders"),
    ],
)
def test_a_missing_variable_is_named_in_one_sentence(start: Any, playbook: Any, name: str, sentence: str) -> None:
    fleet = start({"name": "faz"})
    run = playbook(f"fortiops.mail.{name}", fleet)
    assert (run.status, sentence in run.output) == (2, True), run.output
    assert not [command for command in fleet.devices["faz"].commands if command.startswith("config")]


def test_defaults_of_the_group_reach_the_modules_that_have_the_option(start: Any, playbook: Any, tmp_path: Any) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {"server": "mail.example.com", "port": "25"}}})
    defaults = {"mail_from": "faz@example.com", "mail_to": "noc@example.com", "capture_dir": str(tmp_path / "captures")}
    batch = {
        "name": "batch",
        "fortiops.mail.batch": {"module": "mail_test", "options": "test"},
        "vars": {"test": {"mail_to": "other@example.com"}},
        "run_once": True,
        "delegate_to": "localhost",
    }
    tasks = [task("system_mail_info"), task("mail_test", id="relay"), task("system_mail_info", "wrong", nonsense=1)]
    plays = play(batch, *tasks)
    plays[0]["module_defaults"] = {
        "group/fortiops.mail.all": defaults,
        "fortiops.mail.mail_test": {"id": "{{ 'relay' if inventory_hostname == 'faz' else '' }}"},
    }
    run = playbook(plays, fleet)
    assert (
        'diagnose test connection mailserver "relay" "faz@example.com" "other@example.com"'
        in fleet.devices["faz"].commands
    ), run.output
    assert run.of("faz", "mail_test")[0]["capture_file"].startswith(defaults["capture_dir"])
    assert (
        'diagnose test connection mailserver "relay" "faz@example.com" "noc@example.com"'
        in fleet.devices["faz"].commands
    )
    assert (
        "Unsupported parameters for (fortiops.mail.system_mail_info) module: nonsense"
        in run.of("faz", "wrong")[0]["msg"]
    )
