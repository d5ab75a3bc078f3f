# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The longest of all forms that begin at a word is found, the first of phrases.yml where several have the same words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp import phrases
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.lexicon import Lexicon
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.words import expanded, form_words

_DATA = yaml.load(Path(phrases.__file__).with_name("phrases.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)

_KINDS = (
    *("who", "fault", "virtue", "stage"),
    *("negation", "untrue", "settled", "condition", "aside", "supposed", "but", "link", "other"),
)


def _senses(words: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for kind in _KINDS:
        forms = words.get(kind, [])
        for tag, each in forms.items() if isinstance(forms, dict) else [("", forms)]:
            yield kind, tag, each


@cache
def _all_forms() -> dict[tuple[str, ...], tuple[str, str]]:
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for words in (_DATA, *_DATA["languages"].values()):
        for kind, tag, forms in _senses(words):
            for form in forms:
                for each in expanded(form):
                    found.setdefault(tuple(form_words(each)), (kind, tag))
    return found


def _longest(words: list[str], number: int) -> tuple[str, str, int]:
    for length in range(len(words) - number, 0, -1):
        if (sense := _all_forms().get(tuple(words[number : number + length]))) is not None:
            return *sense, length
    return "", "", 1


def test_each_form_has_its_sense() -> None:
    lexicon = Lexicon(_DATA)
    for form, (kind, tag) in _all_forms().items():
        assert lexicon.sense(form, 0) == (kind, tag, len(form))


def test_the_longest_form_counts_wherever_it_begins() -> None:
    chance = random.Random(7)
    forms = list(_all_forms())
    lexicon = Lexicon(_DATA)
    for __ in range(3000):
        words = [word for form in chance.choices(forms, k=3) for word in form[: chance.randint(1, len(form))]]
        words.insert(chance.randrange(len(words)), "neverheard")
        for number in range(len(words)):
            assert lexicon.sense(words, number) == _longest(words, number)
            assert (words[number] in lexicon.forms) or lexicon.sense(words, number) == ("", "", 1)
