# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .assessment import Assessment, failures
from .document import ASSESSED

# What a cell of the map shows, the worst of several findings first: its letter, its class, and what it stands for.
CELLS = {
    "fail": ("F", "breaks the rule"),
    "minor": ("f", "breaks the rule, below the severity that counts"),
    "not_assessed": ("?", "could not be assessed"),
    "waived": ("W", "breaks the rule, waived"),
    "pass": ("\u2713", "keeps the rule"),
    "not_applicable": ("\u00b7", "does not apply"),
}
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9_.-]+")


def as_html(summary: Assessment) -> str:
    """Return the text of the page. Its order is that of the questions people ask: how bad, what, where, why, and how to mend it."""
    anchors = _anchors(device["name"] for device in summary.data["devices"])
    return _template().render(
        summary=summary,
        data=summary.data,
        cells=CELLS,
        anchors=anchors,
        failures=failures,
        devices=[*summary.broken, *summary.minor],
        rows=[_row(device, summary, anchors) for device in _ordered(summary)],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("compliance.html.j2")


def _ordered(summary: Assessment) -> list[Mapping[str, Any]]:
    return [*summary.broken, *summary.partly, *summary.minor, *summary.clean, *summary.not_assessed]


def _row(device: Mapping[str, Any], summary: Assessment, anchors: Mapping[str, str]) -> dict[str, Any]:
    """A row of the map: for each rule its state, and where its findings stand."""
    if device["status"] != ASSESSED:
        return {"device": device, "states": None}
    found: dict[str, set[str]] = defaultdict(set)
    for finding in device["findings"]:
        minor = finding["status"] == "fail" and not summary.counts(finding)
        found[finding["rule"]].add("minor" if minor else finding["status"])
    states = [
        (rule["id"], next((state for state in CELLS if state in found[rule["id"]]), ""))
        for rule in summary.data["rules"]
    ]
    return {"device": device, "states": states, "anchor": anchors[device["name"]]}


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """A name for links to each device, that no two share."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = anchor = "device-" + _UNNAMEABLE.sub("_", name)
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        anchors[name] = anchor
    return anchors
