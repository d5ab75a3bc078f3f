# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of debug switches: whose it is, and what becomes of a file that cannot be believed."""

from __future__ import annotations

import json
import resource
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.debug import DebugRun, debugging, finish_interrupted
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.journal import DebugError, DebugState, Journal
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import UnreachableError
from ansible_collections.fortiops.mail.simulator.cli.engine import Screen

from ..in_process import log_in, session_on, simulated

FOUND: dict[str, Any] = {"level": 3, "output": False, "timestamps": False, "others": False}


def never() -> Any:
    raise AssertionError("there is no reason to connect again")


def left_behind(file: Path, **entry: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"device": "SERIAL", "parent": 1, "state": FOUND, **entry}), encoding="utf-8")


def test_an_interrupted_debug_is_ended_on_its_own_device_and_on_no_other(tmp_path: Path) -> None:
    one, other = simulated(), simulated()
    other.serial = "OTHER"
    for state in (one, other):
        state.debug.fazmaild = 255
    left_behind(Journal(tmp_path, "SERIAL").path)
    for state in (other, one):
        device = log_in(state)
        finish_interrupted(device.session, Journal(tmp_path, device.identity(), ("192.0.2.1", 22)))
    assert (one.debug.fazmaild, other.debug.fazmaild) == (3, 255)
    assert not list(tmp_path.iterdir())


def test_on_a_full_disk_nothing_is_switched_on_and_the_file_is_named(tmp_path: Path) -> None:
    state = simulated()
    device = log_in(state)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        with (
            pytest.raises(DebugError, match=r"debug-SERIAL\.json, which remembers .*: File too large; set ansible_"),
            debugging(device.session, Journal(tmp_path, device.identity()), 255, never),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert state.debug.fazmaild == 0
    assert not list(tmp_path.iterdir())


def test_a_file_of_an_earlier_version_is_still_found(tmp_path: Path) -> None:
    state = simulated()
    state.debug.fazmaild = 255
    former = tmp_path / "debug-192.0.2.1-22.json"
    former.write_text(json.dumps({"parent": 1, "state": FOUND}), encoding="utf-8")
    device = log_in(state)
    restored = finish_interrupted(device.session, Journal(tmp_path, device.identity(), ("192.0.2.1", 22)))
    assert "level is 3 again" in restored
    assert state.debug.fazmaild == 3
    assert not list(tmp_path.iterdir())


def test_the_file_of_another_device_is_refused_by_name(tmp_path: Path) -> None:
    state = simulated()
    state.debug.fazmaild = 255
    journal = Journal(tmp_path, "SERIAL")
    left_behind(journal.path, device="FAZ-OTHER")
    with pytest.raises(
        DebugError, match=r"debug-SERIAL\.json remembers .* of the device FAZ-OTHER, and this is SERIAL"
    ):
        finish_interrupted(log_in(state).session, journal)
    assert state.debug.fazmaild == 255
    assert journal.path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b"null",
        b"[]",
        b'{"state": 7}',
        b'{"state": {}}',
        json.dumps({"state": {**FOUND, "level": "7"}}).encode(),
        json.dumps({"state": {**FOUND, "level": True}}).encode(),
        json.dumps({"state": {**FOUND, "level": -1}}).encode(),
        json.dumps({"state": {**FOUND, "level": 10**30}}).encode(),
        json.dumps({"state": {**FOUND, "output": "no"}}).encode(),
        json.dumps({"state": {**FOUND, "more": 1}}).encode(),
        json.dumps({"device": 7, "state": FOUND}).encode(),
        b"x" * 3_000_000,
    ],
    ids=range(14),
)
def test_a_damaged_file_means_off_is_kept_and_named_once(tmp_path: Path, content: bytes) -> None:
    state = simulated()
    state.debug.fazmaild = 255
    journal = Journal(tmp_path, "SERIAL")
    journal.path.write_bytes(content)
    device = log_in(state)
    restored = finish_interrupted(device.session, journal)
    assert "level is 0 again" in restored
    assert state.debug.fazmaild == 0
    [kept] = tmp_path.iterdir()
    assert kept.name.startswith("debug-SERIAL.json.damaged-")
    assert kept.read_bytes()[:1000] == content[:1000]
    assert kept.stat().st_mode & 0o777 == 0o600
    # Nobody knows whether others debug.
    assert "diagnose debug reset" not in device.session.transport.lines
    [note] = journal.notes
    assert str(journal.path) in note
    assert kept.name in note
    again = Journal(tmp_path, "SERIAL")
    assert finish_interrupted(device.session, again) == ""
    assert again.notes == []


