# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compliance document says as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..policy.check import FAIL, NOT_ASSESSED, Finding
from ..policy.rules import SEVERITIES
from ..policy.waivers import WAIVED
from .document import ASSESSED, CHANGED, EXPIRED, NEW, STILL, AssessmentError, DeviceRow, Document, RuleRow, TrendPoint

COMPLIANT, FINDINGS, INCOMPLETE = "compliant", "findings", "incomplete"
# The groups of devices, each device in one, the worst first.
GROUPS = ("broken", "partly", "minor", "clean", "not_assessed")


@dataclass(frozen=True)
class Assessment:
    """A document, judged: findings count from the severity `fail_on` on, whether they fail or could not be assessed.

    path: the file of a device in a repository, where it was not read from one.
    """

    data: Document
    fail_on: str = "high"
    path: str = "host_vars/{device}.yml"

    @cached_property
    def assessed(self) -> list[DeviceRow]:
        return [device for device in self.data["devices"] if device["status"] == ASSESSED]

    @cached_property
    def not_assessed(self) -> list[DeviceRow]:
        """Devices of which nothing is known."""
        return [device for device in self.data["devices"] if device["status"] != ASSESSED]

    @cached_property
    def errors(self) -> list[tuple[DeviceRow, AssessmentError]]:
        """The devices of which nothing is known, with the reason of each."""
        return [(device, device["error"]) for device in self.data["devices"] if device["error"]]

    @cached_property
    def broken(self) -> list[DeviceRow]:
        """Devices with a failed finding that counts, the worst first."""
        devices = [device for device in self.assessed if any(map(self.counts, device["findings"]))]
        return sorted(devices, key=lambda device: (-rank(device), -len(failures(device)), device["name"]))

    @cached_property
    def partly(self) -> list[DeviceRow]:
        """Devices that break nothing that counts, but on which a rule that counts could not be assessed."""
        return [
            device
            for device in self.assessed
            if any(map(self.open, device["findings"])) and not any(map(self.counts, device["findings"]))
        ]

    @cached_property
    def minor(self) -> list[DeviceRow]:
        """Devices with failed findings, none of which counts."""
        return [each for each in self._settled if failures(each)]

    @cached_property
    def clean(self) -> list[DeviceRow]:
        """Devices without a failed finding."""
        return [each for each in self._settled if not failures(each)]

    @cached_property
    def _settled(self) -> list[DeviceRow]:
        taken = {device["name"] for device in (*self.broken, *self.partly)}
        return [device for device in self.assessed if device["name"] not in taken]

    @cached_property
    def by_rule(self) -> list[tuple[RuleRow, int]]:
        """Rules that devices break, with the number of devices, the gravest and most frequent first."""
        devices: Counter[str] = Counter(
            rule for device in self.assessed for rule in {finding["rule"] for finding in failures(device)}
        )
        rows = [(rule, devices[rule["id"]]) for rule in self.data["rules"] if devices[rule["id"]]]
        return sorted(rows, key=lambda row: (-SEVERITIES.index(row[0]["severity"]), -row[1], row[0]["id"]))

    @property
    def of_waivers(self) -> str:
        """What is waived, and which waivers have ended, in one sentence; "" without any."""
        waived = sum(finding["status"] == WAIVED for device in self.assessed for finding in device["findings"])
        expired = [each for each in self.data["waivers"] if each["state"] == "expired"]
        ended = ", ".join(f"{each['rule']} of {each['device']} on {each['until']}" for each in expired)
        parts = [f"{waived} findings are waived" if waived != 1 else "1 finding is waived"] if waived else []
        return "; ".join([*parts, *([f"waivers that have ended: {ended}"] if ended else [])])

    @property
    def of_replaced(self) -> str:
        """Which devices were in several merged documents, in one sentence; "" without any."""
        names = [each["device"] for each in self.data.get("replaced", ())]
        shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        return f"In several documents, of which the newest counts: {shown}" if names else ""

    @property
    def of_changes(self) -> str:
        """What changed since the earlier document, in one sentence; "" where there is none."""
        changes = self.data.get("changes")
        if changes is None:
            return ""
        counts = [
            f"{changes['new']} new",
            f"{len(changes['fixed'])} fixed",
            f"{changes['still']} still open",
            *([f"{changes['changed']} changed"] if changes["changed"] else []),
            *([f"{changes['waiver_expired']} with a waiver that ended"] if changes["waiver_expired"] else []),
        ]
        lost = [
            *([f"{_devices(len(changes['gone']))} gone"] if changes["gone"] else []),
            *([f"{_devices(len(changes['lost']))} not assessed any more"] if changes["lost"] else []),
        ]
        return f"Since {day(changes['since'])}: {', '.join([*counts, *lost])}"

    def counts(self, finding: Finding) -> bool:
        """Return whether a finding makes its device break the policy."""
        return finding["status"] == FAIL and self._grave(finding)

    def open(self, finding: Finding) -> bool:
        """Return whether a rule that counts could not be assessed."""
        return finding["status"] == NOT_ASSESSED and self._grave(finding)

    def _grave(self, finding: Finding) -> bool:
        return SEVERITIES.index(finding["severity"]) >= SEVERITIES.index(self.fail_on)

    def group(self, device: DeviceRow) -> str:
        """Return the one of GROUPS that a device is in."""
        return self._group_of[device["name"]]

    @cached_property
    def _group_of(self) -> dict[str, str]:
        return {device["name"]: group for group in GROUPS for device in self._in(group)}

    def _in(self, group: str) -> Sequence[DeviceRow]:
        return {
            "broken": self.broken,
            "partly": self.partly,
            "minor": self.minor,
            "clean": self.clean,
            "not_assessed": self.not_assessed,
        }[group]

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """The names of the devices of each group."""
        return {group: [device["name"] for device in self._in(group)] for group in GROUPS}

    @cached_property
    def messages(self) -> dict[str, str]:
        """For each device that does not pass, what is wrong with it, in one text."""
        lost = {device["name"]: f"Not assessed: {error['message']}" for device, error in self.errors}
        return lost | {
            device["name"]: "; ".join(map(_message, rows))
            for device in self.assessed
            if (rows := [each for each in device["findings"] if self.counts(each) or self.open(each)])
        }

    @property
    def worst(self) -> str:
        highest = max(map(rank, self.assessed), default=-1)
        return SEVERITIES[highest] if highest >= 0 else ""

    @property
    def complete(self) -> bool:
        """Whether every device was assessed, on every rule that counts."""
        return bool(self.assessed) and not self.not_assessed and not self.partly and not self._broken_in_part

    @cached_property
    def _broken_in_part(self) -> list[DeviceRow]:
        return [device for device in self.broken if any(map(self.open, device["findings"]))]

    @property
    def status(self) -> str:
        """`compliant`, `findings`, or `incomplete`: what was not assessed may be worse than all that was."""
        if not self.complete:
            return INCOMPLETE
        return FINDINGS if self.broken else COMPLIANT

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        total, lost, part = (
            len(self.data["devices"]),
            len(self.not_assessed),
            len(self.partly) + len(self._broken_in_part),
        )
        if not total:
            return "Incomplete: there is no device"
        if not self.assessed:
            return f"Incomplete: none of {_devices(total)} could be assessed"
        if not lost and not part:
            return self._found()
        if lost:
            missing = f"{lost} of {_devices(total)} could not be assessed" + (f", {part} only in part" if part else "")
        else:
            missing = f"{part} of {_devices(total)} could be assessed only in part"
        found = self._found()
        return f"Incomplete: {missing}; {found[0].lower()}{found[1:]}"

    def _found(self) -> str:
        count, bad = len(self.assessed), len(self.broken)
        rule = f"a rule of severity {self.fail_on} or above"
        if bad:
            return f"{bad} of {_devices(count)} {'breaks' if bad == 1 else 'break'} {rule}"
        return f"None of {_devices(count)} breaks {rule}"

    @property
    def point(self) -> TrendPoint:
        """The sums of this run, for a trend."""
        return {
            "created": self.data["created"],
            "devices": len(self.data["devices"]),
            "broken": len(self.broken),
            "partly": len(self.partly),
            "minor": len(self.minor),
            "clean": len(self.clean),
            "not_assessed": len(self.not_assessed),
        }


