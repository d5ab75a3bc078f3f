# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random templates give what TextFSM gives on random text, in whatever pieces the text comes.

An example is made from a number, which a failure shows. FAZMAIL_FUZZ=50 tries fifty times as many, others at each run.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import textfsm
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Row, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from .patterns import HEADS, ODDITIES, NumberedTextFSM, texts_for

_TIMES = int(os.environ.get("FAZMAIL_FUZZ", "1"))
many = settings(max_examples=600 * _TIMES, derandomize=_TIMES == 1, deadline=None)

_STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_BEGINNINGS = ("", "", rf"(?:{_STAMP}\s+)?", r"(?:[\w.~-]+ [#$$] )*", rf"(?:FAZ # )?(?:{_STAMP} )?", r"\S+ \S+ ", ".*")
_ATOMS = (
    *("a", "b", "ab", "x", "5", "535", ":", "-", "<", r"\.", r"\[", "foo", "bar: ", "\u00e9", "\u0663", " ", "20", "K"),
    *(r"\s", r"\s+", r"\s*", r"\d", r"\d+", r"\d\d?", r"\w", r"\w+", r"\W", r"\S+", ".", ".*", ".+?", r"\b", r"\B"),
    *("[a-c]", "[^a]", "[5-7]", "[0-9]+", "[ab5]+", "[:-]", "(?s:.)", "a{2}", "(?:ab){1,3}", r"(?:\d\d:){2}", "a+?"),
    *("(?:a|b)", "(?:ab|a|)", "(?:x|535|foo )", "(?:foo)?", "(?i:AbC)", "(?i:\u017fk)", "(?i:foo(?-i:bar))"),
    *(
        "(?=a)",
        "(?!5)",
        "(?<=a)",
        "(?<!0)",
        r"(a)\1",
        "(?>a+)",
        "a++",
        "(?:a|(b))(?(1)x|y)",
        r"\Z",
        "(?:foo|foobar|oba)",
    ),
)
_VALUES = (_STAMP, r"\d+", r"\w+", ".*", r".*\S|", r"\S*", "a|b|", "[0-4]+", "(?P<inner>a)|b", r"(\d)(\d)", "foo|a")
_LOCAL_ACTIONS = (" -> Record", " -> Record", " -> Next.Record", " -> Record Start", " -> Clear", " -> Clearall")
_ACTIONS = (
    *("", "", " -> Record", " -> Record", " -> Continue", " -> Continue.Record", " -> Continue.Clear", " -> Clearall"),
    *(" -> Error", ' -> Error "no"', " -> NoRecord", " -> Other", " -> Record Other", " -> Start", " -> Clear Start"),
    *(" -> End", " -> EOF", " -> Record End"),
)


def some_template(chance: random.Random, local: bool) -> str:
    """A template, nearly always a valid one; a local one keeps nothing from line to line."""
    names = ["A", "B", "TIME", "LONG_NAME"][: chance.randint(1, 4)]
    options = ("Required", "Key") if local else ("Required", "Filldown", "Fillup", "List", "Key")
    values = []
    for name in names:
        chosen = ",".join(chance.sample(options, chance.choice((0, 0, 1, 2))))
        values.append(f"Value {chosen} {name} ({chance.choice(_VALUES)})".replace("  ", " "))

    def rule() -> str:
        parts = chance.choices(_ATOMS, k=chance.randint(0, 4))
        for name in chance.sample(names, chance.randint(0, len(names))):
            parts.insert(chance.randint(0, len(parts)), f"${{{name}}}")
        action = chance.choice(_LOCAL_ACTIONS if local else _ACTIONS)
        return f"  ^{chance.choice(_BEGINNINGS)}{''.join(parts)}{chance.choice(('', '$$'))}{action}"

    lines = [*values, "", "Start", *(rule() for __ in range(chance.randint(1, 7)))]
    if not local:
        lines += ["", "Other", *(rule() for __ in range(chance.randint(1, 4)))]
    if chance.random() < 0.2:
        lines += ["", chance.choice(("EOF", "End"))]
    return "\n".join(lines) + "\n"


def some_text(template: str, chance: random.Random) -> str:
    """Text for that template, some of it the same again at another time."""
    text = texts_for(textfsm.TextFSM(io.StringIO(template)), chance, 12)
    again = [chance.choice(HEADS) * chance.randint(0, 1) + line for line in text.splitlines(keepends=True)]
    return text + "".join(again) + "".join(chance.choices(ODDITIES, k=chance.randint(0, 3)))


def outcome(work: Any) -> Any:
    try:
        return work()
    except Exception as error:
        return type(error), str(error)


def numbered(rows: Sequence[Row]) -> list[tuple[int, list[Any]]]:
    return [(row.line, list(row.values.values())) for row in rows]


def in_pieces(template: str, text: str, chance: random.Random) -> list[tuple[int, list[Any]]]:
    lines = text.splitlines()
    cuts = sorted(chance.choices(range(len(lines) + 1), k=chance.randint(0, 5)))
    reader = Template(io.StringIO(template)).reader()
    found = []
    for start, end in pairwise([0, *cuts, len(lines)]):
        piece = reader.feed(lines[start:end])
        assert len(piece.rules) == end - start
        found += piece.rows
    return numbered(found + reader.finish().rows)


@pytest.mark.parametrize("local", [True, False], ids=["local", "stateful"])
@many
@given(number=st.integers(0, 2**32))
def test_a_random_template_gives_the_rows_of_textfsm(local: bool, number: int) -> None:
    chance = random.Random(number)
    template = some_template(chance, local)
    try:
        plain = NumberedTextFSM(io.StringIO(template))
    except textfsm.TextFSMTemplateError as error:
        assert outcome(lambda: Template(io.StringIO(template))) == (type(error), str(error))
        return
    # A template that has read one text reads the next as if it were new.
    used = Template(io.StringIO(template))
    for __ in range(4):
        text = some_text(template, chance)
        expected = outcome(lambda text=text: plain.numbered(text))

        assert outcome(lambda text=text: numbered(used.parse(text.splitlines()).rows)) == expected
        assert outcome(lambda text=text: in_pieces(template, text, chance)) == expected
