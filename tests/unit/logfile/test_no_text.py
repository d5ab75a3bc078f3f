# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures, programs and what else somebody attaches in place of a log are not read as one, and every log is."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse_file
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.mail import is_letter
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.no_text import why_no_text

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "samples"
LOGS = sorted(SAMPLES.rglob("*.log"))
FORMS = {
    "picture": (ROOT / "docs" / "log.png").read_bytes(),
    "program": Path(sys.executable).resolve().read_bytes()[:300_000],
    "PDF": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "7z": b"7z\xbc\xaf\x27\x1c\0\4abc",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "packets": b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + b"\0" * 16,
    "no text": random.Random(7).randbytes(300_000),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_what_is_no_text_has_one_note_and_no_verdict(form: str, tmp_path: Path) -> None:
    path = tmp_path / "attached.log"
    path.write_bytes(FORMS[form])

    (file,) = analyse_file(str(path))

    assert (file["status"], file["lines"]["total"], file["verdicts"]) == ("empty", 0, [])
    (note,) = file["notes"]
    assert note["about"] == "unread"
    assert form in note["text"]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_every_log_is_text(path: Path) -> None:
    assert why_no_text(path.read_bytes()[:8192]) == ""


def test_a_log_with_the_bytes_of_a_handshake_is_text() -> None:
    noise = random.Random(7).randbytes(3000)
    assert why_no_text(b"220 mail.example.com ESMTP\r\nSTARTTLS\r\n220 2.0.0 Ready\r\n" + noise) == ""


# A line that anybody may have written does not show that what is behind noise is a log.
@pytest.mark.parametrize(
    "path", [each for each in LOGS if not is_letter(each.read_bytes())], ids=lambda path: path.stem
)
def test_noise_before_a_log_hides_nothing_of_it(path: Path, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.log"
    noisy.write_bytes(random.Random(7).randbytes(8192) + b"\n" + path.read_bytes())

    (file,) = analyse_file(str(noisy))

    assert _judged(file) == _judged(analyse_file(str(path))[0])


def test_more_noise_than_log_is_refused_with_what_to_do(tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.log"
    noisy.write_bytes(random.Random(7).randbytes(100_000) + b"\n" + LOGS[0].read_bytes())

    (file,) = analyse_file(str(noisy))

    assert "cut off what is before" in file["notes"][0]["text"]


def _judged(file: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["outcome"], each["stage"], each["cause"]) for each in file["verdicts"]]
