# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the mail configuration of one device against the rules: each gives findings, none is left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, TypedDict

from ..device.schema import alert_destination
from ..firmware import Firmware, in_ranges
from .rules import Rule, collection_rules

# What a rule can be about: a name for the findings, and the facts.
_Things = list[tuple[str, Mapping[str, Any]]]

PASS, FAIL, NOT_APPLICABLE, NOT_ASSESSED = "pass", "fail", "not_applicable", "not_assessed"


class Finding(TypedDict):
    """The result of a rule, see schemas/compliance.json. `entry` is what it is about, empty for a table as a whole."""

    rule: str
    title: str
    severity: str
    entry: str
    status: str
    detail: str
    fix: str
    refs: list[str]


def findings(result: Any, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return the findings for a result of faz_facts or system_mail_info, or for the facts.

    rules: in place of those of the collection. Raises ValueError for anything else.
    """
    if isinstance(result, Mapping):
        facts = result.get("ansible_facts", {}).get("faz", result)
        if "entries" in facts and "device" in facts:
            return check(facts["entries"], _firmware(facts["device"]), rules=rules)
        if "mail" in facts and "firmware" in facts:
            return check(
                facts["mail"],
                _firmware(facts["firmware"]),
                facts.get("alert_destinations"),
                facts.get("alertemail"),
                rules,
                facts.get("unread", {}),
            )
    raise ValueError(
        "takes the result of fortiops.mail.faz_facts or fortiops.mail.system_mail_info; this value is neither"
    )


def _firmware(known: Mapping[str, Any] | None) -> Firmware | None:
    return None if known is None else Firmware.from_text(f"{known['family']} {known['version']}")


def check(
    entries: Sequence[Mapping[str, Any]] | None,
    firmware: Firmware | None,
    destinations: Sequence[Mapping[str, Any]] | None = None,
    alertemail: Mapping[str, Any] | None = None,
    rules: Sequence[Rule] | None = None,
    unread: Mapping[str, str] = MappingProxyType({}),
) -> list[Finding]:
    """Return one finding per rule and thing it is about, or per rule for what concerns a whole table.

    entries, firmware, destinations, alertemail: facts as device.tables makes them, None where they are not known; `unread`
    has the reason by the name of the fact. rules: in place of those of the collection. A rule that applies to nothing gives one
    finding, too, and so does one whose facts are not known: it is not assessed.
    """
    things: dict[str, _Things | None] = {
        "mail": None if entries is None else [(str(entry["id"]), entry) for entry in entries],
        "alert_destinations": None
        if destinations is None
        else [(alert_destination().called(f"{each['event']}/{each['id']}"), each) for each in destinations],
        "alertemail": None if alertemail is None else [("alertemail", alertemail)],
    }
    return [
        finding
        for rule in (collection_rules() if rules is None else rules)
        for finding in _apply(rule, things, firmware, unread)
    ]


def _apply(
    rule: Rule, things: Mapping[str, _Things | None], firmware: Firmware | None, unread: Mapping[str, str]
) -> Iterator[Finding]:
    if firmware is None and rule.get("firmware"):
        yield _finding(rule, "", NOT_ASSESSED, f"firmware {_not_known('firmware', unread)}")
        return
    if firmware is not None and not in_ranges(firmware.version, rule.get("firmware", ())):
        yield _finding(rule, "", NOT_APPLICABLE, f"{firmware} lacks what this rule is about")
        return
    about = rule.get("about", "mail")
    rows = things[about]
    needed = {about, *(["mail"] if "exists" in rule or "known_server" in rule else [])}
    if missing := sorted(name for name in needed if things[name] is None):
        name = missing[0]
        yield _finding(rule, "", NOT_ASSESSED, f"{name} {_not_known(name, unread)}")
        return
    servers = [name for name, _ in things["mail"] or ()]
    relays = {str(entry.get("server", "")).lower() for _, entry in things["mail"] or ()}
    concerned = [
        (
            name,
            [
                *_missing(row, rule.get("require", {})),
                *_forbidden(row, rule.get("forbid", {})),
                *_dangling(row, rule, servers),
                *_unknown_relay(row, rule, relays),
            ],
        )
        for name, row in rows or ()
        if _meets(row, rule.get("when", {}))
    ]
    if "minimum" in rule:
        count = sum(1 for _, wrong in concerned if not wrong)
        status = PASS if count >= rule["minimum"] else FAIL
        yield _finding(rule, "", status, f"{count} {rule['counted']}, at least {rule['minimum']} expected")
        return
    if not concerned:
        yield _finding(rule, "", NOT_APPLICABLE, "no entry is of the kind this rule is about")
    for name, wrong in concerned:
        yield _finding(rule, name, FAIL if wrong else PASS, "; ".join(wrong))


def _not_known(name: str, unread: Mapping[str, str]) -> str:
    return f"could not be read: {unread[name]}" if name in unread else "is not known; fortiops.mail.faz_facts reads it"


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
        value = entry.get(name)
        if value in values or (values == ["any"] and value not in (None, "")):
            yield f"{name} is {value}"


def _dangling(entry: Mapping[str, Any], rule: Mapping[str, Any], servers: Sequence[str]) -> Iterator[str]:
    for name in rule.get("exists", ()):
        if entry.get(name) not in servers:
            yield f"{name} is {entry.get(name) or 'empty'}, which is no entry of config system mail"


def _unknown_relay(entry: Mapping[str, Any], rule: Mapping[str, Any], relays: Set[str]) -> Iterator[str]:
    for name in rule.get("known_server", ()):
        if (value := entry.get(name)) and str(value).lower() not in relays:
            yield f"{name} is {value}, which no entry of config system mail sends through"


def _finding(rule: Mapping[str, Any], entry: str, status: str, detail: str) -> Finding:
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
