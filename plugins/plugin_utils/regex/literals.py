# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line must contain for a regular expression to match it, and which of many such texts may be in a line.

This is read from the tree that Python's own parser makes of the expression. That parser is not part of Python's public
interface: where the tree has anything not named here, nothing is claimed of the expression.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, compress, count, product
from typing import Any, AnyStr, NamedTuple

# A plain number is combined faster than a flag.
_IGNORECASE = re.IGNORECASE.value
# More alternatives than this are not worth looking for, and multiply.
_MOST = 24
# Nor are more of these, which do not.
_MOST_WAYS = 40
# Characters of a text by which it is looked for, and words that are kept: a long one hardly ever comes twice.
_KEY_LENGTH = 3
# What may stand in a hexadecimal number, with a 0 for each digit.
_IN_NUMBER = re.compile("0?x?[0a-f]*")
_MOST_KEPT = 10_000
_LONGEST_WORD = 40
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)


class _Unknown(Exception):
    """The tree has something that is not understood."""


class _Text(NamedTuple):
    """What is known of the text a part of an expression matches.

    exact: all texts it can match, None when they are too many. needed: it contains one of these, None if nothing is known.
    """

    exact: tuple[str, ...] | None
    needed: tuple[str, ...] | None = None


_NOTHING = _Text(None)
_EMPTY = _Text(("",))


