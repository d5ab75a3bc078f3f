# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put each line of a log into exactly one bucket, and make records of those that are understood, as the lines come.

Secrets are masked first. Most lines are of a kind that is known (`kinds`); the others are looked at one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, compress
from typing import Any, NamedTuple

from ..logfile import program_lines
from ..redact.secret_lines import SecretLines
from ..redact.secret_rules import ALL, Doubts, hinted, is_safe
from ..regex.literals import folded_bytes, lines_with
from ..smtp.knowledge import recognise
from ..templates import find as templates
from ..templates import records as parse
from ..terminal.prompts import STAMP_LENGTH, Split, split, stamp_of
from ..yaml_file import read_beside
from .chain import EVENT, IGNORED, UNMATCHED, Chain, DelayedRecord, Questions, Reading
from .dialogue import Said, read_said
from .kinds import Kind, Kinds
from .openings import may_open
from .shapes import shape

# What other daemons and the mail daemon print comes between the lines of any command.
_ALWAYS = ("foreign_debug", "fazmaild_debug")
# What a device answers to any command about its mail daemon, and what somebody tells of it.
_SENTENCE = "fazmaild_state"
# Templates for what was saved without the command that printed it. Each knows only lines that no other output has.
_MAIL_SERVERS = ("mta_delivery", "exchange_protocol", "session_log", "fortigate_log", "delivery_status")
_WITHOUT_COMMAND = ("fazmaild_statistics", "fazmaild_usage", "show_system_mail", "sniffer_packet")

_BLANK = Reading(IGNORED, "blank")
_PROMPT = Reading(IGNORED, "prompt")
_NO_TEMPLATE = "-"
# The kinds of lines below a command are forgotten when so many others were met since.
_MOST_OUTPUTS = 4
_MOST_COMMANDS = 1_000


class Line(NamedTuple):
    """A line and what it is: its number, the prompt before its text, its time stamp ("" if none), and its text, with
    stamp and without prompt; the fields of its record; who says what in it when it tells of a send."""

    number: int
    prompt: str
    stamp: str
    text: str
    reading: Reading
    fields: dict[str, Any]
    said: Said = None


class Segment(NamedTuple):
    """Lines between two borders. Borders are commands and headers, behind which lines may be something else.

    texts: with masks. kinds: None for lines that were looked at, of which `looked` has what they are, by their position,
    below the records that each of them finishes. prompted: some lines may have a prompt in front.
    """

    texts: list[str]
    numbers: Sequence[int]
    kinds: list[Kind | None]
    looked: dict[int, list[Line | DelayedRecord]]
    prompted: bool

    @property
    def may_open(self) -> bool:
        """Return whether something without marks may begin with a line, or go on with it (openings.py)."""
        return any(isinstance(item, Line) and may_open(item.text) for items in self.looked.values() for item in items)

    def items(self, place: int) -> list[Line | DelayedRecord]:
        """Return what the line at a position is, and the records it finishes."""
        kind = self.kinds[place]
        return self.looked[place] if kind is None else [line_of(kind, self.numbers[place], self.texts[place])]


def line_of(kind: Kind, number: int, whole: str) -> Line:
    """Return a line of a kind."""
    text = whole[kind.prompt :]
    stamp = whole[kind.stamp]
    reading = kind.reading
    if reading.bucket == UNMATCHED and not reading.by:
        reading = Reading(UNMATCHED, kind.shape(text, stamp))
    said = (kind.tells.speaker, kind.tells.mark, whole[kind.tells.words]) if kind.tells else None
    return Line(number, whole[: kind.prompt], stamp, text, reading, kind.fields(text), said)


def telling_text(template: str, text: str, fields: Mapping[str, Any]) -> str:
    """Return the part of a line that may have the marks of a dialogue."""
    return text if template == "smtp_dialogue" else str(fields.get("text", text))


def preload() -> None:
    """Read rules and templates now, so that processes forked later have them."""
    _ignored()
    parse.preload("smtp_dialogue", "test_connection", _SENTENCE, *_ALWAYS, *_MAIL_SERVERS, *_WITHOUT_COMMAND)


def ignored_by(text: str) -> str | None:
    """Return the name of the rule by which a line is ignored, or None."""
    found = _any_ignored().match(text)
    return found.lastgroup if found else None


