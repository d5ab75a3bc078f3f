# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs that a customer gets: what happened, where on the way, what to do, and how sure that is. No input or output."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import PurePath
from typing import Any

from ..smtp.knowledge import causes, stages
from ..terminal.quoting import escaped
from ..yaml_file import read_beside
from .explanation import cli_lines, one_way
from .log_collected import CollectedLogs, EqualSends

TITLE = "Why mail of the device does or does not leave"
_MOST_SECTIONS = 6
_MOST_CHARTS = 6
_MOST_BARS = 120
_MOST_EVIDENCE = 8
_LETTERS = "ABCDEF"
# How the causes are told apart in a chart, the most frequent first; all others share the last one.
_KINDS = ("b", "w", "v")
_OTHER, _ACCEPTED = "u", "g"
_CONVERSATION = frozenset({"greeting", "ehlo"})
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Rung:
    """A step of the way of a mail. state: reached, failed, untried, unseen or skipped; words: the same for a person."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class WorkStep:
    """Something to do: who does it, what it is, what to type on the device, and what else to know."""

    who: str
    what: str
    lines: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class LogLine:
    """A line of a log that shows something."""

    path: str
    number: int
    text: str


@dataclass(frozen=True)
class Section:
    """Equal sends: what became of them, and what to do. letter: the mark of it in charts, "" where there is only one."""

    letter: str
    kind: str
    counted: str
    outcome: str
    plain: str
    count: int
    rungs: Sequence[Rung]
    evidence: Sequence[LogLine]
    steps: Sequence[WorkStep]
    proof: Sequence[str]
    sure: str
    warnings: Sequence[str]


@dataclass(frozen=True)
class Bar:
    """The sends of a period: how many of each kind."""

    period: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Chart:
    """The sends of a device over time."""

    device: str
    bars: Sequence[Bar]


class LogPage:
    """What the page says, in plain words, for every format of it."""

    def __init__(self, logs: CollectedLogs) -> None:
        self.logs = logs
        self.words: Mapping[str, Any] = read_beside(__file__, "plain.yml")
        self._shown = [group for group in logs.groups.most_first() if group.verdict["outcome"] != "accepted"]
        if not self._shown:
            self._shown = list(logs.groups)

    # -- the first screen ----------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`findings`, `incomplete` or `good`, as the pages mark it by colour."""
        verdicts = self.logs.summary.verdicts
        return (
            "findings"
            if verdicts["failed"]
            else "good"
            if verdicts["accepted"] and not verdicts["unknown"]
            else "incomplete"
        )

    @property
    def headline(self) -> str:
        """What became of the mails, in a few words."""
        verdicts, total = self.logs.summary.verdicts, self.logs.groups.count
        accepted, failed = verdicts["accepted"], verdicts["failed"]
        if not total:
            return "No attempt to send a mail is in this log"
        if accepted == total:
            return "The mail was sent" if total == 1 else f"All {total:,} mails were sent"
        if failed == total:
            return "The mail was not sent" if total == 1 else f"None of {total:,} mails was sent"
        if failed:
            return f"{failed:,} of {total:,} mails were not sent"
        if total == 1:
            return "The log does not tell whether the mail was sent"
        return f"The log does not tell of {verdicts['unknown']:,} of {total:,} mails whether they were sent"

    @property
    def happened(self) -> list[str]:
        """What happened, in two sentences."""
        total = self.logs.groups.count
        if not total:
            return [
                f"{self.read} Nothing in it shows a device that tries to send a mail.",
                "To find out why mail does not leave, the log must be of the time when the device tries to send, with the output "
                "of its mail program.",
            ]
        tried = f"{self.who} tried to send {_mails(total)}{self._through}{self._between}"
        accepted = self.logs.summary.verdicts["accepted"]
        if accepted == total:
            result = "took it over" if total == 1 else "took all of them over"
        elif accepted:
            result = f"took over {accepted:,} of them"
        elif self.logs.summary.verdicts["failed"]:
            result = "did not take it over" if total == 1 else "took over none of them"
        else:
            result = "gave no answer that the log shows"
        first = self.sections[0]
        if len(self.sections) == 1 or first.outcome == "accepted":
            return [f"{tried}; the mail server {result}.", first.plain]
        return [
            f"{tried}; the mail server {result}.",
            f"Most often ({first.count:,} times) this is the reason: {first.plain}",
        ]

    @property
    def remarks(self) -> list[str]:
        """What else the reader has to know at once: that not everything was read or understood."""
        partial = "Not all of the log was read or understood, see below; the answer rests on what was."
        return [partial] if self.incomplete and self.logs.groups.count else []

    @property
    def who(self) -> str:
        names = [name for name in self.device_names if name]
        if not names:
            return "The device"
        if len(names) <= 3:
            return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return f"{len(names)} devices"

    @property
    def _through(self) -> str:
        servers = self.servers
        return f" through the mail server {servers[0].partition(':')[0]}" if len(servers) == 1 else ""

    @property
    def _between(self) -> str:
        first, last = self.period
        if not first:
            return ""
        end = _end(first, last)
        return f" between {moment(first)} and {end}" if end else f" on {moment(first)}"

    @cached_property
    def period(self) -> tuple[str, str]:
        """When the first and the last send began, "" where no line has a time."""
        spans = [group.span for group in self.logs.groups]
        return min((span.first for span in spans if span.first), default=""), max(
            (span.last for span in spans), default=""
        )

    @cached_property
    def servers(self) -> list[str]:
        """The mail servers, the most used first."""
        found: Counter[str] = Counter()
        for group in self.logs.groups:
            found.update(group.servers)
        with_port = {server.partition(":")[0] for server in found if ":" in server}
        return [escaped(server) for server, _ in found.most_common() if server and server not in with_port]

    @property
    def device_names(self) -> list[str]:
        return sorted({*self.logs.summary.devices, *([] if self.logs.summary.devices else self.logs.devices)})

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of the device, of the time and of the mail server, each with its name."""
        names = self.device_names
        rows: list[tuple[str, str]] = []
        if len(names) <= 1:
            name = names[0] if names else ""
            seen = self.logs.seen(name)
            rows += [
                ("Device", name or "its name is not in the log"),
                ("Product and firmware", f"{seen.product} {seen.firmware}".strip() or "not in the log"),
                ("Serial number", seen.serial or "not in the log"),
            ]
        else:
            rows.append(("Devices", f"{len(names)}, listed below"))
        rows.append(("Time", self._time))
        servers = self.servers
        many = f" and {len(servers) - 3} more" if len(servers) > 3 else ""
        rows.append(("Mail server", ", ".join(servers[:3]) + many if servers else "not in the log"))
        return rows

    @property
    def _time(self) -> str:
        for (first, last), clock in ((self.period, "by the clock of the device"), (self.logs.captured, "UTC")):
            if first:
                end = _end(first, last)
                return f"{moment(first)} to {end}, {clock}" if end else f"{moment(first)}, {clock}"
        return "the lines of the log have no time"

    @property
    def device_rows(self) -> list[tuple[str, ...]]:
        """A row for each device where there are several: name, product, serial number, mails, first and last."""
        names = self.device_names
        rows: list[tuple[str, ...]] = []
        for name in names if len(names) > 1 else []:
            seen, span = self.logs.seen(name), self.logs.summary.devices[name]
            rows.append(
                (
                    name or "not named in the log",
                    f"{seen.product} {seen.firmware}".strip() or "-",
                    seen.serial or "-",
                    f"{span.sends:,}",
                    short(span.first),
                    short(span.last),
                )
            )
        return rows

    # -- what was found ------------------------------------------------------------------------------------------------

    @cached_property
    def sections(self) -> list[Section]:
        """What became of the mails and what to do, the most frequent first; those that succeeded only if nothing else is there."""
        groups = self._shown[:_MOST_SECTIONS]
        return [self._section(group, _LETTERS[place] if len(groups) > 1 else "") for place, group in enumerate(groups)]

    @property
    def others(self) -> list[str]:
        """What became of mails that have no section of their own."""
        return [f"{_mails(group.span.sends)}: {self._plain(group)}" for group in self._shown[_MOST_SECTIONS:]]

    def _section(self, group: EqualSends, letter: str) -> Section:
        verdict = group.verdict
        first, last = moment(group.span.first), moment(group.span.last)
        names = [name for name, _ in group.devices.most_common(4) if name]
        devices = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
        where = f" of {devices}" if devices and len(self.device_names) > 1 else ""
        when = (f", on {first}" if first == last else f", the first on {first}, the last on {last}") if first else ""
        return Section(
            letter=letter,
            kind=self._kind(verdict["outcome"], verdict["cause"]),
            outcome=verdict["outcome"],
            plain=self._plain(group),
            count=group.span.sends,
            counted=_mails(group.span.sends).capitalize() + where + when + ".",
            rungs=self._rungs(verdict),
            evidence=[
                LogLine(self.file_name(group.path), row["line"], escaped(row["text"]))
                for row in verdict["evidence"][-_MOST_EVIDENCE:]
            ],
            steps=self._steps(group),
            proof=self._proof(verdict),
            sure=f"{self.words['sure'][verdict['confidence']]}: {self.words['decided'][verdict['why']['decided']]}",
            warnings=[self.words["warnings"][name] for name in verdict["warnings"]],
        )

    def _plain(self, group: EqualSends) -> str:
        cause = causes().get(group.verdict["cause"])
        return cause.plain if cause else str(group.verdict["explanation"])

    def _rungs(self, verdict: Mapping[str, Any]) -> list[Rung]:
        rungs = list(self.words["rungs"])
        reached = set(verdict["stages_reached"])
        if "tls" in reached and "starttls" not in reached:
            # Encrypted from the first byte: before the mail server says hello.
            rungs.insert(3, rungs.pop(4))
        places = {stage: place for place, rung in enumerate(rungs) for stage in rung["stages"]}
        furthest = max((places[stage] for stage in reached), default=-1)
        failed = -1
        if verdict["outcome"] == "failed":
            failed = places[verdict["stage"]] if verdict["stage"] in places else max(furthest, 0)
        shown = []
        for place, rung in enumerate(rungs):
            if place == failed:
                state = "failed"
            elif failed >= 0 and place > failed:
                state = "untried"
            elif reached.intersection(rung["stages"]):
                state = "reached"
            elif place > furthest and failed < 0:
                state = "unseen"
            elif not rung["skipped"]:
                state = "reached"  # there is no way around it
            else:
                # Only a conversation that was seen shows what was left out.
                state = "skipped" if reached & _CONVERSATION else "unseen"
            shown.append(Rung(rung["name"], state, self.words["states"].get(state, rung["skipped"])))
        return shown

    def _steps(self, group: EqualSends) -> list[WorkStep]:
        verdict = group.verdict
        owners = self.words["owners"]
        cause = causes().get(verdict["cause"])
        chosen = list(one_way(verdict["remedy"], [*group.servers, *(row["text"] for row in verdict["evidence"])]))
        steps: list[WorkStep] = []
        if cause is not None:
            first = chosen.pop(0) if chosen else {"cli": ""}
            who = owners[verdict["owner"]] if verdict["outcome"] != "accepted" else ""
            steps.append(WorkStep(who, cause.plain_remedy, cli_lines(first["cli"]), first.get("advice", "")))
        for remedy in chosen:
            steps.append(WorkStep("", remedy.get("advice") or "On the device:", cli_lines(remedy["cli"])))
        if verdict["outcome"] != "accepted":
            test = "diagnose test connection mailserver <id> <sender> <recipient>"
            steps.append(WorkStep("", "Then send a test mail from the device, and see whether it arrives:", [test]))
        entries = [name for name in group.entries if name]
        return [_of_entry(step, entries[0]) for step in steps] if len(entries) == 1 else steps

    def _proof(self, verdict: Mapping[str, Any]) -> list[str]:
        """What would prove more than this log does."""
        words = self.words["proof"]
        order = stages()
        early = verdict["stage"] in order and order.index(verdict["stage"]) <= order.index("tcp")
        names = {"accepted": ["mailbox"], "unknown": ["debug"]}.get(
            verdict["outcome"], ["packets"] if early else ["server_log"]
        )
        missing = verdict["why"]["missing"]
        return [
            words[name] for name in [*names, *(["counters"] if "counters" in missing and names != ["mailbox"] else [])]
        ]

    # -- over time -----------------------------------------------------------------------------------------------------

    def _kind(self, outcome: str, cause: str) -> str:
        if outcome == "accepted":
            return _ACCEPTED
        names = [(group.verdict["outcome"], group.verdict["cause"]) for group in self._shown]
        order = list(dict.fromkeys(names))
        place = order.index((outcome, cause)) if (outcome, cause) in order else len(_KINDS)
        return _KINDS[place] if place < len(_KINDS) else _OTHER

    @cached_property
    def charts(self) -> list[Chart]:
        """The sends over time where there is more than one period, a chart for each device, those with the most sends first."""
        summary = self.logs.summary
        found: dict[str, dict[str, Counter[str]]] = {}
        for (device, period), counts in summary.periods().items():
            if not period:
                continue
            kinds = found.setdefault(device, {}).setdefault(period, Counter())
            for (outcome, cause), number in counts.items():
                kinds[self._kind(outcome, cause)] += number
        periods = _all_periods({period for bars in found.values() for period in bars}, summary.unit)
        if len(periods) < 2:
            return []  # a single column says nothing
        ordered = sorted(found, key=lambda device: -summary.devices[device].sends if device in summary.devices else 0)
        return [
            Chart(device, [Bar(period, found[device].get(period, Counter())) for period in periods])
            for device in ordered[:_MOST_CHARTS]
        ]

    @property
    def chart_words(self) -> str:
        """What the bars are, below which devices that have none are counted."""
        more = len({device for device, period in self.logs.summary.periods() if period}) - len(self.charts)
        return f"Mails per {self.unit}" + (f"; {more} more devices are not drawn" if more > 0 else "")

    @property
    def unit(self) -> str:
        """`hour` or `day`: how long the periods of a chart are."""
        return self.logs.summary.unit

    @property
    def key(self) -> list[tuple[str, str]]:
        """The kinds of a chart and what they mean."""
        used = {kind for chart in self.charts for bar in chart.bars for kind in bar.counts}
        meanings = {_ACCEPTED: "taken over by the mail server"}
        for section in self.sections:
            if section.outcome != "accepted":
                meanings.setdefault(
                    section.kind, f"{section.letter}: {section.plain}" if section.letter else section.plain
                )
        if _OTHER in used:
            marks = ", ".join(each.letter for each in self.sections if each.kind == _OTHER)
            meanings[_OTHER] = f"{marks} and other reasons" if marks else "other reasons"
        return [(kind, meaning) for kind, meaning in meanings.items() if kind in used]

    # -- what was read -------------------------------------------------------------------------------------------------

    @property
    def read(self) -> str:
        """What was read, and how much of it was understood."""
        summary = self.logs.summary
        lines, unknown = summary.lines.get("total", 0), summary.lines.get("unmatched", 0)
        files = self.logs.files
        name = self.file_name(files[0][0]) if len(files) == 1 else f"{len(files)} files"
        rest = "every line was understood" if not unknown else f"{unknown:,} were not understood"
        return f"{name}: {lines:,} line{'s' * (lines != 1)}, {rest}."

    @property
    def incomplete(self) -> bool:
        """Whether something in the logs was not understood or not read."""
        return any(status != "complete" for _, status in self.logs.files)

    @property
    def notes(self) -> list[str]:
        """What its reader decided or lost, a sentence each."""
        several = len(self.logs.files) > 1
        return [
            f"{self.file_name(path) + ': ' if several else ''}{note['text']}"
            + (f" (line {note['line']})" if note["line"] else "")
            for path, note in self.logs.notes
        ]

    @property
    def not_understood(self) -> list[LogLine]:
        """An example of each kind of line that nothing knows."""
        return [
            LogLine(self.file_name(path), shape["line"], escaped(shape["example"])) for path, shape in self.logs.shapes
        ]

    @property
    def has_placeholders(self) -> bool:
        """Whether there are words in angle brackets, which the reader has to fill in."""
        texts = [
            line for section in self.sections for step in section.steps for line in (step.what, step.note, *step.lines)
        ]
        return any(re.search(r"<[a-z]", text) for text in texts)

    def file_name(self, path: str) -> str:
        """A file without its folders, which are nobody else's business; "-" is standard input."""
        outer, mark, inner = path.partition("!")
        return "standard input" if path == "-" else escaped(PurePath(outer).name + mark + inner)


