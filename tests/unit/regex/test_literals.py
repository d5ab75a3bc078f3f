# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text must contain for an expression to match it."""

from __future__ import annotations

import random
import re

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex import literals
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.literals import lines_with, needed
from hypothesis import given
from hypothesis import strategies as st


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
        ("IB(?:10[2-4]|[7-9])", {"IB102", "IB103", "IB104", "IB7", "IB8", "IB9"}),
        ("(?i:[2-3][a-b]x)|7", {"2", "3", "7"}),
        ("green(?!house)", {"green"}),
        ("un(?:known|recogni[sz]ed) word", {"unknown word", "unrecognised word", "unrecognized word"}),
    ],
)
def test_one_of_these_is_in_each_match(expression: str, texts: set[str]) -> None:
    assert set(needed(expression)) == texts


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("foo(?:bar|baz)?qux", ["fooqux", "foobarqux", "foobazqux"]),
        ("(?:Trying|Connected to) host", ["Trying host", "Connected to host"]),
        ("(?i:Hello) [Ww]orld", ["HELLO World", "hello world"]),
        ("(?i:\u212aelvin [2-5]xx)", ["kelvin 3xx", "Kelvin 5XX"]),
        ("(?:ab){2,3}c+", ["ababc", "abababcc"]),
        ("x(?=abc)ab", ["xabc"]),
        (r"(a|b)\1 error", ["aa error", "bb error"]),
    ],
)
def test_a_line_that_matches_has_one_of_the_literals(pattern: str, lines: list[str]) -> None:
    for line in lines:
        assert re.match(pattern, line)
        assert any(text in line for text in needed(pattern))


@pytest.mark.parametrize("pattern", ["", ".*", r"\d+", "(?i:abc)", "(?:abc)?", "a|", "(?!abc)"])
def test_nothing_is_needed_where_nothing_is_certain(pattern: str) -> None:
    assert needed(pattern) == ()


def test_a_parser_that_says_something_new_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tree(list[object]):
        class state:
            flags = 0

    monkeypatch.setattr(literals, "parse_tree", lambda *__: Tree([("LITERAL", 97), ("A_NEW_OPERATION", None)]))

    assert needed("abc of a new kind") == ()


def test_an_index_finds_the_texts_that_are_in_a_line() -> None:
    texts = [
        "refused",
        "connection refused",
        " is off",
        "task ",
        "ok",
        "a b",
        "error 111",
        "'",
        "no such  host",
        "x" * 50,
        "[gl01]",
        "ib5",
    ]
    index = literals.WordIndex(texts)
    for line in (
        *texts,
        "the connection refused it",
        "error 112",
        "[gl02]",  # looks like a text whatever its digits are
        "a[gl01]b",
        "a[gl09]b",
        "ib4",
        "it is off.",
        "multitask",
        "ok.",
        "a  b",
        "",
        " ",
        "x" * 99,
    ):
        for __ in range(2):  # the first time, and as one that is known
            assert sorted(index.find(line)) == [number for number, text in enumerate(texts) if text in line], line


@pytest.mark.parametrize("seed", range(5))
def test_a_text_in_a_line_is_found_like_it_or_has_part_in_a_rare_word(seed: int) -> None:
    chance = random.Random(seed)
    letters = "ab1 "
    texts = sorted(
        {text for __ in range(40) if (text := "".join(chance.choices(letters, k=chance.randrange(1, 7)))).strip()}
    )
    index = literals.WordIndex(texts)
    for __ in range(3_000):
        words = ["".join(chance.choices("ab12", k=chance.randrange(0, 5))) for __ in range(4)]
        rare = chance.sample(range(4), 2)
        line = " ".join(words)
        looks = " ".join("?" * len(word) if n in rare else re.sub("[0-9]", "0", word) for n, word in enumerate(words))
        found = {texts[number] for number in index.find(line)}
        assert found == {text for text in texts if text in line}
        if not index.with_parts([re.sub("[0-9]", "0", words[number]) for number in rare]):
            assert found <= {texts[number] for number in index.find_like(looks)}, line


@given(
    st.lists(st.text("ab#\u0130 ", max_size=6), min_size=1, max_size=12),
    st.lists(st.text("ab# ", max_size=3), max_size=3),
)
def test_lines_with_a_part_are_those_that_have_it(lines: list[str], parts: list[str]) -> None:
    expected = [number for number, line in enumerate(lines) if any(part in line for part in parts)]
    text = "\n".join(lines)
    assert lines_with(text, parts) == expected
    assert lines_with(text.encode(), [part.encode() for part in parts]) == expected