def needed(pattern: str, flags: int = 0) -> tuple[str, ...]:
    """Return texts of which every line that the expression matches contains at least one; none when none is known."""
    try:
        tree = parse_tree(pattern, flags)
        return _sequence(tree, tree.state.flags & _IGNORECASE).needed or ()
    except (_Unknown, AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return ()


def parse_tree(pattern: str, flags: int = 0) -> Any:
    """Return Python's tree of an expression. Raises ImportError or AttributeError should Python have moved its parser."""
    # Imported here: a Python without it costs speed, not the program.
    import re._parser as parser  # type: ignore[import-not-found]

    return parser.parse(pattern, flags)


def _sequence(tree: Any, caseless: int) -> _Text:
    """Join parts that follow each other: neighbours with known texts make longer ones."""
    known: tuple[str, ...] = ("",)
    best: tuple[str, ...] | None = None
    whole = True
    for part in _parts_of(tree, caseless):
        if part.exact is not None and len(known) * len(part.exact) <= _MOST:
            known = tuple(dict.fromkeys(before + after for before, after in product(known, part.exact)))
            continue
        whole = False
        best = _better(best, known)
        known = part.exact if part.exact is not None else ("",)
        best = _better(best, part.needed)
    return _Text(known if whole else None, _better(best, known))


def _parts_of(tree: Any, caseless: int) -> Iterator[_Text]:
    """Yield what is known of each part, of characters one behind the other together: most parts are some."""
    characters = ""
    for operation, argument in tree.data:
        name = operation.name
        # Those that have no other case, whatever the flags say.
        if name == "LITERAL" and (not caseless or (argument < 128 and not chr(argument).isalpha())):
            characters += chr(argument)
            continue
        if characters:
            yield _Text((characters,))
            characters = ""
        yield _part(name, argument, caseless)
    if characters:
        yield _Text((characters,))


def _part(operation: str, argument: Any, caseless: int) -> _Text:
    match operation:
        case "IN":
            return _set(argument, caseless)
        case "LITERAL" | "ANY" | "NOT_LITERAL" | "GROUPREF" | "GROUPREF_EXISTS":
            return _NOTHING
        case "AT" | "ASSERT" | "ASSERT_NOT":
            # They match no text of their own, and what they ask of the text around them is left aside.
            return _EMPTY
        case "SUBPATTERN":
            __, added, removed, body = argument
            return _sequence(body, (caseless | (added & _IGNORECASE)) & ~removed)
        case "ATOMIC_GROUP":
            return _sequence(argument, caseless)
        case "BRANCH":
            return _either([_sequence(each, caseless) for each in argument[1]])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = argument
            return _repeated(int(least), int(most), _sequence(body, caseless))
    raise _Unknown(operation)


def _set(items: Sequence[tuple[Any, Any]], caseless: int) -> _Text:
    found: list[str] = []
    for operation, argument in items:
        first, last = argument if operation.name == "RANGE" else (argument, argument)
        if operation.name not in ("LITERAL", "RANGE") or len(found) + last - first >= _MOST:
            return _NOTHING
        found += map(chr, range(first, last + 1))
    # Digits have no other case.
    return _NOTHING if caseless and not "".join(found).isdecimal() else _Text(tuple(found))


def _either(ways: Sequence[_Text]) -> _Text:
    exact = [way.exact for way in ways if way.exact is not None]
    if len(exact) == len(ways) and sum(map(len, exact)) <= _MOST:
        return _Text(tuple(dict.fromkeys(text for texts in exact for text in texts)))
    needed = [way.needed or way.exact or ("",) for way in ways]
    texts = tuple(dict.fromkeys(text for texts in needed for text in texts))
    return _Text(None, _better(None, texts if len(texts) <= _MOST_WAYS else None))


def _repeated(least: int, most: int, body: _Text) -> _Text:
    if body.exact is not None and (least, most) in ((0, 1), (1, 1)):
        return _Text(tuple(dict.fromkeys((*body.exact, "")))) if not least else body
    if not least:
        return _NOTHING
    return _Text(None, _better(body.needed, body.exact))


def _better(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the set of texts that rules out more lines. A set with the empty text rules out none."""
    candidates = [texts for texts in (one, other) if texts and "" not in texts]
    return max(candidates, key=_worth, default=None)


def _worth(texts: tuple[str, ...]) -> tuple[int, int]:
    return min(map(len, texts)) - len(texts) // 3, -len(texts)


def lines_with(text: AnyStr, parts: Iterable[AnyStr]) -> list[int]:
    """Return the numbers of the lines of a text that have one of some parts, from 0 on. To look for parts in all lines at once is
    faster where few have them."""
    end = "\n" if isinstance(text, str) else b"\n"
    lines = set()
    for part in parts:
        line = begin = 0
        while (found := text.find(part, begin)) >= 0:
            line += text.count(end, begin, found)
            lines.add(line)
            if (stop := text.find(end, found)) < 0:
                break
            begin, line = stop + 1, line + 1
    return sorted(lines)


def fold_digits(text: str) -> str:
    """Return a text of the same length with a 0 in place of each digit."""
    return folded_bytes(text).decode("utf-8", "surrogatepass")


def folded_bytes(text: str) -> bytes:
    """Return a text with a 0 in place of each digit, as bytes, which are translated in a third of the time that characters take."""
    return text.encode("utf-8", "surrogatepass").translate(_ZEROS)


class WordIndex(dict[str, tuple[int, ...]]):
    """Finds which of many texts are in a line, by the words of the line, which lines repeat: each is looked at once.

    By word, the numbers of the texts of which it has the part without a blank that fewest texts have. Words and parts are
    looked at with a 0 for each digit, so that the names and numbers of a log are few words.
    """

    _BETWEEN = " \n "

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        self.texts = texts
        several = [*map(_parts, texts)]
        often = Counter(chain.from_iterable(several))
        worth = {part: (len(part) < _KEY_LENGTH, _is_in_many(part), seen, -len(part)) for part, seen in often.items()}
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, parts in enumerate(several):
            self._numbers[fold_digits(min(parts, key=worth.__getitem__))].append(number)
        self._by_key: defaultdict[str, list[str]] = defaultdict(list)
        for part in self._numbers:
            self._by_key[part[:_KEY_LENGTH]].append(part)
        self._short = [part for part in self._by_key if len(part) < _KEY_LENGTH]
        self._keys = set(map(tuple, self._by_key))
        # Whether a word that is a hexadecimal number may have a part.
        self.in_numbers = any(_IN_NUMBER.fullmatch(part.strip()) for part in self._numbers)

    def find(self, line: str) -> set[int]:
        """Return the numbers of the texts that are in a line."""
        texts = self.texts
        return {number for number in self.find_like(fold_digits(line)) if texts[number] in line}

    def find_like(self, folded: str) -> set[int]:
        """Return the numbers of the texts that a line may have which has these words when its digits are folded."""
        return {*chain.from_iterable(map(self.__getitem__, folded.split(" ")))}

    def with_parts(self, words: Sequence[str]) -> set[int]:
        """Return the numbers of those of some words that have a part. Most have none, which shows for all at once."""
        text = f" {self._BETWEEN.join(words)} "
        begins = [*accumulate((len(word) + len(self._BETWEEN) for word in words), initial=0)]
        found = {bisect(begins, at) - 1 for at, __ in self._parts_in(text)}
        return found.union(lines_with(text, self._short))

    def __missing__(self, word: str) -> tuple[int, ...]:
        text = f" {word} "
        parts = {part for part in self._short if part in text}
        parts.update(part for __, part in self._parts_in(text))
        numbers = tuple(number for part in parts for number in self._numbers[part])
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[word] = numbers
        return numbers

    def _parts_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where a part that is not short is in a text, and which."""
        keys = zip(*(text[place:] for place in range(_KEY_LENGTH)), strict=False)
        for place in compress(count(), map(self._keys.__contains__, keys)):
            for part in self._by_key[text[place : place + _KEY_LENGTH]]:
                if text.startswith(part, place):
                    yield place, part


def _is_in_many(part: str) -> bool:
    """Return whether a part is in many words that tell nothing: it has a digit, two letters, or some of a hexadecimal number."""
    letters = part.strip()
    return len(letters) < _KEY_LENGTH or any(map(str.isdecimal, part)) or _IN_NUMBER.fullmatch(letters) is not None


def _parts(text: str) -> list[str]:
    """The words of a text, with the blanks that it has beside them."""
    first, *others = text.split(" ")
    if not others:
        return [first]
    return [f"{first} ", *(f" {word} " for word in others[:-1]), f" {others[-1]}"]
