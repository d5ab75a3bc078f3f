# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import quote, unquote
from ansible_collections.fortiops.mail.simulator.cli.tokenizer import UnmatchedQuoteError, tokenize
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  \t ", []),
        ("get system status", ["get", "system", "status"]),
        ('edit "1"', ["edit", "1"]),
        ("set user 'a b'", ["set", "user", "a b"]),
        ('set user ""', ["set", "user", ""]),
        (r"set user a\ b", ["set", "user", "a b"]),
        (r'set user "a\"b\\c"', ["set", "user", 'a"b\\c']),
        (r"set user 'a\b'", ["set", "user", r"a\b"]),
        ('set user "it\'s"', ["set", "user", "it's"]),
        ('a"b c"d', ["ab cd"]),
        ("trailing\\", ["trailing"]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert tokenize(line) == words


@pytest.mark.parametrize(("line", "mark"), [('set user "a', '"'), ("set user 'a", "'"), (r'set user "a\"', '"')])
def test_unmatched_quotes(line: str, mark: str) -> None:
    with pytest.raises(UnmatchedQuoteError) as caught:
        tokenize(line)
    assert caught.value.mark == mark


VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="?"))


@given(VALUES)
def test_what_clients_quote_arrives_as_one_word(value: str) -> None:
    assert tokenize(f"set user {quote(value)}") == ["set", "user", value]
    assert unquote(quote(value)) == value


@given(st.text())
def test_any_line_is_words_or_an_unmatched_quote(line: str) -> None:
    try:
        words = tokenize(line)
    except UnmatchedQuoteError:
        return
    assert all(isinstance(word, str) for word in words)


@given(st.lists(st.text("abc.:@-", min_size=1)))
def test_plain_words_are_split_at_blanks(words: list[str]) -> None:
    assert tokenize("  ".join(words)) == words
