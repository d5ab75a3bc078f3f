# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever program saved a text, its characters are those that were meant."""

from __future__ import annotations

import codecs

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.clean import lines
from ansible_collections.fortiops.mail.plugins.plugin_utils.terminal.encoding import Encoding, decode, detect, measure
from hypothesis import given
from hypothesis import strategies as st

TEXT = "Hostname : FAZ-HQ\nGröße : 25 €\nnext\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        TEXT.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le", "utf-16-be", "utf-16-le-no-bom", "utf-16-be-no-bom", "utf-32-le", "cp1252"],
)
def test_an_encoding_is_found_out(data: bytes) -> None:
    assert lines(decode(data)) == ["Hostname : FAZ-HQ", "Größe : 25 €", "next"]


def test_each_line_may_have_an_encoding_of_its_own() -> None:
    assert lines(decode("Größe\n".encode() + "Größe\n".encode("cp1252"))) == ["Größe", "Größe"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_text_that_begins_within_a_character_is_found_out(encoding: str, skip: int) -> None:
    # Characters of which neither byte is zero tell which byte comes first.
    data = ("x" + "The price is 25 \u20ac, \u201cnot more\u201d\n" * 9).encode(encoding)[skip:]

    assert detect(data) == Encoding(encoding, 2, skip)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 20))
@pytest.mark.parametrize("encoding", [Encoding("utf-8"), Encoding("utf-16-le", 2), Encoding("utf-32-le", 4)])
def test_bytes_in_the_file_are_counted_from_any_part_of_the_text(encoding: Encoding, text: str, cut: int) -> None:
    data, size = text.encode(), measure(encoding)

    assert size(data[:cut]) + size(data[cut:]) == size(data) == len(text.encode(encoding.name))
