# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document in which any one value is damaged is refused in one sentence, or becomes every report."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.assessment import Assessment
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.document import Document, read
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.fleet import fleet
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.formats import FORMATS, converted
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.history import compared, merged
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.read_json import DocumentError
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run import read_run, run_document, run_text
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.run_page import run_page

from .test_history import SECOND, THIRD, made, new, old

GONE = object()
VALUES = (GONE, None, 7, True, "x", "20261124T100000+0000", "0001-01-01T00:00:00+23:00", [None], {"x": 1})
ENTRY = {"server": "a.example.com", "passwd": "ENC"}


def compliance() -> Document:
    proof = {"at": SECOND, "by": "mail_test", "entry": "relay", "outcome": "accepted", "detail": "250 ok"}
    whole = copy.deepcopy(compared(new(), [old()]))
    whole["rules"] = whole["rules"][:1]
    whole["devices"] = [each for each in whole["devices"] if each["name"] in ("ended", "lost")]
    whole["devices"][0].update(proof=proof, counters={"failed": 1}, groups=["hq"], file="a.conf")
    whole["waivers"] = [
        {
            "rule": "FMAIL-002",
            "device": "*",
            "entry": "",
            "reason": "r",
            "by": "b",
            "until": "2027-01-01",
            "state": "unused",
        }
    ]
    whole["replaced"] = [{"device": "ended", "documents": 2}]
    whole["changes"]["fixed"] = whole["changes"]["fixed"][:1]
    whole["trend"] = whole["trend"][:2]
    return whole


def run() -> Any:
    test = {"id": "relay", "outcome": "accepted", "reason": "250 ok"}
    changed = {
        "state": "proved",
        "changed": True,
        "before": {},
        "after": {"relay": ENTRY},
        "commands": ["end"],
        "tests": [test],
    }
    return run_document(
        {"faz": changed}, "rollout", {"user": "a", "controller": "c"}, {}, datetime(2026, 11, 30, tzinfo=UTC)
    )


def damaged(data: Any) -> Iterator[str]:
    """Yield the JSON of a document for each place in it and each other value there."""

    def places(node: Any) -> Iterator[tuple[Any, Any]]:
        for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            yield node, key
            yield from places(node[key])

    for node, key in places(data):
        was = node[key]
        for value in VALUES:
            if value is GONE and isinstance(node, list):
                continue
            if value is GONE:
                del node[key]
            else:
                node[key] = value
            yield json.dumps(data)
            node[key] = was


def test_a_compliance_document() -> None:
    good, newer = compliance(), made(THIRD)
    read(json.dumps(good))
    for text in damaged(good):
        with suppress(DocumentError):
            document = read(text)
            summary = Assessment(document)
            for name in (*FORMATS, "text"):
                converted(name, summary)
            fleet({"ended": {}}, earlier=[document])
            with suppress(DocumentError):
                merged([document, newer])
            compared(newer, [document])


def test_the_document_of_a_run() -> None:
    read_run(json.dumps(run()))
    for text in damaged(run()):
        with suppress(DocumentError):
            document = read_run(text)
            run_text([document])
            run_page([document])


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("groups", [1], r"devices\[0\]\.groups\[0\] is int, expected str"),
        ("counters", {"failed": "x"}, r"devices\[0\]\.counters\.failed is str, expected int"),
        ("proof", {}, r"devices\[0\]\.proof\.at is missing, expected str"),
    ],
)
def test_the_place_is_named(place: str, value: Any, said: str) -> None:
    data: Any = compliance()
    data["devices"][0][place] = value
    with pytest.raises(DocumentError, match=said):
        read(json.dumps(data))
