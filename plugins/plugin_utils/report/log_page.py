# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about some logs that a customer gets: what happened, where on the way, what to do, and how sure that is. No input or output."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..log.summary import Span
from ..terminal.quoting import escaped
from ..yaml_file import read_beside
from .log_charts import Chart, charts
from .log_collected import CollectedLogs
from .log_sections import Section, WorkStep, plain_reason, section_of, section_of_finding
from .log_words import LogLine, end_of, file_name, mails, moment, short

_MOST_SECTIONS = 6
_LETTERS = "ABCDEF"
# How the causes are told apart in a chart, the most frequent first; all others share the last one.
_KINDS = ("b", "w", "v")
_OTHER, _ACCEPTED = "u", "g"


class LogPage:
    """What the page says, in plain words, for every format of it."""

    def __init__(self, logs: CollectedLogs) -> None:
        self.logs = logs
        self.words: Mapping[str, Any] = read_beside(__file__, "plain.yml")
        groups = logs.groups.most_first()
        # A send whose end is not known has no reason to show before the reasons of those that failed.
        self._shown = [
            group for outcome in ("failed", "unknown") for group in groups if group.verdict["outcome"] == outcome
        ]
        self._shown = self._shown or groups

    # -- the first screen ----------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`findings`, `incomplete` or `good`, as the pages mark it by colour."""
        verdicts = self.logs.summary.verdicts
        return (
            "findings"
            if verdicts["failed"] or self.logs.summary.kept_back
            else "good"
            if verdicts["accepted"] and not verdicts["unknown"]
            else "incomplete"
        )

    @property
    def headline(self) -> str:
        """What became of the mails, in a few words."""
        verdicts, total = self.logs.summary.verdicts, self.logs.groups.count
        accepted, failed = verdicts["accepted"], verdicts["failed"]
        if not total and self.logs.summary.kept_back:
            return "The log shows what keeps mail from leaving"
        if not total:
            return "No attempt to send a mail is in this log" if self._lines else "Nothing was read"
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
        if not total and self.sections:
            shown = "No attempt to send a mail is in it, but what the device shows keeps mail from leaving."
            return [f"{self.read} {shown}", *dict.fromkeys(each.plain for each in self.sections)]
        if not total:
            nothing = "Nothing in it shows a device that tries to send a mail."
            return [
                f"{self.read} {nothing}"
                if self._lines
                else " ".join([self.read, *(f"{note}." for note in self.notes)]),
                "To find out why mail does not leave, the log must be of the time when the device tries to send, with the output "
                "of its mail program.",
            ]
        tried = f"{self.who} tried to send {mails(total)}{self._through}{self._between}"
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
        reasons = [group for group in self._shown if group.verdict["outcome"] == "failed"]
        if len(reasons) <= 1:
            return [f"{tried}; the mail server {result}.", first.plain]
        most = f"Most often ({first.count:,} times) this is the reason"
        if first.count == reasons[1].span.sends:
            most = f"There are {len(reasons)} reasons; one of them"
        return [f"{tried}; the mail server {result}.", f"{most}: {first.plain}"]

    @property
    def asked(self) -> WorkStep | None:
        """What to do where lines were read and none shows an attempt to send, else None."""
        if self.logs.groups.count or not self._lines or self.sections:
            return None
        return WorkStep(
            self.words["owners"]["device admin"], self.words["record"]["what"], self.words["record"]["lines"]
        )

    @property
    def remarks(self) -> list[str]:
        """What else the reader has to know at once: that not everything was read or understood."""
        partial = "Not all of the log was read or understood, see below; the answer rests on what was."
        stopped = "Beside that, the device shows what keeps further mail from leaving, see below."
        said = [partial] if self.incomplete and self.logs.groups.count else []
        return [*said, stopped] if self.logs.summary.stopped and self.logs.groups.count else said

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
        end = end_of(first, last)
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
        return [escaped(server) for server, __ in found.most_common() if server and server not in with_port]

    @property
    def device_names(self) -> list[str]:
        tried = self.logs.summary.devices
        return sorted(tried or {*self.logs.devices, *(device for device, *__ in self.logs.summary.findings if device)})

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
                end = end_of(first, last)
                return f"{moment(first)} to {end}, {clock}" if end else f"{moment(first)}, {clock}"
        return "the lines of the log have no time"

    @property
    def device_rows(self) -> list[tuple[str, ...]]:
        """A row for each device where there are several: name, product, serial number, mails, first and last."""
        names = self.device_names
        rows: list[tuple[str, ...]] = []
        for name in names if len(names) > 1 else []:
            seen, span = self.logs.seen(name), self.logs.summary.devices.get(name, Span())
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
        """What became of the mails and what to do: failures, the most frequent first, then what is unknown; successes only if nothing else is there."""
        groups = self._shown[:_MOST_SECTIONS]
        kept_back = self._kept_back[: _MOST_SECTIONS - len(groups)]
        letters = _LETTERS if len(groups) + len(kept_back) > 1 else [""]
        several = len(self.device_names) > 1
        sections = [
            section_of(
                group,
                letters[place],
                self._kind(group.verdict["outcome"], group.verdict["cause"]),
                self.words,
                several=several,
            )
            for place, group in enumerate(groups)
        ]
        return sections + [
            section_of_finding(found, path, log, letters[place], self.words)
            for place, (log, path, found) in enumerate(kept_back, len(groups))
        ]

    @cached_property
    def _kept_back(self) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
        """The log, the row of paths and the finding of what keeps mail back: one for what is done about it, none where sends tell it."""
        told = {group.verdict["cause"] for group in self._shown}
        rows: dict[tuple[str, str], tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {}
        for log, path in self.logs.paths:
            if path["seen_from"] == "device" and not (path["host"] and self.logs.groups.count):
                for found in path["findings"]:
                    if found["severity"] == "failure" and found["cause"] not in told:
                        rows.setdefault((path["device"], str(found["remedy"])), (log, path, found))
        return list(rows.values())

    @property
    def others(self) -> list[str]:
        """What became of mails that have no section of their own."""
        return [f"{mails(group.span.sends)}: {plain_reason(group)}" for group in self._shown[_MOST_SECTIONS:]]

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
        return charts(self.logs.summary, self._kind)

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
        used = {kind for chart in self.charts for column in chart.bars for kind in column.counts}
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
        lines, unknown = self._lines, self.logs.summary.lines.get("unmatched", 0)
        files = self.logs.files
        name = file_name(files[0][0]) if len(files) == 1 else f"{len(files)} files"
        rest = f", {unknown:,} were not understood" if unknown else ", every line was understood" if lines else ""
        return f"{name}: {lines:,} line{'s' * (lines != 1)}{rest}."

    @property
    def _lines(self) -> int:
        return self.logs.summary.lines.get("total", 0)

    @property
    def incomplete(self) -> bool:
        """Whether something in the logs was not understood or not read."""
        return bool(self.logs.unread) or any(status != "complete" for __, status in self.logs.files)

    @property
    def notes(self) -> list[str]:
        """What its reader decided or lost, a sentence each."""
        several = len(self.logs.files) + len(self.logs.unread) > 1
        rows = [(path, reason, 0) for path, reason in self.logs.unread]
        rows += [(path, note["text"], note["line"]) for path, note in self.logs.notes]
        return [
            f"{file_name(path) + ': ' if several else ''}{text}{f' (line {line})' if line else ''}"
            for path, text, line in rows
        ]

    @property
    def network(self) -> list[str]:
        """What the logs show of the way to a mail server, beside what has a section, a sentence or two each."""
        several = len(self.logs.files) > 1
        shown = [found for __, ___, found in self._kept_back[: max(0, _MOST_SECTIONS - len(self._shown))]]
        sentences = []
        for path, seen in self.logs.paths:
            server = f"{seen['host']}, port {seen['port']}" if seen["port"] else seen["host"] or seen["device"]
            file = f"{file_name(path)}, " if several else ""
            sentences += [
                f"{escaped(server or 'The device')}: {found['explanation']} ({file}line {found['evidence'][-1 if not seen['host'] else 0]['line']})"
                for found in seen["findings"]
                if found["evidence"] and not any(found is each for each in shown)
            ]
        return sentences

    @property
    def not_understood(self) -> list[LogLine]:
        """An example of each kind of line that nothing knows."""
        return [LogLine(file_name(path), shape["line"], escaped(shape["example"])) for path, shape in self.logs.shapes]

    @property
    def has_placeholders(self) -> bool:
        """Whether there are words in angle brackets, which the reader has to fill in."""
        steps = [step for section in self.sections for step in section.steps] + ([self.asked] if self.asked else [])
        texts = [line for step in steps for line in (step.what, step.note, *step.lines)]
        return any(re.search(r"<[a-z]", text) for text in texts)
