# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as CSV: one row for each finding, and one for each device that was not assessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from .document import Assessment
from .rows import cell

_COLUMNS = ("device", "firmware", "status", "rule", "title", "severity", "entry", "detail", "fix")


def as_csv(summary: Assessment) -> str:
    """Return the text of the file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for device in summary.data["devices"]:
        if device["error"]:
            row = {"status": "error", "rule": device["error"]["cause"], "detail": device["error"]["message"]}
            _write(writer, device, row)
        for finding in device["findings"]:
            _write(writer, device, finding)
    return file.getvalue()


def _write(writer: Any, device: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    values = {"device": device["name"], "firmware": device["firmware"], **row}
    writer.writerow([cell(values.get(name)) for name in _COLUMNS])
