# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log as a stream: records, unmatched lines, sends and verdicts, each as soon as nothing can change it any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, TypeAlias

from ..logfile.batch import Batch
from ..smtp.speech import Speech, short_speech, speech
from ..smtp.step import Step
from ..templates import find as templates
from . import mail_servers
from .chain import EVENT, IGNORED, TELLING, UNMATCHED, DelayedRecord, is_idle
from .classifier import Line, Segment, telling_text
from .clients import ClientLines
from .clock import zone_of
from .counts import LineCounts
from .devices import LogDevice, LogDevices, PathEvidence
from .dialogue import Said, read_said
from .kinds import Kind, row_of
from .openings import tool_templates
from .plain_dialogue import PlainDialogue
from .products import product_in, product_of
from .runs import Run
from .sends import Send
from .sorting import SortedBatch, sort
from .source_code import SourceCode
from .tables import TableRows
from .tools import ToolOutput
from .window import Selection

# record, unmatched, verdict, send, run, path, note, and once at the end summary; with the data of each
Item: TypeAlias = tuple[str, Any]
# Records and unmatched lines as they are to be written.
WRITTEN = "written"

# Templates whose records tell of what is around a send.
_AROUND = frozenset({"show_system_mail", "fazmaild_status", "fazmaild_state", "fazmaild_statistics"})
_REFUSAL = "cli_error"
# Templates whose records tell of the state of a device, also where no send is.
OF_STATE = _AROUND | {"get_system_mail_entry", "show_system_alert_event", _REFUSAL}
OF_MAIL = frozenset({"fazmaild_debug", "smtp_dialogue", "plain_dialogue"})
# Templates whose records tell of the path to a mail server.
OF_PATH = tool_templates() | {"nslookup", "ping", "traceroute", "sniffer_packet", "system_dns"}
_EVIDENCE = OF_PATH | OF_STATE
# Of their lines all that counts is what these say of a send.
_SAYING = TELLING - {_REFUSAL}
_TEST = "test_connection"
_DEBUG = "fazmaild_debug"
_DAEMON = "fazmaild_usage"
_CHANGING = frozenset({"90", "91", "99"})  # tests of the daemon that pause it, let it go on, restart it
_LEAVING = frozenset({"exit", "quit"})
_MOST_NOTES = 100


@dataclass(frozen=True)
class LogOptions:
    """What somebody wants of a log.

    rows: without them, records and unmatched lines are left out, but for one record that tells of a send. shapes: without
    them, the summary does not have the shapes of unmatched lines. verdicts: without them, a verdict says no more than who
    must act. written: by kind, what makes the row of a line, as it is to be written, from its number and its text.
    """

    selection: Selection = field(default_factory=Selection)
    rows: bool = True
    shapes: bool = True
    verdicts: bool = True
    evidence: Callable[[], PathEvidence] | None = None
    written: Mapping[Kind, Callable[[int, str], str]] | None = None


def stream(batches: Iterable[Batch], wanted: LogOptions = LogOptions()) -> Iterator[Item]:
    """Yield what some batches of lines result in, and at last the summary. Secrets are removed first."""
    return follow(sort(batches), wanted)


def follow(batches: Iterable[SortedBatch], wanted: LogOptions = LogOptions()) -> Iterator[Item]:
    """Yield what some sorted batches result in, and at last the summary."""
    log = _Log(wanted)
    for batch in batches:
        yield from log.feed(batch)
    yield from log.finish()


