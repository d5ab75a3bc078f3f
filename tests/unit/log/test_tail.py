# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that grows is read once, whatever becomes of it."""

from __future__ import annotations

import os
import random
from itertools import count
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import tail
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.tail import GrowingFile


def there(file: GrowingFile) -> bytes:
    """Return what can be read by now."""
    return b"".join(iter(lambda: file.read(1 << 16) or b"", b""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.log"
    path.write_bytes(b"10:00:01 one\n10:00:02 two\n")
    return path


@pytest.mark.parametrize(
    "written",
    [b"10:00:03 one\n", b"10:00:03 one\n10:00:04 two\n", b"10:00:03 one\n10:00:04 two\n10:00:05 three\n"],
    ids=["smaller", "same size", "larger"],
)
def test_a_file_that_was_cut_and_written_again_is_read_from_its_beginning(path: Path, written: bytes) -> None:
    with GrowingFile(path, lambda: True) as file:
        there(file)
        path.write_bytes(written)

        assert there(file) == written


def test_a_line_that_was_not_ended_when_its_file_was_written_again_ends_there(path: Path) -> None:
    with GrowingFile(path, lambda: True) as file:
        path.write_bytes(b"10:00:01 half")
        there(file)
        path.write_bytes(b"10:00:03 more than half\n")

        assert there(file) == b"\n10:00:03 more than half\n"


def test_a_file_that_was_only_touched_is_not_read_again(path: Path) -> None:
    with GrowingFile(path, lambda: True) as file:
        there(file)
        os.utime(path, ns=(0, 0))

        assert there(file) == b""


@pytest.mark.parametrize("seed", range(20))
def test_each_line_comes_once_whatever_was_done_to_the_file(
    path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_SECONDS_BETWEEN_LOOKS", 0)
    chance = random.Random(seed)
    written = [path.read_bytes()]
    asked = count(1)
    with GrowingFile(path, lambda: not next(asked) % 3) as file:
        read = there(file)
        for number in range(50):
            lines = b"".join(b"10:%02d:%02d line\n" % (number, each) for each in range(chance.randrange(1, 400)))
            written.append(lines)
            done = chance.choice(["grows", "is cut", "is replaced"])
            if done == "grows":
                with path.open("ab") as stream:
                    stream.write(lines)
            elif done == "is cut":
                path.write_bytes(lines)
            else:
                path.rename(path.with_suffix(".1"))
                path.write_bytes(lines)
            read += there(file)

    assert read == b"".join(written)
