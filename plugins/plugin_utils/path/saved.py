# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path to a mail server in a saved log: what ping, traceroute and packets show corrects a verdict on a send, and what the
device shows of itself (`states`) is told beside it.

The same findings and the same order of trust as for a live device (`examine`, `conclude`). What another computer shows
(`elsewhere`) never decides: a verdict only has a warning about whether it is the same there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from ..log.clock import KnownDevice
from ..log.sends import Send
from ..log.stream import OF_STATE
from ..smtp.verdict import EvidenceLine, LostCause, Verdict
from .states import COMMAND_REFUSED, QUEUE_BLOCKED, DeviceState

if TYPE_CHECKING:
    from .conclude import Answer
    from .examine import MailPath, PathFinding

_MOST = 5_000  # records
_LONGEST_OUTPUT = 100  # lines
_TOOL = "tool_"  # how the templates begin that read what another computer shows
_DEFAULT_PORT = 25


class SeenPath(TypedDict):
    """The path to one mail server in a log as schemas/parse.json has it. seen_from: `device`, or `elsewhere`.

    What a device shows of itself is the beginning of every path of it: its host and its address are "" then.
    """

    line: int
    device: str
    seen_from: str
    host: str
    port: int | None
    address: str
    findings: list[PathFinding]


class SavedPath:
    """What a log shows of the paths of one device to its mail servers, from the device and from other computers."""

    def __init__(self) -> None:
        self._records: list[dict[str, Any]] = []
        self._elsewhere: list[dict[str, Any]] = []
        self._texts: dict[int, str] = {}
        self._state = DeviceState()

    def command(self, number: int, command: str, template: str) -> None:
        """Take in a command that was typed. template: what reads its output, "" if nothing does."""
        self._state.command(number, command, template)

    def line(self, number: int, text: str, template: str) -> None:
        """Take in a line of an output that records are made of. template: what reads it."""
        if template in OF_STATE:
            self._state.line(number, text, template)
        elif len(self._texts) < _MOST:
            self._texts[number] = text

    def record(self, number: int, template: str, fields: Mapping[str, Any]) -> None:
        """Take in a record of one of these outputs."""
        if template in OF_STATE:
            self._state.record(number, template, fields)
            return
        records = self._elsewhere if template.startswith(_TOOL) else self._records
        if len(records) < _MOST:
            records.append({"template": template, "line": number, **fields})

    def concluded(self, send: Send, product: str) -> Send:
        """Return a send with the verdict that all evidence leads to; the same send where the path says nothing else.

        product: another one of Fortinet that sent it, "" for one of ours.
        """
        self._state.sent(send.row["outcome"], send.row["line"], send.row["last_line"], send.entry_id)
        if product:
            return send
        if send.row["cause"] == QUEUE_BLOCKED and not send.verdict["evidence"]:
            return replace(send, judged=partial(_shown_by, send, self._state.of_daemon()))
        if not (self._records or self._elsewhere):
            return send
        send = self._compared(send)
        verdict = send.verdict
        if verdict["outcome"] == "accepted" or not self._records:
            return send
        from .conclude import Evidence, conclude  # few logs show a path

        path = self._path(send.entry or {}, send.entry_id)
        if path is None or not path["findings"]:
            return send
        answer = conclude(Evidence(entry=send.entry, entry_known=False, path=path, verdict=verdict))
        if answer["decided_by"] != "path":
            return send
        verdict = _corrected(verdict, answer)
        row = {**send.row, "outcome": verdict["outcome"], "stage": verdict["stage"], "cause": verdict["cause"]}
        return replace(send, owner=verdict["owner"], row=row, judged=lambda: verdict)  # type: ignore[arg-type]

    def paths(self, device: KnownDevice, gone: bool) -> list[SeenPath]:
        """Return the paths that a session shows, each with what is found on it, and forget them.

        gone: nothing more comes of this device, so that what it shows of itself is told, too.
        """
        rows: list[SeenPath] = []
        if gone and (found := self._state.findings(device.product)):
            first = min(each["evidence"][0]["line"] for each in found)
            rows.append(_row(device, first, "device", ("", None, ""), found))
        path = self._path({}, "") if self._records else None
        if path is not None:
            target = path["target"]
            where = target["host"], target["port"], target["address"]
            rows.append(_row(device, self._records[0]["line"], "device", where, path["findings"]))
        if self._elsewhere:
            rows += self._seen_elsewhere(device)
        self._records, self._elsewhere, self._texts = [], [], {}
        return rows

    def _seen_elsewhere(self, device: KnownDevice) -> list[SeenPath]:
        from .elsewhere import find_elsewhere, targets
        from .examine import evidence_of, finding

        rows: list[SeenPath] = []
        records = [{**record, "line": self._telling_line(record)} for record in self._elsewhere]
        for target in targets(records):
            known = {"server": target.host, "port": str(target.port or ""), "address": target.address}
            found = [
                finding(name, evidence_of(lines, self._texts, records), known) for name, lines in find_elsewhere(target)
            ]
            where = target.host, target.port or None, target.address
            rows.append(_row(device, target.records[0]["line"], "elsewhere", where, found))
        return rows

    def _telling_line(self, record: Mapping[str, Any]) -> int:
        """Return the line that a record of a tool owes its news to: it begins with the command."""
        first = int(record["line"])
        news = str(record.get("error") or record.get("open") or record.get("address") or "")
        lines = range(first, first + _LONGEST_OUTPUT)
        return next((number for number in lines if news and news in self._texts.get(number, "")), first)

    def _compared(self, send: Send) -> Send:
        """Return a send that failed with a warning about how it is on another computer."""
        verdict = send.verdict
        if verdict["outcome"] != "failed" or not self._elsewhere:
            return send
        from .elsewhere import targets, warnings_of

        server = str((send.entry or {}).get("server", ""))
        more = warnings_of(verdict["cause"], server, targets(self._elsewhere))
        return replace(send, judged=lambda: {**verdict, "warnings": [*verdict["warnings"], *more]})

    def _path(self, entry: Mapping[str, Any], entry_id: str) -> MailPath | None:
        """The path to the mail server of an entry, else to the one that was pinged or whose packets were watched."""
        ping: Mapping[str, Any] = next((each for each in reversed(self._records) if each["template"] == "ping"), {})
        ports = Counter(
            each["target_port"] for each in self._records if each.get("flag") == "syn" and "acknowledged" not in each
        )
        host = str(entry.get("server") or ping.get("host") or "")
        if entry.get("server") and ping.get("host") not in (None, entry["server"], ping.get("address")):
            return None  # another host was pinged
        port = int(entry.get("port") or (ports.most_common(1)[0][0] if ports else _DEFAULT_PORT))
        if not host and not ports:
            return None
        host = host or next(str(each["target"]) for each in self._records if each.get("target_port") == port)
        from .examine import path_of

        return path_of(self._records, self._texts, host, port, entry_id)


