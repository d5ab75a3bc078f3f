# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device shows of its own mail in a saved log: its daemon, its queue, its mail entries, what its alerts name.

The last answer to a question counts. What it was before is told where it differs, and so is what came later: a mail that was
accepted, a command that changes it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..smtp.context import daemon_state, is_full
from ..smtp.verdict import EvidenceLine

if TYPE_CHECKING:
    from .examine import PathFinding

_TABLE, _ENTRY, _ALERTS = "show_system_mail", "get_system_mail_entry", "show_system_alert_event"
_STATUS, _SENTENCE, _COUNTERS, _REFUSAL = "fazmaild_status", "fazmaild_state", "fazmaild_statistics", "cli_error"
_ASKED = frozenset({_TABLE, _ENTRY, _ALERTS, _STATUS, _COUNTERS, "get_system_mail", "test_connection"})
_REFUSED_TEST = "refused test_connection"
QUEUE_BLOCKED, COMMAND_REFUSED = "queue_blocked", "command_refused"
_MOST_ANSWERS = 1_000
_MOST_FINDINGS = 100
_MOST_NAMED = 20  # lines that name one entry
_RECENT = 500  # lines that the records of an output may be about
# `show` alone shows one entry, where it is typed in one.
_WHOLE = re.compile(r"\S+ (?:full-configuration )?sy\w{0,9} mail\s*$")
# What a refusal stands right below; blank lines and echoes may be between.
_NEAR = 2
# Commands after which an earlier answer is out of date.
_CHANGES = {
    "daemon": re.compile(r"diag\w{0,9} te\w{0,9} app\w{0,9} fazmaild 9[19]\b"),
    "mail": re.compile(r"conf\w{0,9} sy\w{0,9} mail\s*$|set server\b|delete\b|purge\b"),
    "alert": re.compile(r"conf\w{0,9} sy\w{0,9} alert-ev\w{0,9}\s*$|set smtp-name\b"),
}
_CHANGED_BY = {"daemon": "daemon", "queue": "daemon", "table": "mail", "entry": "mail"}
_OF_DAEMON = {"stopped": "no_daemon", "paused": "daemon_paused"}


@dataclass(frozen=True)
class _StateAnswer:
    """What an output says to a question: the finding, "" where nothing is wrong, and the lines that say so."""

    finding: str
    evidence: list[EvidenceLine]

    @property
    def line(self) -> int:
        return self.evidence[-1]["line"]


