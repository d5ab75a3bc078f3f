# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as one HTML page that needs no network, and its script only for comfort."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..policy.check import FAIL, NOT_APPLICABLE, NOT_ASSESSED, PASS, Finding
from ..policy.rules import SEVERITIES, STEPS
from ..policy.waivers import WAIVED
from .assessment import GROUPS, Assessment, by_change, day, explained, failures, since_words
from .document import CHANGED, EXPIRED, NEW, DeviceRow, TrendPoint
from .page import beside, source, style, template

# What a cell of the map shows, the worst of several findings first: its class, its letter, and what the letter means.
CELLS = {
    "F": ("F", "breaks the rule"),
    "M": ("f", "breaks the rule, below the severity that counts"),
    "U": ("?", "could not be assessed"),
    "W": ("W", "breaks the rule, waived"),
    "P": ("\u2713", "keeps the rule"),
    "N": ("\u00b7", "does not apply"),
}
_KINDS = {NOT_ASSESSED: "U", WAIVED: "W", PASS: "P", NOT_APPLICABLE: "N"}
_STEP_NAMES = {
    "alert": "alert event",
    "daemon": "mail daemon",
    "server": "mail server",
    "name": "name",
    "tls": "TLS",
    "login": "login",
    "proof": "test mail",
}
_STATES = {
    "broken": "break the policy",
    "partly": "assessed only in part",
    "minor": "lesser findings only",
    "clean": "without a finding",
    "not_assessed": "not assessed",
}
_CHANGES = {NEW: "new", CHANGED: "changed", EXPIRED: "waiver ended", "still": "still open"}
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9_.-]+")
_MOST_BARS = 60
_MOST_CHANGES = 20
_HEIGHT = 130


def as_html(summary: Assessment) -> str:
    """Return the text of the page. Its order is that of the questions people ask: how bad, what is new, what, where, and the fix."""
    anchors = _anchors(device["name"] for device in summary.data["devices"])
    ordered = [device for group in GROUPS for device in summary.data["devices"] if summary.group(device) == group]
    worst = {device["name"]: number for number, device in enumerate(summary.broken)}
    ordered.sort(key=lambda device: worst.get(device["name"], len(worst)))
    views = [_view(device, summary, anchors[device["name"]]) for device in ordered]
    changes = summary.data.get("changes")
    look, script = style("compliance.css"), beside("compliance.js")
    return template("compliance.html.j2").render(
        summary=summary,
        data=summary.data,
        changes=changes,
        fresh=_fresh(views) if changes else [],
        most=_MOST_CHANGES,
        cells=CELLS,
        views=views,
        groups=_groups(summary),
        group_order=GROUPS,
        filters=_filters(summary, views),
        proved=sum(
            1 for device in summary.data["devices"] if device["proof"] and device["proof"]["outcome"] == "accepted"
        ),
        trend=_trend(summary.data.get("trend", [])),
        trend_words=_trend_words(summary.data.get("trend", [])),
        day=day,
        explained=explained,
        since_words=since_words,
        style=look,
        script=script,
        style_hash=source(look),
        script_hash=source(script),
    )


# -- devices -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """What the page shows of one device. `listed` are the findings to show, each with its anchor, "" for a repeated one."""

    row: DeviceRow
    anchor: str
    state: str
    worst: str
    failed: Sequence[Finding]
    listed: Sequence[tuple[str, Finding]]
    cells: Sequence[str]
    way: Sequence[tuple[str, str]]
    since: str
    rules: Sequence[str]
    severities: Sequence[str]
    changes: Sequence[str]


def _view(device: DeviceRow, summary: Assessment, anchor: str) -> _View:
    failed = by_change(failures(device))
    other = [each for each in device["findings"] if each["status"] in (NOT_ASSESSED, WAIVED)]
    kinds = _kinds(device, summary)
    return _View(
        row=device,
        anchor=anchor,
        state=summary.group(device),
        worst=failures(device)[0]["severity"] if failed else "",
        failed=failed,
        listed=_anchored([*failed, *other], anchor),
        cells=[_worst(kinds[rule["id"]]) for rule in summary.data["rules"]],
        way=_way(kinds, summary) if not device["error"] else (),
        since=min((each["since"] for each in failed if "since" in each), default=""),
        rules=_unique(each["rule"] for each in failed),
        severities=_unique(each["severity"] for each in failed),
        changes=_unique(each["change"] for each in failed if "change" in each),
    )


