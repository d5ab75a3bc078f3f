# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log as a stream: records, unmatched lines, sends and verdicts, each as soon as nothing can change it any more."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, Protocol, TypeAlias

from ..logfile.batch import Batch
from ..smtp.speech import REMARK, short_speech, speech
from ..smtp.step import Step
from ..templates import find as templates
from . import mail_servers
from .chain import EVENT, IGNORED, TELLING, UNMATCHED, DelayedRecord, is_idle
from .classifier import Line, Segment, telling_text
from .clients import ClientLines
from .clock import zone_of
from .counts import LineCounts
from .devices import LogDevice, LogDevices
from .dialogue import Said, read_said
from .kinds import Kind, row_of
from .openings import tool_templates
from .plain_dialogue import PlainDialogue
from .products import product_in, product_of
from .runs import Run
from .sends import Moment, Send
from .sorting import SortedBatch, sort
from .tables import TableRows
from .tools import ToolOutput
from .window import Selection

# record, unmatched, verdict, send, run, path, note, and once at the end summary; with the data of each
Item: TypeAlias = tuple[str, Any]
# Records and unmatched lines as they are to be written.
WRITTEN = "written"

# Templates whose records tell of what is around a send.
_AROUND = frozenset({"show_system_mail", "fazmaild_status", "fazmaild_statistics"})
OF_MAIL = frozenset({"fazmaild_debug", "smtp_dialogue", "plain_dialogue"})
# Templates whose records tell of the path to a mail server.
OF_PATH = tool_templates() | {"nslookup", "ping", "traceroute", "sniffer_packet", "system_dns"}
_TEST = "test_connection"
_DEBUG = "fazmaild_debug"
_LEAVING = frozenset({"exit", "quit"})
_MOST_NOTES = 100
_MOST_KINDS = 20_000


class PathEvidence(Protocol):
    """Takes in what a device shows of the path to a mail server, and corrects verdicts by it (path/saved.py)."""

    def line(self, number: int, text: str) -> None: ...

    def record(self, number: int, template: str, fields: Mapping[str, Any]) -> None: ...

    def concluded(self, send: Send) -> Send: ...

    def paths(self) -> Sequence[Mapping[str, Any]]: ...


def stream(
    batches: Iterable[Batch],
    selection: Selection | None = None,
    rows: bool = True,
    shapes: bool = True,
    evidence: Callable[[], PathEvidence] | None = None,
    written: Mapping[Kind, Callable[[int, str], str]] | None = None,
) -> Iterator[Item]:
    """Yield what some batches of lines result in, and at last the summary. Secrets are removed first. Options: see `follow`."""
    return follow(sort(batches), selection, rows, shapes, evidence, written)


def follow(
    batches: Iterable[SortedBatch],
    selection: Selection | None = None,
    rows: bool = True,
    shapes: bool = True,
    evidence: Callable[[], PathEvidence] | None = None,
    written: Mapping[Kind, Callable[[int, str], str]] | None = None,
    verdicts: bool = True,
) -> Iterator[Item]:
    """Yield what some sorted batches result in, and at last the summary.

    rows: without them, records and unmatched lines are left out, but for one record that tells of a send. shapes: without
    them, the summary does not have the shapes of unmatched lines. written: by kind, what makes the row of a line, as it is to
    be written, from its number and its text. verdicts: without them, a verdict says no more than who must act.
    """
    log = _Log(selection or Selection(), rows, shapes, evidence, written, verdicts)
    for batch in batches:
        yield from log.feed(batch)
    yield from log.finish()


