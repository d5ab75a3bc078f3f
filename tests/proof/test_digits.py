# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proven of expressions, ours and random ones, holds for texts whose digits differ."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import classifier
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact import secret_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.digits import (
    DECIMAL,
    HEXADECIMAL,
    digit_insensitive,
    fold_digits,
    ignores_digits,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates

from .patterns import ODDITIES, match_for

TEMPLATES = sorted(path.stem for path in templates.SHIPPED.glob("*.textfsm"))
PARTS = (
    *("a", "e", "x", "7", r"\d", r"\D", r"\w", r"\W", r"\s", ".", "[0-5]", "[^0-5]", "[a-c]", "[^a-fA-F0-9]", "[^3]"),
    *(r"\b", r"\B", "^", "$", "(?=[1-9])", "(?!9)", "(?<!x)", "(?:12|ab)", "([2-5])", "(?i:B)", "error", "550"),
)
REPEATS = ("", "", "", "*", "+", "?", "*?", "{2}", "{1,3}")


def own_patterns() -> list[tuple[str, int]]:
    rules = [
        rule.regex_obj.regex
        for name in TEMPLATES
        for state in templates.template(name).compiled.states.values()
        for rule in state
    ]
    rows = [row.pattern for row in vocabulary().rows if row.pattern is not None]
    secrets = [pattern for _, pattern in secret_lines._ANY]
    ignored = [pattern for _, pattern in classifier._ignored()]
    return [(pattern.pattern, pattern.flags) for pattern in (*rules, *rows, *secrets, *ignored)]


def random_patterns(chance: random.Random) -> Iterator[tuple[str, int]]:
    for _ in range(150):
        pattern = "".join(
            part if part in (r"\b", r"\B", "^", "$") or part.startswith("(?") else part + chance.choice(REPEATS)
            for part in chance.choices(PARTS, k=chance.randrange(1, 7))
        )
        yield pattern, chance.choice((0, re.IGNORECASE))


def damaged(text: str, chance: random.Random) -> str:
    """Other digits, other case, and now and then something odd in between."""
    hexadecimal = "0123456789abcdefABCDEF"
    characters = [
        chance.choice(hexadecimal) if each in hexadecimal and chance.random() < 0.2 else each for each in text
    ]
    if chance.random() < 0.3:
        characters.insert(chance.randrange(len(characters) + 1), chance.choice(ODDITIES))
    return "".join(characters)


@pytest.mark.parametrize("digits", [DECIMAL, HEXADECIMAL])
def test_a_digit_insensitive_expression_of_ours_matches_what_folds_to_what_it_matches(digits: str) -> None:
    chance = random.Random(1)
    for pattern, flags in own_patterns():
        insensitive = digit_insensitive(pattern, flags, digits)
        assert insensitive is not None, pattern
        for _ in range(10):
            text = damaged(match_for(pattern, chance), chance)
            if re.compile(pattern, flags).search(text):
                assert insensitive.search(fold_digits(text, digits)), (pattern, text)


@pytest.mark.parametrize("digits", [DECIMAL, HEXADECIMAL])
@pytest.mark.parametrize("seed", range(20))
def test_a_digit_insensitive_random_expression_matches_what_folds_to_what_it_matches(seed: int, digits: str) -> None:
    chance = random.Random(seed)
    for pattern, flags in random_patterns(chance):
        insensitive = digit_insensitive(pattern, flags, digits)
        assert insensitive is not None
        for _ in range(10):
            text = damaged(match_for(pattern, chance), chance)
            for exact, folded in (("match", insensitive.match), ("search", insensitive.search)):
                if getattr(re.compile(pattern, flags), exact)(text):
                    assert folded(fold_digits(text, digits)), (pattern, text)


def spans(pattern: str, flags: int, text: str) -> list[tuple[int, int]] | None:
    match = re.compile(pattern, flags).search(text)
    return [match.span(group) for group in range(match.re.groups + 1)] if match else None


def with_other_digits(text: str, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") if each in "0123456789" else each for each in text)


def test_an_expression_of_ours_that_ignores_digits_finds_the_same_places_whatever_they_are() -> None:
    chance = random.Random(2)
    ignoring = [(pattern, flags) for pattern, flags in own_patterns() if ignores_digits(pattern, flags)]
    assert len(ignoring) > 50
    for pattern, flags in ignoring:
        for _ in range(20):
            text = damaged(match_for(pattern, chance), chance)
            expected = spans(pattern, flags, text)
            for _ in range(5):
                assert spans(pattern, flags, with_other_digits(text, chance)) == expected, (pattern, text)


@pytest.mark.parametrize("seed", range(20))
def test_a_random_expression_that_ignores_digits_finds_the_same_places_whatever_they_are(seed: int) -> None:
    chance = random.Random(seed)
    for pattern, flags in random_patterns(chance):
        if not ignores_digits(pattern, flags):
            continue
        text = damaged(match_for(pattern, chance), chance)
        expected = spans(pattern, flags, text)
        for _ in range(5):
            assert spans(pattern, flags, with_other_digits(text, chance)) == expected, (pattern, text)


@pytest.mark.parametrize("pattern", ["5", "[1-9]", r"(\d)\1", "a|1", "(?=0)x", "[^7]", "(?!12).", "(?:3)?"])
def test_an_expression_that_asks_for_digits_does_not_ignore_them(pattern: str) -> None:
    assert not ignores_digits(pattern)
