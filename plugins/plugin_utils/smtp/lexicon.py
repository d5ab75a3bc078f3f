# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of phrases.yml, of all languages, in a tree that finds the longest one that begins at a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


class Lexicon:
    """All forms of all languages, with their senses."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.forms: dict[str, _Form] = {}
        self.weight: Mapping[str, int] = data["weight"]
        self.naming: set[str] = set()
        self.words: dict[str, set[str]] = {}
        self._beginnings: _Edges = {}
        self._endings: _Edges = {}
        for language in (data, *data["languages"].values()):
            for kind in _KINDS:
                for tag, forms in _by_tag(language.get(kind, {})):
                    for form in _all_forms(forms):
                        self._learn(kind, tag, form)
            self.naming.update(*map(form_words, language.get("naming", ())))
            for name, words in language.get("words", {}).items():
                self.words.setdefault(name, set()).update(*map(form_words, words))
            for name, edges, outermost in (("beginning", self._beginnings, 0), ("ending", self._endings, -1)):
                for tag, forms in language.get(name, {}).items():
                    for form in _all_forms(forms):
                        edges.setdefault(form[outermost], []).append((tuple(form), tag))
        for known in (*self._beginnings.values(), *self._endings.values()):
            known.sort(key=lambda each: -len(each[0]))
        for word in (*self.naming, *GAPS, *QUOTES, *QUOTES.values()):
            self.forms.setdefault(word, _Form())

    def sense(self, words: Sequence[str], number: int) -> tuple[str, str, int]:
        """Return kind and tag of the longest form that begins at a word, and how many words it has; "" and 1 where none does."""
        kind, tag, length = "", "", 1
        forms, end, last = self.forms, number, len(words)
        while end < last and (form := forms.get(words[end])) is not None:
            end += 1
            if form.kind:
                kind, tag, length = form.kind, form.tag, end - number
            forms = form.longer
        return kind, tag, length

    def beginning(self, words: Sequence[str], number: int) -> str:
        """Return what the longest form does with which a part begins at a word; "" where none does."""
        for form, tag in self._beginnings.get(words[number], ()) if number < len(words) else ():
            if words[number : number + len(form)] == form:
                return tag
        return ""

    def ending(self, words: Sequence[str], number: int) -> str:
        """Return what the longest form does with which a part ends in front of a word; "" where none does."""
        for form, tag in self._endings.get(words[number - 1], ()) if number else ():
            if words[max(0, number - len(form)) : number] == form:
                return tag
        return ""

    def _learn(self, kind: str, tag: str, form: Iterable[str]) -> None:
        """Learn what some words mean together."""
        found, known = None, self.forms
        for word in form:
            if (found := known.get(word)) is None:
                found = known[word] = _Form()
            known = found.longer
        if found is not None and not found.kind:
            found.kind, found.tag = kind, tag


def _by_tag(forms: Mapping[str, list[str]] | list[str]) -> Iterable[tuple[str, list[str]]]:
    """The forms of a kind by what the kind tells apart: "" where it is a list."""
    return forms.items() if isinstance(forms, Mapping) else [("", forms)]


def _all_forms(forms: Iterable[str]) -> Iterator[list[str]]:
    """Yield the words of each form that some forms with braces stand for."""
    return (form_words(each) for form in forms for each in expanded(form))
