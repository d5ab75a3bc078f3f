# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text must contain for an expression to match it."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.literals import needed


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("Login denied", {"Login denied"}),
        (r"\bqueue (?:is )?full\b", {"queue is full", "queue full"}),
        ("(?:cat|horse) (?:fish|bird)", {"cat fish", "cat bird", "horse fish", "horse bird"}),
        ("a{2,}longer?", {"longer", "longe"}),
        ("(?:maybe)*", set()),
        ("x|", set()),
        (r"\d+ [a-z]+", {" "}),
        ("green(?!house)", {"green"}),
        ("un(?:known|recogni[sz]ed) word", {"unknown word", "unrecognised word", "unrecognized word"}),
    ],
)
def test_one_of_these_is_in_each_match(expression: str, texts: set[str]) -> None:
    assert set(needed(expression)) == texts
