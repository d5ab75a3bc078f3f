# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed logs are unpacked by what they are; of a damaged one, what can be had is read, and one sentence says the rest."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import re
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read

LOG = b"smtp_read:412: <<< 250 2.0.0 Ok\n" * 3000
NOISE = bytes(random.Random(7).choices(range(32, 127), k=300_000))

Read = list[tuple[str, bytes, str]]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return archive.getvalue()


def opened(path: Path) -> Read:
    """Name below the directory, content and problem of each member."""
    with open_log(path) as members:
        return [
            (member.name.removeprefix(f"{path.parent}/"), member.stream.read(), member.stream.problem)
            for member in members
        ]


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_file_has_one_member(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert opened(saved(tmp_path / "a.txt", pack(LOG))) == [("a.txt", LOG, "")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_archive_has_a_member_for_each_file(method: int, tmp_path: Path) -> None:
    data = zipped({"logs/": b"", "logs/a.log": LOG, "b.log": b"b", "c.log.gz": gzip.compress(LOG)}, method)

    assert opened(saved(tmp_path / "x.zip", data)) == [
        ("x.zip!logs/a.log", LOG, ""),
        ("x.zip!b.log", b"b", ""),
        ("x.zip!c.log.gz", LOG, ""),
    ]


@pytest.mark.parametrize("left", [0, 10, 60])
def test_a_zip_archive_without_its_directory_is_read_file_by_file(left: int, tmp_path: Path) -> None:
    data = zipped({"a.log": LOG, "b.log": LOG})
    directory = data.index(b"PK\x01\x02")

    assert opened(saved(tmp_path / "x.zip", data[: directory + left])) == [
        ("x.zip!a.log", LOG, ""),
        ("x.zip!b.log", LOG, ""),
    ]


def test_a_zip_archive_within_another_archive_is_read_as_it_comes(tmp_path: Path) -> None:
    data = gzip.compress(zipped({"a.log": LOG, "b.log": b"b"}))

    assert opened(saved(tmp_path / "x", data)) == [("x!a.log", LOG, ""), ("x!b.log", b"b", "")]


def test_a_zip_archive_that_was_written_to_a_pipe_is_read(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *__: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.log", LOG)
        file.writestr("b.log", NOISE)

    both = [("x!a.log", LOG, ""), ("x!b.log", NOISE, "")]
    assert opened(saved(tmp_path / "x", pipe.getvalue())) == both
    assert opened(saved(tmp_path / "x", pipe.getvalue()[:-100])) == both


@pytest.mark.parametrize(("pack", "form"), [(gzip.compress, "gzip"), (lzma.compress, "xz"), (bz2.compress, "bzip2")])
def test_what_a_cut_archive_has_is_read(pack: Callable[[bytes], bytes], form: str, tmp_path: Path) -> None:
    data = b"".join(f"{number:06d}\n".encode() for number in random.Random(7).sample(range(1_000_000), 60_000))

    ((__, content, problem),) = opened(saved(tmp_path / "x", pack(data)[:-500]))

    assert data.startswith(content)
    assert len(content) >= (0 if form == "bzip2" else 400_000)
    assert problem.startswith(f"the {form} archive cannot be unpacked any further: ")
    read = f"the {len(content)} bytes before that were" if content else "nothing of it was"
    assert problem.endswith(f"; {read} read")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(LOG)[:8], "gzip archive"),
        (b"\x1f\x8b" + NOISE, "gzip archive"),
        (b"BZh" + NOISE, "bzip2 archive"),
        (lzma.compress(LOG)[:20] + NOISE, "xz archive"),
        (zipped({}), None),
        (zipped({"a": LOG})[:40], "zip archive"),
        (b"PK\x03\x04" + NOISE, "zip archive"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(LOG)))), "packed more than 3 times"),
        (zipped({"a": gzip.compress(NOISE)[:1000]}), "gzip in zip archive"),
    ],
    ids=lambda value: (
        "" if isinstance(value, bytes) else value
    ),  # an archive has the time in it, another at each collection
)
def test_an_archive_that_is_none_is_one_sentence(data: bytes, words: str | None, tmp_path: Path) -> None:
    found = opened(saved(tmp_path / "x", data))

    assert len(found) == 1
    assert words is None or words in found[0][2]
    assert "\n" not in found[0][2]


def test_an_encrypted_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": LOG, "b.log": LOG}))
    data[6] |= 1  # the flag in the header of the first file
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory

    (__, __, problem), second = opened(saved(tmp_path / "x", bytes(data)))

    assert "encrypted" in problem
    assert second == ("x!b.log", LOG, "")


def test_a_damaged_file_in_a_zip_archive_does_not_hide_the_next(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": NOISE, "b.log": LOG}))
    data[5000:5100] = b"\xff" * 100

    (__, __, problem), second = opened(saved(tmp_path / "x", bytes(data)))

    assert "zip archive" in problem
    assert second == ("x!b.log", LOG, "")


def test_the_reader_notes_a_damaged_archive(tmp_path: Path) -> None:
    with open_log(saved(tmp_path / "x", gzip.compress(LOG)[:100])) as members:
        batches = [batch for member in members for batch in read(member.stream)]

    assert "unread" in [note.kind for batch in batches for note in batch.notes]
    assert sum(map(len, batches)) > 0


def test_a_bomb_is_unpacked_no_faster_than_it_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path / "x", gzip.compress(gzip.compress(bytes(100_000_000), 1), 1))
    tracemalloc.start()

    with open_log(path) as members:
        for member in members:
            for __ in range(100):
                member.stream.read(65536)

    __, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_standard_input_may_be_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(zipped({"a.log": b"one\n", "b.log": b"two\n"}))
    with os.fdopen(reading) as text:
        monkeypatch.setattr(sys, "stdin", text)
        with open_log("-") as members:
            assert [(member.name, member.stream.read()) for member in members] == [
                ("-!a.log", b"one\n"),
                ("-!b.log", b"two\n"),
            ]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_log(tmp_path / "missing"):
        pass


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: zipped({"a": data})])
def test_what_unpacks_to_a_thousand_times_its_size_ends_there(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = pack(pack(bytes(30_000_000)))
    [(__, data, problem)] = opened(saved(tmp_path / "bomb", bomb))
    assert len(data) <= max(16_000_000, 1000 * len(bomb))
    assert re.search(r"unpacks to more than \d+ MB, and has \d+ bytes; .* --unpack-limit", problem)
    monkeypatch.setenv("FAZMAIL_UNPACK_LIMIT", "300")
    [(__, data, problem)] = opened(tmp_path / "bomb")
    assert (len(data), problem) == (30_000_000, "")


def test_layers_that_give_nothing_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZMAIL_UNPACK_LIMIT", "1")
    empty = gzip.compress(b"") * 100_000
    [(__, data, problem)] = opened(saved(tmp_path / "bomb", bz2.compress(empty)))
    assert data == b""
    assert "unpacks to more than" in problem