def _kinds(device: DeviceRow, summary: Assessment) -> dict[str, set[str]]:
    """The cells of the findings of each rule."""
    found: dict[str, set[str]] = defaultdict(set)
    for finding in device["findings"]:
        kind = ("F" if summary.counts(finding) else "M") if finding["status"] == FAIL else _KINDS[finding["status"]]
        found[finding["rule"]].add(kind)
    return found


def _worst(kinds: Iterable[str]) -> str:
    known = set(kinds)
    return next((kind for kind in CELLS if kind in known), "")


def _way(kinds: dict[str, set[str]], summary: Assessment) -> list[tuple[str, str]]:
    """The steps of an alert on its way out, each with the worst of its rules."""
    steps: dict[str, set[str]] = {step: set() for step in STEPS}
    for rule in summary.data["rules"]:
        if rule["step"] in steps:
            steps[rule["step"]] |= kinds[rule["id"]]
    return [(_STEP_NAMES[step], _worst(found)) for step, found in steps.items()]


def _anchored(findings: Sequence[Finding], anchor: str) -> list[tuple[str, Finding]]:
    seen: set[str] = set()
    listed = []
    for finding in findings:
        listed.append(("" if finding["rule"] in seen else f"{anchor}-{finding['rule']}", finding))
        seen.add(finding["rule"])
    return listed


def _fresh(views: Sequence[_View]) -> list[tuple[_View, Finding]]:
    """The findings that are new, changed, or not waived any more, the gravest first."""
    found = [(view, each) for view in views for each in view.failed if each.get("change") in (NEW, CHANGED, EXPIRED)]
    return sorted(found, key=lambda pair: -SEVERITIES.index(pair[1]["severity"]))


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


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


# -- groups, filters, trend ----------------------------------------------------------------------------------------


def _groups(summary: Assessment) -> list[tuple[str, Counter[str]]]:
    """How many devices of each group of the inventory are in each state."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for device in summary.data["devices"]:
        for name in device["groups"]:
            found[name][summary.group(device)] += 1
    return sorted(found.items())


def _filters(summary: Assessment, views: Sequence[_View]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The choices of the page: name, label, and the values with their words. One without a choice is left out."""
    used = {rule for view in views for rule in view.rules}
    groups = {name for view in views for name in view.row["groups"]}
    changes = {change for view in views for change in view.changes}
    states = {view.state for view in views}
    choices = [
        (
            "rule",
            "rule",
            [(rule["id"], f"{rule['id']} {rule['title']}") for rule in summary.data["rules"] if rule["id"] in used],
        ),
        ("severity", "severity", [(name, name) for name in reversed(SEVERITIES)]),
        ("state", "state", [(state, _STATES[state]) for state in GROUPS if state in states]),
        ("firmware", "firmware", [(name, name) for name in sorted({view.row["firmware"] for view in views} - {""})]),
        ("group", "group", [(name, name) for name in sorted(groups)]),
        ("change", "change", [(name, words) for name, words in _CHANGES.items() if name in changes]),
    ]
    return [each for each in choices if each[2]]


def _trend(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """The bars of the trend, one for each run, from the bottom: broken, not assessed, lesser findings, clean."""
    shown = points[-_MOST_BARS:]
    highest = max((point["devices"] for point in shown), default=0)
    if len(shown) < 2 or not highest:
        return []
    width = 640 / len(shown)
    bars = []
    for number, point in enumerate(shown):
        parts, y = [], float(_HEIGHT)
        unknown = point["not_assessed"] + point["partly"]
        for kind, count in (("b", point["broken"]), ("u", unknown), ("w", point["minor"]), ("g", point["clean"])):
            height = _HEIGHT * count / highest
            y -= height
            if count:
                parts.append({"kind": kind, "y": round(y, 1), "height": round(height, 1)})
        title = f"{day(point['created'])}: {point['broken']} of {point['devices']} break the policy"
        bars.append(
            {"x": round(number * width, 1), "width": round(max(1.0, width - 2), 1), "parts": parts, "title": title}
        )
    return bars


def _trend_words(points: Sequence[TrendPoint]) -> str:
    if not points:
        return ""
    first, last = points[0], points[-1]
    return (
        f"From {first['created'][:10]} to {last['created'][:10]}, the devices that break the policy went from "
        f"{first['broken']} of {first['devices']} to {last['broken']} of {last['devices']}."
    )
