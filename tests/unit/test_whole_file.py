# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written whole or left as they were."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.own_files import LockedFile
from ansible_collections.fortiops.mail.plugins.plugin_utils.whole_file import (
    WholeFile,
    WriteError,
    write_new,
    write_private,
    write_whole,
)


def left_in(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_files_are_made_and_replaced_with_the_mode_that_others_expect(tmp_path: Path) -> None:
    old = tmp_path / "old.html"
    old.write_text("old", encoding="utf-8")
    old.chmod(0o640)
    os.umask(mask := os.umask(0))
    write_whole({old: "new\r\n\u2713", tmp_path / "fresh.csv": "a\r\n"})
    assert (tmp_path / "old.html").read_bytes() == "new\r\n\u2713".encode()
    assert left_in(tmp_path).keys() == {"old.html", "fresh.csv"}
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "fresh.csv").stat().st_mode) == 0o666 & ~mask


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("target")
    write_whole({tmp_path / "link": "new"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("wrong", ["missing/b.csv", "a.html/b.csv", "/dev/full"])
def test_one_that_cannot_be_written_leaves_all_as_they_were(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("old", encoding="utf-8")
    with pytest.raises(WriteError, match="cannot be written"):
        write_whole({tmp_path / "a.html": "new", tmp_path / wrong: "text"})
    assert left_in(tmp_path) == {"a.html": "old"}


@pytest.mark.parametrize("write", [lambda file: write_whole({file: "new"}), lambda file: write_private(file, "new")])
def test_a_signal_before_the_first_word_leaves_nothing_behind(
    write: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(file: WholeFile) -> None:
        file.stream.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(WholeFile, "__enter__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "file")
    assert left_in(tmp_path) == {}


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError, match="expected the name of a file"):
        write_whole({tmp_path / "folder": "text"})
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_new_files_are_all_written_or_none_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("old", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_new({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert left_in(tmp_path) == {"b": "old"}
    write_new({tmp_path / "a": "new", tmp_path / "c": "new"})
    assert left_in(tmp_path) == {"a": "new", "b": "old", "c": "new"}


def test_a_private_file_is_for_its_owner_also_where_another_was(tmp_path: Path) -> None:
    (tmp_path / "capture").write_text("old", encoding="utf-8")
    (tmp_path / "capture").chmod(0o644)
    write_private(tmp_path / "capture", "new")
    assert left_in(tmp_path) == {"capture": "new"}
    assert stat.S_IMODE((tmp_path / "capture").stat().st_mode) == 0o600


def _locked(place: Path) -> None:
    file = LockedFile(place, "SERIAL")
    with file.locked():
        file.write(entries={})


@pytest.mark.parametrize(
    "write",
    [
        lambda place: write_whole({place: "text"}),
        lambda place: write_new({place: "text"}),
        lambda place: write_private(place, "text"),
        _locked,
    ],
    ids=["whole", "new", "private", "locked"],
)
def test_a_file_is_on_the_disk_before_it_has_its_name_or_counts_as_written(
    write: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "file"
    sync, on_disk = os.fsync, list[str]()

    def synced(handle: int) -> None:
        sync(handle)
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            on_disk.append(Path(f"/proc/self/fd/{handle}").read_text(encoding="utf-8"))

    def with_content(name: str) -> Callable[..., Any]:
        named = getattr(Path if name == "replace" else os, name)

        def then(*arguments: Any) -> Any:
            assert on_disk == ["text"]
            return named(*arguments)

        return then

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", with_content("link"))
    monkeypatch.setattr(Path, "replace", with_content("replace"))
    write(place)

    assert on_disk[-1] == place.read_text(encoding="utf-8") != ""
