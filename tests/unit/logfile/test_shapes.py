# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a log was saved, it gives the same records and the same verdicts, and each knows its line in that file."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse, collect
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.stream import LogOptions, stream
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import program_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.archives import open_log
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.path.saved import SavedPath

from .shapes import ASCII, SHAPES, plain

LOG = Path(__file__).parents[2] / "samples" / "logs" / "two_devices.log"
LINES = LOG.read_text(encoding="utf-8").splitlines()
SECOND_DEVICE = LINES.index("FMG-LAB # get system status")


def analysed(data: bytes) -> dict[str, Any]:
    """What the bytes of a file give: lines are numbered as in that file, own lines of terminal programs left out."""
    texts: list[str] = []
    numbers: list[int] = []
    for batch in read(io.BytesIO(data)):
        own = program_lines.find(batch.texts, range(len(batch)))
        kept = [position for position in range(len(batch)) if position not in own]
        texts += [batch.texts[position] for position in kept]
        numbers += [batch.numbers[position] for position in kept]
    return renumbered(analyse("\n".join(texts)), numbers)


def renumbered(found: dict[str, Any], numbers: list[int]) -> dict[str, Any]:
    found = json.loads(json.dumps(found))
    rows = [*found["records"], *found["unmatched"], *found["verdicts"]]
    for row in [*rows, *(line for verdict in found["verdicts"] for line in verdict["evidence"])]:
        row["line"] = numbers[row["line"] - 1]
    for why in (verdict["why"] for verdict in found["verdicts"]):
        for row in [why, *why["lost"]]:
            row["line"] = row["line"] and numbers[row["line"] - 1]
    return found


def test_the_log_has_a_send_that_failed_and_one_that_was_accepted() -> None:
    verdicts = analysed(plain(LINES)[0])["verdicts"]

    assert [verdict["cause"] for verdict in verdicts] == ["auth_credentials_invalid", "accepted"]


each_shape = pytest.mark.parametrize("name", SHAPES)


def saved(name: str) -> tuple[list[str], bytes, list[int]]:
    """The lines of the log, the bytes of the file they were saved as, and their numbers in that file."""
    lines = [line.encode("ascii", "ignore").decode() for line in LINES] if name in ASCII else LINES
    return lines, *SHAPES[name](lines)


@each_shape
def test_how_a_log_was_saved_does_not_matter(name: str) -> None:
    lines, data, where = saved(name)

    expected, found = renumbered(analyse("\n".join(lines)), where), analysed(data)
    for what in ("status", "records", "verdicts", "unmatched"):
        assert found[what] == expected[what]


@each_shape
def test_each_line_of_the_file_is_counted_once(name: str) -> None:
    __, data, where = saved(name)
    batches = list(read(io.BytesIO(data)))
    numbers = [number for batch in batches for number in batch.numbers]
    spans = [span for batch in batches for span in batch.spans or [1] * len(batch)]

    assert set(where) <= set(numbers)
    assert numbers == list(accumulate(spans[:-1], initial=1))
    assert sum(spans) in (line_ends(data), line_ends(data) + 1)


def line_ends(data: bytes) -> int:
    if data.startswith(b"{\\rtf") or b"\\par\r\n" in data:
        return data.count(b"\\par\r")
    return data.count(b"\n") or data.count(b"\r")


@pytest.mark.parametrize("cut", [1, 700, 1500])
def test_a_log_without_its_beginning_gives_what_is_whole(cut: int) -> None:
    data = plain(LINES)[0]
    whole, found = analysed(data), analysed(data[cut:])

    gone = data[:cut].count(b"\n")
    later = [record for record in whole["records"] if record["line"] > SECOND_DEVICE]
    assert found["records"][-len(later) :] == [{**each, "line": each["line"] - gone} for each in later]
    assert found["verdicts"][-1]["outcome"] == "accepted"


