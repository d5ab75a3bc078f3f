# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick way through the vocabulary finds exactly what trying each row would find."""

from __future__ import annotations

import random

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import Text, vocabulary
from hypothesis import given
from hypothesis import strategies as st

SAMPLES = [row.sample for row in vocabulary().rows]
CODES = sorted({code for row in vocabulary().rows for code in row.codes} | {"", "550"})
ENHANCED = sorted({code for row in vocabulary().rows for code in row.enhanced} | {"", "5.7.1"})
# Letters that are the same as an ASCII letter when case does not matter, and some that disturb.
STRANGE = ["\u0130", "\u0131", "\u017f", "\u212a", "\u00e9", "\u0663", "\0", "\t", "x"]


def one_after_the_other(text: str, code: str, enhanced: str) -> list[Text]:
    return [row for row in vocabulary().rows if row.matches(text, text.lower(), code, enhanced)]


def damaged(text: str, chance: random.Random) -> str:
    """A text as it may arrive: cut, in other letters, with something in between, or run into another."""
    at = chance.randrange(len(text) + 1)
    return chance.choice(
        [
            text,
            text[:at],
            text[at:],
            text.upper(),
            text[:at] + chance.choice(STRANGE) + text[at:],
            text[:at] + chance.choice(STRANGE) + text[at + 1 :],
            text.replace("s", "\u017f").replace("k", "\u212a"),
            text.replace("i", "\u0130"),
            text.replace("i", "\u0131"),
            f"{text} {chance.choice(SAMPLES)}",
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_samples_and_damaged_samples_find_the_same_rows(seed: int) -> None:
    chance = random.Random(seed)
    for sample in SAMPLES:
        text, code, enhanced = damaged(sample, chance), chance.choice(CODES), chance.choice(ENHANCED)
        assert list(vocabulary().matching(text, code, enhanced)) == one_after_the_other(text, code, enhanced), text


@given(st.text(max_size=200), st.sampled_from(CODES))
def test_any_text_finds_the_same_rows(text: str, code: str) -> None:
    assert list(vocabulary().matching(text, code)) == one_after_the_other(text, code, "")
