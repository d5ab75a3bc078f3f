# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout over a fleet with one device of each kind: each ends by itself, is named, and a neighbour's failure decides nothing."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .conftest import ENTRY, MAIL_PASSWORD
from .processes import children, wait_for

OLD = {"server": "mail.example.com", "user": "before"}
VARIABLES = {"mail_servers": [ENTRY], "mail_from": "faz@example.com", "mail_to": "noc@example.com"}
ALL_AT_ONCE = ("-e", json.dumps({"batches": ["100%"]}))
RUN = "fortiops.mail.rollout"
LIMITS = {"ansible_fortiops_mail_connect_limit": 2, "ansible_fortiops_mail_login_limit": 5}


def fleet_of(start: Any, *more: dict[str, Any]) -> Any:
    """A good device, one for each way to fail, and more."""
    stored = {"mail": {"relay": OLD}}
    filtered = {**stored, "hosts": {"mail.example.com:587": "filtered"}, "smtp_timeout": 1}
    return start(
        *more,
        {"name": "good", **stored},
        {"name": "filtered", **filtered},
        {"name": "denied", **stored, "faults": {"denied": ["config"]}},
        {"name": "dead", **stored, "vars": {**LIMITS, "ansible_port": 1}},
        {"name": "old", **stored, "vars": {"mail_servers": [{**ENTRY, "ssl_protocol": "tlsv1.2"}]}},
        {"name": "cut", **stored, "faults": {"disconnect_after": "set auth"}},
        {"name": "stubborn", **filtered, "faults": {"refuse": "unset port"}},
        {"name": "new"},
    )


ENDS = {
    "good": "proved",
    "filtered": "taken_back",
    "denied": "refused",
    "dead": "not_reached",
    "old": "refused",
    "cut": "taken_back",
    "new": "proved",
}


def ends(run: Any) -> dict[str, str]:
    return {
        row["host"]: row["result"]["state"] for row in run.results if "Roll out" in row["task"] and row["result"].get("state")
    }  # fmt: skip


def failed(run: Any) -> set[str]:
    return {row["host"] for row in run.results if "Roll out" in row["task"] and row["ended"] == "failed"}


def entry(fleet: Any, name: str) -> dict[str, str]:
    return dict(fleet.devices[name].state.mail.entries.get("relay", {}))


def report(run: Any) -> list[str]:
    shown: list[str] = [row["result"]["msg"] for row in run.results if "Show how" in row["task"]][-1]
    return shown


GOOD = [{"name": name, "mail": {"relay": OLD}} for name in ("a-good", "b-good")]


@pytest.mark.parametrize(
    ("arguments", "more"),
    # Ansible itself ends a play with a batch of which no host is left.
    [(ALL_AT_ONCE, []), (("-e", "most_failures=100"), GOOD)],
    ids=["one batch", "default batches"],
)
def test_row_33_every_device_ends_in_a_state_that_is_true_and_named(
    start: Any, playbook: Any, state_dir: Any, tmp_path: Path, arguments: tuple[str, ...], more: list[dict[str, Any]]
) -> None:
    fleet = fleet_of(start, *more)
    before = {name: entry(fleet, name) for name in fleet.devices}
    run = playbook(RUN, fleet, *arguments, variables=VARIABLES)
    found = ends(run)
    expected = {**ENDS, **{each["name"]: "proved" for each in more}}
    assert {name: found.get(name) for name in expected} == expected, run.output
    assert found.keys() == fleet.devices.keys()
    assert run.status == 2
    assert failed(run) == {name for name, state in found.items() if state != "proved"}
    for name, state in found.items():
        if state == "proved":
            assert entry(fleet, name)["port"] == "587"
        elif state != "not_taken_back":
            assert entry(fleet, name) == before[name], name
    # The device that refuses the way back is named as such, and only its restore point is left.
    left = [file.name for file in state_dir.iterdir()]
    if found["stubborn"] == "not_taken_back":
        assert left == [f"restore-{fleet.devices['stubborn'].state.serial}.json"]
    else:
        assert (found["stubborn"], left) == ("taken_back", [])
    lines = report(run)
    assert lines[0].startswith(f"{len(fleet.devices)} devices: ")
    assert f"{2 + len(more)} proved" in lines[0]
    # The recap fails for each that is not proved.
    recap = {line.split()[0]: line for line in run.output.partition("PLAY RECAP")[2].splitlines()[1:] if line.strip()}
    assert {name for name, line in recap.items() if "failed=0" not in line or "unreachable=0" not in line} == failed(
        run
    )
    assert all(any(line.startswith(name) for line in lines) for name in found)
    assert MAIL_PASSWORD not in run.output

    (file,) = (tmp_path / "runs").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    assert {each["name"]: each["state"] for each in document["devices"]} == found
    assert (
        next(each["identity"] for each in document["devices"] if each["name"] == "good")
        == fleet.devices["good"].state.serial
    )
    assert MAIL_PASSWORD not in file.read_text(encoding="utf-8")


def test_row_33_in_default_batches_the_first_one_with_a_failure_ends_whole_and_is_the_last(
    start: Any, playbook: Any
) -> None:
    fleet = fleet_of(start, {"name": "a-good", "mail": {"relay": OLD}})
    run = playbook(RUN, fleet, variables=VARIABLES)
    assert ends(run) == {"a-good": "proved", "cut": "taken_back", "dead": "not_reached"}, run.output
    assert failed(run) == {"cut", "dead"}
    assert report(run)[0] == "9 devices: 1 taken back, 1 not reached, 1 proved, 6 not visited"
    others = set(fleet.devices) - {"a-good", "cut", "dead"}
    assert not [name for name in others if fleet.devices[name].commands]


