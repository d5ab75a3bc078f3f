# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that arrives in pieces is redacted as if it had come at once, wherever it was cut."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.known_secrets import KnownSecrets
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import (
    CUT_LINE,
    LONGEST_LINE,
    MASK,
    RedactedStream,
    Redactor,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import ESCAPE_SEQUENCE
from hypothesis import given, settings
from hypothesis import strategies as st

CANARY = 'c4n"ary\\P@ss/wörd'
OVERLAPPING = "aXbaXb"
KNOWING = Redactor([CANARY, OVERLAPPING, "c4n" + "x" * 40])


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def fed(stream: RedactedStream, pieces: list[str]) -> str:
    return "".join([*(stream.feed(piece) for piece in pieces), stream.finish()])


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[begin:end] for begin, end in pairwise(edges)]


def torn(text: str, by: str) -> str:
    return by.join(text)


PARTS = st.lists(
    st.sampled_from(
        [
            CANARY,
            torn(CANARY, "\r\n"),
            torn(CANARY, "\x1b[0m"),
            torn(CANARY, "\0"),
            OVERLAPPING + OVERLAPPING,
            "c4n" + "x" * 39,
            b64("\0alerts\0" + CANARY),
            torn(b64("12" + CANARY), "\n"),
            "334 UGFzc3dvcmQ6\n",
            "YWxlcnRz\n",
            "        set passwd ENC AAAABBBB\r\n",
            "set pass\x1b[1mwd\x1b[0m hunter2\n",
            "value parse error before 'hunter2'\n",
            "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC\n",
            "-----END PRIVATE KEY-----\n",
            "AUTH PLAIN AGFsZXJ0cwBodW50ZXIy",
            "\x1b]0;title\x07",
            "\x1b",
            "\n",
            " ",
            "fazmaild: waiting\n",
        ]
    )
    | st.text(max_size=8),
    max_size=12,
).map("".join)


@settings(max_examples=300)
@given(PARTS, st.lists(st.integers(0, 10_000), max_size=12))
def test_pieces_give_the_same_as_the_whole(text: str, places: list[int]) -> None:
    assert fed(KNOWING.stream(), cut(text, places)) == KNOWING.text(text)


@given(PARTS)
def test_single_characters_give_the_same_as_the_whole(text: str) -> None:
    assert fed(KNOWING.stream(), list(text)) == KNOWING.text(text)


@given(PARTS)
def test_single_lines_give_the_same_as_the_whole(text: str) -> None:
    stream = Redactor().stream()

    assert [line for each in text.split("\n") for line in stream.lines([each])] == Redactor().text(text).split("\n")


TEARS = st.sampled_from(["\r\n", "\n", "\r", "\x1b[31m", "\x1b[0m\r\n", "\0", "\x1b]0;x\x07"])


@given(st.lists(TEARS, min_size=1, max_size=4), st.lists(st.integers(0, 10_000), max_size=8), st.booleans())
def test_no_tearing_and_no_cutting_shows_a_secret(tears: list[str], places: list[int], encoded: bool) -> None:
    secret = b64("x" + CANARY)[2:-2] if encoded else CANARY
    third = len(secret) // 3
    text = "before " + secret[:third] + "".join(tears) + secret[third:] + "\nafter\n"

    shown = fed(KNOWING.stream(), cut(text, places))

    joined = ESCAPE_SEQUENCE.sub("", shown).translate(dict.fromkeys(map(ord, "\r\n\0")))
    assert secret[:third] not in joined and secret[third:] not in joined
    assert joined.startswith("before " + MASK) and joined.endswith("after")
    assert shown.count("\n") == text.count("\n")


def test_a_line_is_shown_as_soon_as_no_secret_can_begin_in_it() -> None:
    assert Redactor().stream().feed("one\ntwo\nthr") == "one\ntwo\n"
    assert Redactor(["12345678"]).stream().feed("one\n1234\n" + "x" * 500 + "\nrest") == "one\n1234\n"


@pytest.mark.parametrize("place", [LONGEST_LINE - 300, LONGEST_LINE - 20, LONGEST_LINE - 5, LONGEST_LINE])
def test_the_rest_of_a_line_without_an_end_is_not_kept(place: int) -> None:
    stream = KNOWING.stream()
    text = "x" * place + CANARY + "y" * LONGEST_LINE

    shown = fed(stream, [text[i : i + 1000] for i in range(0, len(text), 1000)] + ["\nafter\n"])

    assert shown.startswith("x" * 60_000) and shown.endswith(f"{CUT_LINE}\nafter\n")
    assert len(shown) < LONGEST_LINE + 200
    assert not any(CANARY[:length] in shown for length in (4, 8, len(CANARY)))


def test_what_is_kept_of_a_secret_that_is_not_waited_for_is_masked() -> None:
    known = KnownSecrets(["hunter2hunter2"])

    shown, rest = known.whole_lines("before hunt\ner2hunter2 after", longest=5)

    assert (shown, rest) == (f"before {MASK}\n", f"{MASK} after")


def test_nothing_is_held_back_for_ever() -> None:
    stream = KNOWING.stream()
    shown = sum(len(stream.feed("\r\n" * 10_000)) for __ in range(20))

    assert shown > 200_000


@pytest.mark.parametrize(
    "piece", ["set ", "334 ", "AUTH PLAIN ", "set a-", "ENC ", "-----BEGIN ", "A", "'", " ", "\x1b["]
)
def test_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    # A quadratic pattern would need minutes.
    text = piece * (200_000 // len(piece))

    Redactor([CANARY]).text(f"334 x\nset passwd x\n{text}\n{text}?")
