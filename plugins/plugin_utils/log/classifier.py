# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put each line of a log into exactly one bucket, and make records of those that are understood, as the lines come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from ..memo import Memo
from ..templates import find as templates
from ..templates import records as parse
from ..terminal.prompts import STAMP_LENGTH as LENGTH
from ..terminal.prompts import Split, split
from ..terminal.prompts import match_stamp as stamped
from ..yaml_file import read_beside
from .chain import EVENT, IGNORED, UNMATCHED, Chain, DelayedRecord, Questions, Reading, matches_folded
from .unknown_lines import UnknownLines, shape

# What other daemons and the mail daemon print comes between the lines of any command.
_ALWAYS = ("foreign_debug", "fazmaild_debug")
# Templates for what was saved without the command that printed it. Each knows only lines that no other output has.
_MAIL_SERVERS = ("mta_delivery", "exchange_protocol")
_WITHOUT_COMMAND = ("fazmaild_statistics", "fazmaild_usage", "show_system_mail", "sniffer_packet")

_BLANK = Reading(IGNORED, "blank")
_PROMPT = Reading(IGNORED, "prompt")
_REST = Reading("", "")  # not known before the command above the line is
_NO_TEMPLATE = "-"
# What is remembered of the lines below a command is forgotten when so many others were met since.
_MOST_OUTPUTS = 4


class Line(NamedTuple):
    """A line and what it is: its number, the prompt before its text, its time stamp ("" if none), and its text, with
    stamp and without prompt."""

    number: int
    prompt: str
    stamp: str
    text: str
    reading: Reading


# As Found(...), in half the time: this is done for each line.
_found = partial(tuple.__new__, Line)


def preload() -> None:
    """Read rules and templates now, so that processes forked later have them."""
    _ignored()
    parse.preload("smtp_dialogue", "test_connection", *_ALWAYS, *_MAIL_SERVERS, *_WITHOUT_COMMAND)


def ignored_by(text: str) -> str | None:
    """Return the name of the rule by which a line is ignored, or None."""
    return next((name for name, pattern in _ignored() if pattern.match(text)), None)


