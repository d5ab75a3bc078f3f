# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check one device against the rules: each rule gives a finding for each thing it is about, none is left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from ..firmware import Version
from ..given import WrongShape
from .rules import Rule, collection_rules
from .subjects import Facts, Row, Subject, Unread, applies, releases_of, subjects, why_absent
from .values import matches

PASS, FAIL, NOT_APPLICABLE, NOT_ASSESSED = "pass", "fail", "not_applicable", "not_assessed"


class FindingWaiver(TypedDict):
    """The waiver of a finding: who agreed, the last day, and why."""

    by: str
    until: str
    reason: str


class Finding(TypedDict):
    """The result of a rule, see schemas/compliance.json. `entry` is what it is about, empty for a table as a whole.

    `waiver` is there for what is waived, and for what fails because its waiver has ended. A document that was compared with an
    earlier one says how a failed finding changed, and since when it fails.
    """

    rule: str
    title: str
    severity: str
    entry: str
    status: str
    detail: str
    fix: str
    refs: list[str]
    waiver: FindingWaiver | None
    change: NotRequired[str]
    since: NotRequired[str]


def findings(result: Any, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return the findings for a result of faz_facts or system_mail_info, or for the facts.

    rules: in place of those of the collection. Raises WrongShape for anything else.
    """
    return check(facts_in(result), rules)


def facts_in(result: Any) -> Facts:
    """Return the facts in a result of faz_facts or system_mail_info, or the facts themselves. Raises WrongShape."""
    if isinstance(result, Mapping):
        facts: Facts = result.get("ansible_facts", {}).get("faz", result)
        if "entries" in facts and "device" in facts:
            return {"mail": facts["entries"], "firmware": facts["device"]}
        if "mail" in facts and "firmware" in facts:
            return facts
    raise WrongShape(result, "without mail and firmware, or entries and device")


def check(facts: Facts, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return the findings of each rule on the facts of a device, which subjects() describes.

    rules: in place of those of the collection. A rule that applies to nothing gives one finding, too. What was not read
    neither keeps nor breaks a rule: it is `not_assessed`.
    """
    releases = releases_of(facts)
    about = subjects(facts, releases)
    return [
        finding
        for rule in (collection_rules() if rules is None else rules)
        for finding in _findings(rule, about, releases)
    ]


def _findings(rule: Rule, about: Mapping[str, Subject | Unread], releases: Sequence[Version]) -> Iterator[Finding]:
    there = applies(releases, rule.get("firmware", ()))
    if there is None:
        yield _finding(rule, "", NOT_ASSESSED, "the release is not known, and with it whether this applies")
        return
    if not there:
        release = ".".join(map(str, releases[0][: 3 if len(releases) == 1 else 2]))
        yield _finding(rule, "", NOT_APPLICABLE, f"the firmware {release} lacks what this rule is about")
        return
    if "approved" in rule and not any(rule.get(name) for name in ("require", "forbid", "exists", "known_server")):
        yield _finding(rule, "", NOT_APPLICABLE, "the policy names no approved_relays")
        return
    subject = about[rule.get("about", "mail")]
    if isinstance(subject, Unread):
        yield _finding(rule, "", NOT_APPLICABLE if subject.never else NOT_ASSESSED, subject.reason)
        return
    results = [_Result(name, rule, row, subject, about["mail"]) for name, row in subject.rows]
    concerned = [each for each in results if each.status != NOT_APPLICABLE]
    if "minimum" in rule:
        yield _counted(rule, concerned)
        return
    if not concerned:
        reasons = list(dict.fromkeys(reason for each in results for reason in each.absent))
        yield _finding(rule, "", NOT_APPLICABLE, "; ".join(reasons) or "no entry is of the kind this rule is about")
    for each in concerned:
        yield _finding(rule, each.name, each.status, "; ".join(each.wrong or each.unknown))


def _counted(rule: Rule, concerned: Sequence[_Result]) -> Finding:
    """The finding of a rule that a number of entries must keep, not each of them."""
    good = sum(each.status == PASS for each in concerned)
    unknown = [each for each in concerned if each.status == NOT_ASSESSED]
    detail = f"{rule['counted']}: {good}, expected at least {rule['minimum']}"
    if good < rule["minimum"] <= good + len(unknown):
        return _finding(rule, "", NOT_ASSESSED, f"{detail}; {'; '.join(unknown[0].unknown)}")
    return _finding(rule, "", PASS if good >= rule["minimum"] else FAIL, detail)


@dataclass
class _Result:
    """A rule on one row: what is wrong with it, what is not known, and what the device does not have."""

    name: str
    rule: Rule
    row: Row
    subject: Subject
    mail: Subject | Unread
    wrong: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    status: str = NOT_APPLICABLE

    def __post_init__(self) -> None:
        if not self._meant():
            return
        checked = [
            *(self._option(name, words, required=True) for name, words in self.rule.get("require", {}).items()),
            *(self._option(name, words, required=False) for name, words in self.rule.get("forbid", {}).items()),
            *(self._reference(name) for name in self.rule.get("exists", ())),
            *(self._relay(name) for name in self.rule.get("known_server", ())),
        ]
        if any(checked):
            self.status = FAIL if self.wrong else NOT_ASSESSED if self.unknown else PASS

    def _meant(self) -> bool:
        """Return whether the rule is about this row. An option that does not exist here is no obstacle."""
        for name, words in self.rule.get("when", {}).items():
            if name not in self.row:
                continue
            if self.row[name] is None:
                self.unknown.append(self.subject.why(name))
            elif not matches(self.row[name], words):
                return False
        if self.unknown:
            self.status = NOT_ASSESSED
        return not self.unknown

    def _value(self, name: str) -> Any:
        """Return a value; None, and a note, where it was not read or does not exist."""
        if name not in self.row:
            self.absent.append(why_absent(name))
        elif self.row[name] is None:
            self.unknown.append(self.subject.why(name))
        return self.row.get(name)

    def _option(self, name: str, words: Sequence[Any], required: bool) -> bool:
        """Compare a value and return whether it exists."""
        value = self._value(name)
        if value is not None and matches(value, words) != required:
            if required:
                expected = (
                    ""
                    if list(words) == ["any"]
                    else f", expected {' or '.join(str(word) or 'empty' for word in words)}"
                )
                self.wrong.append(f"{name} is {'empty' if value == '' else _shown(value)}{expected}")
            else:
                self.wrong.append(f"{name} is {_shown(value)}")
        return name in self.row

    def _reference(self, name: str) -> bool:
        value = self._value(name)
        if value is None:
            return name in self.row
        if isinstance(self.mail, Unread):
            self.unknown.append(f"the mail table was not read: {self.mail.reason}")
        elif value not in [each for each, __ in self.mail.rows]:
            self.wrong.append(f"{name} is {value or 'empty'}, which is no entry of config system mail")
        return True

    def _relay(self, name: str) -> bool:
        value = self._value(name)
        if not value:
            return name in self.row
        if isinstance(self.mail, Unread):
            self.unknown.append(f"the mail table was not read: {self.mail.reason}")
        elif str(value).lower() not in {str(row.get("server", "")).lower() for __, row in self.mail.rows}:
            self.wrong.append(f"{name} is {value}, which is the server of no entry of config system mail")
        return True


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _finding(rule: Rule, entry: str, status: str, detail: str) -> Finding:
    return {
        "rule": rule["id"],
        "title": rule["title"],
        "severity": rule["severity"],
        "entry": entry,
        "status": status,
        "detail": detail,
        "fix": rule["fix"] if status == FAIL else "",
        "refs": list(rule["refs"]),
        "waiver": None,
    }
