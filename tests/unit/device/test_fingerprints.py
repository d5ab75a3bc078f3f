# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of passwords: equal is known, everything else is not, and nothing readable is kept."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.fingerprints import FingerprintError, Fingerprints


def test_only_the_last_value_of_the_same_device_entry_and_option_is_known(tmp_path: Path) -> None:
    file = tmp_path / "new" / "fingerprints.json"
    prints = Fingerprints(file, "faz")
    assert not prints.known("relay", "passwd", "old")
    prints.record({("relay", "passwd"): "old"})
    assert prints.known("relay", "passwd", "old")
    prints.record({("relay", "passwd"): "new"})
    assert prints.known("relay", "passwd", "new")
    assert not prints.known("relay", "passwd", "old")
    assert not prints.known("other", "passwd", "new")
    assert not prints.known("relay", "oauth2-client-secret", "new")
    assert not Fingerprints(file, "other device").known("relay", "passwd", "new")


def test_the_file_is_private_and_holds_no_password(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    Fingerprints(file, "faz").record({("relay", "passwd"): "hunter2-hunter2"})
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hunter2" not in file.read_text(encoding="utf-8")


def test_two_files_give_two_fingerprints(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Fingerprints(tmp_path / name, "faz").record({("relay", "passwd"): "same"})
    assert (tmp_path / "a").read_text(encoding="utf-8") != (tmp_path / "b").read_text(encoding="utf-8")


def test_many_tasks_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    devices = [f"faz-{number}" for number in range(12)]
    threads = [
        threading.Thread(target=Fingerprints(file, device).record, args=({("relay", "passwd"): device},))
        for device in devices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Fingerprints(file, device).known("relay", "passwd", device) for device in devices)


MEMORY = """
import sys, threading
from pathlib import Path
from ansible_collections.fortiops.mail.plugins.plugin_utils.device.fingerprints import Fingerprints

def most():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

file = Path(sys.argv[1])
Fingerprints(file, "faz-0").record({("relay", "passwd"): "old"})
before = most()
threads = [threading.Thread(target=Fingerprints(file, "faz-0").known, args=("relay", "passwd", "old")) for __ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(most() - before)
"""


def test_the_devices_of_a_batch_compute_in_the_memory_of_one(tmp_path: Path) -> None:
    words = [sys.executable, "-c", MEMORY, str(tmp_path / "fingerprints.json")]
    more = int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    assert more < 50, f"{more} MB"


def test_a_process_that_was_forked_computes_its_own(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    Fingerprints(file, "faz-hq").record({("relay", "passwd"): "old"})

    with multiprocessing.get_context("fork").Pool(1) as child:
        assert child.apply_async(Fingerprints(file, "faz-hq").known, ("relay", "passwd", "old")).get(timeout=20)


@pytest.mark.parametrize("text", ["{}", "not json", "[]", "[all]\nfaz-hq\n", '{"form": 3}'])
def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "fingerprints.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FingerprintError, match=r"fingerprints\.json is not one that this collection wrote"):
        Fingerprints(file, "faz").record({("relay", "passwd"): "x"})
    assert file.read_text(encoding="utf-8") == text


KEY = "0" * 64


@pytest.mark.parametrize(
    "content",
    [
        {"form": 2, "key": "00", "fingerprints": {}},
        {"form": 9, "key": KEY, "fingerprints": {}},
        {"form": 2, "key": KEY, "fingerprints": []},
        {"form": 2, "key": KEY, "fingerprints": {'["faz", "relay", "passwd"]': 7}},
        {"form": 2, "key": None, "fingerprints": {}},
        {"form": [], "key": KEY, "fingerprints": {}},
    ],
)
def test_a_damaged_file_knows_nothing_and_is_kept_beside(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "fingerprints.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    prints = Fingerprints(file, "faz")
    assert not prints.known("relay", "passwd", "x")
    prints.record({("relay", "passwd"): "x"})
    assert Fingerprints(file, "faz").known("relay", "passwd", "x")
    [note] = prints.notes
    [aside] = tmp_path.glob("fingerprints.json.damaged-*")
    assert aside.name in note
    assert json.loads(aside.read_text(encoding="utf-8")) == content


def test_what_was_known_by_host_and_port_is_sent_once_more(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    Fingerprints(file, "192.0.2.1 port 22").record({("relay", "passwd"): "x"})
    file.write_text(file.read_text(encoding="utf-8").replace('"form": 2', '"form": 1'), encoding="utf-8")
    prints = Fingerprints(file, "192.0.2.1 port 22")
    assert not prints.known("relay", "passwd", "x")
    assert prints.notes == []


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    file.touch()
    Fingerprints(file, "faz").record({("relay", "passwd"): "x"})
    assert Fingerprints(file, "faz").known("relay", "passwd", "x")