class Sorter:
    """Sorts the lines of one file. `recognised` says whether a text without any form is known by its words, and
    `recognises_like` whether one that looks like a text with folded digits may be.

    What a line is depends on its text and the command above it, seldom on more; so it is worked out once for each text
    behind a time stamp. That a stamp makes no difference is known of the collection's own templates, not of a user's.
    """

    def __init__(
        self, recognised: Callable[[str], bool], recognises_like: Callable[[str], bool] = lambda looks: True
    ) -> None:
        self._recognised = recognised
        self._recognises_like = recognises_like
        # The functions for unknown lines must not refer to what holds them: what is not needed any more goes at once, and not
        # when Python looks for cycles, which is seldom.
        self._always = always = Chain(_ALWAYS)
        self._unknown_lines = UnknownLines(
            lambda looks: _may_be_ignored_or_prompt(looks) or always.may_know_like(looks)
        )
        self._lines: Memo[tuple[str, str, Reading]] = Memo()
        self._bodies: Memo[Reading] = Memo()
        self._strip_stamps = len(templates.directories()) == 1
        self._templates: Memo[str] = Memo()
        self._outputs: dict[str, _CommandOutput] = {}
        self._output = self._output_of("")

    def feed(
        self, texts: Sequence[str], numbers: Sequence[int], program_lines: Mapping[int, str]
    ) -> list[Line | DelayedRecord]:
        """Return the next lines with what they are, and records that they finish. `program_lines`: see Batch."""
        found = self._without_context(texts, numbers, program_lines)
        rest: dict[str, list[Line]] = {}
        name = self._output.name
        for line in found:
            if line.reading is _REST:
                rest.setdefault(name, []).append(line)
            elif line.reading.command:
                name = self.template_of(line.reading.command)
        for name, lines in rest.items():
            self._output_of(name).learn(lines)
        told = list(self._in_order(found))
        while len(self._outputs) > _MOST_OUTPUTS:
            del self._outputs[next(iter(self._outputs))]
        return told

    def finish(self) -> list[DelayedRecord]:
        """Return the records that the end of the file finishes."""
        return self._output.close()

    def _in_order(self, found: Sequence[Line]) -> Iterator[Line | DelayedRecord]:
        for line in found:
            if line.reading is _REST:
                yield from self._output.read(line)
                continue
            if line.reading.command:
                yield from self._output.close()
                self._output = self._output_of(self.template_of(line.reading.command))
            yield line

    def _output_of(self, name: str) -> _CommandOutput:
        context = self._outputs.pop(name, None)
        if context is None:
            context = _CommandOutput(name, self._recognised, self._recognises_like, self._strip_stamps)
        self._outputs[name] = context  # the latest stands last
        return context

    def template_of(self, command: str) -> str:
        """Return the name of the template that reads what a command prints; a dash when none does."""
        name = self._templates.get(command)
        if name is None:
            name = templates.choose(command) or _NO_TEMPLATE
            self._templates.put(command, name)
        return name

    def _without_context(
        self, texts: Sequence[str], numbers: Sequence[int], program_lines: Mapping[int, str]
    ) -> list[Line]:
        """What each line is, as far as the command above it does not matter."""
        found: list[Line | None] = []
        unknown: dict[str, str] = {}  # one text of those that are alike, by what is behind the stamp
        waiting: list[int] = []
        lines, bodies, strip = self._lines, self._bodies, self._strip_stamps
        known_lines, known_bodies = lines.recent.get, bodies.recent.get
        is_unknown = self._unknown_lines.has
        for place, (number, text) in enumerate(zip(numbers, texts, strict=True)):
            stamp = ""
            if strip and stamped(text):
                stamp, body = text[:LENGTH], text[LENGTH:]
                reading = known_bodies(body) or bodies.get(body)
                if reading is not None:
                    found.append(_found((number, "", stamp, text, reading)))
                    continue
            elif known := known_lines(text) or lines.get(text):
                prompt, behind, reading = known
                found.append(_found((number, prompt, "", behind, reading)))
                continue
            else:
                stamp, body = text[:LENGTH] if stamped(text) else "", text
            if body not in unknown:
                if is_unknown(text):
                    found.append(_found((number, "", stamp, text, _REST)))
                    continue
                unknown[body] = text
            found.append(None)
            waiting.append(place)
        seen = self._first_sight(list(unknown.values()))
        for place in waiting:
            if (text := texts[place]) not in seen and (reading := bodies.get(text[LENGTH:])) is not None:
                seen[text] = ("", text[:LENGTH], text, reading)
        # What its stamp makes a difference for.
        seen |= self._first_sight(list(dict.fromkeys(texts[place] for place in waiting if texts[place] not in seen)))
        for place in waiting:
            found[place] = _found((numbers[place], *seen[texts[place]]))
        for place, rule in program_lines.items():
            found[place] = Line(numbers[place], "", "", texts[place], Reading(IGNORED, rule))
        return [line for line in found if line is not None]

    def _first_sight(self, texts: Sequence[str]) -> dict[str, tuple[str, str, str, Reading]]:
        """Prompt, stamp, text behind the prompt, and reading of each text."""
        # Every prompt has one of these marks, and few lines have one.
        parts = [split(text) if "#" in text or "$" in text else Split("", "", text) for text in texts]
        readings = [
            Reading(IGNORED, "command", command=part.command)
            if part.command
            else _ignored_reading(part.text, part.prompt)
            for part in parts
        ]
        for place, part in enumerate(parts):
            if part.prompt and readings[place] is None and self._strip_stamps and stamped(part.text):
                readings[place] = self._bodies.get(part.text[LENGTH:])
        open_places = [place for place, reading in enumerate(readings) if reading is None]
        told = self._always.read([parts[place].text for place in open_places])
        for place, reading in zip(open_places, told, strict=True):
            readings[place] = reading or _REST
        seen = {}
        for text, part, reading in zip(texts, parts, readings, strict=True):
            assert reading is not None
            behind = part.command or part.text
            stamp = behind[:LENGTH] if stamped(behind) else ""
            if not stamp:
                self._lines.put(text, (part.prompt, behind, reading))
            elif reading.portable and self._strip_stamps:
                self._bodies.put(behind[LENGTH:], reading)
            seen[text] = (part.prompt, stamp, behind, reading)
        return seen


