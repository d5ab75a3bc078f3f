# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance document as JUnit XML: one suite for each device, one case for each rule and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ..policy.check import NOT_APPLICABLE, NOT_ASSESSED
from ..policy.waivers import WAIVED
from .document import Assessment


def as_junit(summary: Assessment) -> str:
    """Return the text of the file. Findings below the severity that counts are kept as output of a case that passed."""
    root = ElementTree.Element("testsuites", name="fortiops.mail compliance")
    for device in summary.data["devices"]:
        _suite(root, device, summary)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, device: Mapping[str, Any], summary: Assessment) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=device["name"], timestamp=summary.data["created"])
    if device["error"]:
        case = ElementTree.SubElement(suite, "testcase", classname=device["name"], name="assessed", time="0")
        error = device["error"]
        ElementTree.SubElement(case, "error", type=error["cause"], message=error["message"])
    for finding in device["findings"]:
        _case(suite, device, finding, summary)
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for case in suite if case.find(tag) is not None)))


def _case(
    suite: ElementTree.Element, device: Mapping[str, Any], finding: Mapping[str, Any], summary: Assessment
) -> None:
    about = f" ({finding['entry']})" if finding["entry"] else ""
    name = f"{finding['rule']} {finding['title']}{about}"
    case = ElementTree.SubElement(suite, "testcase", classname=device["name"], name=name, time="0")
    if finding["status"] in (NOT_APPLICABLE, NOT_ASSESSED, WAIVED):
        ElementTree.SubElement(case, "skipped", message=f"{finding['status']}: {finding['detail']}")
    elif finding["status"] == "fail":
        text = f"{finding['severity']}: {finding['detail']}\nFix: {finding['fix']}"
        if summary.counts(finding):
            failure = ElementTree.SubElement(case, "failure", type=finding["severity"], message=finding["detail"])
            failure.text = text
        else:
            ElementTree.SubElement(case, "system-out").text = text