def of_device(paths: Sequence[Mapping[str, Any]]) -> list[PathFinding]:
    """Return what an analysis has of what a live device shows of itself, but no refusals: each value says why it is unread."""
    of_state = [
        each for path in paths if path["seen_from"] == "device" and not path["host"] for each in path["findings"]
    ]
    return [each for each in of_state if each["finding"] != COMMAND_REFUSED]


def _row(
    device: KnownDevice, line: int, seen_from: str, where: tuple[str, int | None, str], findings: list[PathFinding]
) -> SeenPath:
    host, port, address = where
    return {
        "line": line,
        "device": device.name,
        "seen_from": seen_from,
        "host": host,
        "port": port,
        "address": address,
        "findings": findings,
    }


def _shown_by(send: Send, lines: list[EvidenceLine]) -> Verdict:
    return {**send.verdict, "evidence": lines}


def _corrected(verdict: Verdict, answer: Answer) -> Verdict:
    """The verdict of the path, with what the mail client saw as what lost."""
    first = verdict["evidence"][0] if verdict["evidence"] else None
    lost: list[LostCause] = []
    if verdict["cause"] != "unknown" and first is not None:
        lost = [
            {
                "cause": verdict["cause"],
                "stage": verdict["stage"],
                "line": first["line"],
                "text": first["text"],
                "because": "explained",
            }
        ]
    return {
        **verdict,
        "outcome": answer["outcome"],
        "stage": answer["stage"],
        "cause": answer["cause"],
        "temporary": answer["temporary"],
        "owner": answer["owner"],
        "explanation": answer["explanation"],
        "remedy": answer["remedy"],
        "evidence": [*answer["evidence"], *verdict["evidence"]],
        "confidence": answer["confidence"],
        "why": {
            **verdict["why"],
            "decided": "path",
            "line": answer["evidence"][0]["line"] if answer["evidence"] else None,
            "rule": None,
            "lost": [*lost, *verdict["why"]["lost"]],
        },
    }