class _Log:
    """Follows one log. What its lines result in is put into `_out` until somebody takes it."""

    def __init__(
        self,
        selection: Selection,
        rows: bool,
        shapes: bool,
        evidence: Callable[[], PathEvidence] | None,
        written: Mapping[Kind, Callable[[int, str], str]] | None,
        verdicts: bool,
    ) -> None:
        self._new_evidence = evidence
        self._evidence: dict[LogDevice, PathEvidence] = {}
        self._path_output = False  # below a command that shows something of a path
        self._selection = selection
        self._selects = not selection.is_everything
        self._clients = ClientLines(selection.clients) if selection.clients else None
        self._rows = rows
        self._written = written
        self._verdicts = verdicts
        self._told = False
        self._devices = LogDevices()
        self._plain = PlainDialogue()
        self._tools = ToolOutput()
        self._tables = TableRows()
        self._mail_servers = mail_servers.MailServerLog()
        self._counts = LineCounts(outside=0 if self._selects else None, with_shapes=shapes)
        self._countable: set[Kind] = set()  # whose lines may be counted in any order; of these:
        self._debug: set[Kind] = set()
        self._debug_stamped: set[Kind] = set()
        self._quiet: set[Kind] = set()  # which are only counted
        self._notes = 0
        self._stamped = False
        self._out: list[Item] = []

    def feed(self, batch: SortedBatch) -> Iterator[Item]:
        """Yield what the next lines result in."""
        for note in batch.notes:
            self._note(note.line, note.kind, note.text)
        joined = batch.joined
        for segment in batch.segments:
            if product := product_in([segment.texts[place] for place in segment.looked]):
                self._of_product(product, segment.numbers[0])
            # A prompt tells whose lines follow, as long as nobody knows.
            each = self._selects or self._path_output or joined or (segment.prompted and self._devices.unknown)
            if each or self._plain.is_open or self._tools.is_open or self._tables.is_open or segment.may_open:
                self._each(segment, joined)
            else:
                self._counted(segment)
            yield from self._taken()
        for late in batch.late:
            self._late(late)
        yield from self._taken()

    def finish(self) -> list[Item]:
        """Return what the end of the log settles, and the summary."""
        for late in self._tools.finish():
            self._late(late)
        for device in self._devices.all():
            self._over(device)
        if (self._selection.since or self._selection.until) and not self._stamped:
            self._note(0, "no_stamps", "no line has a time stamp, so that none was left out because of its time")
        self._out.append(("summary", self._counts.as_dict()))
        return self._taken()

    def _taken(self) -> list[Item]:
        out, self._out = self._out, []
        return out

    def _each(self, segment: Segment, joined: Mapping[int, int]) -> None:
        """Take in lines one by one."""
        for place in range(len(segment.texts)):
            for item in segment.items(place):
                for each in self._tools.read(self._tables.read(self._plain.read(item))):
                    self._item(each, joined.get(each.number, 1))

    def _counted(self, segment: Segment) -> None:
        """Take in lines of which most are counted only where nobody asks for their records."""
        texts, numbers, kinds = segment.texts, segment.numbers, segment.kinds
        counts = Counter(kinds)
        found = set(counts)
        if len(self._countable) > _MOST_KINDS:
            for known in (self._countable, self._debug, self._debug_stamped, self._quiet):
                known.clear()
        for kind in found - self._countable:
            if kind is not None and _alone(kind) and self._counts.has(kind.reading):
                self._learn(kind)
        counted = self._countable & found
        for kind in counted:
            self._counts.count(kind.reading, 0, "", counts[kind])
        # Of what nothing knows each line may be the first of its shape.
        shaped = {kind for kind in counts if kind is not None and kind.reading.bucket == UNMATCHED} - counted
        # The first and the last lines with and without a stamp are all that a debug run needs.
        debug = self._debug & counted
        ends = _ends(kinds, debug) | _ends(kinds, debug & self._debug_stamped)
        device = self._devices.current
        device.runs.records += sum(counts[kind] for kind in debug) - len(ends)
        places = list(compress(range(len(kinds)), map((found - self._quiet).__contains__, kinds)))
        for place in ends:
            if kinds[place] in self._quiet:
                insort(places, place)
        written: list[str] = []
        subject, follow, goes_on = device.subject, device.sends.step, device.sends.goes_on
        for place in places:
            if (each := kinds[place]) is None or not (each in counted or each in shaped):
                self._write(written)
                for item in segment.items(place):
                    self._item(item, 1)
                continue
            number, whole = numbers[place], texts[place]
            stamp = whole[each.stamp]
            if each in shaped:
                text = whole[each.prompt :]
                may_count = self._counts.may_have(word for at in each.shown if (word := whole[at]).isalpha())
                self._counts.count_unmatched(each.shape(text, stamp) if may_count else "", number, text)
            if place in ends:
                device.runs.debug(number, stamp)
            if self._rows or not self._told:
                self._show(each, number, whole[each.prompt :], written)
            if each.tells is not None:
                speaker, mark, words, in_entry, in_function, nothing = each.tells
                entry, template = whole[in_entry], each.reading.template
                if not entry and template != _DEBUG:  # whose lines begin otherwise than those of system logs
                    entry = mail_servers.process_of(whole[each.prompt :])
                says = short_speech(speaker, mark, whole[words], nothing)
                step = Step(number, says, template, entry, stamp, function := whole[in_function])
                speaks_smtp = speaker != REMARK and function in subject.functions
                if (speaks_smtp or subject.has(step, goes_on)) and (ended := follow(step)):
                    self._write(written)
                    self._sends(device, ended)
        self._write(written)

    def _learn(self, kind: Kind) -> None:
        """Take in that the lines of a kind may be counted in any order."""
        self._countable.add(kind)
        if kind.reading.template == _DEBUG:
            self._debug.add(kind)
            if kind.stamp.stop > kind.stamp.start:
                self._debug_stamped.add(kind)
        if kind.reading.quiet and not self._rows:
            self._quiet.add(kind)

    def _show(self, kind: Kind, number: int, text: str, written: list[str]) -> None:
        """Put out the row of a line, by its text behind the prompt, or add it to those that are `written` together."""
        reading = kind.reading
        if not reading.template and reading.bucket != UNMATCHED:
            return
        if self._written is not None and (self._told or reading.quiet or reading.template not in OF_MAIL):
            written.append(self._written[kind](number, text))
        else:
            self._row("record" if reading.template else "unmatched", row_of(kind, number, text), reading.template)

    def _write(self, lines: list[str]) -> None:
        """Put some rows out together as they are written, and forget them."""
        if lines:
            self._out.append((WRITTEN, "".join(lines)))
            lines.clear()

    def _item(self, item: Line | DelayedRecord, lines: int) -> None:
        if isinstance(item, DelayedRecord):
            self._late(item)
        else:
            self._line(item, lines)

    def _line(self, line: Line, lines: int) -> None:
        number, prompt, stamp, text, reading, fields, said = line
        if prompt:
            self._all_over(self._devices.prompt(prompt, bool(reading.command)))
        elif reading.bucket == IGNORED and text:
            self._all_over(self._devices.header(reading.by, text))
        device = self._devices.current
        if stamp:
            self._stamped = True
            device.stamp = stamp
        if self._clients is not None and not (reading.command or self._clients.has(text, fields)):
            self._counts.leave_out(lines)
            return
        if self._selects and not self._selected(device):
            self._counts.leave_out(lines)
        else:
            self._counts.count(reading, number, text, lines)
            if reading.bucket == UNMATCHED:
                self._row("unmatched", {"line": number, "text": text})
        if reading.command:
            self._command(device, reading.command, Moment(number, stamp))
            return
        if reading.by in OF_PATH and self._new_evidence is not None:
            self._evidence_of(device, self._new_evidence).line(number, text)
        if reading.template:
            self._record(number, reading.template, fields, stamp, said, text)

    def _late(self, late: DelayedRecord) -> None:
        tells = late.template in TELLING and not is_idle(late.fields)
        said = read_said([telling_text(late.template, "", late.fields)])[0] if tells else None
        self._record(late.number, late.template, late.fields, "", said)

    def _row(self, kind: str, data: Mapping[str, Any], template: str = "") -> None:
        """Put a record or an unmatched line out, if somebody asks for them or it is the first that tells of a send."""
        tells = template in OF_MAIL and not is_idle(data)
        if self._rows or (tells and not self._told):
            self._out.append((kind, data))
        self._told = self._told or tells

    def _command(self, device: LogDevice, command: str, moment: Moment) -> None:
        if (run := device.runs.command(command, moment)) is not None:
            self._run(device, run)
        template = templates.choose(command)
        self._path_output = template in OF_PATH
        if template == _TEST:
            self._sends(device, device.sends.test(command, moment))
        elif command.strip() in _LEAVING:
            self._all_over(self._devices.leave())

    def _record(
        self, number: int, template: str, fields: dict[str, Any], stamp: str, said: Said, text: str = ""
    ) -> None:
        device = self._devices.current
        if not self._selects or self._selected(device):
            self._row("record", {"template": template, "line": number, **fields}, template)
        if template in mail_servers.TEMPLATES:
            for step in self._mail_servers.steps_of(number, template, fields):
                step.stamp = stamp
                self._sends(device, device.sends.step(step))
        elif template in TELLING:
            if template == _DEBUG:
                device.runs.debug(number, stamp)
            if said is not None:
                entry = str(fields.get("context", "")) or mail_servers.process_of(text)
                step = Step(number, speech(*said), template, entry, stamp, str(fields.get("function", "")))
                if device.subject.has(step, device.sends.goes_on):
                    self._sends(device, device.sends.step(step))
        elif template in _AROUND:
            device.sends.know(template, fields, number)
            if template == "show_system_mail":
                device.subject.know(str(fields.get("server", "")), str(fields.get("port", "")))
        elif template in OF_PATH and self._new_evidence is not None:
            self._evidence_of(device, self._new_evidence).record(number, template, fields)
        elif template == "system_status":
            if (zone := zone_of(fields)) is not None:
                device.set_zone(zone)
            if product := product_of(fields):
                self._of_product(product, number)

    def _evidence_of(self, device: LogDevice, new: Callable[[], PathEvidence]) -> PathEvidence:
        if device not in self._evidence:
            self._evidence[device] = new()
        return self._evidence[device]

    def _selected(self, device: LogDevice) -> bool:
        return self._selection.has_device(device.name) and self._selection.has_time(device.stamp)

    def _all_over(self, devices: Iterable[LogDevice]) -> None:
        for device in devices:
            self._over(device)

    def _over(self, device: LogDevice) -> None:
        self._sends(device, device.sends.finish())
        if (run := device.runs.finish()) is not None:
            self._run(device, run)
        evidence = self._evidence.pop(device, None)
        if evidence is not None and self._selection.has_device(device.name):
            self._out += [("path", path) for path in evidence.paths()]

    def _sends(self, device: LogDevice, sends: Sequence[Send]) -> None:
        selection = self._selection
        for each in sends:
            concludes = device in self._evidence and not device.sends.product
            send = self._evidence[device].concluded(each) if concludes else each
            if selection.has_device(device.name) and (selection.has_time(send.first) or selection.has_time(send.last)):
                verdict = send.verdict if self._verdicts else {"owner": send.owner}
                self._out += [("verdict", verdict), ("send", send.row)]

    def _run(self, device: LogDevice, run: Run) -> None:
        if self._selection.has_device(device.name):
            self._out.append(("run", run))

    def _of_product(self, product: str, line: int) -> None:
        """Take in that the current device is another product."""
        sends = self._devices.current.sends
        if sends.product != product:
            sends.product = product
            text = f"what follows is of a {product}, whose commands are not known here"
            self._note(line, "other_product", text)

    def _note(self, line: int, kind: str, text: str) -> None:
        self._notes += 1
        if self._notes <= _MOST_NOTES:
            self._out.append(("note", {"line": line, "about": kind, "text": text}))


def _alone(kind: Kind) -> bool:
    """Return whether all that a line of a kind tells is what it says of a send, or its row."""
    reading = kind.reading
    around = reading.bucket == EVENT and reading.template and reading.template not in TELLING
    return not around and reading.by not in OF_PATH


def _ends(kinds: Sequence[Kind | None], wanted: Collection[Kind | None]) -> set[int]:
    """Return the positions of the first and the last line of some kinds."""
    if not wanted:
        return set()
    first = next((place for place, kind in enumerate(kinds) if kind in wanted), 0)
    return {first, next((place for place in range(len(kinds) - 1, -1, -1) if kinds[place] in wanted), first)}
