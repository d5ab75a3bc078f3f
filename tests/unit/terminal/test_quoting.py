# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value that is quoted for the CLI comes back unchanged, or is refused; it is never altered in silence."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.quoting import UnsafeValueError, quote, unquote
from hypothesis import given
from hypothesis import strategies as st

SAFE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="?"))


@given(SAFE)
def test_what_is_quoted_reads_back_the_same(value: str) -> None:
    assert unquote(quote(value)) == value


@given(SAFE)
def test_a_quoted_value_is_one_word_that_cannot_be_left_early(value: str) -> None:
    inside = quote(value)[1:-1]
    without_escapes = inside.replace("\\\\", "").replace('\\"', "")

    assert '"' not in without_escapes
    assert "\\" not in without_escapes


@given(st.text())
def test_any_value_is_either_quoted_whole_or_refused(value: str) -> None:
    try:
        quoted = quote(value)
    except UnsafeValueError:
        return
    assert unquote(quoted) == value
    assert "\n" not in quoted and "\r" not in quoted and "?" not in quoted


@pytest.mark.parametrize(
    "value", ["a\nexit", "a\rb", "tab\there", "\x1b[A", "\x00", "\x7f", "\u2028", "\ud800", "why?", "a--More--b"]
)
def test_what_the_cli_would_act_upon_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        quote(value)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(UnsafeValueError) as refused:
        quote("hunter2-secret\n")

    assert "hunter2" not in str(refused.value)
    assert "U+000A" in str(refused.value)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ('"alerts"', "alerts"),
        ("alerts", "alerts"),
        ("'alerts'", "alerts"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"back\\slash"', r"back\slash"),
        ('""', ""),
        ('"', '"'),
    ],
)
def test_a_word_of_show_is_read(printed: str, value: str) -> None:
    assert unquote(printed) == value
