# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine concludes from an expression is never more than what is true of it."""

from __future__ import annotations

import io
import pickle
import re
import signal
import threading
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex import literals
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.automaton import ambiguous
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.limit import TooSlow, limited
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.blocks import at_line_ends, parse, rows
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.stamps import all_alike, is_stamp
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates.template import Template

LOCAL = "Value TIME (\\S+ \\S+)\nValue WORD (\\w+)\n\nStart\n  ^(?:${TIME} )?word: ${WORD} -> Record\n"


def template(source: str = LOCAL, name: str = "") -> Template:
    return Template(io.StringIO(source), name)


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
    needed = literals.required(pattern)
    for line in lines:
        assert re.match(pattern, line)
        assert not needed or any(text in line for text in needed)


@pytest.mark.parametrize("pattern", ["", ".*", r"\d+", "(?i:abc)", "(?:abc)?", "a|", "(?!abc)"])
def test_nothing_is_needed_where_nothing_is_certain(pattern: str) -> None:
    assert literals.required(pattern) == ()


def test_a_parser_that_says_something_new_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tree(list[object]):
        class state:
            flags = 0

    monkeypatch.setattr(literals, "parse_tree", lambda *_: Tree([("LITERAL", 97), ("A_NEW_OPERATION", None)]))

    assert literals.required("abc of a new kind") == ()


@pytest.mark.parametrize(
    ("pattern", "alike"),
    [
        (r"^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+)?\w+:\d+: < 535", True),
        (r"^(?:[\w.~-]+ [#$] )*(?:\S+ \S+ )?text 2026", True),
        (r"^word 5", True),
        (r"^.*535", False),
        (r"^2026-", False),
        (r"^[0-4]+-", False),
        (r"^(?!2025)\S+ ", False),
        (r"^\S+ \S+ (?<=5 )x", False),
        (r"^(\S+) \1", False),
    ],
)
def test_stamps_are_alike_only_if_no_digit_of_them_decides(pattern: str, alike: bool) -> None:
    assert all_alike(pattern) is alike


def test_only_the_digits_of_ascii_make_a_stamp() -> None:
    assert is_stamp("2026-11-24 10:00:00")
    assert not is_stamp("\u0662\u0660\u0662\u0666-11-24 10:00:00")


@pytest.mark.parametrize("pattern", ["(a+)+b", r"(([\d]+\s*)+),", r"^(?:\w+\s?)*$", "(a*)*b"])
def test_a_repetition_that_divides_a_text_in_many_ways_is_ambiguous(pattern: str) -> None:
    assert ambiguous(pattern)


@pytest.mark.parametrize("pattern", [r"(?:[\w.~-]+ [#$] )*x", r"(?:\d{1,3}\.){3}\d+", r"\s*\S+\s*", "(?:a{1,3}b)+"])
def test_a_repetition_with_a_separator_is_not(pattern: str) -> None:
    assert not ambiguous(pattern)


def test_a_match_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TooSlow):
        limited(re.compile("(a+)+b").match, "a" * 60, 0.05)


def test_no_limit_outside_the_main_thread_harms_nothing() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(limited(re.compile("a").match, "a")))
    thread.start()
    thread.join()
    assert found[0]


@pytest.mark.parametrize("memory", ["", "Filldown "], ids=["local", "stateful"])
def test_a_line_that_takes_too_long_is_unmatched_and_reported(
    memory: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.fortiops.mail.plugins.plugin_utils.regex.limit.LIMIT", 0.05)
    slow = template(f"Value {memory}A ((\\w+\\s?)*)\n\nStart\n  ^${{A}}! -> Record\n  ^.*\n", "mine.textfsm")

    parsed = slow.parse(["a b!", "a" * 60 + ";!", "other", "c!"])

    assert [row.values["A"] for row in parsed.rows][:2] == ["a b", "c"]
    assert [rule > 0 for rule in parsed.rules] == [True, False, True, True]
    assert "mine.textfsm: the rule in line 4 took longer" in caplog.text
    assert "on line 2 of its text" in caplog.text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (LOCAL, None),
        (LOCAL.replace("Value WORD", "Value Required WORD"), None),
        (LOCAL.replace("Value WORD", "Value Filldown WORD"), "value WORD is Filldown"),
        (LOCAL.replace("Value WORD", "Value List WORD"), "value WORD is List"),
        (LOCAL.replace(" -> Record", ""), "the rule in line 5 has values, and records nothing"),
        (LOCAL.replace("Record", "Continue.Record"), "the rule in line 5 has the action Continue"),
        (LOCAL + "  ^. -> Error\n", "the rule in line 6 has the action Error"),
        (LOCAL + "  ^x -> End\n", "the rule in line 6 changes to the state End"),
    ],
)
def test_a_template_says_whether_it_remembers_lines(source: str, reason: str | None) -> None:
    assert template(source).memories == ([reason] if reason else [])
    assert template(source).line_local is (reason is None)


def test_a_text_cut_anywhere_is_put_together_again() -> None:
    text = "one\r\ntwo\nthree\rfour\n\nlast"
    for size in range(1, 8):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        blocks = list(at_line_ends(pieces, 3))
        assert "".join(blocks) == text
        assert [line for block in blocks for line in block.splitlines()] == text.splitlines()


@pytest.mark.parametrize("given", ["file", "blocks"])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_give_the_rows_in_order(tmp_path: Path, given: str, processes: int) -> None:
    text = (
        "".join(f"2026-11-24 10:00:{number % 60:02} word: w{number}\r\n" for number in range(3000)) + "word: \u00e9nd"
    )
    file = tmp_path / "log"
    file.write_bytes(text.encode())
    source = file if given == "file" else [text[:1000], text[1000:1007], text[1007:]]

    assert list(rows(template(), source, processes)) == parse(template(), text)
    assert len(parse(template(), text)) == 3001


def test_a_template_can_be_sent_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(template()))
    assert parse(copy, "word: a\n") == parse(template(), "word: a\n") == [["", "a"]]


def test_an_alarm_that_was_set_before_still_rings() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        with pytest.raises(TooSlow):
            limited(re.compile("(a+)+b").match, "a" * 60, 0.02)
        while not rung:
            signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert rung
