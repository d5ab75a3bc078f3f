# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as CSV: one row for each finding, and one for each device that was not assessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from .assessment import Assessment
from .document import DeviceRow
from .rows import cell

_COLUMNS = (
    *(
        "device",
        "firmware",
        "groups",
        "status",
        "change",
        "since",
        "rule",
        "title",
        "severity",
        "entry",
        "detail",
        "fix",
    ),
    *("waived_by", "waived_until", "proved_at"),
)


def as_csv(summary: Assessment) -> str:
    """Return the text of the file. What was fixed since the earlier document has rows of the status `fixed`, at the end."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)

    def write(device: DeviceRow | None, row: Mapping[str, Any]) -> None:
        of_device: dict[str, Any] = {}
        if device is not None:
            proof = device["proof"]
            of_device = {"device": device["name"], "firmware": device["firmware"], "groups": " ".join(device["groups"])}
            of_device["proved_at"] = proof["at"] if proof and proof["outcome"] == "accepted" else ""
        values = {**of_device, **row}
        writer.writerow([cell(values.get(name)) for name in _COLUMNS])

    for device in summary.data["devices"]:
        if error := device["error"]:
            write(device, {"status": "error", "rule": error["cause"], "detail": error["message"]})
        for finding in device["findings"]:
            waiver = finding["waiver"]
            write(
                device, {**finding, **({"waived_by": waiver["by"], "waived_until": waiver["until"]} if waiver else {})}
            )
    changes = summary.data.get("changes")
    for each in changes["fixed"] if changes else ():
        write(None, {**each, "status": "fixed"})
    return file.getvalue()