def moment(stamp: str) -> str:
    """A time as a person writes it, to the minute: `24 November 2026, 10:00`."""
    try:
        at = datetime.fromisoformat(stamp[: len("2026-11-24T10:00")])
    except ValueError:  # a damaged line may have any digits
        return stamp.replace("T", " ")
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


def _of_entry(step: WorkStep, name: str) -> WorkStep:
    """A step with the entry of the mail table that it is about, as far as that can be typed as it is."""
    if not _PLAIN_NAME.fullmatch(name):
        return step
    return replace(step, lines=[line.replace("<id>", name) for line in step.lines])


def _end(first: str, last: str) -> str:
    """The end of a time that began then, without the day where it is the same, "" where it is the same minute."""
    begin, end = moment(first), moment(last)
    if begin == end:
        return ""
    day = begin.partition(", ")[0]
    return end.removeprefix(f"{day}, ")


def short(stamp: str) -> str:
    """A time for a table."""
    return stamp.replace("T", " ")[: len("2026-11-24 10:00")] or "-"


def _mails(count: int) -> str:
    return "one mail" if count == 1 else f"{count:,} mails"


def _all_periods(known: set[str], unit: str) -> list[str]:
    """All periods from the first to the last, also those without a send; only those with one where they are too many."""
    if not known:
        return []
    form = "%Y-%m-%dT%H" if unit == "hour" else "%Y-%m-%d"
    step = timedelta(hours=1) if unit == "hour" else timedelta(days=1)
    try:
        at, last = datetime.strptime(min(known), form), datetime.strptime(max(known), form)
    except ValueError:  # a damaged line may have any digits
        return sorted(known)[-_MOST_BARS:]
    if (last - at) / step >= _MOST_BARS:
        return sorted(known)[-_MOST_BARS:]
    periods = []
    while at <= last:
        periods.append(at.strftime(form))
        at += step
    return periods
