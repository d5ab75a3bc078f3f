# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which expressions may take hours on a line that they do not match."""

from __future__ import annotations

import re
import time
from itertools import chain

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.ambiguity import (
    EXPONENTIAL,
    LINEAR,
    POLYNOMIAL,
    ambiguous,
    growth,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates


@pytest.mark.parametrize("pattern", ["(a+)+b", r"(([\d]+\s*)+),", r"^(?:\w+\s?)*$", "(a*)*b"])
def test_a_repetition_that_divides_a_text_in_many_ways_is_ambiguous(pattern: str) -> None:
    assert ambiguous(pattern)


@pytest.mark.parametrize("pattern", [r"(?:[\w.~-]+ [#$] )*x", r"(?:\d{1,3}\.){3}\d+", r"\s*\S+\s*", "(?:a{1,3}b)+"])
def test_a_repetition_with_a_separator_is_not(pattern: str) -> None:
    assert not ambiguous(pattern)


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (r"^\s*(.*\S)\s*$", POLYNOMIAL),
        (r"^\s*(\S(?:.*\S)?)\s*$", LINEAR),
        (r"^(.*\S)\s*$", LINEAR),
        (r"^\w[\w ]*\s*$", POLYNOMIAL),
        (r"^(\d+)(?: ack )?(\d+|)\s*$", POLYNOMIAL),
        (r"^(\d+)(?: ack (\d+))?\s*$", LINEAR),
        (r"^.*pid\D*\d+$", POLYNOMIAL),
        (r"^.*pid.*$", LINEAR),
        (r"^(?=.*a).*b$", LINEAR),
        (r"^(?:(?!.*a)b)*c$", POLYNOMIAL),
        (r"^a*b?a*$", POLYNOMIAL),
        (r"^(?:ab|a)(?:b|c)*$", LINEAR),
        (r"(?i)^[a-f]*E*$", POLYNOMIAL),
        (r"^(?:\w+\d)*$", EXPONENTIAL),
        (r"^(a.*)\1*b$", POLYNOMIAL),
    ],
)
def test_how_time_grows(pattern: str, kind: str) -> None:
    assert growth(pattern).kind == kind


@pytest.mark.parametrize(("pattern", "kind"), [(r"\w+@", POLYNOMIAL), (r"foo\s+bar", LINEAR), (r"^\w+@", LINEAR)])
def test_an_expression_that_may_begin_anywhere_is_tried_at_each_place(pattern: str, kind: str) -> None:
    assert growth(pattern, searched=True).kind == kind


@pytest.mark.parametrize("pattern", [r"^\s*(.*\S)\s*$", r"^\w[\w ]*\s*$", r"^(\d+)(?: ack )?(\d+|)\s*$", r"^a*b?a*$"])
def test_the_example_shows_the_growth(pattern: str) -> None:
    found = growth(pattern)

    def seconds(times: int) -> float:
        lines = [found.before + found.again * times + end for end in ("", "\0")]
        began = time.process_time()
        for line in lines:
            re.match(pattern, line)
        return time.process_time() - began

    assert seconds(8000) > 6 * seconds(2000)


RULES = [
    (file.stem, rule)
    for file in sorted(templates.SHIPPED.glob("*.textfsm"))
    for rule in chain.from_iterable(templates.template(file.stem).compiled.states.values())
]


@pytest.mark.parametrize(("template", "rule"), RULES, ids=[f"{name}-{rule.line_num}" for name, rule in RULES])
def test_each_rule_of_our_templates_is_linear(template: str, rule: object) -> None:
    assert growth(rule.regex).kind == LINEAR  # type: ignore[attr-defined]
