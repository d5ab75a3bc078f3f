# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path to a mail server in a saved log: what ping, traceroute and packets show corrects a verdict on a send.

The same findings and the same order of trust as for a live device (`examine`, `conclude`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..log.sends import Send
from ..smtp.verdict import LostCause, Verdict

if TYPE_CHECKING:
    from .conclude import Answer
    from .examine import MailPath

_MOST = 5_000  # records
_DEFAULT_PORT = 25


class SavedPath:
    """What a log shows of the paths of one device to its mail servers."""

    def __init__(self) -> None:
        self._records: list[dict[str, Any]] = []
        self._texts: dict[int, str] = {}

    def line(self, number: int, text: str) -> None:
        """Take in a line of the output of ping, traceroute, the sniffer or the name servers."""
        if len(self._texts) < _MOST:
            self._texts[number] = text

    def record(self, number: int, template: str, fields: Mapping[str, Any]) -> None:
        """Take in a record of one of these."""
        if len(self._records) < _MOST:
            self._records.append({"template": template, "line": number, **fields})

    def concluded(self, send: Send) -> Send:
        """Return a send with the verdict that all evidence leads to; the same send where the path says nothing else."""
        verdict = send.verdict
        if verdict["outcome"] == "accepted" or not self._records:
            return send
        from .conclude import Evidence, conclude  # few logs show a path

        path = self._path(send)
        if path is None or not path["findings"]:
            return send
        answer = conclude(Evidence(entry=send.entry, entry_known=False, path=path, verdict=verdict))
        if answer["decided_by"] != "path":
            return send
        verdict = _corrected(verdict, answer)
        row = {**send.row, "outcome": verdict["outcome"], "stage": verdict["stage"], "cause": verdict["cause"]}
        return replace(send, verdict=verdict, row=row)  # type: ignore[arg-type]

    def _path(self, send: Send) -> MailPath | None:
        """The path to the mail server of a send: that of its entry, else the one whose packets were watched."""
        ping: Mapping[str, Any] = next((each for each in reversed(self._records) if each["template"] == "ping"), {})
        ports = Counter(
            each["target_port"] for each in self._records if each.get("flag") == "syn" and "acknowledged" not in each
        )
        entry = send.entry or {}
        host = str(entry.get("server") or ping.get("host") or "")
        if entry.get("server") and ping.get("host") not in (None, entry["server"], ping.get("address")):
            return None  # another host was pinged
        port = int(entry.get("port") or (ports.most_common(1)[0][0] if ports else _DEFAULT_PORT))
        if not host and not ports:
            return None
        host = host or next(str(each["target"]) for each in self._records if each.get("target_port") == port)
        from .examine import path_of

        return path_of(self._records, self._texts, host, port, send.entry_id)


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
