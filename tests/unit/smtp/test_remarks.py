# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A remark that is left aside unread would have told nothing."""

from __future__ import annotations

import random
import re
from collections import defaultdict

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.digits import fold_words
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import progress
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import recognise
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.phrases import grammar
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.remarks import (
    may_be_known_like,
    most_told_like,
    telling_words,
    tells_nothing,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.sentence import read_sentence
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.speech import (
    TELLS_NOTHING,
    TELLS_OUTCOME,
    TELLS_PROGRESS,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary

# What a sentence means is the same in each Python.
pytestmark = pytest.mark.once

TELLING = [
    *(row.sample for row in vocabulary().rows if not row.codes and not row.enhanced),
    *("Connected to mail.example.com port 25", "mail.example.com has address 192.0.2.1", "Trying 192.0.2.1:25..."),
    *("SSL connection using TLSv1.3", "connect to 192.0.2.1:465 ok", "task 7", "certificate is not verified"),
    *("server replied 550 5.7.1 no", "failed: 550 relay not permitted", "errno 111", "curl: (7) x", "(port 465)"),
    *("mail sent: 250 2.0.0 Ok: queued as 1", "continuing anyway", "start sending", "smtp;550 no"),
]
IDLE = [
    *(
        "total pending tasks: 0.",
        "no pending email request, last request time 1795478400, last sendmail time 1795478401",
    ),
    *(
        "dispatch file 4711",
        "rows=4000 used 35 ms",
        "insert batch of 12",
        "cpu 12% memory 33 kB",
        "x",
        "",
        "session 1a2b3c",
    ),
]
RARE = re.compile("[A-Za-z0-9]+")
LETTERS = "abcdefghijklmnopqrstuvwxyzABC0123456789"


def words_by_length() -> dict[int, list[str]]:
    """Words of letters and digits that listed texts, phrases and remarks have, parts of them, codes, and hexadecimal numbers."""
    known = {word for remark in (*TELLING, *IDLE) for word in RARE.findall(remark)}
    known |= {word for row in vocabulary().rows for text in row.literals for word in RARE.findall(text)}
    known |= {word for word in grammar()._lexicon.forms if RARE.fullmatch(word)}
    known |= {f"x{code}" for code in (250, 421, 535, 550)} | {"250", "354", "550", "1a2b3c4d", "x1550", "1550"}
    found: defaultdict[int, list[str]] = defaultdict(list)
    for word in sorted(known):
        for each in (word, word.upper(), f"x{word}", f"{word}y", f"q{word}z", word[1:], word[:-1]):
            found[len(each)].append(each)
    return found


WORDS = words_by_length()


def tells(remark: str) -> bool:
    return read_sentence(remark, "") is not None or any(pattern.search(remark) for pattern in progress.TELLING)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_aside_tells_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for __ in range(400):
        parts = [*chance.choice([*TELLING, *IDLE]).split(" "), *chance.choice(IDLE).split(" ")]
        at = chance.randrange(len(parts) + 1)
        parts[at:at] = chance.choice(TELLING).split(" ")[: chance.randrange(4)]
        remark = chance.choice((" ", " ", "  ", "\t", ",")).join(parts)
        remark = chance.choice((remark, remark.upper(), remark[chance.randrange(5) :], f'"{remark}"', f"msg={remark}"))
        assert not (tells_nothing(remark) and tells(remark)), remark


def test_telling_remarks_are_read_and_idle_ones_are_not() -> None:
    assert [remark for remark in TELLING if tells_nothing(remark)] == []
    assert [remark for remark in IDLE if not tells_nothing(remark)] == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_proven_of_remarks_with_rare_words_holds_for_each_that_does_not_tell_by_one(seed: int) -> None:
    chance = random.Random(seed)
    proven = 0
    for __ in range(400):
        parts = [*chance.choice([*TELLING, *IDLE, *IDLE]).split(" "), *chance.choice(IDLE).split(" ")]
        lengths = {number: chance.randrange(1, 12) for number in chance.sample(range(len(parts)), 2)}
        for number, length in lengths.items():
            parts[number] = "x" * length
        remark = chance.choice((" ", " ", "  ")).join(parts)
        places = [found.span() for found in re.finditer(r"(?<!\S)x+(?!\S)", remark)]
        folded = fold_words(remark, places)
        most, unknown = most_told_like(folded), not may_be_known_like(folded)
        for __ in range(20 if most < TELLS_OUTCOME or unknown else 0):
            other = "".join(chance.choice("0123456789") if each in "0123456789" else each for each in remark)
            rare = []
            for begin, end in places:
                length = end - begin
                rare.append(chance.choice((chance.choice(WORDS[length]), "".join(chance.choices(LETTERS, k=length)))))
                other = other[:begin] + rare[-1] + other[end:]
            if not telling_words(rare):
                proven += 1
                assert most > TELLS_NOTHING or tells_nothing(other), (folded, other)
                assert most == TELLS_OUTCOME or read_sentence(other, "") is None, (folded, other)
                assert not unknown or recognise(other) is None, (folded, other)
    assert proven > 500


def test_remarks_of_progress_are_known_to_tell_no_outcome() -> None:
    for remark in ("Connected to mail.example.com port 25", "Trying 192.0.2.1:25...", "task 7"):
        assert most_told_like(fold_words(f"{remark} xxxxxxxx", [(len(remark) + 1, len(remark) + 9)])) == TELLS_PROGRESS
    for remark in ("connect to 192.0.2.1 failed: Connection refused", "msg=task 7", "task 250 x"):
        assert most_told_like(fold_words(remark, [])) == TELLS_OUTCOME


def test_words_that_tell_are_seen() -> None:
    telling = [
        "refused",
        "REFUSED",
        "timeout",
        "password",
        "errno",
        "xerrnox",
        "250",
        "=550",
        "550-x",
        "starttls",
        "spam",
    ]
    idle = ["qwhzkpta", "1a2b3c4d", "1550", "x550", "x", "A0", "42"]
    assert telling_words(telling) == set(range(len(telling)))
    assert telling_words([*idle, "refused", *idle, "ssl[0x12ab]"]) == {7, 15}


def test_numbers_of_sessions_and_keys_tell_nothing() -> None:
    """They end in what would be a code, or begin as words do, and no other line has them."""
    numbers = ["1c27b593", "dcbbc237", "caa7cb33", "bad0bad0", "0xffca550"]
    assert telling_words(numbers) == set()
