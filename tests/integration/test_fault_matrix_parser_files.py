# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the fault matrix that are about the files given to `fazmail parse`: hostile bytes, cut files, huge files."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.tests.analysed import analyse_bytes

SAMPLE = Path(__file__).parents[1] / "samples" / "logs" / "swaks_relay_denied.log"
MEGABYTE = 1_000_000
MOST_MEMORY = 150 * MEGABYTE

# Runs the command and tells on standard error the most memory it had, in bytes.
_MEASURED = f"""
import resource, sys
from {main.__module__} import main
status = main()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, file=sys.stderr)
sys.exit(status)
"""


def adds_up(found: dict[str, Any]) -> bool:
    counts = dict(found["lines"])
    unmatched = sum(shape["count"] for shape in found["unmatched_shapes"]) + found["unmatched_other"]
    return (
        counts.pop("total") == sum(counts.values())
        and sum(found["ignored_by"].values()) == counts["ignored"]
        and sum(found["foreign_by"].values()) == counts["foreign"]
        and unmatched == counts["unmatched"] == len(found["unmatched"]) + found["unmatched_left_out"]
    )


def peak_of(path: Path) -> tuple[int, list[str]]:
    """The most memory that reading a file to lines of JSON took, and the last of these lines."""
    with subprocess.Popen(
        [sys.executable, "-c", _MEASURED, "parse", "--format", "jsonl", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        last: list[str] = []
        for line in process.stdout:
            last = [*last[-2:], line]
        return int(process.stderr.read()), last


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: random.Random(27).randbytes(20_000),
        lambda data: data.replace(b"\n", b"\0\n"),
        lambda data: b"\0" * 5_000 + data,
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data + b"\r" * 5_000,
        lambda data: data.replace(b" ", b"\xc3\x28\xff"),
        lambda data: data + b"\xed\xa0\x80\xf4\x90\x80\x80\n",
        lambda data: data.replace(b"\n", "\u2028\u202e\n".encode()),
        lambda data: b"\x1b[" * 5_000 + data,
    ],
    ids=["random", "NUL", "NULs", "CR", "CRs", "no UTF-8", "surrogates", "bidi", "escapes"],
)
def test_row_27_hostile_bytes_are_read_and_each_line_is_counted(damaged: Callable[[bytes], bytes]) -> None:
    found = analyse_bytes(damaged(SAMPLE.read_bytes()))

    assert adds_up(found)
    assert all(verdict["outcome"] != "accepted" for verdict in found["verdicts"])
    json.dumps(found)


def test_row_27_a_log_cut_at_any_byte_is_read_and_never_more_sure_than_the_whole() -> None:
    data = SAMPLE.read_bytes()
    for end in range(len(data)):
        found = analyse_bytes(data[:end])

        assert adds_up(found), end
        assert found["lines"]["total"] == data[:end].count(b"\n") + (end > 0 and not data[:end].endswith(b"\n"))
        assert all(verdict["outcome"] != "accepted" for verdict in found["verdicts"]), end


def big_log(lines: int) -> Iterator[str]:
    """A log in which much repeats and much does not, with sends, noise and lines that nobody knows."""
    choose = random.Random(28)
    for number in range(lines):
        stamp = f"2026-11-{1 + number // 3_600_000:02d} {number // 150_000 % 24:02d}:{number // 2500 % 60:02d}:00 "
        kind = choose.random()
        if kind < 0.5:
            yield f"{stamp}sendmail_loop:1143: total pending tasks: 0.\n"
        elif kind < 0.9:
            yield f"{stamp}oftp:12: connection {number} from 10.0.{number % 250}.{choose.randrange(250)}\n"
        elif kind < 0.95:
            yield f"{stamp}smtp_read:412: <<< 554 5.7.1 <ops{number}@example.com>: Relay access denied\n"
        else:
            yield f"{stamp}what is this line {choose.getrandbits(64):x} about\n"


@pytest.mark.once
def test_row_28_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    log = tmp_path / "big.log"
    with log.open("w", encoding="ascii") as file:
        file.writelines(big_log(300_000))
    assert log.stat().st_size > 15 * MEGABYTE

    peak, last = peak_of(log)

    assert json.loads(last[-1])["lines"]["total"] == 300_000
    assert peak < MOST_MEMORY


@pytest.mark.once
def test_row_28_a_send_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    log = tmp_path / "endless.log"
    with log.open("w", encoding="ascii") as file:
        file.write("FAZ # diagnose test connection mailserver 1 a@b.c d@e.f\n")
        file.writelines(f"smtp:1: >>> NOOP {number}\nsmtp:1: <<< 250 {number}\n" for number in range(20_000))

    peak, last = peak_of(log)

    assert json.loads(last[-1])["lines"] == {
        "total": 40_001,
        "event": 40_000,
        "ignored": 1,
        "foreign": 0,
        "unmatched": 0,
    }
    assert peak < MOST_MEMORY


@pytest.mark.once
def test_row_28_one_line_of_100_megabytes_is_cut_and_said(tmp_path: Path) -> None:
    log = tmp_path / "line.log"
    with log.open("wb") as file:
        for __ in range(100):
            file.write(b"x" * MEGABYTE)
        file.write(b"\nsmtp:1: send mail failed: 535 5.7.8 no\n")

    peak, last = peak_of(log)

    assert json.loads(last[-1])["lines"]["total"] == 2
    assert peak < MOST_MEMORY