def by_change(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with those first that are new, changed, or not waived any more."""
    order = (NEW, EXPIRED, CHANGED)
    return sorted(findings, key=lambda each: order.index(each["change"]) if each.get("change") in order else len(order))


def since_words(finding: Finding) -> str:
    """Return how a finding compares with the earlier document, such as `new` or `since 2026-11-24`; "" where there is none."""
    change = finding.get("change", "")
    if change in ("", NEW):
        return change
    began = f"since {finding['since'][:10]}"
    return {STILL: began, CHANGED: f"changed, {began}", EXPIRED: "waiver ended"}[change]


def failures(device: DeviceRow) -> list[Finding]:
    """Return the findings of a device that failed, the gravest first."""
    rows = [finding for finding in device["findings"] if finding["status"] == FAIL]
    return sorted(rows, key=lambda finding: -SEVERITIES.index(finding["severity"]))


def unknowns(device: DeviceRow) -> list[Finding]:
    """Return the findings of a device that could not be assessed, the gravest first."""
    rows = [finding for finding in device["findings"] if finding["status"] == NOT_ASSESSED]
    return sorted(rows, key=lambda finding: -SEVERITIES.index(finding["severity"]))


def rank(device: DeviceRow) -> int:
    """Return the gravity of a device's worst failed finding; -1 without any."""
    return max((SEVERITIES.index(finding["severity"]) for finding in failures(device)), default=-1)


def explained(finding: Finding) -> str:
    """Return the detail of a finding with its waiver."""
    waiver = finding["waiver"]
    if waiver is None:
        return finding["detail"]
    if finding["status"] == WAIVED:
        return f"{finding['detail']}; waived by {waiver['by']} until {waiver['until']}: {waiver['reason']}"
    return f"{finding['detail']}; the waiver by {waiver['by']} ended on {waiver['until']}"


def _message(finding: Finding) -> str:
    about = f" ({finding['entry']})" if finding["entry"] else ""
    head = f"{finding['rule']} {finding['severity']}{about}"
    if finding["status"] == NOT_ASSESSED:
        return f"{head} was not assessed: {finding['detail']}"
    return f"{head}: {finding['title']}: {explained(finding)}. Fix: {finding['fix']}"


def day(time: str) -> str:
    """Return a time as a person reads it, to the minute."""
    return time[:16].replace("T", " ")


def _devices(count: int) -> str:
    return f"{count} device{'' if count == 1 else 's'}"