def test_what_a_damaged_file_means_is_written_down_before_anything_is_typed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "SERIAL")
    journal.path.write_bytes(b"null")
    with journal.locked() as held:
        assert held is not None
        off = held.remembered()
    entry = json.loads(journal.path.read_text(encoding="utf-8"))
    assert (off.level, DebugState(**entry["state"])) == (0, off)


def test_a_level_that_is_not_read_back_stays_written_down(tmp_path: Path) -> None:
    state, answers = simulated(), dict[str, str]()
    session = session_on(state, screen=Screen(answers=answers))
    with debugging(session, Journal(tmp_path, "SERIAL"), 255, never) as run:
        answers["diagnose debug"] = ""
    assert (state.debug.fazmaild, run.after.state.level) == (255, None)
    assert f"as remembered in {tmp_path}" in run.warning
    answers.clear()
    assert "level is 0 again" in finish_interrupted(session, Journal(tmp_path, "SERIAL"))
    assert (state.debug.fazmaild, list(tmp_path.iterdir())) == (0, [])


def test_while_a_debug_runs_the_file_names_device_and_state(tmp_path: Path) -> None:
    state = simulated()
    device = log_in(state)
    journal = Journal(tmp_path, device.identity())
    with debugging(device.session, journal, 255, never) as run:
        entry = json.loads(journal.path.read_text(encoding="utf-8"))
        assert entry["device"] == "SERIAL"
        assert DebugState(**entry["state"]) == run.before.state
    assert not journal.path.exists()


def test_without_a_serial_number_the_host_key_names_the_device() -> None:
    state = simulated()
    state.serial = " "
    device = log_in(state)
    device.session.host_key = "SHA256:abc"
    assert device.identity() == "SHA256:abc"
    assert "/" not in Journal(Path("/state"), "SHA256:a/b+c").path.name


def test_machines_without_a_license_share_a_serial_number_and_are_told_apart_by_their_host_keys() -> None:
    state = simulated()
    devices = [log_in(state) for __ in range(2)]
    for number, device in enumerate(devices):
        device.session.host_key = f"SHA256:{number}"
    state.serial = "FAZ-VM0000000001"
    assert [device.identity() for device in devices] == ["FAZ-VM0000000001 SHA256:0", "FAZ-VM0000000001 SHA256:1"]
    state.serial = "FAZ-VM0000012345"
    assert {log_in(state).identity() for __ in devices} == {"FAZ-VM0000012345"}


class Lost(Exception):
    """What a task does after its session has ended does not matter here."""


def debug_whose_session_ends(tmp_path: Path, reconnect: Any, *, fails: bool) -> tuple[Any, Journal, DebugRun]:
    state, found = simulated(), []
    session = session_on(state)
    journal = Journal(tmp_path, "SERIAL")
    with suppress(Lost), debugging(session, journal, 255, reconnect) as run:
        found.append(run)
        session.transport.closed = True
        if fails:
            raise Lost
    return state, journal, found[0]


@pytest.mark.parametrize("fails", [False, True])
def test_debug_is_switched_off_over_another_session(tmp_path: Path, fails: bool) -> None:
    state = simulated()
    state.debug.fazmaild = 255
    __, journal, run = debug_whose_session_ends(tmp_path, lambda: nullcontext(session_on(state)), fails=fails)
    assert run.warning == ""
    assert (state.debug.fazmaild, journal.path.exists()) == (0, False)


@pytest.mark.parametrize("serial", ["OTHER", ""])
def test_another_unit_that_answers_at_the_address_is_not_taken_for_the_device(tmp_path: Path, serial: str) -> None:
    other = simulated()
    other.serial, other.debug.fazmaild = serial or " ", 7
    __, journal, run = debug_whose_session_ends(tmp_path, lambda: nullcontext(session_on(other)), fails=False)
    # What was found out before counts all the same: a warning, and no error.
    assert "type on the device: diagnose debug disable" in run.warning
    assert ("the device OTHER answers in place of SERIAL" in run.warning) is bool(serial)
    assert (other.debug.fazmaild, journal.path.exists()) == (7, True)


def test_a_device_that_cannot_be_reached_again_takes_nothing_of_what_was_found_out(tmp_path: Path) -> None:
    def down() -> Any:
        raise UnreachableError("no route")

    state, journal, run = debug_whose_session_ends(tmp_path, down, fails=False)
    assert "could not be reached again (no route)" in run.warning
    assert (state.debug.fazmaild, journal.path.exists()) == (255, True)
    with pytest.raises(DebugError, match="could not be reached again"):
        debug_whose_session_ends(tmp_path / "other", down, fails=True)