class _Log:
    """Follows one log. What its lines result in is put into `_out` until somebody takes it."""

    def __init__(self, wanted: LogOptions) -> None:
        self._wanted = wanted
        self._selection = selection = wanted.selection
        self._clients = ClientLines(selection.clients) if selection.clients else None
        self._path_output = False  # below a command that shows something of a path
        self._told = False
        self._devices = LogDevices()
        self._source_code = SourceCode()
        self._plain = PlainDialogue()
        self._tools = ToolOutput()
        self._tables = TableRows()
        self._mail_servers = mail_servers.MailServerLog()
        self._counts = LineCounts(outside=None if selection.is_everything else 0, with_shapes=wanted.shapes)
        self._notes = 0
        self._stamped = False
        self._out: list[Item] = []

    def feed(self, batch: SortedBatch) -> Iterator[Item]:
        """Yield what the next lines result in."""
        for note in batch.notes:
            self._note(note.line, note.kind, note.text)
        for segment in batch.segments:
            if product := product_in([segment.texts[place] for place in segment.looked]):
                self._of_product(product, segment.numbers[0])
            self._segment(segment, batch.joined)
            yield from self._taken()
        for late in batch.late:
            self._late(late)
        yield from self._taken()

    def finish(self) -> list[Item]:
        """Return what the end of the log settles, and the summary."""
        for late in self._tools.finish():
            self._late(late)
        self._over(self._devices.all(), end=True)
        if (self._selection.since or self._selection.until) and not self._stamped:
            self._note(0, "no_stamps", "no line has a time stamp, so that none was left out because of its time")
        self._out.append(("summary", self._counts.as_dict()))
        return self._taken()

    def _taken(self) -> list[Item]:
        out, self._out = self._out, []
        return out

    def _segment(self, segment: Segment, joined: Mapping[int, int]) -> None:
        """Take in some lines. Of those that tell nothing of a send most are only counted, where nobody asks for their rows."""
        texts, numbers, kinds = segment.texts, segment.numbers, segment.kinds
        device, rows = self._devices.current, self._wanted.rows
        each = bool(joined) or self._path_output or not self._selection.is_everything
        # A prompt tells whose lines follow, as long as nobody knows.
        each = each or (segment.prompted and self._devices.unknown)
        each = each or self._plain.is_open or self._tools.is_open or self._tables.is_open or self._source_code.is_open
        each = each or segment.may_open
        counts = Counter(kinds)
        # All that a line of these tells is what it says of a send, or its row.
        alone = {kind for kind in counts if kind and (kind.reading.bucket != EVENT or kind.reading.by in _SAYING)}
        if each:
            alone.clear()
        shaped = {kind for kind in alone if kind.reading.bucket == UNMATCHED and not kind.reading.by}
        counted = alone - shaped if self._wanted.shapes else alone
        strange = self._shapeless(texts, kinds, shaped)
        quiet = set() if rows else {kind for kind in counted if kind.tells is None}
        # The first line of a kind counts for all of it. Where it and the last one are is all that a debug run needs.
        places: Sequence[int] = range(len(kinds))
        last = dict(zip(kinds, places, strict=True))
        left_out = set() if rows else strange
        self._counts.without_shape(len(left_out))
        if quiet or left_out:
            first = dict(zip(reversed(kinds), reversed(places), strict=True))
            ends = {where[kind] for where in (first, last) for kind in quiet}
            others = compress(places, map((set(counts) - quiet).__contains__, kinds))
            places = sorted(ends.union(others) - left_out)
        for place in places:
            kind, number, whole = kinds[place], numbers[place], texts[place]
            if kind is None or kind not in alone:
                for item in segment.items(place):
                    for one in self._in_context(item) if each else [item]:
                        if isinstance(one, DelayedRecord):
                            self._late(one)
                        else:
                            self._line(one, joined.get(number, 1))
                continue
            reading, stamp, text = kind.reading, whole[kind.stamp], whole[kind.prompt :]
            if lines := counts.pop(kind, 0) if kind in counted else 1:
                by = reading.by
                if reading.bucket == UNMATCHED and place not in strange:
                    by = kind.shape(text, stamp)
                self._counts.count(reading.bucket, by, number, text, lines)
            if reading.template == _DEBUG and (lines or place == last[kind]):
                device.runs.debug(number, stamp, lines)
            if rows or not self._told:
                self._show(kind, number, text)
            if kind.tells is not None:
                speaker, mark, words, entry, function, most, once = kind.tells
                says = (Speech if once else short_speech)(speaker, mark, whole[words], most)
                self._tells(device, Step(number, says, reading.template, whole[entry], stamp, whole[function]), text)

    def _shapeless(self, texts: Sequence[str], kinds: Sequence[Kind | None], shaped: Set[Kind]) -> set[int]:
        """Return where the lines are whose shapes are not counted: a word of theirs is in none of those that are."""
        if (known := self._counts.all_words) is None:
            return set()
        places = compress(range(len(kinds)), map(shaped.__contains__, kinds))
        shown = ((place, at) for place in places if (kind := kinds[place]) for at in kind.shown)
        return {place for place, at in shown if (word := texts[place][at]).isalpha() and word not in known}

    def _in_context(self, item: Line | DelayedRecord) -> list[Line | DelayedRecord]:
        """Return a line with what it is behind the lines before, below the records that it finishes."""
        return self._tools.read(self._tables.read(self._plain.read(self._source_code.read(item))))

    def _show(self, kind: Kind, number: int, text: str) -> None:
        """Put out the row of a line, by its text behind the prompt."""
        reading, written = kind.reading, self._wanted.written
        if not reading.template and reading.bucket != UNMATCHED:
            return
        if written is None or (reading.template in OF_MAIL and not self._told):
            self._row("record" if reading.template else "unmatched", row_of(kind, number, text), reading.template)
            return
        if not self._out or self._out[-1][0] != WRITTEN:
            self._out.append((WRITTEN, []))
        self._out[-1][1].append(written[kind](number, text))

    def _line(self, line: Line, lines: int) -> None:
        number, prompt, stamp, text, reading, fields, said = line
        if prompt:
            self._over(self._devices.prompt(prompt, bool(reading.command)))
        elif reading.bucket == IGNORED and text:
            self._over(self._devices.header(reading.by, text))
        device = self._devices.current
        if stamp:
            self._stamped = True
            device.stamp = stamp
        theirs = self._clients is None or reading.command or self._clients.has(text, fields)
        if theirs and self._selection.has(device.name, device.stamp):
            self._counts.count(reading.bucket, reading.by, number, text, lines)
            if reading.bucket == UNMATCHED:
                self._row("unmatched", {"line": number, "text": text})
        else:
            self._counts.leave_out(lines)
        if reading.command:
            self._command(device, reading.command, number, stamp)
        elif theirs:
            if reading.by in _EVIDENCE and (evidence := self._evidence_of(device)) is not None:
                evidence.line(number, text, reading.by)
            if reading.template:
                self._record(number, reading.template, fields, stamp, said, text)

    def _late(self, late: DelayedRecord) -> None:
        tells = late.template in TELLING and not is_idle(late.fields)
        said = read_said([telling_text(late.template, "", late.fields)])[0] if tells else None
        self._record(late.number, late.template, late.fields, "", said)

    def _row(self, kind: str, data: Mapping[str, Any], template: str = "") -> None:
        """Put a record or an unmatched line out, if somebody asks for them or it is the first that tells of a send."""
        tells = template in OF_MAIL and not is_idle(data)
        if self._wanted.rows or (tells and not self._told):
            self._out.append((kind, data))
        self._told = self._told or tells

    def _command(self, device: LogDevice, command: str, line: int, stamp: str) -> None:
        self._tools.back()
        self._run(device, device.runs.command(command, line))
        template = templates.choose(command)
        self._path_output = template in OF_PATH
        if (evidence := self._evidence_of(device)) is not None:
            evidence.command(line, command, template or "")
        if template == _DAEMON and command.split()[-1] in _CHANGING:
            device.sends.daemon_told()
        if template == _TEST:
            self._sends(device, device.sends.test(command, line, stamp))
        elif command.strip() in _LEAVING:
            self._over(self._devices.leave())

    def _record(
        self, number: int, template: str, fields: dict[str, Any], stamp: str, said: Said, text: str = ""
    ) -> None:
        device = self._devices.current
        if wanted := self._selection.has(device.name, device.stamp):
            self._row("record", {"template": template, "line": number, **fields}, template)
        if (template in OF_PATH or (wanted and template in OF_STATE)) and (
            evidence := self._evidence_of(device)
        ) is not None:
            evidence.record(number, template, fields)
        if template in mail_servers.TEMPLATES:
            for step in self._mail_servers.steps_of(number, template, fields):
                step.stamp = stamp
                self._sends(device, device.sends.step(step))
        elif template in TELLING:
            if template == _DEBUG:
                device.runs.debug(number, stamp)
            if said is not None:
                entry, function = str(fields.get("context", "")), str(fields.get("function", ""))
                self._tells(device, Step(number, speech(*said), template, entry, stamp, function), text)
        elif template in _AROUND:
            device.sends.know(template, fields, number)
            if template == "show_system_mail":
                device.subject.know(str(fields.get("server", "")), str(fields.get("port", "")))
        elif template == "system_status":
            device.zone = zone_of(fields) or device.zone
            if product := product_of(fields):
                self._of_product(product, number)

    def _tells(self, device: LogDevice, step: Step, text: str) -> None:
        """Take in what a line tells, if that is about a send."""
        if not step.entry and step.source != _DEBUG:  # whose lines begin otherwise than those of system logs
            step.entry = mail_servers.process_of(text)
        if device.subject.has(step, device.sends.goes_on) and (ended := device.sends.step(step)):
            self._sends(device, ended)

    def _evidence_of(self, device: LogDevice) -> PathEvidence | None:
        if device.evidence is None and self._wanted.evidence is not None:
            device.evidence = self._wanted.evidence()
        return device.evidence

    def _over(self, devices: Iterable[LogDevice], end: bool = False) -> None:
        for device in devices:
            self._sends(device, device.sends.finish())
            self._run(device, device.runs.finish())
            if device.evidence is not None and self._selection.has(device.name):
                gone = end or not self._devices.know(device)
                self._out += [("path", path) for path in device.evidence.paths(device, gone)]

    def _sends(self, device: LogDevice, sends: Iterable[Send]) -> None:
        for send in sends:
            if device.evidence is not None:
                send = device.evidence.concluded(send, device.product)
            if self._selection.has(device.name, send.first, send.last):
                verdict = send.verdict if self._wanted.verdicts else {"owner": send.owner}
                self._out += [("verdict", verdict), ("send", send.row)]

    def _run(self, device: LogDevice, run: Run | None) -> None:
        if run is not None and self._selection.has(device.name):
            self._out.append(("run", run))

    def _of_product(self, product: str, line: int) -> None:
        """Take in that the current device is another product."""
        device = self._devices.current
        if device.product != product:
            device.product = product
            text = f"what follows is of a {product}, whose commands are not known here"
            self._note(line, "other_product", text)

    def _note(self, line: int, kind: str, text: str) -> None:
        self._notes += 1
        if self._notes <= _MOST_NOTES:
            self._out.append(("note", {"line": line, "about": kind, "text": text}))
