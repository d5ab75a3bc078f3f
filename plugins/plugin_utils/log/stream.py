# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log as a stream: records, unmatched lines, sends and verdicts, each as soon as nothing can change it any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from ..logfile.batch import Batch
from ..redact.redactor import Redactor
from ..smtp import knowledge
from . import mail_servers
from .chain import EVENT, IGNORED, UNMATCHED, DelayedRecord, Reading, is_idle
from .classifier import Line, Sorter
from .clock import zone_of
from .counts import LineCounts
from .devices import LogDevice, LogDevices
from .dialogue import DialogueMarks
from .runs import Run
from .sends import Moment, Send
from .window import Selection

# record, unmatched, verdict, send, run, note, and once at the end summary; with the data of each
Item: TypeAlias = tuple[str, Any]

# Templates whose records tell of a send, and those that tell of what is around it.
_TELLING = frozenset({"fazmaild_debug", "smtp_dialogue", "test_connection", "vocabulary", "cli_error"})
_AROUND = frozenset({"show_system_mail", "fazmaild_status", "fazmaild_statistics"})
_TEST = "test_connection"
_LEAVING = frozenset({"exit", "quit"})
_MOST_NOTES = 100
_AT_ONCE = 2_000  # lines


def stream(batches: Iterable[Batch], selection: Selection | None = None) -> Iterator[Item]:
    """Yield what some batches of lines come to, and at last the summary. Secrets are removed first."""
    log = _Log(selection or Selection())
    redacted = Redactor().stream()
    for whole in batches:
        for batch in _pieces(whole):
            yield from log.feed(batch, redacted.lines(batch.texts))
    yield from log.finish()