class DeviceState:
    """Takes in what one device prints of itself, and judges it at the end."""

    def __init__(self) -> None:
        # By question: the last, behind the last that said something else.
        self._answers: dict[str, list[_StateAnswer]] = {}
        self._named: dict[str, list[EvidenceLine]] = {}  # by entry, where alert destinations name it
        self._recent: deque[tuple[int, str]] = deque(maxlen=_RECENT)
        self._asked = (0, "", "")  # line, command and template of the latest command
        self._changed: dict[str, int] = {}
        self._accepted: dict[str, int] = {}  # the last line of the latest mail that was accepted: by entry, "" of all
        self._sends = 0
        self._begun = 0  # where the table begins that is being shown
        self._read = 0  # lines of it
        self._ids: set[str] = set()
        self._row: tuple[int, Mapping[str, Any]] | None = (
            None  # a record of it, until the line that finishes it is seen
        )
        self._whole: tuple[EvidenceLine, frozenset[str]] | None = None  # where the table ends, and its entries

    def command(self, number: int, command: str, template: str) -> None:
        """Take in a command. template: what reads its output, "" if nothing does."""
        self._asked = (number, command, template)
        self._begun, self._row = 0, None
        self._answers.pop(f"refused {template}", None)
        for topic, changes in _CHANGES.items():
            if changes.match(command):
                self._changed[topic] = number

    def line(self, number: int, text: str, template: str) -> None:
        """Take in a line of such an output, after the records that it finishes."""
        self._recent.append((number, text))
        if self._row is not None:
            (begun, fields), self._row = self._row, None
            self._of_entry(begun, _TABLE, fields)
        word = text.strip()
        if template == _ALERTS and word == "config system alert-event":
            self._named.clear()
        elif template == _TABLE and word == "config system mail":
            self._begun, self._read = number, 1
            self._ids.clear()
        elif template == _TABLE and self._begun:
            self._read += 1
            if text.rstrip() == "end":
                if self._asked[2] == _TABLE and _WHOLE.match(self._asked[1]) and number - self._begun < self._read:
                    self._shown(number)
                self._begun = 0

    def record(self, number: int, template: str, fields: Mapping[str, Any]) -> None:
        """Take in a record of such an output. A template of one's own may have other fields."""
        if template in (_STATUS, _SENTENCE):
            self._of_daemon(number, template, fields)
        elif template == _COUNTERS:
            self._of_counters(number, fields)
        elif template == _TABLE and self._begun:
            known = "id" in fields and (str(fields["id"]) in self._ids or len(self._ids) < _MOST_ANSWERS)
            if known:
                self._ids.add(str(fields["id"]))
                self._row = number, fields
            else:
                self._begun = 0  # nobody knows what the table lacks
        elif template == _ENTRY:
            if {"id", "server", "port", "secure_option"} <= fields.keys():  # other objects have an id, too
                self._of_entry(number, template, fields)
        elif template == _ALERTS and fields.get("smtp_name") and fields.get("type", "mail") == "mail":
            name = str(fields["smtp_name"])
            if name in self._named or len(self._named) < _MOST_ANSWERS:
                lines = self._named.setdefault(name, [])
                if len(lines) < _MOST_NAMED:
                    lines.append(self._evidence(number, template, "smtp-name"))
        elif template == _REFUSAL:
            line, command, asked = self._asked
            message = str(fields.get("message", ""))
            if asked in _ASKED and 0 < number - line <= _NEAR and "not found" not in message:
                said = {"line": number, "text": message, "source": template}
                self._answer(f"refused {asked}", COMMAND_REFUSED, {"line": line, "text": command, "source": ""}, said)

    def sent(self, outcome: str, begun: int, line: int, entry_id: str) -> None:
        """Take in a send: what became of it, its first and its last line, and its entry if that is known."""
        self._sends += 1
        refused = self._answers.get(_REFUSED_TEST)
        if refused and refused[-1].evidence[0]["line"] == begun:
            del self._answers[_REFUSED_TEST]  # its verdict tells what the device has answered
        if outcome == "accepted":
            self._accepted[""] = line
            if entry_id and len(self._accepted) < _MOST_ANSWERS:
                self._accepted[entry_id] = line

    def of_daemon(self) -> list[EvidenceLine]:
        """Return the lines of the last answers that show what keeps all mail in the queue."""
        return [
            row
            for question in ("daemon", "queue")
            for told in self._answers.get(question, [])[-1:]
            if told.finding
            for row in told.evidence
        ]

    def findings(self, product: str) -> list[PathFinding]:
        """Return what is found, failures first. product: another one of Fortinet that this device is, "" for one of ours."""
        found = [*self._of_answers(product), *self._of_alerts(product)]
        if not found and self._answers and not self._sends:
            lines = [row for told in self._answers.values() for row in told[-1].evidence]
            found = [_made("no_fault_shown", sorted(lines, key=lambda row: row["line"]), {}, product)]
        found.sort(key=lambda each: (each["severity"] != "failure", each["evidence"][-1]["line"]))
        return found[:_MOST_FINDINGS]

    # -- answers -------------------------------------------------------------------------------------------------------

    def _of_daemon(self, number: int, template: str, fields: Mapping[str, Any]) -> None:
        if state := daemon_state(fields):
            word = "0" if fields.get("pid") == 0 else str(fields.get("state", ""))
            self._answer("daemon", _OF_DAEMON.get(state, ""), self._evidence(number, template, word))

    def _of_counters(self, number: int, fields: Mapping[str, Any]) -> None:
        if {"queue_length", "queue_limit"} <= fields.keys():
            self._answer("queue", "queue_full" if is_full(fields) else "", self._evidence(number, _COUNTERS, "queue:"))
        counted = {name: fields.get(name, 0) for name in ("failed", "discarded")}
        lost = [
            self._evidence(number, _COUNTERS, f"total {name.removesuffix('ed')}")
            for name, mails in counted.items()
            if mails
        ]
        if lost:
            self._answer("lost", "mails_lost", *lost)

    def _of_entry(self, number: int, template: str, fields: Mapping[str, Any]) -> None:
        finding = "" if fields.get("server") else "entry_without_server"
        word = "server" if template == _ENTRY else ""
        read = [line for line, __ in self._recent if line >= number]
        if not finding or len(read) > read[-1] - number:  # nobody knows what stands in a line that was not read
            self._answer(f"entry {fields['id']}", finding, self._evidence(number, template, word))

    def _shown(self, end: int) -> None:
        """Take in that the whole table was shown."""
        self._answer("table", "" if self._ids else "no_mail_entry", self._evidence(self._begun, _TABLE, ""))
        self._whole = self._evidence(end, _TABLE, ""), frozenset(self._ids)
        for question in [each for each in self._answers if each.startswith("entry ")]:
            if question.partition(" ")[2] not in self._ids:
                del self._answers[question]

    def _answer(self, question: str, finding: str, *evidence: Any) -> None:
        told = self._answers.get(question, [])
        if told or len(self._answers) < _MOST_ANSWERS:
            before = [each for each in told if each.finding != finding][-1:]
            self._answers[question] = [*before, _StateAnswer(finding, list(evidence))]

    def _evidence(self, number: int, template: str, word: str) -> EvidenceLine:
        """Return the line that a record beginning at this number owes a word to."""
        lines = [(line, text) for line, text in self._recent if line >= number]
        line, text = next((each for each in lines if word in each[1]), lines[0] if lines else (number, ""))
        return {"line": line, "text": text.strip(), "source": template}

    # -- the end -------------------------------------------------------------------------------------------------------

    def _of_answers(self, product: str) -> Iterator[PathFinding]:
        for question, told in self._answers.items():
            last, earlier = told[-1], told[0]
            known = {"id": question.removeprefix("entry ")} if question.startswith("entry ") else {}
            if last.finding == "mails_lost" and self._sends:
                continue  # the verdicts say more
            if last.finding:
                notes = [("was_not", earlier.line)] if earlier is not last else []
                over = self._over(question, last.line)
                yield _made(last.finding, last.evidence, known, product, [*notes, *over], over=bool(over))
            elif earlier.finding:
                note = [("over_shown", last.line)]
                yield _made(earlier.finding, [*earlier.evidence, *last.evidence], known, product, note, over=True)

    def _of_alerts(self, product: str) -> Iterator[PathFinding]:
        if self._whole is None:
            return
        shown, entries = self._whole
        for name in [each for each in self._named if each not in entries]:
            lines = sorted([shown, *self._named[name]], key=lambda row: row["line"])
            named = self._named[name][-1]["line"]
            over = self._changed_after("mail", shown["line"]) or self._changed_after("alert", named)
            yield _made("alert_without_entry", lines, {"id": name}, product, over, over=bool(over))

    def _over(self, question: str, line: int) -> list[tuple[str, int]]:
        """Return what came after an answer that makes it a matter of the past: the name of a sentence, and a line."""
        topic, __, entry = question.partition(" ")
        accepted = self._accepted.get(entry, 0) if topic in _CHANGED_BY else 0
        if accepted > line:
            return [("over_sent", accepted)]
        return self._changed_after(_CHANGED_BY.get(topic, ""), line)

    def _changed_after(self, what: str, line: int) -> list[tuple[str, int]]:
        changed = self._changed.get(what, 0)
        return [("over_changed", changed)] if changed > line else []


def _made(
    name: str,
    evidence: list[EvidenceLine],
    known: Mapping[str, str],
    product: str,
    notes: Sequence[tuple[str, int]] = (),
    over: bool = False,
) -> PathFinding:
    """Return a finding. over: it no longer stands, or nobody knows whether it does."""
    from ..yaml_file import read_beside
    from .examine import finding

    sentences: dict[str, str] = read_beside(__file__, "sentences.yml")
    found = finding(name, evidence, known, product)
    more = [sentences[sentence].format(line=line) for sentence, line in notes]
    found["explanation"] = " ".join([found["explanation"], *more])
    if over:
        found["severity"], found["remedy"] = "hint", []
    return found
