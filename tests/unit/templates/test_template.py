# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template gives exactly the rows of TextFSM, whatever it does, and says which lines they come from."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
import textfsm
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Template
from hypothesis import given
from hypothesis import strategies as st

TEMPLATES = {
    "filldown_and_required": """\
Value Filldown SECTION (\\w+)
Value Required NAME (\\w+)
Value VALUE (\\S+)

Start
  ^\\[${SECTION}\\]$$
  ^${NAME}=${VALUE}$$ -> Record
  ^clear$$ -> Clear
  ^clearall$$ -> Clearall
""",
    "no_filldown_row_at_the_end": """\
Value Filldown,Required SECTION (\\w+)
Value NAME (\\w+)

Start
  ^\\[${SECTION}\\]$$
  ^${NAME}=.*$$ -> Record

EOF
""",
    "fillup": """\
Value NAME (\\w+)
Value Fillup VALUE (\\S+)

Start
  ^${NAME}=$$ -> Record
  ^${NAME}=${VALUE}$$ -> Record
""",
    "lists": """\
Value NAME (\\w+)
Value List MEMBER (\\w+)

Start
  ^\\[${NAME}\\]$$ -> Continue.Record
  ^\\[${NAME}\\]$$
  ^${MEMBER}=.*$$
""",
    "states_and_end": """\
Value Required NAME (\\w+)
Value LATER (\\w+)

Start
  ^\\[open\\]$$ -> Inside
  ^${NAME}=.*$$ -> Record

Inside
  ^\\[close\\]$$ -> Record Start
  ^${NAME}=.*$$ -> Continue
  ^\\w+=${LATER}$$
  ^clear$$ -> End
  ^\\[stop\\]$$ -> Record EOF
""",
    "continue_and_next": """\
Value NAME (\\w+)
Value VALUE (\\w+)

Start
  ^${NAME}= -> Continue
  ^\\w+=${VALUE}$$ -> Next.Record
  ^clear$$ -> Next.NoRecord
""",
}

# Lines that the templates know, lines that look similar, and lines of any characters but TextFSM's line separators.
LINE = st.one_of(
    st.sampled_from(
        ["[open]", "[close]", "[stop]", "[one]", "a=1", "b=", "b=two", "a=a b", "clear", "clearall", "", " a=1", "="]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=8),
)


@pytest.mark.parametrize("name", TEMPLATES)
@given(lines=st.lists(LINE, max_size=25))
def test_rows_equal_those_of_textfsm(name: str, lines: list[str]) -> None:
    plain = textfsm.TextFSM(io.StringIO(TEMPLATES[name])).ParseText("\n".join(lines))

    parsed = Template(io.StringIO(TEMPLATES[name])).parse(lines)

    assert [list(row.values.values()) for row in parsed.rows] == plain


@pytest.mark.parametrize("name", TEMPLATES)
@given(lines=st.lists(LINE, max_size=25))
def test_a_template_forgets_one_text_before_the_next(name: str, lines: list[str]) -> None:
    used = Template(io.StringIO(TEMPLATES[name]))
    used.parse(["[open]", "a=1", "b=two", "[left]", "b=x"])

    assert used.parse(lines) == Template(io.StringIO(TEMPLATES[name])).parse(lines)


@pytest.mark.parametrize("name", TEMPLATES)
@given(lines=st.lists(LINE, max_size=25))
def test_each_line_is_told_whether_a_rule_knew_it(name: str, lines: list[str]) -> None:
    parsed = Template(io.StringIO(TEMPLATES[name])).parse(lines)

    assert len(parsed.rules) == len(lines)
    assert all(0 <= row.line < len(lines) for row in parsed.rows)
    assert [row.line for row in parsed.rows] == sorted(row.line for row in parsed.rows)


def test_a_row_begins_at_the_first_line_that_fed_it() -> None:
    template = Template(
        io.StringIO("Value A (\\d+)\nValue B (\\d+)\n\nStart\n  ^a ${A}\n  ^b ${B}\n  ^next -> Record\n")
    )

    parsed = template.parse(["noise", "a 1", "noise", "b 2", "next", "b 3", "next"])

    assert [row.line for row in parsed.rows] == [1, 5]
    assert [rule > 0 for rule in parsed.rules] == [False, True, False, True, True, True, True]