def test_row_33_the_first_batch_with_a_device_that_is_not_proved_stops_the_next_ones(start: Any, playbook: Any) -> None:
    fleet = start(*({"name": f"device-{number}", "mail": {"relay": OLD}} for number in range(5)))
    wrong = {**VARIABLES, "mail_servers": [{**ENTRY, "server": "closed.example.com"}]}
    run = playbook(RUN, fleet, variables=wrong)
    assert run.status == 2
    assert ends(run) == {"device-0": "taken_back"}
    assert "connect_refused" in run.of("device-0", "Roll out")[0]["reason"]
    assert report(run)[0] == "5 devices: 1 taken back, 4 not visited"
    assert {json.dumps(entry(fleet, name)) for name in fleet.devices} == {json.dumps(OLD)}


def test_a_rollout_that_works_stays_and_a_second_one_changes_nothing(
    start: Any, playbook: Any, state_dir: Any, tmp_path: Path
) -> None:
    fleet = start(*({"name": f"device-{number}"} for number in range(3)))
    destination = {"id": 1, "to": "noc@example.com", "smtp_name": "relay"}
    variables = {**VARIABLES, "alert_events": [{"event": "disk full", "num_events": 5, "destinations": [destination]}]}
    preview = playbook(RUN, fleet, "--check", "--diff", variables=variables)
    assert set(ends(preview).values()) == {"planned"}, preview.output
    compliance = tmp_path / "compliance.json"
    run = playbook(RUN, fleet, "-e", json.dumps({"reports": {"json": str(compliance)}}), variables=variables)
    assert run.status == 0, run.output
    assert set(ends(run).values()) == {"proved"}
    # The reports have the devices of all batches.
    proofs = {each["name"]: each["proof"]["outcome"] for each in json.loads(compliance.read_bytes())["devices"]}
    assert proofs == dict.fromkeys(fleet.devices, "accepted")
    # One document for all batches, and none of the preview.
    (file,) = (tmp_path / "runs").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert {each["state"] for each in kept["devices"]} == {"proved"}
    assert [row["result"]["document"] for row in run.results if "Keep the document" in row["task"]][-1] == kept
    full = tmp_path / "full"
    full.write_text("", encoding="utf-8")
    again = playbook(RUN, fleet, "-e", f"runs_dir={full}", variables=variables)
    assert again.status == 0, again.output
    assert "the document of the run is missing" in again.output
    assert set(ends(again).values()) == {"unchanged"}
    assert sum(server.count for server in fleet.mail_servers.values()) == 3
    assert not list(state_dir.iterdir())

    fleet.devices["device-1"].state.alert_event.entries["disk full"].pop("num-events")
    compared = playbook("fortiops.mail.verify", fleet, variables=variables)
    assert compared.status == 2
    messages = {
        row["host"]: row["result"].get("msg", "") for row in compared.results if "alert events are as" in row["task"]
    }
    assert "num-events: 1 -> 5" in messages.pop("device-1")
    assert set(messages.values()) == {""}


def test_the_preview_visits_every_device_of_every_batch_and_sends_nothing(start: Any, playbook: Any) -> None:
    fleet = fleet_of(start)
    before = {name: entry(fleet, name) for name in fleet.devices}
    run = playbook(RUN, fleet, "--check", "--diff", variables=VARIABLES)
    found = ends(run)
    assert set(found) == set(fleet.devices)
    assert {name for name, state in found.items() if state == "planned"} == set(fleet.devices) - {"dead", "old"}
    assert (found["dead"], found["old"]) == ("not_reached", "refused")
    assert report(run)[0] == "8 devices: 1 refused, 1 not reached, 6 would change"
    assert {name: entry(fleet, name) for name in fleet.devices} == before
    assert run.status == 2


@pytest.mark.parametrize("state", ["recovered", "merged"])
def test_row_33_what_an_interrupted_run_left_is_taken_back(
    start: Any, playbook: Any, state_dir: Any, state: str
) -> None:
    fleet = start({"name": "faz", "mail": {"relay": {**OLD, "server": "meddled.example.com"}}})
    state_dir.mkdir()
    serial = fleet.devices["faz"].state.serial
    kept = {"device": serial, "parent": 1, "entries": {"relay": OLD}, "touched": ["relay"], "secrets": {}}
    (state_dir / f"restore-{serial}.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
    variables = {**VARIABLES, "mail_servers": [{"id": "relay", **OLD}], "mail_state": state}
    run = playbook(RUN, fleet, variables=variables)
    assert run.status == 0, run.output
    assert ends(run) == {"faz": "taken_back" if state == "recovered" else "unchanged"}
    assert entry(fleet, "faz") == OLD
    assert not list(state_dir.iterdir())


@pytest.mark.parametrize("moment", ["config system mail", "set auth enable", "next", "diagnose debug enable"])
def test_row_33_a_rollout_that_was_killed_is_made_good_by_one_more_run(
    start: Any, playbook: Any, state_dir: Any, moment: str
) -> None:
    fleet = start({"name": "faz", "mail": {"relay": OLD}})
    device = fleet.devices["faz"]
    process = playbook(RUN, fleet, variables=VARIABLES, wait=False)
    wait_for(lambda: moment in device.commands, f"{moment} is typed")
    for pid in (process.pid, *children(process.pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert [file.name for file in state_dir.glob("restore-*")] == [f"restore-{device.state.serial}.json"]

    again = playbook(RUN, fleet, variables=VARIABLES)
    assert again.status == 0, again.output
    assert ends(again) == {"faz": "proved"}
    assert "an earlier rollout was interrupted" in again.output
    assert entry(fleet, "faz")["port"] == "587"
    assert (device.state.debug.fazmaild, list(state_dir.iterdir())) == (0, [])