class _CommandOutput:
    """The lines below one kind of command, as far as they are no debug output. `name`: the template of the command."""

    def __init__(
        self,
        name: str,
        recognised: Callable[[str], bool],
        recognises_like: Callable[[str], bool],
        strip_stamps: bool,
    ) -> None:
        self.name = name
        answer = ("cli_error", name) if name not in ("", _NO_TEMPLATE) else ()
        saved = (*_MAIL_SERVERS, *_WITHOUT_COMMAND) if name == "" else _MAIL_SERVERS if name == _NO_TEMPLATE else ()
        self._chain = chain = Chain((*_ALWAYS, *answer, "smtp_dialogue", *saved, "cli_error"))
        self._recognised = recognised
        self._strip_stamps = strip_stamps
        self._unknown_lines = UnknownLines(
            lambda looks: chain.may_know_like(looks, len(_ALWAYS)) or recognises_like(looks)
        )
        self._known: Memo[Reading] = Memo()
        self._unmatched: Memo[Reading] = Memo()  # by shape
        self._fresh: dict[str, Reading] = {}
        self._questions = Questions(self._chain)

    def learn(self, lines: Sequence[Line]) -> None:
        """Work out together what some lines are, as far as it does not depend on the lines before each."""
        self._fresh = {}
        unknown = []
        for line in lines:
            if self._unknown_lines.has(line.text):
                self._fresh[line.text] = self._unmatched_as(line.text)
            elif self._known.get(self._key(line)) is None:
                unknown.append(line)
        texts = list({self._key(line): line.text for line in unknown}.values())
        self._fresh.update(zip(texts, self._read(texts, len(_ALWAYS)), strict=True))
        for line in unknown:
            reading = self._fresh.get(line.text)
            if reading is not None and (reading.portable or not line.stamp):
                self._known.put(self._key(line), reading)

    def read(self, line: Line) -> Iterator[Line | DelayedRecord]:
        """Yield the line with what it is, below the records it finishes."""
        reading = self._fresh.get(line.text) or self._known.get(self._key(line))
        if reading is None:
            (reading,) = self._read([line.text], len(_ALWAYS))
        while reading.ask >= 0:
            knows, late = self._questions.ask(reading.ask, line.number, line.text)
            yield from late
            if knows:
                link = self._chain.links[reading.ask]
                reading = Reading(link.bucket, link.name)
            else:
                (reading,) = self._read([line.text], reading.ask + 1)
        yield _found((*line[:4], reading))

    def _key(self, line: Line) -> str:
        """The text behind a stamp; no line without one has a control character in front."""
        return f"\0{line.text[LENGTH:]}" if line.stamp and self._strip_stamps else line.text

    def close(self) -> list[DelayedRecord]:
        return self._questions.finish()

    def _read(self, texts: Sequence[str], start: int) -> list[Reading]:
        told = self._chain.read(texts, start)
        return [
            reading
            or (
                Reading(EVENT, "vocabulary", "vocabulary", whole=True)
                if self._recognised(text)
                else self._unmatched_as(text)
            )
            for text, reading in zip(texts, told, strict=True)
        ]

    def _unmatched_as(self, text: str) -> Reading:
        looks = shape(text[LENGTH:] if stamped(text) else text)
        reading = self._unmatched.get(looks)
        if reading is None:
            reading = Reading(UNMATCHED, looks)
            self._unmatched.put(looks, reading)
        return reading


def _ignored_reading(text: str, prompt: str) -> Reading | None:
    if not text.strip():
        return _PROMPT if prompt else _BLANK
    if _any_ignored().match(text) is None:
        return None
    return Reading(IGNORED, ignored_by(text) or "")


def _may_be_ignored_or_prompt(looks: str) -> bool:
    """Say whether a text that looks like this one when digits are folded may be ignored, or have a prompt in front."""
    if "#" in looks or "$" in looks or not looks.strip():
        return True
    match = matches_folded(_any_ignored())
    return match is None or match(looks) is not None


@cache
def _any_ignored() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _ignored()) or r"(?!)")


@cache
def _ignored() -> list[tuple[str, re.Pattern[str]]]:
    rules: dict[str, str] = read_beside(__file__, "ignored.yml")
    return [(name, re.compile(pattern)) for name, pattern in rules.items()]
