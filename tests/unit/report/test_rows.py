# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each row says which file it is of and what it is; nothing in it says so a second time."""

from __future__ import annotations

import io
import json
from typing import Any

from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rows import RowWriter, json_lines

LOG = (
    "nobody knows this\n"
    'FAZ # diagnose test connection mailserver "1"\n'
    "2026-11-24 10:00:00 sendmail_loop:1143: total pending tasks: 0.\n"
    "smtp_send:1: < 535 5.7.8 no\n"
)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    assert len(row) == len(pairs), pairs
    return row


def test_no_row_has_a_name_twice() -> None:
    data = LOG.encode("utf-16")

    rows = [json.loads(line, object_pairs_hook=unique) for line in json_lines(stream(read(io.BytesIO(data))), "a.log")]

    assert {row["path"] for row in rows} == {"a.log"}
    assert {row["kind"] for row in rows} == {"note", "record", "unmatched", "verdict", "send", "run", "summary"}


def test_a_number_of_any_length_is_the_same_in_rows_and_in_records() -> None:
    digits = ("0", "7", "00", "9" * 18, "9" * 19, "9" * 5000)
    log = "".join(f"FAZ # diagnose test application fazmaild 2\ntotal sent mail count: {each}\n" for each in digits)

    items = stream(read(io.BytesIO(log.encode())), LogOptions(written=RowWriter("a.log")))
    rows = map(json.loads, json_lines(items, "a.log"))

    sent = [row["sent"] for row in rows if row["kind"] == "record"]
    assert sent == [0, 7, 0, *[10**18 - 1] * 3]
