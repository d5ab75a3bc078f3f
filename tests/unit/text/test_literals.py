# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text must contain for an expression to match it."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.text.literals import required_literals


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("Login denied", {"login denied"}),
        (r"\bqueue (?:is )?full\b", {"queue "}),
        ("(?:cat|horse) (?:fish|bird)", {"fish", "bird"}),
        ("a{2,}longer?", {"longe"}),
        ("(?:maybe)*", set()),
        ("x|", set()),
        (r"\d+ [a-z]+", {" "}),
        ("green(?!house)", {"green"}),
        ("un(?:known|recogni[sz]ed) word", {" word"}),
    ],
)
def test_one_of_these_is_in_each_match(expression: str, literals: set[str]) -> None:
    assert set(required_literals(expression)) == literals
