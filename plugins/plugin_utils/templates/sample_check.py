# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check samples: text of a device against the records that a template must make of it. `sample` makes them of captures.

A sample is SAMPLES/<template>/<name>.raw with <name>.yml beside it: `evidence` says where the text comes from, `records`
are the rows with the number of the line that began each, `unmatched` the numbers of lines no rule knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UserFileError
from ..terminal.clean import lines
from ..yaml_file import read_of_user
from .records import run


def samples_of(samples: Path, template: str) -> list[Path]:
    """Return the raw files of a template."""
    return sorted((samples / template).glob("*.raw"))


def outcome(template: str, text: Sequence[str]) -> tuple[list[dict[str, Any]], list[int]]:
    """Return what a template makes of lines today: the records, and the numbers of the lines no rule knows."""
    found = run(template, list(text))
    records = [{"line": at + 1, **row} for at, row in zip(found.positions, found.rows, strict=True)]
    known = zip(text, found.matched, strict=True)
    return records, [number for number, (line, matched) in enumerate(known, 1) if not matched and line.strip()]


def differences(raw: Path) -> list[str]:
    """Return in words how the records of a sample differ from the expected ones beside it; nothing if they do not."""
    beside = raw.with_suffix(".yml")
    try:
        expected = read_of_user(beside, "the records of the sample")
    except UserFileError as error:
        return [str(error)]
    if not isinstance(expected, dict) or not isinstance(expected.get("records"), list):
        return [f"{beside}: expected a mapping with evidence and records"]
    text = lines(raw.read_text(encoding="utf-8"))
    records, unmatched = outcome(raw.parent.name, text)
    return [
        *_compared(records, expected["records"]),
        *(
            [f"expected the unmatched lines {expected.get('unmatched', [])}, found {unmatched}"]
            if unmatched != expected.get("unmatched", [])
            else []
        ),
    ]


def _compared(found: list[Any], expected: list[Any]) -> list[str]:
    words = []
    for number in range(max(len(found), len(expected))):
        one = found[number] if number < len(found) else None
        other = expected[number] if number < len(expected) else None
        if one != other:
            words.append(f"record {number + 1}: expected {other or 'none'}, found {one or 'none'}")
    return words