class Sorter:
    """Sorts the lines of one file, masking secrets."""

    def __init__(self) -> None:
        self._secrets = SecretLines()
        self._outputs: dict[str, _CommandOutput] = {}
        self._output = self._output_of("")

    def segments(self, texts: Sequence[str], numbers: Sequence[int]) -> Iterator[Segment]:
        """Yield the next lines in segments; a border is one of its own."""
        folded = folded_bytes("\n".join(texts).replace("0x", "\x7fx"))
        keys = folded.split(b"\n")
        marked = lines_with(folded, (b"#", b"$"))
        begin = 0
        for border in (*(place for place in marked if _is_border(keys[place])), len(texts)):
            if begin < border:
                prompted = bisect_left(marked, begin) < bisect_left(marked, border)
                yield from self._between(texts[begin:border], numbers[begin:border], keys[begin:border], prompted)
            if border < len(texts):
                yield self._border(texts[border], numbers[border])
            begin = border + 1

    def finish(self) -> list[DelayedRecord]:
        """Return the records that the end of the file finishes."""
        return self._output.close()

    def _between(
        self, texts: Sequence[str], numbers: Sequence[int], keys: Sequence[bytes], prompted: bool
    ) -> Iterator[Segment]:
        """Yield the lines between two commands or headers. What a terminal program writes is a border, too."""
        kinds = self._output.kinds.of(keys, texts)
        unknown = [place for place, kind in enumerate(kinds) if kind is None]
        own = program_lines.find(texts, unknown)
        begin = 0
        for place in (*sorted(own), len(texts)):
            if begin < place:
                without = unknown[bisect_left(unknown, begin) : bisect_left(unknown, place)]
                lines = slice(begin, place)
                yield self._segment(
                    list(texts[lines]), numbers[lines], kinds[lines], [each - begin for each in without], prompted
                )
            if place < len(texts):
                text = self._secrets.masked([texts[place]])[0]
                header = Line(numbers[place], "", "", text, Reading(IGNORED, own[place]), {})
                yield Segment([text], [numbers[place]], [None], {0: [header]}, True)
            begin = place + 1

    def _segment(
        self,
        texts: list[str],
        numbers: Sequence[int],
        kinds: list[Kind | None],
        unknown: Sequence[int],
        prompted: bool,
    ) -> Segment:
        """Return some lines, masked. unknown: the positions of those without a kind."""

        def doubts(place: int) -> Doubts:
            kind = kinds[place]
            return ALL if kind is None else kind.doubts

        doubtful = {kind: kind.doubts for kind in set(kinds) if kind is not None and not is_safe(kind.doubts)}
        if unknown or doubtful or self._secrets.awaiting:
            known = list(compress(range(len(kinds)), map(doubtful.__contains__, kinds))) if doubtful else []
            hints = (hinted(texts, unknown, ALL), hinted(texts, known, frozenset().union(*doubtful.values())))
            changed = self._secrets.masks(texts, sorted(chain.from_iterable(hints)), doubts)
            for place, masked in changed.items():
                texts[place], kinds[place] = masked, None
            unknown = sorted({*unknown, *changed})
        looked = self._output.look(unknown, [texts[place] for place in unknown], [numbers[place] for place in unknown])
        return Segment(texts, numbers, kinds, looked, prompted)

    def _border(self, text: str, number: int) -> Segment:
        text = self._secrets.masked([text])[0]
        items = self._output.look([0], [text], [number])[0]
        line = items[-1]
        if isinstance(line, Line) and line.reading.command:
            items[:0] = self._output.close()
            self._output = self._output_of(templates.choose(line.reading.command) or _NO_TEMPLATE)
        return Segment([text], [number], [None], {0: items}, True)

    def _output_of(self, name: str) -> _CommandOutput:
        output = self._outputs.pop(name, None)
        if output is None:
            output = _CommandOutput(name)
        self._outputs[name] = output  # the latest is last
        if len(self._outputs) > _MOST_OUTPUTS:
            del self._outputs[next(iter(self._outputs))]
        return output


@lru_cache(_MOST_COMMANDS)
def _is_border(key: bytes) -> bool:
    """Return whether a line with a key is a command or a header, which its digits do not change."""
    parts = split(key.replace(b"\x7f", b"0").decode("utf-8", "surrogatepass"))
    return bool(parts.command) or ignored_by(parts.text) == "capture_header"


