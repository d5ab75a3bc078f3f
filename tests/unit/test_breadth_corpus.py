# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the texts that measure the diagnosis; how well they are read is no matter of this file."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import knowledge
from ansible_collections.fortiops.mail.tests.breadth.corpus import KINDS, TEXTS, Row, rows

pytestmark = pytest.mark.once

ROWS = rows()
DATA = yaml.load(Path(knowledge.__file__).with_name("causes.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
CAUSES = {row["cause"] for row in DATA["causes"]}
DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
NAME = re.compile(
    r"[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|biz|io|eu|edu|gov|de|fr|es|br|jp|uk|cn)\b(?!\.\w)", re.IGNORECASE
)
ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b|\b[0-9a-f]+(?::[0-9a-f]+)*::[0-9a-f]+\b")
# Not addresses: a section of an RFC and a version of a filter.
OTHER_NUMBERS = {"4.16.55.1", "4.1.1.1", "4.5.3.1"}


@pytest.mark.parametrize("file", sorted(TEXTS.rglob("*.yml")), ids=lambda file: str(file.relative_to(TEXTS)))
def test_a_row_says_what_it_is(file: Path) -> None:
    assert file.stem in KINDS
    for row in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader):
        assert set(row) <= {"text", "cause", "stage"}, row
        assert row["text"].strip() == row["text"] != "", row
        assert row["cause"] and set(row["cause"]) <= CAUSES, row
        assert len(set(row["cause"])) == len(row["cause"]), row
        assert row.get("stage") in [None, *DATA["stages"]], row


def test_no_text_stands_twice() -> None:
    assert [text for text, count in Counter(row.text.casefold() for row in ROWS).items() if count > 1] == []


def test_there_are_enough_of_each_kind() -> None:
    sums = Counter(row.kind for row in ROWS)
    assert sums["server"] >= 330
    assert sums["paraphrase"] >= 200
    assert sums["denial"] >= 40
    assert sums["quotation"] >= 30


def test_every_cause_is_measured() -> None:
    sums = Counter(row.causes[0] for row in ROWS)
    assert {cause for cause in CAUSES if sums[cause] < 5} - {"config_incomplete", "queue_blocked"} == set()
    assert sums["config_incomplete"] and sums["queue_blocked"]


def test_the_halves_are_halves_and_stay_what_they_are() -> None:
    for kind in KINDS:
        of_kind = [row for row in ROWS if row.kind == kind and not row.written_open]
        assert 0.35 < sum(row.half == "open" for row in of_kind) / len(of_kind) < 0.65
    assert Row("550 no such user", ("recipient_invalid",), "server", None).half == "open"
    assert Row("451 slow", ("rate_limited",), "server", None).half == "counted"


def test_names_and_addresses_are_those_for_documentation() -> None:
    for row in ROWS:
        for name in NAME.findall(row.text):
            assert re.search(r"(?:^|\.)example\.(?:com|net|org)$", name, re.IGNORECASE), (name, row.text)
        for text in set(ADDRESS.findall(row.text)) - OTHER_NUMBERS:
            address = ipaddress.ip_address(text)
            assert any(address in net for net in DOCUMENTATION), (text, row.text)
