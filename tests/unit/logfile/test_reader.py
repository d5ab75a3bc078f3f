# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading loses no line, says what it decided, and needs no more memory for a larger file."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile import program_lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Batch, Note
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.reader import read
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import lines
from hypothesis import given
from hypothesis import strategies as st

DEBUG = "smtp_read:412: <<< "


def batches(data: bytes) -> list[Batch]:
    return list(read(io.BytesIO(data)))


def texts(data: bytes) -> list[str]:
    return [text for batch in batches(data) for text in batch.texts]


def notes(data: bytes) -> list[tuple[int, str]]:
    return [(note.line, note.kind) for batch in batches(data) for note in batch.notes]


def said(data: bytes, kind: str) -> str:
    (text,) = [note.text for batch in batches(data) for note in batch.notes if note.kind == kind]
    return text


class Dribble(io.RawIOBase):
    """A stream that hands out its bytes in pieces of given sizes, then one by one hundred."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._file, self._sizes = io.BytesIO(data), list(sizes)

    def read(self, size: int = -1) -> bytes:
        wanted = self._sizes.pop() if self._sizes else 100
        return self._file.read(min(size, wanted) if size >= 0 else wanted)


class Endless(io.RawIOBase):
    """So many bytes, the same block again and again."""

    def __init__(self, block: bytes, length: int) -> None:
        self._block, self._left = block * (65536 // len(block)), length

    def read(self, size: int = -1) -> bytes:
        block = self._block[: min(size, self._left)]
        self._left -= len(block)
        return block


PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"\x1b[K",
        b"\x08",
        b"> ",
        b"FAZ # ",
        b"\xff\xfe",
        b"{\\rtf1 ",
        b"\\par ",
        b"\xfc",
        b"x" * 80,
        "\u201cü\u201d".encode(),
        b"[10:00:00] ",
        b"smtp_read:412: <<< 250 ",
        b"a\x00b\x00\n\x00",
        b"word " * 15,
    ]
)
SOME_BYTES = st.lists(st.binary(max_size=30) | PIECES, max_size=60).map(b"".join)


@given(SOME_BYTES, st.lists(st.integers(1, 50)))
def test_how_a_stream_hands_out_its_bytes_makes_no_difference(data: bytes, sizes: list[int]) -> None:
    assert list(read(Dribble(data, sizes))) == batches(data)


@given(SOME_BYTES)
def test_no_line_is_lost_whatever_the_bytes(data: bytes) -> None:
    following = 1
    for batch in batches(data):
        assert len(batch.texts) == len(batch.numbers)
        for text, number, span in zip(batch.texts, batch.numbers, batch.spans or [1] * len(batch), strict=True):
            assert number == following
            assert span > 0
            assert not any(character < " " and character != "\t" for character in text)
            following = number + span


@given(
    st.lists(
        st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="\\>[(<-:"), max_size=60)
    )
)
def test_plain_lines_are_read_as_they_are(plain: list[str]) -> None:
    data = "".join(line + "\n" for line in plain).encode()

    assert texts(data) == plain == lines(data.decode())
    assert notes(data) == []


@given(SOME_BYTES)
def test_a_growing_file_gives_the_lines_of_the_whole_file(data: bytes) -> None:
    class Growing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(7 if self.tell() > 2000 else 2000)

    live = [
        (text, number)
        for batch in read(Growing(data), live=True)
        for text, number in zip(batch.texts, batch.numbers, strict=True)
    ]

    assert live == [pair for batch in batches(data) for pair in zip(batch.texts, batch.numbers, strict=True)]


def test_a_growing_file_gives_a_line_as_soon_as_it_has_ended() -> None:
    parts = [b"one\ntw", b"o\n", b"", b"never asked for"]

    class Growing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return parts.pop(0)

    reading = read(Growing(), live=True)

    assert next(reading).texts == ["one"]
    assert next(reading).texts == ["two"]
    assert list(reading) == []


@pytest.mark.parametrize("data", [b"", b"\x1b[0m", b"\xef\xbb\xbf", b"\xff\xfe", b"{\\rtf1}", b"\0"])
def test_nothing_to_be_seen_is_no_line(data: bytes) -> None:
    assert texts(data) == []


def test_batches_have_a_bounded_number_of_lines() -> None:
    found = batches(b"\n" * 200_000)

    assert sum(map(len, found)) == 200_000
    assert max(map(len, found)) <= 65536


@pytest.mark.parametrize(
    "block", [b"a short line\n", b"x", b"> a short line\n", b"smtp:1: " + b"x" * 72 + b"\nrest\n", b"\x1b["]
)
def test_memory_does_not_follow_the_size_of_the_file(block: bytes) -> None:
    def peak(length: int) -> int:
        tracemalloc.start()
        for __ in read(Endless(block, length)):
            pass
        __, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(1_050_000) < min(60_000_000, 1.2 * peak(530_000))


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_found() -> None:
    data = b"before\n" + b"x" * 1_000_000 + b"\nafter\n"

    assert [len(text) for text in texts(data)] == [6, 65536, 5]
    assert notes(data) == [(2, "line_cut")]
    assert "1000001 bytes" in said(data, "line_cut")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_long_line_is_not_cut_within_a_character(encoding: str) -> None:
    data = ("a" + "ü" * 100_000 + "\nnext\n").encode(encoding)

    first, second = texts(data)
    assert set(first[1:]) == {"ü"}
    assert second == "next"


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        ("Größe\n".encode(), []),
        ("Größe\n".encode("utf-8-sig"), [(0, "encoding")]),
        ("Größe\n".encode("utf-16"), [(0, "encoding")]),
        ("one\nGröße\n".encode("cp1252"), [(2, "encoding")]),
        ("one\ntwo\n".encode("utf-16")[:-1], [(0, "encoding"), (0, "encoding")]),
        (
            "one\r\n".encode("utf-16") + b"two and some more lines of one byte a character\n",
            [(0, "encoding"), (2, "mixed_encodings")],
        ),
        (b"one\nt\0wo\n", [(2, "nul_bytes")]),
        ("one\ntwo\n\u201cthree\u201d\n".encode(), [(3, "typographic")]),
        (b"{\\rtf1 one\\par}", [(0, "rtf")]),
        (b"[10:00:00] one\n[10:00:01] two\n", [(0, "stamps")]),
    ],
)
def test_what_was_decided_is_noted(data: bytes, noted: list[Any]) -> None:
    assert notes(data) == noted


def test_the_stamps_of_a_terminal_program_are_taken_off() -> None:
    (batch,) = batches(b"[10:00:00] one\n[10:00:01] two\nthree\n")

    assert batch.texts == ["one", "two", "three"]


def test_the_stamps_of_the_device_stay() -> None:
    line = f"2026-11-24 10:00:00 {DEBUG}220 mx ESMTP"

    assert texts(f"{line}\n{line}\n".encode()) == [line, line]


def test_lines_a_terminal_program_wrote_are_named() -> None:
    (batch,) = batches(
        b"=~=~=~= PuTTY log 2026.11.24 10:00:00 =~=~=~=\nlogin as: admin\nScript done on 2026-11-24\nFAZ # \n"
    )

    assert program_lines.find(batch.texts, range(4)) == {0: "putty_header", 1: "putty_login", 2: "script_header"}


# A client's mark and a mail's quotation mark are the same sign.
DIALOGUE = "> EHLO faz\n< 250 mx\n> MAIL FROM:<a@example.com>\n< 250 Ok\n> QUIT\n"


def test_a_dialogue_is_no_quoted_mail() -> None:
    assert texts(DIALOGUE.encode()) == DIALOGUE.splitlines()
    assert notes(DIALOGUE.encode()) == []


def test_a_quoted_dialogue_loses_one_mark_of_two() -> None:
    quoted = "".join(f"> {line}\n" for line in DIALOGUE.splitlines()).encode()

    assert texts(quoted) == DIALOGUE.splitlines()
    assert "read as mail quoting" in said(quoted, "quoting")


def test_only_a_client_speaking_is_ambiguous_and_said_to_be() -> None:
    data = b"> EHLO faz\n> MAIL FROM:<a@example.com>\n> RCPT TO:<b@example.com>\n> QUIT\n"

    assert texts(data) == data.decode().splitlines()
    assert said(data, "quoting") == (
        "4 of the first 4 lines begin with `>` and 4 of them go on as an SMTP client does; read as the client's mark"
    )


def test_quoted_lines_that_may_be_a_client_are_counted_in_the_note() -> None:
    data = b"> FAZ # diagnose debug enable\n> smtp_read:1: 220 mx ESMTP\n> EHLO faz\n> 250 mx\n"

    assert texts(data)[2] == "EHLO faz"
    assert said(data, "quoting").endswith("read as mail quoting; in 1 of them it could be the mark of an SMTP client")


def test_the_words_around_a_quoted_log_stay() -> None:
    log = ["FAZ # diagnose debug enable", "smtp_read:1: 220 mx ESMTP", "smtp_read:1: 250 mx", "", "FAZ # exit"]
    words = ["Hello,", "", "On Tuesday, Jo wrote:"]
    data = "\n".join([*words, *(f"> {line}".rstrip() for line in log), "", "Regards"]).encode()

    assert texts(data) == [*words, *log, "", "Regards"]


def test_a_few_quoted_lines_are_kept_and_said_to_be() -> None:
    data = b"Hello,\nthis is what I see:\n> Hostname : FAZ\n> nothing else\nCan you help?\nRegards\n"

    assert texts(data) == data.decode().splitlines()
    assert "too few to take the file for a quoted mail" in said(data, "quoting")


LONG = f"{DEBUG}535 5.7.8 Error: authentication failed for some reason we may never know"


def test_a_line_of_the_full_width_before_a_new_record_is_left_alone() -> None:
    full = (DEBUG + "x" * 80)[:80]
    data = f"{full}\n{DEBUG}250 Ok\n{full}\nFAZ # end\n".encode()

    assert texts(data) == data.decode().splitlines()
    assert notes(data) == []


def test_a_short_line_before_an_unknown_one_is_left_alone() -> None:
    data = f"{DEBUG}250 Ok\nwhatever this may be\n".encode()

    assert texts(data) == data.decode().splitlines()


def test_wrapped_lines_are_joined_and_say_how_many_they_were() -> None:
    first, last = batches(f"{LONG[:80]}\n{LONG[80:]}\nFAZ # \n".encode())

    assert (first.texts, list(first.numbers), list(first.spans)) == ([LONG], [1], [2])
    assert (last.texts, list(last.numbers), list(last.spans)) == (["FAZ # "], [3], [1])
    assert first.notes == [
        Note(0, "wrapped", "lines were wrapped at 80 columns; they are joined where that is certain")
    ]


def test_a_wrapped_line_may_go_on_in_the_next_block() -> None:
    data = "".join(f"{LONG[:80]}\n{LONG[80:]}\n" for __ in range(10_000)).encode()

    assert texts(data) == [LONG] * 10_000
    assert len(batches(data)) > 2