@pytest.mark.parametrize("cut", [1, 500, 1000])
def test_a_log_without_its_end_gives_what_is_whole(cut: int) -> None:
    data = plain(LINES)[0]
    whole, found = analysed(data), analysed(data[:-cut])

    earlier = [record for record in whole["records"] if record["line"] <= SECOND_DEVICE]
    assert found["records"][: len(earlier)] == earlier
    assert found["verdicts"][0] == whole["verdicts"][0]
    assert all(verdict["outcome"] != "accepted" for verdict in found["verdicts"][1:]) or cut == 1


SAMPLES = sorted(
    path for name in ("logs/*.log", "*/*.raw", "transcripts/*/*.log") for path in LOG.parents[1].glob(name)
)


def judged(data: bytes) -> list[tuple[str, ...]]:
    found = collect(stream(read(io.BytesIO(data)), LogOptions(evidence=SavedPath)), "-")
    verdicts = [(each["outcome"], each["cause"], each["stage"]) for each in found["verdicts"]]
    return [*verdicts, *((each["finding"],) for path in found["paths"] for each in path["findings"])]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_blanks_at_the_beginning_of_lines_do_not_matter(path: Path) -> None:
    data = path.read_bytes()
    lines = data.split(b"\n")

    assert judged(b"\n".join(b"    " + line for line in lines)) == judged(data)
    if path.parent.name != "delivery_status":  # whose fields go on behind a blank
        assert judged(b"\n".join(line.lstrip(b" ") for line in lines)) == judged(data)


NOTED = {
    "a block of code in a post": "indented",
    "the source of a web page": "entities",
    "what Ansible prints": "strings",
    "what Docker Compose prints": "prefix",
    "numbered by grep": "prefix",
    "a log with bold lines": "pointed",
    "LF": "",
}


@pytest.mark.parametrize(("name", "kind"), NOTED.items(), ids=NOTED)
def test_what_is_undone_is_noted(name: str, kind: str) -> None:
    __, data, __ = saved(name)

    assert {note.kind for batch in read(io.BytesIO(data)) for note in batch.notes} >= ({kind} if kind else set())
    assert kind or not [note for batch in read(io.BytesIO(data)) for note in batch.notes]


def test_the_log_in_a_post_is_read_as_it_was() -> None:
    asked = ["Hello, since the update no mail leaves the device:", ""]
    code = [f"    {line}" for line in LINES]
    found = judged("\n".join([*asked, *code, "", "What is wrong?"]).encode())

    assert found == judged(plain(LINES)[0])


def test_an_arrow_at_a_line_is_no_mark_of_a_client() -> None:
    log = ["> RCPT TO:<noc@example.com>", "< 550 5.1.1 User unknown", "curl: (55) RCPT failed: 550"]
    pointed = [log[0], f"--> {log[1]}", log[2]]

    assert (
        judged("\n".join(pointed).encode())
        == judged("\n".join(log).encode())
        == [("failed", "recipient_invalid", "rcpt_to")]
    )


def test_debug_output_is_the_same_without_its_stamps() -> None:
    bare = [line.replace("2026-11-24 10:00:0", "\0", 1) for line in LINES]
    bare = ["".join(part[2:] if number else part for number, part in enumerate(line.split("\0"))) for line in bare]
    whole, found = analysed(plain(LINES[:SECOND_DEVICE])[0]), analysed(plain(bare[:SECOND_DEVICE])[0])

    assert found["records"] == [{n: v for n, v in each.items() if n != "timestamp"} for each in whole["records"]]
    assert found["verdicts"] == whole["verdicts"]


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("debug.log", data)
    return archive.getvalue()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, bz2.compress, lzma.compress, zipped, lambda data: zipped(gzip.compress(data))],
    ids=["gzip", "bzip2", "xz", "zip", "gzip in zip"],
)
def test_a_packed_log_gives_what_the_log_gives(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    data = SHAPES["utf-16-le with byte order mark"](LINES)[0]
    path = tmp_path / "named like nothing"
    path.write_bytes(pack(data))

    with open_log(path) as members:
        (unpacked,) = [member.stream.read() for member in members]

    assert unpacked == data
