# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files that are made of names of hosts, and files of our own that are damaged."""

from __future__ import annotations

import fcntl
import os
import resource
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.own_files import (
    DamagedFileError,
    LockedFile,
    file_name,
    loaded,
)
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=300))
def test_a_file_name_stays_in_its_directory_and_is_short(text: str) -> None:
    name = file_name(text)
    assert 0 < len(name) <= 120
    assert (Path("/safe") / name).resolve().parent == Path("/safe")
    assert not name.startswith(".")
    assert name.isascii()
    assert name.isprintable()


@given(st.lists(st.text(), unique=True, min_size=2, max_size=20))
def test_different_hosts_have_different_files(texts: list[str]) -> None:
    assert len({file_name(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("faz-hq.example.com", "faz-hq.example.com"),
        ("../../esc/x", "%2E.%2F..%2Fesc%2Fx"),
        ("..", "%2E."),
        ("", "%"),
        ("\udc80", "%ED%B2%80"),
    ],
)
def test_a_usual_name_is_its_own_file_name(text: str, name: str) -> None:
    assert file_name(text) == name


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[" * 100_000, b"{", b"1" * 2_000_000, b'"' * 9], ids=range(6))
def test_what_is_no_json_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedFileError):
        loaded(data)


@pytest.mark.parametrize("made_again", [False, True])
def test_a_file_that_its_holder_removes_before_it_is_locked_is_not_written_to(
    made_again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "restore.json"
    flock, calls = fcntl.flock, []

    def after_the_holder(file: int, kind: int) -> None:
        if not calls:
            place.unlink()
            if made_again:
                place.touch()
        calls.append(kind)
        flock(file, kind)

    monkeypatch.setattr(fcntl, "flock", after_the_holder)
    file = LockedFile(place, "SERIAL")
    with file.locked() as held:
        assert held
        file.write(entries={})
        assert loaded(place.read_bytes())["device"] == "SERIAL"


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("looks", range(6))
def test_a_file_may_vanish_before_anybody_looks_at_it(
    looks: int, former: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, before = tmp_path / "restore.json", tmp_path / "before.json"
    (before if former else place).touch()
    look, calls = Path.stat, []

    def after_another_process(path: Path, **options: bool) -> os.stat_result:
        calls.append(path)
        if len(calls) == looks + 1:
            # It has finished, and takes away what was empty, or gives it its new name.
            for each in (place, before):
                each.unlink(missing_ok=True)
        return look(path, **options)

    monkeypatch.setattr(Path, "stat", after_another_process)
    file = LockedFile(place, "SERIAL", before if former else None)
    with file.locked() as held:
        assert held
        file.write(entries={})
        assert loaded(place.read_bytes())["device"] == "SERIAL"


def test_a_file_that_another_process_gives_its_new_name_is_the_one_that_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, before = tmp_path / "restore.json", tmp_path / "before.json"
    before.write_text('{"device": "SERIAL"}', encoding="utf-8")
    rename = Path.rename

    def too_late(path: Path, target: Path) -> Path:
        rename(path, target)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", too_late)
    file = LockedFile(place, "SERIAL", before)
    with file.locked() as held:
        assert held
        assert loaded(file.content()) == {"device": "SERIAL"}


def test_what_a_full_disk_does_not_take_is_one_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = LockedFile(tmp_path / "restore.json", "SERIAL")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with file.locked():
        file.write(entries="before")
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
        try:
            with pytest.raises(OSError, match="File too large"):
                file.write(entries="x" * 100)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert file.content() == b""
    assert list(tmp_path.iterdir()) == []
