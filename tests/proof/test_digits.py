# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line is does not depend on whether it was told by what it looks like, or asked of all that may know it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import unknown_lines as strangers
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.chain import DelayedRecord
from ansible_collections.fortiops.mail.plugins.plugin_utils.log.classifier import Line, Sorter
from ansible_collections.fortiops.mail.plugins.plugin_utils.regex.digits import digit_insensitive, fold_digits
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import knowledge
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.vocabulary import vocabulary
from ansible_collections.fortiops.mail.plugins.plugin_utils.templates import find as templates

from .patterns import HEADS, ODDITIES, match_for, texts_for

TEMPLATES = sorted(path.stem for path in templates.SHIPPED.glob("*.textfsm"))
PARTS = (
    *("a", "e", "x", "7", r"\d", r"\D", r"\w", r"\W", r"\s", ".", "[0-5]", "[^0-5]", "[a-c]", "[^a-fA-F0-9]", "[^3]"),
    *(r"\b", r"\B", "^", "$", "(?=[1-9])", "(?!9)", "(?<!x)", "(?:12|ab)", "([2-5])", "(?i:B)", "error", "550"),
)
REPEATS = ("", "", "", "*", "+", "?", "*?", "{2}", "{1,3}")
NOISE = (
    *("svc_authd(70%d) check local session %x of admin%d", "sqllogd: insert batch rows=%d used %d ms", "%x-%d: %d"),
    *(
        "logfwd: queue %d, %d bytes",
        "got %d-%x back",
        "<<< %d %d",
        "errno %d in %x",
        "queue %d/%d",
        "%d.%d ok",
        "FAZ # %d",
    ),
)


def own_patterns() -> list[tuple[str, int]]:
    rules = [
        rule.regex_obj.regex
        for name in TEMPLATES
        for state in templates.template(name).compiled.states.values()
        for rule in state
    ]
    rows = [row.pattern for row in vocabulary().rows if row.pattern is not None]
    return [(pattern.pattern, pattern.flags) for pattern in (*rules, *rows)]


def damaged(text: str, chance: random.Random) -> str:
    """Other digits, other case, and now and then something odd in between."""
    hexadecimal = "0123456789abcdefABCDEF"
    characters = [
        chance.choice(hexadecimal) if each in hexadecimal and chance.random() < 0.2 else each for each in text
    ]
    if chance.random() < 0.3:
        characters.insert(chance.randrange(len(characters) + 1), chance.choice(ODDITIES))
    return "".join(characters)


def test_a_digit_insensitive_expression_of_ours_matches_what_looks_like_what_it_matches() -> None:
    chance = random.Random(1)
    proven = 0
    for pattern, flags in own_patterns():
        insensitive = digit_insensitive(pattern, flags)
        if insensitive is None:
            continue
        proven += 1
        for _ in range(10):
            text = damaged(match_for(pattern, chance), chance)
            if re.compile(pattern, flags).search(text):
                assert insensitive.search(fold_digits(text)), (pattern, text)

    assert proven == len(own_patterns())


@pytest.mark.parametrize("seed", range(20))
def test_a_digit_insensitive_random_expression_matches_what_looks_like_what_it_matches(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        pattern = "".join(
            part if part in (r"\b", r"\B", "^", "$") or part.startswith("(?") else part + chance.choice(REPEATS)
            for part in chance.choices(PARTS, k=chance.randrange(1, 7))
        )
        flags = chance.choice((0, re.IGNORECASE))
        insensitive = digit_insensitive(pattern, flags)
        assert insensitive is not None
        for _ in range(10):
            text = damaged(match_for(pattern, chance), chance)
            for exact, alike in (("match", insensitive.match), ("search", insensitive.search)):
                if getattr(re.compile(pattern, flags), exact)(text):
                    assert alike(fold_digits(text)), (pattern, text)


def told(sorter: Sorter, texts: Sequence[str], at_once: int) -> list[object]:
    found: list[Line | DelayedRecord] = []
    for start in range(0, len(texts), at_once):
        piece = texts[start : start + at_once]
        found += sorter.feed(piece, range(start, start + len(piece)), {})
    return [
        each
        if isinstance(each, DelayedRecord)
        else (*each[:4], *(getattr(each.reading, name) for name in ("bucket", "by", "template", "fields", "stamped")))
        for each in [*found, *sorter.finish()]
    ]


@pytest.mark.parametrize("seed", range(8))
def test_each_line_is_what_it_is_when_everything_is_asked(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "_OFTEN", 2)
    chance = random.Random(seed)
    known = [row.sample for row in vocabulary().rows]
    lines = [
        line for name in TEMPLATES for line in texts_for(templates.template(name).compiled, chance, 30).split("\n")
    ]
    noise = [
        re.sub("%[dx]", lambda found: format(chance.randrange(1, 10**6), found[0][1]), text) for text in NOISE * 20
    ]
    lines += [*chance.sample(known, 150), *noise]
    texts = [damaged(text, chance) for text in lines for _ in range(4)]
    texts = [chance.choice((*HEADS, "")) + text if chance.random() < 0.5 else text for text in texts]
    commands = ["FAZ # diagnose test connection mailserver 1 a b", "FAZ # diagnose sniffer packet any", "FAZ # get x"]
    chance.shuffle(texts)
    for _ in range(20):
        texts.insert(chance.randrange(len(texts)), chance.choice(commands))

    def recognised(text: str) -> bool:
        return knowledge.recognise(text) is not None

    fast = told(Sorter(recognised, knowledge.may_recognise_like), texts, chance.choice((1, 50, 2000)))

    monkeypatch.setattr(strangers.UnknownLines, "has", lambda self, text: False)
    assert fast == told(Sorter(recognised), texts, 2000)
