# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random templates and random text: the engine gives what TextFSM gives, in whatever pieces the text comes.

More by hand: FAZMAIL_FUZZ=50 makes fifty times as many examples, other ones at each run.
"""

from __future__ import annotations

import io
import itertools
import os
from typing import Any

import pytest
import textfsm
from ansible_collections.fortiops.mail.plugins.plugin_utils.text.engine.blocks import parse, rows
from ansible_collections.fortiops.mail.plugins.plugin_utils.text.engine.template import Template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_TIMES = int(os.environ.get("FAZMAIL_FUZZ", "1"))
more = settings(
    max_examples=500 * _TIMES, derandomize=_TIMES == 1, suppress_health_check=list(HealthCheck), deadline=None
)

_STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_ATOMS = st.sampled_from(
    [
        r"a",
        r"b",
        r"ab",
        r"x",
        r"5",
        r"535",
        r"24",
        r":",
        r"-",
        r"<",
        r">",
        r"\.",
        r"\[",
        r"\s",
        r"\s+",
        r"\s*",
        r"\d",
        r"\d+",
        r"\d\d?",
        r"\w",
        r"\w+",
        r"\W",
        r"\S+",
        r".",
        r".*",
        r".+?",
        r"[a-c]",
        r"[^a]",
        r"[5-7]",
        r"[ab5]+",
        r"\b",
        r"\B",
        " ",
        "20",
        "(?:a|b)",
        "(?:ab|a|)",
        "(?:x|535|foo )",
        "(?:foo)?",
        "(?i:AbC)",
        "(?i:\u017fk)",
        "(?=a)",
        "(?!5)",
        "(?<=a)",
        r"(a)\1",
        "(?>a+)",
        "a{2}",
        "(?:ab){1,3}",
        r"(?:\d\d:){2}",
        "foo",
        "bar: ",
        "é",
        "٣",
        "(?s:.)",
        "(?:a|(b))(?(1)x|y)",
        rf"(?:{_STAMP}\s+)?",
        r"(?:[\w.~-]+ [#$$] )*",
        r"(?:FAZ # )?",
        r"^",
        r"$$",
        r"\Z",
    ]
)
_PATTERNS = st.lists(_ATOMS, min_size=0, max_size=5).map("".join)
_VALUE_PATTERNS = st.one_of(
    st.sampled_from([_STAMP, r"\d+", r"\w+", ".*", r".*\S|", r"\S*", "a|b|", "(?P<inner>a)|b", r"(\d)(\d)", "[0-4]+"]),
    _PATTERNS,
)
_OPTIONS = st.lists(st.sampled_from(["Required", "Filldown", "Fillup", "List", "Key"]), unique=True, max_size=2)
_LOCAL_OPTIONS = st.lists(st.sampled_from(["Required", "Key"]), unique=True, max_size=2)
_LOCAL_ACTIONS = st.sampled_from([" -> Record", " -> Next.Record", " -> Record Start", " -> Clear"])
_ACTIONS = st.one_of(
    _LOCAL_ACTIONS,
    st.sampled_from(
        [
            "",
            " -> Continue",
            " -> Continue.Record",
            " -> Continue.Clear",
            " -> Clearall",
            " -> Error",
            ' -> Error "no"',
            " -> Next.NoRecord",
            " -> Other",
            " -> Record Other",
            " -> Start",
            " -> End",
            " -> EOF",
            " -> Record End",
        ]
    ),
)


@st.composite
def templates(draw: st.DrawFn, local: bool) -> str:
    """A template, nearly always a valid one; a local one keeps nothing from line to line, or almost."""
    names = ["A", "B", "TIME", "LONG_NAME"][: draw(st.integers(1, 4))]
    values = [
        f"Value {','.join(draw(_LOCAL_OPTIONS if local else _OPTIONS))} {name} ({draw(_VALUE_PATTERNS)})".replace(
            "  ", " "
        )
        for name in names
    ]

    def state() -> list[str]:
        rules = []
        for _ in range(draw(st.integers(1, 6))):
            parts = draw(
                st.lists(st.one_of(_PATTERNS, st.sampled_from([f"${{{name}}}" for name in names])), max_size=4)
            )
            rules.append(f"  ^{''.join(parts)}{draw(_LOCAL_ACTIONS if local else _ACTIONS)}")
        return rules

    lines = [*values, "", "Start", *state()]
    if not local:
        lines += ["", "Other", *state()]
    if draw(st.integers(0, 4)) == 0:
        lines += ["", draw(st.sampled_from(["EOF", "End"]))]
    return "\n".join(lines) + "\n"


_HEADS = st.sampled_from(
    [
        "",
        "",
        "2026-11-24 10:00:00 ",
        "2025-12-24 05:35:24\t",
        "2026-11-24 10:00:00",
        "٢٠٢٦-11-24 10:00:00 ",
        "2026-11-24T10:00:00 ",
        "FAZ # ",
        "FAZ # 2026-11-24 10:00:00 ",
        "Nov 24 10:00:00 ",
        "[2026-11-24 10:00:00] ",
        "2026-11-24 10:00:0",
        "5350-53-55 35:35:35 ",
    ]
)
_BODIES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "a",
                "b",
                "ab",
                "x",
                "5",
                "535",
                "24",
                ": ",
                "<",
                "> ",
                ".",
                "[",
                " ",
                "foo ",
                "bar: ",
                "abc",
                "ABC",
                "\u017fK",
                "\t",
            ]
        ),
        st.sampled_from(
            ["é", "٣", "\xa0", "\x0b", "\x1c", "\x85", "\u2028", "\0", "\x1b[K", "\r", "7", "20", "aa", "xy"]
        ),
    ),
    max_size=6,
).map("".join)
_LINES = st.builds(
    lambda head, body, cut, end: (head + body)[cut:] + end,
    _HEADS,
    _BODIES,
    st.sampled_from([0, 0, 0, 0, 3]),
    st.sampled_from(["\n", "\r\n", "\n", "\r\r\n"]),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines, many of them more than once or with another stamp."""
    bodies = draw(st.lists(_LINES, min_size=1, max_size=8))
    heads = draw(st.lists(_HEADS, min_size=1, max_size=3))
    picked = draw(st.lists(st.tuples(st.sampled_from(["", *heads]), st.sampled_from(bodies)), max_size=20))
    text = "".join(head + body for head, body in picked)
    return text[: len(text) - draw(st.sampled_from([0, 0, 1, 5]))]


