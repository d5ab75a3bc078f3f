# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proven of expressions, ours and random ones, holds for texts whose digits differ."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import classifier, products
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import program_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact import secret_rules
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.digits import (
    Unproven,
    first_match,
    fold_words,
    folded_expression,
    may_contain,
    may_find,
    may_match,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates

from .patterns import ODDITIES, match_for

TEMPLATES = sorted(path.stem for path in templates.SHIPPED.glob("*.textfsm"))
PARTS = (
    *("a", "e", "x", "7", r"\d", r"\D", r"\w", r"\W", r"\s", ".", "[0-5]", "[^0-5]", "[a-c]", "[^a-fA-F0-9]", "[^3]"),
    *(
        r"\b",
        r"\B",
        "^",
        "$",
        "(?=[1-9])",
        "(?!9)",
        "(?<!x)",
        "(?:12|ab)",
        "([2-5])",
        "(?i:B)",
        "(?!b|7)",
        "(?!(?!1)a|x)",
        "(?<![a-c5])",
        r"(\w)(?!\1)",
        "(?>a|ab)",
        "(?>x+)",
        "error",
        "550",
    ),
)
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
REPEATS = ("", "", "", "*", "+", "?", "*?", "{2}", "{1,3}")


def own_patterns() -> list[tuple[str, int]]:
    rules = [
        rule.regex_obj.regex
        for name in TEMPLATES
        for state in templates.template(name).compiled.states.values()
        for rule in state
    ]
    rows = [row.pattern for row in vocabulary().rows if row.pattern is not None]
    secrets = [rule.pattern for rule in (*secret_rules._ALONE, *secret_rules._BEHIND)]
    ignored = [pattern for __, pattern in classifier._ignored()]
    programs = [rule.begins for rule in program_lines._rules()]
    marks = [line for __, line, ___ in products._marks() if line is not None]
    return [(pattern.pattern, pattern.flags) for pattern in (*rules, *rows, *secrets, *ignored, *programs, *marks)]


def random_patterns(chance: random.Random) -> Iterator[tuple[str, int]]:
    for __ in range(150):
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


def folded(text: str, chance: random.Random) -> str:
    return fold_words(text, chance.choice(([], [(chance.randrange(len(text) + 1), len(text))])))


def test_a_folded_expression_of_ours_matches_what_folds_to_what_it_matches() -> None:
    chance = random.Random(1)
    for pattern, flags in own_patterns():
        assert folded_expression(pattern, flags) is not None, pattern
        plain = re.compile(pattern, flags)
        for __ in range(20):
            text = damaged(match_for(pattern, chance), chance)
            if plain.search(text):
                assert may_find(plain, folded(text, chance)), (pattern, text)


@pytest.mark.parametrize("seed", range(60))
def test_a_folded_random_expression_matches_what_folds_to_what_it_matches(seed: int) -> None:
    chance = random.Random(seed)
    for pattern, flags in random_patterns(chance):
        expression = folded_expression(pattern, flags)
        if expression is None:
            assert "(?>" in pattern or "\\1" in pattern  # what gives nothing back takes a digit or a letter
            continue
        plain = re.compile(pattern, flags)
        for __ in range(10):
            text = damaged(match_for(pattern, chance), chance)
            looks = folded(text, chance)
            for way, may in (("match", may_match), ("search", may_find)):
                if getattr(plain, way)(text):
                    assert getattr(expression.pattern, way)(looks), (pattern, text)
                    assert may(plain, looks), (pattern, text)


def test_what_a_text_contains_it_may_contain_when_folded() -> None:
    chance = random.Random(1)
    parts = [rule.has for rule in program_lines._rules()] + [mark for mark, *__ in products._marks()]
    for part in (*parts, *secret_rules._hints(secret_rules.ALL)):
        for __ in range(20):
            text = f"{''.join(chance.choices(LETTERS, k=3))}{part}{''.join(chance.choices(LETTERS, k=3))}"
            begin = chance.randrange(len(text) + 1)
            assert may_contain(part, fold_words(text, [(begin, chance.randrange(begin, len(text) + 1))]))
    assert not may_contain("token", fold_words("to1en a", [(5, 7)]))


def spans(match: re.Match[str] | None, groups: int) -> list[tuple[int, int]] | None:
    return [match.span(group) for group in range(groups + 1)] if match else None


def held_to_all(patterns: list[re.Pattern[str]], chance: random.Random) -> int:
    """Hold what is proven of some expressions on a text to texts that fold to the same one; return how often that was."""
    proven = 0
    for pattern in patterns:
        text = damaged(match_for(pattern.pattern, chance), chance)
        place = chance.choice((len(text), chance.randrange(len(text) + 1)))
        try:
            found = first_match([pattern], fold_words(text, [(place, len(text))]))
        except Unproven:
            continue
        proven += 1
        for __ in range(6):
            other = with_other_digits(text, place, chance)
            assert spans(pattern.match(other), pattern.groups) == (
                spans(found[1], pattern.groups) if found else None
            ), (pattern, text, place, other)
    return proven


def with_other_digits(text: str, place: int, chance: random.Random) -> str:
    digits = ["0123456789" if number < place else LETTERS for number in range(len(text))]
    return "".join(chance.choice(same) if each in same else each for each, same in zip(text, digits, strict=True))


def test_an_expression_of_ours_that_is_proven_finds_the_same_places_whatever_the_digits_are() -> None:
    chance = random.Random(2)
    patterns = [re.compile(pattern, flags) for pattern, flags in own_patterns()]
    assert held_to_all(patterns * 20, chance) > len(patterns)


@pytest.mark.parametrize("seed", range(40))
def test_a_random_expression_that_is_proven_finds_the_same_places_whatever_the_digits_are(seed: int) -> None:
    chance = random.Random(seed)
    patterns = [re.compile(pattern, flags) for pattern, flags in random_patterns(chance)]
    assert held_to_all(patterns * 4, chance) > 10


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        *(
            ("5", "5"),
            ("[1-9]+", "12"),
            (r"(\d)\1", "11"),
            ("a|1", "1"),
            ("(?=0)0", "0"),
            ("[^7]", "3"),
            ("(?!12)..", "34"),
        ),
        *(("(?:3)?", "3"), ("[a-f]+", "abc"), ("(?:x|[0-4])*?y", "3y"), (r"\d+", "12ab"), (r"(?-i:[a-f\d])", "a")),
    ],
)
def test_what_depends_on_digits_is_not_proven(pattern: str, text: str) -> None:
    with pytest.raises(Unproven):
        first_match([re.compile(pattern)], fold_words(text, [(0, len(text))]))


def test_no_more_is_claimed_of_a_text_that_has_the_sign_itself() -> None:
    sign = fold_words("1", [(0, 1)])
    with pytest.raises(Unproven):
        fold_words(f"a{sign}", [])
