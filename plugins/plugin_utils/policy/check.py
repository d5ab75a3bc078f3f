# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the mail table of one device against the rules: each rule gives findings, none is left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..device.firmware import Firmware, in_ranges

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"


@cache
def rules() -> list[dict[str, Any]]:
    """Return the rules of rules.yml in their order."""
    loaded: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("rules.yml").read_text(encoding="utf-8"))
    return loaded


def check(entries: Sequence[Mapping[str, Any]], firmware: Firmware) -> list[dict[str, Any]]:
    """Return one finding per rule and entry, or per rule for what concerns the whole table.

    entries: the mail table as facts, see device.facts.mail_entries. A finding has rule, title, severity, entry (empty for
    the table), status (pass, fail, not_applicable), detail, fix and refs. A rule with nothing to apply to says so.
    """
    return [finding for rule in rules() for finding in _apply(rule, entries, firmware)]


def _apply(
    rule: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], firmware: Firmware
) -> Iterator[dict[str, Any]]:
    if not in_ranges(firmware.version, rule.get("firmware", ())):
        yield _finding(rule, "", NOT_APPLICABLE, f"{firmware} has not what this rule is about")
        return
    if rule.get("scope") == "table":
        count = sum(1 for entry in entries if entry.get("server"))
        status = PASS if count >= rule["minimum"] else FAIL
        yield _finding(rule, "", status, f"{count} entries with a server, at least {rule['minimum']} expected")
        return
    concerned = [entry for entry in entries if _meets(entry, rule.get("when", {}))]
    if not concerned:
        yield _finding(rule, "", NOT_APPLICABLE, "no entry is of the kind this rule is about")
    for entry in concerned:
        wrong = [*_missing(entry, rule.get("require", {})), *_forbidden(entry, rule.get("forbid", {}))]
        yield _finding(rule, entry["id"], FAIL if wrong else PASS, "; ".join(wrong))


def _meets(entry: Mapping[str, Any], conditions: Mapping[str, list[Any]]) -> bool:
    # An option that the firmware lacks or that is hidden does not stand in the way.
    return all(name not in entry or entry[name] in allowed for name, allowed in conditions.items())


def _missing(entry: Mapping[str, Any], required: Mapping[str, list[Any]]) -> Iterator[str]:
    for name, allowed in required.items():
        value = entry.get(name)
        if allowed == ["any"]:
            if value in (None, ""):
                yield f"{name} is empty"
        elif value not in allowed:
            yield f"{name} is {value}, expected {' or '.join(map(str, allowed))}"


def _forbidden(entry: Mapping[str, Any], forbidden: Mapping[str, list[Any]]) -> Iterator[str]:
    for name, values in forbidden.items():
        if entry.get(name) in values:
            yield f"{name} is {entry[name]}"


def _finding(rule: Mapping[str, Any], entry: str, status: str, detail: str) -> dict[str, Any]:
    return {
        "rule": rule["id"],
        "title": rule["title"],
        "severity": rule["severity"],
        "entry": entry,
        "status": status,
        "detail": detail,
        "fix": rule["fix"] if status == FAIL else "",
        "refs": list(rule["refs"]),
    }