def test_a_separator_inside_a_line_does_not_split_it() -> None:
    template = Template(io.StringIO("Value TEXT (.*)\n\nStart\n  ^text ${TEXT} -> Record\n"))

    assert [row.values for row in template.parse(["text a\x0bb\x85c\u2028d"]).rows] == [{"TEXT": "a\x0bb\x85c\u2028d"}]


def test_lines_after_the_end_state_are_not_known() -> None:
    parsed = Template(io.StringIO(TEMPLATES["states_and_end"])).parse(["[open]", "clear", "a=1"])

    assert [rule > 0 for rule in parsed.rules] == [True, True, False]
    assert parsed.rows == []


@pytest.mark.parametrize("name", TEMPLATES)
@given(lines=st.lists(LINE, max_size=25), data=st.data())
def test_a_text_read_in_pieces_gives_what_it_gives_at_once(name: str, lines: list[str], data: st.DataObject) -> None:
    template = Template(io.StringIO(TEMPLATES[name]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=4)))
    reader = template.reader()

    pieces = [reader.feed(lines[start:end]) for start, end in pairwise([0, *cuts, len(lines)])]

    rows = [row for piece in (*pieces, reader.finish()) for row in piece.rows]
    assert rows == template.parse(lines).rows
    assert [rule for piece in pieces for rule in piece.rules] == template.parse(lines).rules


def test_a_reader_gives_a_row_as_soon_as_no_later_line_can_change_it() -> None:
    reader = Template(io.StringIO(TEMPLATES["fillup"])).reader()

    assert reader.feed(["a="]).rows == []
    assert [row.values["VALUE"] for row in reader.feed(["b=x"]).rows] == ["x", "x"]
    assert reader.feed(["c="]).rows == []
    assert [(row.line, row.values["VALUE"]) for row in reader.finish().rows] == [(2, "")]


# --- memory

LOCAL = "Value NAME (\\w+)\n\nStart\n  ^name ${NAME} -> Record\n"


def kept_after(read: Callable[[list[str]], object], texts: Iterator[list[str]]) -> int:
    """How many bytes are kept of all texts but the first."""
    read(next(texts))
    tracemalloc.start()
    for text in texts:
        read(text)
    del text
    kept, __ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept


def test_a_template_keeps_nothing_of_the_texts_it_has_read() -> None:
    texts = ([f"name x{number}" for number in range(start, start + 1000)] for start in range(0, 5000, 1000))

    assert kept_after(Template(io.StringIO(LOCAL)).parse, texts) < 100_000


def test_a_reader_keeps_no_long_line() -> None:
    texts = ([f"name x{number} {'y' * 50_000}"] for number in range(100))

    assert kept_after(Template(io.StringIO(LOCAL)).reader().feed, texts) < 100_000


# --- slow rules, and what a template carries from line to line

WITH_TIME = "Value TIME (\\S+ \\S+)\nValue WORD (\\w+)\n\nStart\n  ^(?:${TIME} )?word: ${WORD} -> Record\n"


@pytest.mark.parametrize("option", ["", "Filldown "], ids=["line-local", "with memory"])
def test_a_line_that_takes_too_long_is_unmatched_and_reported(
    option: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.fortiops.mail.plugins.plugin_utils.regex.limit.LIMIT", 0.05)
    source = f"Value {option}A ((\\w+\\s?)*)\n\nStart\n  ^${{A}}! -> Record\n  ^.*\n"

    parsed = Template(io.StringIO(source), "mine.textfsm").parse(["a b!", "a" * 60 + ";!", "other", "c!"])

    assert [row.values["A"] for row in parsed.rows][:2] == ["a b", "c"]
    assert [rule > 0 for rule in parsed.rules] == [True, False, True, True]
    assert "mine.textfsm: the rule in line 4 took longer" in caplog.text
    assert "on line 2 of its text" in caplog.text


@pytest.mark.parametrize(
    ("source", "local"),
    [
        (WITH_TIME, True),
        (WITH_TIME.replace("Value WORD", "Value Required WORD"), True),
        (WITH_TIME.replace("Value WORD", "Value Filldown WORD"), False),
        (WITH_TIME.replace("Value WORD", "Value List WORD"), False),
        (WITH_TIME.replace(" -> Record", ""), False),
        (WITH_TIME.replace("Record", "Continue.Record"), False),
        (WITH_TIME + "  ^. -> Error\n", False),
        (WITH_TIME + "  ^x -> End\n", False),
    ],
)
def test_a_template_tells_whether_a_line_depends_on_those_before_it(source: str, local: bool) -> None:
    assert Template(io.StringIO(source)).line_local is local