class _CommandOutput:
    """The lines below one kind of command. `name`: the template of the command."""

    def __init__(self, name: str) -> None:
        answer = ("cli_error", name) if name not in ("", _NO_TEMPLATE) else ()
        saved = (*_MAIL_SERVERS, *_WITHOUT_COMMAND) if name == "" else _MAIL_SERVERS if name == _NO_TEMPLATE else ()
        self._chain = Chain((*_ALWAYS, *answer, _SENTENCE, "smtp_dialogue", *saved, "cli_error"))
        self._questions = Questions(self._chain)
        self.kinds = Kinds(self._chain, _ignored())

    def look(
        self, places: Sequence[int], texts: Sequence[str], numbers: Sequence[int]
    ) -> dict[int, list[Line | DelayedRecord]]:
        """Return what each of some lines is, by its position, below the records it finishes."""
        # Every prompt has one of these marks, and few lines have one.
        parts = [split(text) if "#" in text or "$" in text else Split("", "", text) for text in texts]
        behind = [part.command or part.text for part in parts]
        readings = {part: _ignored_reading(part) for part in set(parts)}
        rest = list(dict.fromkeys(part.text for part in parts if readings[part] is None))
        known = dict(zip(rest, self._read(rest, 0), strict=True))
        looked: dict[int, list[Line | DelayedRecord]] = {}
        for place, number, part, text in zip(places, numbers, parts, behind, strict=True):
            items = looked[place] = []
            reading = readings[part] or self._answered(known[text], number, text, items)
            stamp = stamp_of(text)
            items.append(Line(number, part.prompt, stamp, text, reading, _fields(reading, stamp, text)))
        return self._with_dialogue(looked)

    def _with_dialogue(self, looked: dict[int, list[Line | DelayedRecord]]) -> dict[int, list[Line | DelayedRecord]]:
        """Add who says what to the lines that tell of a send, read together, which is faster than one by one."""
        lines = [item for items in looked.values() if isinstance(item := items[-1], Line) and item.reading.telling]
        texts = {line.number: telling_text(line.reading.template, line.text, line.fields) for line in lines}
        distinct = list(dict.fromkeys(texts.values()))
        said = dict(zip(distinct, read_said(distinct), strict=True))
        for items in looked.values():
            if isinstance(line := items[-1], Line) and line.number in texts:
                items[-1] = line._replace(said=said[texts[line.number]])
        return looked

    def close(self) -> list[DelayedRecord]:
        return self._questions.finish()

    def _answered(self, reading: Reading, number: int, text: str, items: list[Line | DelayedRecord]) -> Reading:
        """Return what a line is when the templates that have to see all lines were asked; add the records they finish."""
        while reading.ask >= 0:
            knows, late = self._questions.ask(reading.ask, number, text)
            items += late
            if knows:
                link = self._chain.links[reading.ask]
                return Reading(link.bucket, link.name)
            (reading,) = self._read([text], reading.ask + 1)
        return reading

    def _read(self, texts: Sequence[str], start: int) -> list[Reading]:
        return [
            reading
            or (
                Reading(EVENT, "vocabulary", "vocabulary", whole=True)
                if recognise(text) is not None
                else Reading(UNMATCHED, shape(text[STAMP_LENGTH:] if stamp_of(text) else text))
            )
            for text, reading in zip(texts, self._chain.read(texts, start), strict=True)
        ]


def _fields(reading: Reading, stamp: str, text: str) -> dict[str, Any]:
    if reading.whole:
        return {"text": text}
    return {"timestamp": stamp, **reading.fields} if reading.stamped else reading.fields


def _ignored_reading(part: Split) -> Reading | None:
    if part.command:
        return Reading(IGNORED, "command", command=part.command)
    if not part.text.strip():
        return _PROMPT if part.prompt else _BLANK
    name = ignored_by(part.text)
    return Reading(IGNORED, name) if name else None


@cache
def _any_ignored() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern.pattern})" for name, pattern in _ignored()))


@cache
def _ignored() -> list[tuple[str, re.Pattern[str]]]:
    rules: dict[str, str] = read_beside(__file__, "ignored.yml")
    return [(name, re.compile(pattern)) for name, pattern in rules.items()]
