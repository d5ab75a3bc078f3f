# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables a person reads: aligned, one line per row, and safe to print."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.table import table, verdict_table, visible
from hypothesis import given
from hypothesis import strategies as st


def test_columns_are_aligned() -> None:
    assert table(["device", "verdict"], [["faz-hq", "accepted"], ["fmg-laboratory", "failed"]]).split("\n") == [
        "device          verdict",
        "--------------  --------",
        "faz-hq          accepted",
        "fmg-laboratory  failed",
    ]


def test_a_table_without_rows_is_its_header() -> None:
    assert table(["a", "b"], []) == "a  b\n-  -"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        ("", "-"),
        (0, "0"),
        (False, "False"),
        ("a\nb", "a\\x0ab"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eabc", "\\u202eabc"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("Größe", "Größe"),
    ],
)
def test_a_value_is_shown_so_that_it_does_nothing(value: object, shown: str) -> None:
    assert visible(value) == shown


@given(st.text() | st.none() | st.integers())
def test_any_value_is_printable_and_not_empty(value: object) -> None:
    shown = visible(value)

    assert shown
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in shown)


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8))
def test_each_row_is_one_line(rows: list[tuple[str, str]]) -> None:
    assert table(["a", "b"], rows).count("\n") == len(rows) + 1


def test_the_verdicts_of_a_fleet() -> None:
    rows = [
        {"device": "faz-hq", "firmware": "7.4.2", "configured": "changed", "outcome": "accepted", "cause": "accepted"},
        {"device": "fmg-lab", "outcome": "failed", "cause": "relay_denied", "owner": "mail admin", "more": "not shown"},
    ]

    assert verdict_table(rows).split("\n") == [
        "device   firmware  configured  verdict   cause         who must act",
        "-------  --------  ----------  --------  ------------  ------------",
        "faz-hq   7.4.2     changed     accepted  accepted      -",
        "fmg-lab  -         -           failed    relay_denied  mail admin",
    ]