class _Log:
    """Follows one log. What its lines come to is put into `_out` until somebody takes it."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._selects = not selection.is_everything
        self._sorter = Sorter(lambda text: knowledge.recognise(text) is not None, knowledge.may_recognise_like)
        self._devices = LogDevices()
        self._marks = DialogueMarks()
        self._counts = LineCounts(outside=0 if self._selects else None)
        self._notes = 0
        self._stamped = False
        self._out: list[Item] = []

    def feed(self, batch: Batch, texts: Sequence[str]) -> list[Item]:
        """Return what the next lines come to."""
        for note in batch.notes:
            self._note(note.line, note.kind, note.text)
        found = self._sorter.feed(texts, batch.numbers, batch.program_lines)
        self._marks.learn(
            _telling_text(line.reading, line.text)
            for line in found
            if isinstance(line, Line) and not line.reading.quiet and line.reading.template in _TELLING
        )
        joined = _joined(batch)
        plain = not self._selects and not joined
        quiet: list[Reading] = []
        for line in found:
            if isinstance(line, DelayedRecord):
                self._record(line.number, "", line.template, line.fields, "")
            elif plain and line.reading.quiet and not line.prompt:
                quiet.append(line.reading)
                self._quiet(line)
            else:
                self._line(line, joined.get(line.number, 1) if joined else 1)
        self._counts.count_all(quiet)
        return self._taken()

    def finish(self) -> list[Item]:
        """Return what the end of the log settles, and the summary."""
        for late in self._sorter.finish():
            self._record(late.number, "", late.template, late.fields, "")
        for device in self._devices.all():
            self._over(device)
        if (self._selection.since or self._selection.until) and not self._stamped:
            self._note(0, "no_stamps", "no line has a time stamp, so that none was left out because of its time")
        self._out.append(("summary", self._counts.as_dict()))
        return self._taken()

    def _taken(self) -> list[Item]:
        out, self._out = self._out, []
        return out

    def _quiet(self, line: Line) -> None:
        """Take in a line that tells nothing of a send and makes a record, as nearly all of a log do."""
        number, _, stamp, _, reading = line
        device = self._devices.current
        if stamp:
            self._stamped = True
            device.stamp = stamp
        if reading.bucket == EVENT:
            device.runs.debug(number, stamp)
        if reading.stamped:
            record = {"template": reading.template, "line": number, "timestamp": stamp, **reading.fields}
        else:
            record = {"template": reading.template, "line": number, **reading.fields}
        self._out.append(("record", record))

    def _line(self, line: Line, lines: int) -> None:
        number, prompt, stamp, text, reading = line
        if prompt:
            self._all_over(self._devices.prompt(prompt, bool(reading.command)))
        elif reading.bucket == IGNORED and text:
            self._all_over(self._devices.header(reading.by, text))
        device = self._devices.current
        if stamp:
            self._stamped = True
            device.stamp = stamp
        if self._selects and not self._selected(device):
            self._counts.leave_out(lines)
        else:
            self._counts.count(reading, number, text, lines)
            if reading.bucket == UNMATCHED:
                self._out.append(("unmatched", {"line": number, "text": text}))
        if reading.command:
            self._command(device, reading.command, Moment(number, stamp))
        elif reading.template:
            self._record(number, text, reading.template, _fields(line), stamp)

    def _command(self, device: LogDevice, command: str, moment: Moment) -> None:
        if (run := device.runs.command(command, moment)) is not None:
            self._run(device, run)
        if self._sorter.template_of(command) == _TEST:
            self._sends(device, device.sends.test(command, moment))
        elif command.strip() in _LEAVING:
            self._all_over(self._devices.leave())

    def _record(self, number: int, text: str, template: str, fields: dict[str, Any], stamp: str) -> None:
        device = self._devices.current
        if not self._selects or self._selected(device):
            self._out.append(("record", {"template": template, "line": number, **fields}))
        if template in mail_servers.TEMPLATES:
            if (step := mail_servers.step_of(number, template, fields)) is not None:
                self._sends(device, device.sends.step(step, stamp, ""))
        elif template in _TELLING:
            if template == "fazmaild_debug":
                device.runs.debug(number, stamp)
            if not is_idle(fields):
                said = text if template == "smtp_dialogue" else str(fields.get("text", text))
                step = self._marks.step(number, said, template, str(fields.get("context", "")))
                if step is not None:
                    self._sends(device, device.sends.step(step, stamp, str(fields.get("function", ""))))
        elif template in _AROUND:
            device.sends.know(template, fields, number)
        elif template == "system_status" and (zone := zone_of(fields)) is not None:
            device.set_zone(zone)

    def _selected(self, device: LogDevice) -> bool:
        return self._selection.has_device(device.name) and self._selection.has_time(device.stamp)

    def _all_over(self, devices: Iterable[LogDevice]) -> None:
        for device in devices:
            self._over(device)

    def _over(self, device: LogDevice) -> None:
        self._sends(device, device.sends.finish())
        if (run := device.runs.finish()) is not None:
            self._run(device, run)

    def _sends(self, device: LogDevice, sends: Sequence[Send]) -> None:
        selection = self._selection
        for send in sends:
            if selection.has_device(device.name) and (selection.has_time(send.first) or selection.has_time(send.last)):
                self._out += [("verdict", send.verdict), ("send", send.row)]

    def _run(self, device: LogDevice, run: Run) -> None:
        if self._selection.has_device(device.name):
            self._out.append(("run", run))

    def _note(self, line: int, kind: str, text: str) -> None:
        self._notes += 1
        if self._notes <= _MOST_NOTES:
            self._out.append(("note", {"line": line, "about": kind, "text": text}))


def _pieces(batch: Batch) -> Iterator[Batch]:
    """Pieces small enough that what was learnt from one helps with the next, and that nobody waits long for a result."""
    if len(batch) <= _AT_ONCE:
        yield batch
        return
    for begin in range(0, len(batch), _AT_ONCE):
        end = begin + _AT_ONCE
        yield Batch(
            batch.texts[begin:end],
            batch.numbers[begin:end],
            batch.offsets[begin:end],
            batch.spans[begin:end],
            {place - begin: rule for place, rule in batch.program_lines.items() if begin <= place < end},
            batch.stamps[begin:end],
            batch.notes if begin == 0 else [],
        )


def _joined(batch: Batch) -> dict[int, int]:
    """The lines of the file that are more than one, by their number: wrapped lines that were joined."""
    if max(batch.spans, default=1) == 1:
        return {}
    return dict(zip(batch.numbers, batch.spans, strict=True))


def _fields(line: Line) -> dict[str, Any]:
    reading = line.reading
    if reading.whole:
        return {"text": line.text}
    return {"timestamp": line.stamp, **reading.fields} if reading.stamped else reading.fields


def _telling_text(reading: Reading, text: str) -> str:
    return text if reading.template == "smtp_dialogue" or reading.whole else str(reading.fields.get("text", text))
