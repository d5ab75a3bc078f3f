# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes a file has: the parser ends, raises nothing, and each line is in one bucket."""

from __future__ import annotations

import io
import json
import os
import random
import time
from pathlib import Path
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import collect
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.saved import SavedPath
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

_PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\0", b"\x1b[K", b"FAZ # ", b"535 5.7.8 ", b"250 ", b"> EHLO x", b"--More--"]
)


LOGS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "samples" / "logs").glob("*.log"))]
WANTED = LogOptions(evidence=SavedPath)
# A minute of it in CI; a moment for whoever changes the code.
SECONDS = 60 if os.environ.get("CI") else 10


def adds_up(found: dict[str, Any]) -> bool:
    counts = dict(found["lines"])
    return (
        counts.pop("total") == sum(counts.values())
        and sum(found["ignored_by"].values()) == counts["ignored"]
        and sum(found["foreign_by"].values()) == counts["foreign"]
        and sum(shape["count"] for shape in found["unmatched_shapes"]) + found["unmatched_other"] == counts["unmatched"]
        and len(found["sends"]) == len(found["verdicts"])
    )


@settings(max_examples=1000)
@given(st.lists(st.binary(max_size=40) | _PIECES, max_size=60).map(b"".join))
def test_every_line_of_random_bytes_is_in_one_bucket(data: bytes) -> None:
    assert adds_up(analyse_bytes(data))


def test_damaged_logs_are_read_for_a_minute_without_an_error_and_each_line_is_counted() -> None:
    choose = random.Random(20261124)
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS:
        data = damaged(choose)
        # A file that trickles in gives what it gives as a whole.
        trickled = collect(stream(read(Trickle(data, choose.randrange(1, 2000))), WANTED), "-")  # type: ignore[arg-type]
        found = analyse_bytes(data)

        assert adds_up(found), data
        assert trickled == found, data
        json.dumps(found)


def damaged(choose: random.Random) -> bytes:
    """Some logs, one behind the other, with parts cut out, doubled, overwritten by noise or put elsewhere."""
    data = bytearray(b"".join(choose.choice(LOGS) for __ in range(choose.randrange(1, 4))))
    for __ in range(choose.randrange(30)):
        begin = choose.randrange(len(data) + 1)
        end = begin + choose.choice((0, 1, 3, 50, 500))
        part = bytes(data[begin:end])
        noise = choose.randbytes(choose.randrange(20))
        data[begin:end] = choose.choice((b"", part * 2, noise, part + noise, b"\n" + part, part.replace(b"\n", b"\r")))
    return bytes(data)


class Trickle(io.BytesIO):
    """Bytes that come a few at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._most if size is None or size < 0 else min(size, self._most))
