# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove how the time that an expression takes grows with the length of a line.

An expression is seen as an automaton: one state for each character it reads (Glushkov's construction). Python's matcher
tries the ways through it one after the other, so the time for a line that does not match follows the number of ways in
which its beginning can be read:

- exponential, where a state leads back to itself in two ways on the same text;
- polynomial, where a text leads from a state back to it, on to another one, and from there back to that: each repetition
  of the text can then end the first repetition and begin the second (Weber and Seidl, 1991: the criteria EDA and IDA);
- linear everywhere else.

Conditions on places (`^`, `\\b`) are left aside, and repetitions of a few times count as one: that finds some ways that are
none, and misses none that grow with the line.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .literals import parse_tree

LINEAR, POLYNOMIAL, EXPONENTIAL = "linear", "polynomial", "exponential"

# Repetitions of no more than so many times multiply the time; they do not make it grow with the line.
_MANY = 16
# Steps of a proof. An expression that needs more is not proven to be linear.
_STEPS = 300_000
# One character of each kind that expressions tell apart; those an expression names are added to them.
_KINDS = "\0\t\n\x0b\r\x1c !\"#$%&'()*+,-./059:;<=>?@AFGZ[\\]^_`afgz{|}~\x7f\x85\xa0\xe9\u0663"


@dataclass(frozen=True)
class Growth:
    """How time grows with the length of a line, and a text that, repeated many times behind `before`, shows it."""

    kind: str
    before: str = ""
    again: str = ""

    def example(self, length: int) -> str:
        """Return a line of about this length that takes as long as any."""
        return self.before + (self.again or "a") * (length // len(self.again or "a")) + "\0"


@cache
def growth(pattern: str, flags: int = 0, searched: bool = False) -> Growth:
    """Return how the time of an expression grows; exponential also where Python's parser cannot tell.

    searched: whether the expression may begin anywhere in a line, as in `search`.
    """
    try:
        automaton = _Automaton(parse_tree(pattern, flags), flags, searched)
        return automaton.growth()
    except (AttributeError, ImportError, TypeError, ValueError, RecursionError):
        return Growth(EXPONENTIAL)


def ambiguous(pattern: str) -> bool:
    """Return whether an expression may take hours on a line of some dozen characters."""
    return growth(pattern).kind == EXPONENTIAL


@dataclass
class _Part:
    """The states that a part of an expression may begin and end with, and whether it may be empty."""

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    empty: bool = True


class _Automaton:
    def __init__(self, tree: Any, flags: int, searched: bool) -> None:
        items = list(tree)
        self._flags = flags | tree.state.flags
        self._alphabet = frozenset(_KINDS) | frozenset(_named(items))
        self._reads: list[frozenset[str]] = []
        self._next: list[set[int]] = []
        self._repeated: set[tuple[int, int]] = set()
        self._twice = ""  # a character that leads from a state to the same one in two repetitions
        self._steps = 0
        self._bound = False  # something must be at the end, so that a match may fail there
        start = _Part()
        if searched and not (items and str(items[0][0]) == "AT" and "BEGINNING" in str(items[0][1])):
            anything = self._state(self._alphabet)
            self._next[anything].add(anything)
            start = _Part([anything], [anything])
        whole = self._sequence(items, start)
        self._first, self._last = whole.first, set(whole.last)

    # -- the automaton -------------------------------------------------------------------------------------------------

    def _state(self, reads: Iterable[str]) -> int:
        self._reads.append(frozenset(reads))
        self._next.append(set())
        return len(self._reads) - 1

    def _sequence(self, items: Iterable[tuple[Any, Any]], start: _Part | None = None) -> _Part:
        whole = start or _Part()
        for operation, argument in items:
            part = self._part(str(operation), argument)
            for state in whole.last:
                self._next[state].update(part.first)
            whole = _Part(
                whole.first + (part.first if whole.empty else []),
                part.last + (whole.last if part.empty else []),
                whole.empty and part.empty,
            )
        return whole

    def _part(self, operation: str, argument: Any) -> _Part:
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                state = self._state(each for each in self._alphabet if _reads(operation, argument, each, self._flags))
                return _Part([state], [state], False)
            case "ASSERT" | "ASSERT_NOT":
                self._bound = True
                return _Part(self._sequence(argument[1]).first)  # a way that leads nowhere, but takes its time
            case "AT":
                self._bound = self._bound or "BEGINNING" not in str(argument)
            case "SUBPATTERN":
                return self._sequence(argument[3])
            case "ATOMIC_GROUP":
                return self._sequence(argument)
            case "BRANCH":
                return _either([self._sequence(each) for each in argument[1]])
            case "GROUPREF_EXISTS":
                return _either([self._sequence(each) for each in argument[1:] if each is not None] + [_Part()])
            case "GROUPREF":
                state = self._state(self._alphabet)
                self._next[state].add(state)
                return _Part([state], [state])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                part = self._sequence(argument[2])
                if int(argument[1]) > _MANY:
                    self._again(part)
                return _Part(part.first, part.last, part.empty or not int(argument[0]))
        return _Part()

    def _again(self, part: _Part) -> None:
        edges = {(end, begin) for end in part.last for begin in part.first}
        for __, begin in edges & self._repeated:
            self._twice = min(self._reads[begin], default="")
        self._repeated |= edges
        for end, begin in edges:
            self._next[end].add(begin)

    # -- the proof -----------------------------------------------------------------------------------------------------

    def growth(self) -> Growth:
        """Return how the number of ways grows."""
        if self._twice:
            return Growth(EXPONENTIAL, again=self._twice)
        component = self._components()
        loops = [state for state in range(len(self._next)) if self._in_loop(state, component)]
        for state in loops:
            for text in self._walk((state, state), (state, state), [component[state]] * 2, component, apart=True):
                if text is None:
                    return Growth(POLYNOMIAL)
                return Growth(EXPONENTIAL, self._before(state), text)
        for one in loops:
            reached = self._reached(one)
            for other in loops:
                if other == one or component[one] == component[other] or other not in reached or self._accepts(other):
                    continue
                inside = [component[one], None, component[other]]
                for text in self._walk((one, one, other), (one, other, other), inside, component):
                    return Growth(POLYNOMIAL, self._before(one), text or "")
        return Growth(LINEAR)

    def _walk(
        self,
        begin: tuple[int, ...],
        end: tuple[int, ...],
        inside: list[int | None],
        component: list[int],
        apart: bool = False,
    ) -> Iterator[str | None]:
        """Yield a text that leads from states to states, all on the same characters; None when that takes too long.

        inside: the component that each may not leave. apart: the states must not be the same all the way.
        """
        seen = {(begin, False)}
        waiting = deque([(begin, False, "")])
        while waiting:
            states, different, text = waiting.popleft()
            for following in self._together(states, inside, component):
                self._steps += 1
                if self._steps > _STEPS:
                    yield None
                    return
                now = different or len(set(following)) > 1
                characters = frozenset.intersection(*(self._reads[each] for each in following))
                if not characters:
                    continue
                more = text + min(characters, key=_plain)
                if following == end and (now or not apart):
                    yield more
                    return
                if (following, now and apart) not in seen:
                    seen.add((following, now and apart))
                    waiting.append((following, now, more))

    def _together(
        self, states: tuple[int, ...], inside: list[int | None], component: list[int]
    ) -> Iterator[tuple[int, ...]]:
        ways: list[tuple[int, ...]] = [()]
        for state, within in zip(states, inside, strict=True):
            nexts = [each for each in self._next[state] if within is None or component[each] == within]
            ways = [(*way, each) for way in ways for each in nexts]
        yield from ways

    def _accepts(self, state: int) -> bool:
        """Return whether a match cannot fail any more where this state is reached."""
        if state not in self._last:
            return False
        return not self._bound or (self._reads[state] >= self._alphabet - {"\n"} and state in self._next[state])

    def _in_loop(self, state: int, component: list[int]) -> bool:
        return state in self._next[state] or component.count(component[state]) > 1

    def _reached(self, state: int) -> set[int]:
        reached: set[int] = set()
        waiting = [state]
        while waiting:
            for each in self._next[waiting.pop()] - reached:
                reached.add(each)
                waiting.append(each)
        return reached

    def _components(self) -> list[int]:
        """Return for each state the number of its strongly connected component."""
        reached = [self._reached(state) for state in range(len(self._next))]
        component = list(range(len(self._next)))
        for state, others in enumerate(reached):
            for other in others:
                if other > state and state in reached[other]:
                    component[other] = min(component[other], component[state])
        return component

    def _before(self, target: int) -> str:
        """Return a text that leads to a state."""
        waiting = deque((state, min(self._reads[state], key=_plain, default="")) for state in self._first)
        seen = set(self._first)
        while waiting:
            state, text = waiting.popleft()
            if state == target:
                return text
            for each in self._next[state] - seen:
                seen.add(each)
                waiting.append((each, text + min(self._reads[each], key=_plain, default="")))
        return ""


def _either(parts: list[_Part]) -> _Part:
    return _Part(
        [state for part in parts for state in part.first],
        [state for part in parts for state in part.last],
        any(part.empty for part in parts),
    )


def _plain(character: str) -> tuple[bool, str]:
    """Order characters so that the usual ones come first."""
    return not character.isalnum() or not character.isascii(), character


def _named(items: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Yield the characters that an expression names, in both cases, and those beside its ranges."""
    for operation, argument in items:
        match str(operation):
            case "LITERAL" | "NOT_LITERAL":
                yield from (chr(argument), chr(argument).swapcase()[:1])
            case "RANGE":
                for code in (argument[0] - 1, *argument, argument[1] + 1):
                    if 0 <= code < 0xD800:
                        yield chr(code)
            case "IN":
                yield from _named(argument)
            case "BRANCH":
                for each in argument[1]:
                    yield from _named(each)
            case "SUBPATTERN":
                yield from _named(argument[3])
            case "ATOMIC_GROUP":
                yield from _named(argument)
            case "ASSERT" | "ASSERT_NOT":
                yield from _named(argument[1])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield from _named(argument[2])


def _reads(operation: str, argument: Any, character: str, flags: int) -> bool:
    """Return whether one item of an expression reads a character."""
    match operation:
        case "LITERAL":
            return _same(argument, character, flags)
        case "NOT_LITERAL":
            return not _same(argument, character, flags)
        case "ANY":
            return character != "\n" or bool(flags & re.DOTALL)
        case "RANGE":
            cases = {character, character.lower()[:1], character.upper()[:1]} if flags & re.IGNORECASE else {character}
            return any(argument[0] <= ord(each) <= argument[1] for each in cases)
        case "CATEGORY":
            name = str(argument).removeprefix("CATEGORY_")
            kind = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[name.removeprefix("NOT_")]
            return bool(re.match(kind, character)) != name.startswith("NOT_")
        case "IN":
            negated = bool(argument) and str(argument[0][0]) == "NEGATE"
            items = argument[1:] if negated else argument
            return any(_reads(str(each), value, character, flags) for each, value in items) != negated
    return False


def _same(code: int, character: str, flags: int) -> bool:
    return chr(code) == character or bool(flags & re.IGNORECASE and chr(code).lower() == character.lower())
