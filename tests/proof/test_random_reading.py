# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes a file has, packed or damaged: reading it ends, raises nothing, and gives each line once."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LOG = b"smtp_read:412: <<< 250 2.0.0 Ok\r\n> EHLO faz\r\n" * 40
_PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\0", b"\x1b[K", b"\b", b"> ", b"FAZ # ", b"\xff\xfe", b"{\\rtf1 ", b"\\par ", b"{", b"}"]
) | st.sampled_from(
    [
        b"\\u8217?",
        b"x" * 80,
        b"x" * 70_000,
        b"[10:00:00] ",
        b"smtp_read:412: <<< 250 ",
        b"a\0b\0\n\0",
        b"word " * 15,
        b"--More--",
    ]
)


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.log", data)
        file.writestr("b.log", data)
    return archive.getvalue()


def lines_once(path: Path) -> None:
    with open_log(path) as members:
        for member in members:
            following = 1
            for batch in read(member.stream):
                for number, span in zip(batch.numbers, batch.spans or [1] * len(batch), strict=True):
                    assert number == following
                    following += span


@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.binary(max_size=40) | _PIECES, max_size=80).map(b"".join))
def test_each_line_of_random_bytes_is_given_once(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    lines_once(path)


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, zipped, lambda data: gzip.compress(zipped(data))]
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_is_read_as_far_as_it_goes(pack: object, data: st.DataObject, tmp_path: Path) -> None:
    packed = bytearray(pack(LOG))  # type: ignore[operator]
    for __ in range(data.draw(st.integers(0, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "log"
    path.write_bytes(packed[: data.draw(st.integers(0, len(packed)))] if data.draw(st.booleans()) else packed)
    lines_once(path)