def by_textfsm(template: str, text: str) -> Any:
    try:
        return textfsm.TextFSM(io.StringIO(template)).ParseText(text)
    except Exception as error:
        return type(error), str(error)


def by_engine(template: str, text: str) -> Any:
    try:
        return parse(Template(io.StringIO(template)), text)
    except Exception as error:
        return type(error), str(error)


def in_pieces(template: str, text: str, cuts: list[int]) -> Any:
    lines = text.splitlines()
    places = [0, *sorted(cut % (len(lines) + 1) for cut in cuts), len(lines)]
    try:
        reader = Template(io.StringIO(template)).reader()
        pieces = [reader.feed(lines[start:end]) for start, end in itertools.pairwise(places)]
        found = [row for piece in (*pieces, reader.finish()) for row in piece.rows]
        assert [rule for piece in pieces for rule in piece.rules] == Template(io.StringIO(template)).parse(lines).rules
        return [list(row.values.values()) for row in found]
    except AssertionError:
        raise
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("local", [True, False])
@more
@given(data=st.data())
def test_a_random_template_gives_the_rows_of_textfsm(local: bool, data: st.DataObject) -> None:
    template, text = data.draw(templates(local)), data.draw(texts())

    expected = by_textfsm(template, text)

    assert by_engine(template, text) == expected
    assert in_pieces(template, text, data.draw(st.lists(st.integers(0, 30), max_size=4))) == expected


@more
@given(data=st.data())
def test_a_template_that_has_read_one_text_reads_the_next_like_a_new_one(data: st.DataObject) -> None:
    template, first, second = data.draw(templates(local=True)), data.draw(texts()), data.draw(texts())
    expected = by_textfsm(template, second)
    try:
        used = Template(io.StringIO(template))
        list(rows(used, [first]))
    except textfsm.TextFSMTemplateError:
        return

    assert list(rows(used, second)) == expected
