# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of phrases.yml, of all languages, in trees that find the longest one that begins at a word.

There are 20,000 of them, and a log has few of their words: those that begin with a word are learned when it is first met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from .words import GAPS, QUOTES, expanded, form_words

_KINDS = (
    *("who", "fault", "virtue", "stage"),
    *("negation", "untrue", "settled", "condition", "aside", "supposed", "but", "link", "other"),
)
# By their outermost word forms with what they do, the longest first.
_Edges = dict[str, list[tuple[Sequence[str], str]]]


@dataclass(slots=True)
class _Form:
    """A word in its place: the sense of the form that ends with it ("" if none does), and the words that may follow."""

    kind: str = ""
    tag: str = ""
    longer: dict[str, _Form] = field(default_factory=dict)


class _First:
    """A word that forms begin with. `begun`: kind, tag and text of each of them, with the braces behind that word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.begun: list[tuple[str, str, str]] = []

    @cached_property
    def form(self) -> _Form:
        """The word in its place. The first that gives some words a sense counts."""
        known: dict[str, _Form] = {self.word: _Form()}
        for kind, tag, text in self.begun:
            for form in expanded(text):
                found, longer = None, known
                for word in form_words(form):
                    if (found := longer.get(word)) is None:
                        found = longer[word] = _Form()
                    longer = found.longer
                if found is not None and not found.kind:
                    found.kind, found.tag = kind, tag
        return known[self.word]


class Lexicon:
    """All forms of all languages, with their senses."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.forms: dict[str, _First] = {}
        self.weight: Mapping[str, int] = data["weight"]
        self.words: dict[str, set[str]] = {}
        self._openings: dict[str, _First] = {}
        self.beginnings: _Edges = {}
        self.endings: _Edges = {}
        for language in (data, *data["languages"].values()):
            for kind in _KINDS:
                for tag, forms in _by_tag(language.get(kind, {})):
                    for begun in chain.from_iterable(map(_begun, forms)):
                        # It is learned when the first of its words is met.
                        self._first(form_words(begun.partition("{")[0])[0]).begun.append((kind, tag, begun))
            for name, words in language.get("words", {}).items():
                self.words.setdefault(name, set()).update(" ".join(form_words(each)) for each in words)
            for name, edges, outermost in (("beginning", self.beginnings, 0), ("ending", self.endings, -1)):
                for tag, forms in language.get(name, {}).items():
                    for form in _all_forms(forms):
                        edges.setdefault(form[outermost], []).append((tuple(form), tag))
        for known in (*self.beginnings.values(), *self.endings.values()):
            known.sort(key=lambda each: -len(each[0]))
        for tag, forms in data["opening"].items():
            for begun in chain.from_iterable(map(_begun, forms)):
                first = form_words(begun.partition("{")[0])[0]
                self._first(first)
                self._openings.setdefault(first, _First(first)).begun.append(("opening", tag, begun))
        self.naming = self.words["heading"] | self.words["naming"]
        for word in (*self.naming, *GAPS, *QUOTES, *QUOTES.values()):
            self._first(word)

    def sense(self, words: Sequence[str], number: int) -> tuple[str, str, int]:
        """Return kind and tag of the longest form that begins at a word, and how many words it has; "" and 1 where none does."""
        return _longest(self.forms, words, number)

    def opening(self, words: Sequence[str], number: int) -> str:
        """Return what a part tells that begins so at a word, in place of a fact; "" where it may tell one."""
        return _longest(self._openings, words, number)[1] if words[number] in self._openings else ""

    def beginning(self, words: Sequence[str], number: int) -> str:
        """Return what the longest form does with which a part begins at a word; "" where none does."""
        for form, tag in self.beginnings.get(words[number], ()) if number < len(words) else ():
            if words[number : number + len(form)] == form:
                return tag
        return ""

    def ending(self, words: Sequence[str], number: int) -> str:
        """Return what the longest form does with which a part ends in front of a word; "" where none does."""
        for form, tag in self.endings.get(words[number - 1], ()) if number else ():
            if words[max(0, number - len(form)) : number] == form:
                return tag
        return ""

    def _first(self, word: str) -> _First:
        if (first := self.forms.get(word)) is None:
            first = self.forms[word] = _First(word)
        return first


def _longest(firsts: Mapping[str, _First], words: Sequence[str], number: int) -> tuple[str, str, int]:
    kind, tag, length = "", "", 1
    end, last = number, len(words)
    first = firsts.get(words[number]) if number < last else None
    form = first.form if first is not None else None
    while form is not None:
        end += 1
        if form.kind:
            kind, tag, length = form.kind, form.tag, end - number
        form = form.longer.get(words[end]) if end < last else None
    return kind, tag, length


def _by_tag(forms: Mapping[str, list[str]] | list[str]) -> Iterable[tuple[str, list[str]]]:
    """The forms of a kind by what the kind tells apart: "" where it is a list."""
    return forms.items() if isinstance(forms, Mapping) else [("", forms)]


def _all_forms(forms: Iterable[str]) -> Iterator[list[str]]:
    """Yield the words of each form that some forms with braces stand for."""
    return (form_words(each) for form in forms for each in expanded(form))


def _begun(form: str) -> Iterator[str]:
    """Yield a form with all braces but those behind its first word replaced by what they stand for."""
    begin, brace, rest = form.partition("{")
    if not brace or " " in begin:
        yield form
        return
    ways, __, rest = rest.partition("}")
    for way in ways.split(","):
        yield from _begun(f"{begin}{way}{rest}")
