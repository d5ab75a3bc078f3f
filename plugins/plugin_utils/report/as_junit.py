# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as JUnit XML: one suite for each device, one case for each rule and what it is about."""

from __future__ import annotations

from xml.etree import ElementTree

from ..policy.check import FAIL, NOT_APPLICABLE, NOT_ASSESSED, Finding
from ..policy.waivers import WAIVED
from .assessment import Assessment, by_change, explained, since_words
from .document import DeviceRow


def as_junit(summary: Assessment) -> str:
    """Return the text of the file. Findings below the severity that counts are kept as output of a case that passed.

    Findings that are new come first, and their messages begin with what changed. A rule that could not be assessed is an error
    where it counts, else skipped. What was fixed says so in its case.
    """
    root = ElementTree.Element("testsuites", name="fortiops.mail compliance")
    for device in summary.data["devices"]:
        _suite(root, device, summary)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, device: DeviceRow, summary: Assessment) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=device["name"], timestamp=summary.data["created"])
    if error := device["error"]:
        case = ElementTree.SubElement(suite, "testcase", classname=device["name"], name="assessed", time="0")
        ElementTree.SubElement(case, "error", type=error["cause"], message=error["message"])
    changes = summary.data.get("changes")
    fixed = {
        (each["rule"], each["entry"]): each["detail"]
        for each in (changes["fixed"] if changes else ())
        if each["device"] == device["name"]
    }
    for finding in by_change(device["findings"]):
        _case(suite, device, finding, summary, fixed.get((finding["rule"], finding["entry"]), ""))
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for case in suite if case.find(tag) is not None)))


def _case(suite: ElementTree.Element, device: DeviceRow, finding: Finding, summary: Assessment, fixed: str) -> None:
    about = f" ({finding['entry']})" if finding["entry"] else ""
    name = f"{finding['rule']} {finding['title']}{about}"
    case = ElementTree.SubElement(suite, "testcase", classname=device["name"], name=name, time="0")
    detail = explained(finding)
    if summary.open(finding):
        ElementTree.SubElement(case, "error", type=NOT_ASSESSED, message=detail)
    elif finding["status"] in (NOT_APPLICABLE, NOT_ASSESSED, WAIVED):
        ElementTree.SubElement(case, "skipped", message=f"{finding['status']}: {detail}")
    elif finding["status"] == FAIL:
        message = f"{since_words(finding)}: {detail}" if since_words(finding) else detail
        text = f"{finding['severity']}: {message}\nFix: {finding['fix']}"
        if summary.counts(finding):
            failure = ElementTree.SubElement(case, "failure", type=finding["severity"], message=message)
            failure.text = text
        else:
            ElementTree.SubElement(case, "system-out").text = text
    elif fixed:
        ElementTree.SubElement(case, "system-out").text = f"fixed: {fixed}"
